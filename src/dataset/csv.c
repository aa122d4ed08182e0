// SPDX-License-Identifier: Apache-2.0
//
// See csv.h. How it works:
//
// A buffer of the file slides over it; next_byte() is the only way in, apart from the runs of plain
// bytes that take_run() copies at once. A row's cells lie one behind the other in one buffer, each
// with its NUL; their texts become pointers only when the row is whole, because the buffer may move
// while it grows.
//
// Whether a file escapes quotes by a backslash cannot be seen at the start. Only a file that has \"
// anywhere is in doubt; that one is read once to its end by RFC 4180's rules, and where these leave
// text behind a closing quote that was such a \", or a quote that is never closed, the file is
// taken as one with backslashes.
#include "dataset/csv.h"

#include "base/buf.h"
#include "base/limits.h"
#include "base/str.h"
#include "dataset/input.h"

#define CHUNK (64 * 1024)
#define DIALECT_LINES 40 // are looked at to find the delimiter
#define END (-1)         // what next_byte() gives behind the last byte, or when reading failed

struct csv_reader {
    struct input *input;
    const char *file;
    char delimiter;
    bool has_backslashes;      // \" is a quote inside a cell
    bool suspects_backslashes; // RFC 4180's rules failed at one
    bool is_at_end;
    struct err failure; // of reading; code 0 while there is none
    unsigned char *chunk;
    size_t at, filled;
    int64_t line;
    struct buf text; // the row's cells
    size_t *starts;  // where each begins in `text`
    struct csv_cell *cells;
    size_t cell_count, cell_room;
    bool has_more;
    bool cell_has_high; // the present cell has bytes beyond ASCII, or NUL
    bool seen_escape;   // the present row has \" in it
    int64_t row_line;
    struct csv_mended mended[CSV_MENDINGS];
};

// ---- Bytes --------------------------------------------------------------------------------------

static bool refill(struct csv_reader *reader) {
    if (reader->is_at_end || reader->failure.code)
        return false;
    int64_t got = input_read(reader->input, reader->chunk, CHUNK, &reader->failure);
    reader->is_at_end = got <= 0;
    reader->at = 0;
    reader->filled = got > 0 ? (size_t)got : 0;
    return got > 0;
}

static int peek_byte(struct csv_reader *reader) {
    return reader->at < reader->filled || refill(reader) ? reader->chunk[reader->at] : END;
}

static int next_byte(struct csv_reader *reader) {
    int byte = peek_byte(reader);
    if (byte != END)
        reader->at++;
    return byte;
}

// Behind a CR: takes the LF that belongs to it. Counts the line.
static void end_line(struct csv_reader *reader, int byte) {
    if (byte == '\r' && peek_byte(reader) == '\n')
        reader->at++;
    reader->line++;
}

// ---- Cells --------------------------------------------------------------------------------------

static int row_too_large(const struct csv_reader *reader, struct err *err) {
    return err_set(err, ERR_TOO_LARGE, "%s, line %lld: the row has more than %d MiB", reader->file,
                   (long long)reader->row_line, LIMIT_CSV_ROW >> 20);
}

// Bytes beyond ASCII and NUL are looked at when the cell ends.
static int put_bytes(struct csv_reader *reader, const unsigned char *bytes, size_t length,
                     struct err *err) {
    if (reader->text.length - reader->starts[reader->cell_count] + length > LIMIT_CELL) {
        reader->suspects_backslashes |= reader->seen_escape;
        err_set(err, ERR_TOO_LARGE, "%s, line %lld: a cell has more than %d bytes", reader->file,
                (long long)reader->row_line, LIMIT_CELL);
        return err_hint(err, "Perhaps a quote opens there and is not closed.");
    }
    if (buf_add(&reader->text, bytes, length) < 0)
        return row_too_large(reader, err);
    for (size_t i = 0; i < length && !reader->cell_has_high; i++)
        reader->cell_has_high = bytes[i] >= 0x80 || bytes[i] == 0;
    return 0;
}

static int put_byte(struct csv_reader *reader, int byte, struct err *err) {
    unsigned char one = (unsigned char)byte;
    return put_bytes(reader, &one, 1, err);
}

// Copies the bytes up to the next one that may mean something.
static int take_run(struct csv_reader *reader, bool is_quoted, struct err *err) {
    const unsigned char *from = reader->chunk + reader->at, *end = reader->chunk + reader->filled,
                        *to = from;
    while (to < end && *to != '\n' && *to != '\r' &&
           (is_quoted ? *to != '"' && *to != '\\' : *to != reader->delimiter))
        to++;
    reader->at += (size_t)(to - from);
    return to == from ? 0 : put_bytes(reader, from, (size_t)(to - from), err);
}

static void count_mended(struct csv_reader *reader, enum csv_mending which) {
    struct csv_mended *mended = &reader->mended[which];
    if (mended->count++ == 0)
        mended->first_line = reader->row_line;
}

// Windows-1252 (the WHATWG's table): what 0x80 to 0x9F stand for; above them the byte is the code
// point.
static uint32_t windows_1252(unsigned char byte) {
    static const uint16_t table[32] = {
        0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
        0x2039, 0x0152, 0x8D,   0x017D, 0x8F,   0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
        0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178};
    return byte >= 0x80 && byte < 0xA0 ? table[byte - 0x80] : byte;
}

// Rewrites the cell from START on so that it is UTF-8 without NUL. At most three bytes come of one.
static void mend_bytes(struct csv_reader *reader, size_t start) {
    size_t length = reader->text.length - start;
    const char *text = reader->text.data + start;
    if (str_is_utf8(text, length, NULL) && !memchr(text, 0, length))
        return;
    struct buf mended cleanup_buf = BUF(3 * length + 1);
    for (size_t at = 0, bytes; at < length; at += bytes) {
        char character[4];
        uint32_t code = str_character(text + at, length - at, &bytes);
        if (code == 0xFFFD && bytes == 1)
            buf_add(&mended, character,
                    str_put_character(windows_1252((unsigned char)text[at]), character));
        else if (code)
            buf_add(&mended, text + at, bytes);
    }
    reader->text.length = start;
    buf_add(&reader->text, buf_text(&mended), mended.length);
    count_mended(reader, CSV_BYTES);
}

// The bytes of the white space that TEXT starts with, 0 where it starts with none. No-break spaces
// and byte order marks come along when cells are pasted from web pages.
static size_t space_bytes(const char *text, size_t length) {
    if (length == 0 || (text[0] > ' ' && text[0] < 127))
        return 0;
    if (text[0] && strchr(" \t\n\r\v\f", text[0]))
        return 1;
    if (length >= 2 && memcmp(text, "\xC2\xA0", 2) == 0)
        return 2;
    return length >= 3 &&
                   (memcmp(text, "\xEF\xBB\xBF", 3) == 0 || memcmp(text, "\xE2\x80\x8B", 3) == 0)
               ? 3
               : 0;
}

static void trim(struct csv_cell *cell) {
    size_t bytes;
    while ((bytes = space_bytes(cell->text, cell->length)) > 0) {
        cell->text += bytes;
        cell->length -= bytes;
    }
    for (size_t tail = 1; tail <= 3 && tail <= cell->length; tail++)
        if (space_bytes(cell->text + cell->length - tail, tail) == tail) {
            cell->length -= tail;
            tail = 0;
        }
}

// Makes room for one more cell, which begins where the text ends. The place behind LIMIT_COLUMNS is
// for those beyond.
static void begin_cell(struct csv_reader *reader) {
    if (reader->cell_count == reader->cell_room) {
        reader->cell_room = reader->cell_room ? reader->cell_room * 2 : 32;
        if (reader->cell_room > LIMIT_COLUMNS)
            reader->cell_room = LIMIT_COLUMNS + 1;
        reader->starts = mem_resize(reader->starts, reader->cell_room, sizeof *reader->starts);
        reader->cells = mem_resize(reader->cells, reader->cell_room, sizeof *reader->cells);
    }
    reader->cell_has_high = false;
    reader->starts[reader->cell_count] = reader->text.length;
}

static int end_cell(struct csv_reader *reader, struct err *err) {
    size_t start = reader->starts[reader->cell_count];
    if (reader->cell_count ==
        LIMIT_COLUMNS) { // of what is beyond, only whether there is any counts
        struct csv_cell beyond = {reader->text.data + start, reader->text.length - start};
        trim(&beyond);
        reader->has_more = reader->has_more || beyond.length > 0;
        reader->text.length = start;
        return 0;
    }
    if (reader->cell_has_high)
        mend_bytes(reader, start);
    reader->cells[reader->cell_count++].length = reader->text.length - start;
    return buf_add_char(&reader->text, '\0') < 0 ? row_too_large(reader, err) : 0;
}

// ---- Quotes -------------------------------------------------------------------------------------

static int never_closed(struct csv_reader *reader, int64_t opened_line, struct err *err) {
    if (reader->failure.code)
        return 0;
    reader->suspects_backslashes |= reader->seen_escape;
    return err_set(err, ERR_BAD_REQUEST, "%s, line %lld: a quote opens here and is never closed",
                   reader->file, (long long)opened_line);
}

// A backslash inside quotes: itself, or in a file that escapes with it the sign behind it.
static int take_backslash(struct csv_reader *reader, struct err *err) {
    int next = peek_byte(reader);
    reader->seen_escape |= next == '"';
    if (!reader->has_backslashes || (next != '"' && next != '\\'))
        return put_byte(reader, '\\', err);
    return put_byte(reader, next_byte(reader), err);
}

// Behind an opening quote: the cell's text up to the closing one.
static int take_quoted(struct csv_reader *reader, struct err *err) {
    int64_t opened_line = reader->line;
    for (;;) {
        int status = take_run(reader, true, err);
        if (status)
            return status;
        int byte = next_byte(reader);
        if (byte == END)
            return never_closed(reader, opened_line, err);
        if (byte == '"' && peek_byte(reader) != '"')
            return 0;
        if (byte == '"') {
            next_byte(reader);
            status = put_byte(reader, '"', err);
        } else if (byte == '\\') {
            status = take_backslash(reader, err);
        } else if (byte == '\n' || byte == '\r') {
            end_line(reader, byte);
            status = put_byte(reader, '\n', err);
        } else {
            status = put_byte(reader, byte, err);
        }
        if (status)
            return status;
    }
}

static bool ends_cell(const struct csv_reader *reader, int byte) {
    return byte == END || byte == '\n' || byte == '\r' || byte == reader->delimiter;
}

// Behind a closing quote only white space is in order; other text is kept, and counted.
static int take_rest(struct csv_reader *reader, struct err *err) {
    bool is_in_order = true;
    for (int byte; byte = peek_byte(reader), !ends_cell(reader, byte);) {
        if (is_in_order && byte != ' ' && byte != '\t') {
            is_in_order = false;
            count_mended(reader, CSV_QUOTES);
            reader->suspects_backslashes |= reader->seen_escape;
        }
        reader->at++;
        int status = put_byte(reader, byte, err);
        if (status)
            return status;
    }
    return 0;
}

// One cell up to what ends it, which stays.
static int take_cell(struct csv_reader *reader, struct err *err) {
    int byte;
    while (byte = peek_byte(reader), (byte == ' ' || byte == '\t') && byte != reader->delimiter)
        reader->at++;
    if (byte == '"') {
        reader->at++;
        int status = take_quoted(reader, err);
        return status ? status : take_rest(reader, err);
    }
    while (!ends_cell(reader, peek_byte(reader))) {
        int status = take_run(reader, false, err);
        if (status)
            return status;
    }
    return 0;
}

// ---- Rows ---------------------------------------------------------------------------------------

static int take_failure(const struct csv_reader *reader, struct err *err) {
    if (reader->failure.code)
        *err = reader->failure;
    return reader->failure.code;
}

static void skip_byte_order_mark(struct csv_reader *reader) {
    if (peek_byte(reader) != END && reader->filled - reader->at >= 3 &&
        memcmp(reader->chunk + reader->at, "\xEF\xBB\xBF", 3) == 0)
        reader->at += 3;
}

// One row as it stands, empty or not; 0 at the end of the file.
static int take_row(struct csv_reader *reader, struct err *err) {
    buf_clear(&reader->text);
    reader->cell_count = 0;
    reader->has_more = reader->seen_escape = false;
    reader->row_line = reader->line;
    if (reader->row_line == 1)
        skip_byte_order_mark(reader);
    if (peek_byte(reader) == END)
        return take_failure(reader, err);
    for (;;) {
        begin_cell(reader);
        int status = take_cell(reader, err);
        if (!status)
            status = end_cell(reader, err);
        if (status)
            return status;
        int byte = next_byte(reader);
        if (reader->failure.code)
            return take_failure(reader, err);
        if (byte == '\n' || byte == '\r')
            end_line(reader, byte);
        if (byte != reader->delimiter)
            return 1;
    }
}

// Sets the texts of the row's cells; whether any has text.
static bool finish_row(struct csv_reader *reader) {
    bool has_text = reader->has_more;
    for (size_t i = 0; i < reader->cell_count; i++) {
        struct csv_cell *cell = &reader->cells[i];
        cell->text = reader->text.data + reader->starts[i];
        trim(cell);
        reader->text.data[(size_t)(cell->text - reader->text.data) + cell->length] = '\0';
        has_text = has_text || cell->length > 0;
    }
    return has_text;
}

int csv_next(struct csv_reader *reader, struct csv_row *ret_row, struct err *err) {
    struct err own;
    err = err ? err : &own;
    for (;;) {
        int status = take_row(reader, err);
        if (status <= 0)
            return status;
        if (finish_row(reader))
            break;
        if (reader->cell_count > 1)
            count_mended(reader, CSV_BLANK_ROWS);
    }
    *ret_row = (struct csv_row){.cells = reader->cells,
                                .count = reader->cell_count,
                                .has_more = reader->has_more,
                                .line = reader->row_line};
    return 1;
}

char csv_delimiter(const struct csv_reader *reader) { return reader->delimiter; }

struct csv_mended csv_mended(const struct csv_reader *reader, enum csv_mending which) {
    return reader->mended[which];
}

// ---- Opening ------------------------------------------------------------------------------------

static int rewind_reader(struct csv_reader *reader, struct hash *hash, struct err *err) {
    int status = input_restart(reader->input, hash, err);
    reader->is_at_end = false;
    reader->at = reader->filled = 0;
    reader->line = 1;
    memset(reader->mended, 0, sizeof reader->mended);
    return status;
}

static const char delimiters[] = {',', ';', '\t', '|'};

// How many of each delimiter the line at AT has, outside quotes. Where the next line starts; a line
// that is cut off by the end counts for nothing, unless it is the first.
static size_t count_delimiters(const unsigned char *text, size_t length, size_t at,
                               size_t counts[ARRAY_LENGTH(delimiters)]) {
    bool is_quoted = false;
    memset(counts, 0, sizeof *counts * ARRAY_LENGTH(delimiters));
    for (; at < length && (is_quoted || (text[at] != '\n' && text[at] != '\r')); at++) {
        if (text[at] == '"')
            is_quoted = !is_quoted;
        for (size_t i = 0; i < ARRAY_LENGTH(delimiters) && !is_quoted; i++)
            counts[i] += text[at] == (unsigned char)delimiters[i];
    }
    while (at < length && (text[at] == '\n' || text[at] == '\r'))
        at++;
    return at;
}

// The delimiter that most of the first lines have equally many of; of equals, the one that the
// first line has most of.
static char find_delimiter(const unsigned char *text, size_t length) {
    size_t counts[DIALECT_LINES][ARRAY_LENGTH(delimiters)], lines = 0, best = 0, best_alike = 0;
    for (size_t at = 0; at < length && lines < DIALECT_LINES;) {
        size_t next = count_delimiters(text, length, at, counts[lines]);
        if (next < length || lines == 0)
            lines++;
        at = next;
    }
    for (size_t i = 0; i < ARRAY_LENGTH(delimiters) && lines; i++) {
        size_t alike = 0;
        for (size_t j = 0; j < lines; j++) {
            size_t same = 0;
            for (size_t k = 0; k < lines; k++)
                same += counts[k][i] == counts[j][i];
            alike = counts[j][i] && same > alike ? same : alike;
        }
        if (alike > best_alike || (alike == best_alike && counts[0][i] > counts[0][best])) {
            best = i;
            best_alike = alike;
        }
    }
    return delimiters[best];
}

static int check_is_text(const struct csv_reader *reader, struct err *err) {
    const unsigned char *chunk = reader->chunk;
    static const struct {
        const char *magic;
        size_t length;
        const char *what;
    } known[] = {
        {"PK\x03\x04", 4, "a spreadsheet or another zip archive"},
        {"\xD0\xCF\x11\xE0", 4, "an old spreadsheet"},
        {"%PDF-", 5, "a PDF"},
        {"SQLite format 3", 15, "an SQLite file"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(known); i++) {
        if (reader->filled < known[i].length || memcmp(chunk, known[i].magic, known[i].length) != 0)
            continue;
        err_set(err, ERR_BAD_REQUEST, "%s is no CSV file: it is %s", reader->file, known[i].what);
        return err_hint(err, "Save or export it as CSV in UTF-8.");
    }
    return 0;
}

// Whether \" stands anywhere in the file.
static bool has_escaped_quote(struct csv_reader *reader) {
    for (int before = 0; peek_byte(reader) != END;) {
        const unsigned char *from = reader->chunk + reader->at;
        size_t length = reader->filled - reader->at;
        if (before == '\\' && *from == '"')
            return true;
        if (memmem(from, length, "\\\"", 2))
            return true;
        before = from[length - 1];
        reader->at = reader->filled;
    }
    return false;
}

static int find_dialect(struct csv_reader *reader, struct hash *hash, struct err *err) {
    bool is_in_doubt = has_escaped_quote(reader);
    int status = take_failure(reader, err);
    if (!status)
        status = rewind_reader(reader, NULL, err);
    struct csv_row row;
    while (!status && is_in_doubt && !reader->suspects_backslashes &&
           csv_next(reader, &row, NULL) > 0)
        continue;
    reader->has_backslashes = reader->suspects_backslashes;
    return status ? status : rewind_reader(reader, hash, err);
}

int csv_open(int fd, const char *file, struct hash *hash, struct csv_reader **ret_reader,
             struct err *err) {
    struct csv_reader *reader cleanup(csv_closep) = mem_zero(1, sizeof *reader);
    reader->input = input_new(fd, file);
    reader->file = file;
    reader->chunk = mem_zero(1, CHUNK);
    reader->text = BUF(LIMIT_CSV_ROW);
    int status = rewind_reader(reader, NULL, err);
    if (status)
        return status;
    peek_byte(reader);
    status = check_is_text(reader, err);
    reader->delimiter = find_delimiter(reader->chunk, reader->filled);
    if (!status)
        status = find_dialect(reader, hash, err);
    if (status)
        return status;
    *ret_reader = mem_take(reader);
    return 0;
}

void csv_close(struct csv_reader *reader) {
    if (!reader)
        return;
    input_free(reader->input);
    buf_done(&reader->text);
    free(reader->starts);
    free(reader->cells);
    free(reader->chunk);
    free(reader);
}
