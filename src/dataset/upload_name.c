// SPDX-License-Identifier: Apache-2.0
//
// See upload_name.h.
#include "dataset/upload_name.h"

#include <stdio.h>
#include <strings.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/str.h"
#include "dataset/names.h"

// Endings that are taken, and what a file with one is kept as. A ".json" is read as JSON lines, a
// ".txt" as cells parted by whatever parts them.
static const struct {
    const char *ending, *kept_as;
} endings[] = {
    {".csv", ".csv"},           {".tsv", ".tsv"},
    {".tab", ".tsv"},           {".txt", ".csv"},
    {".jsonl", ".jsonl"},       {".ndjson", ".ndjson"},
    {".json", ".jsonl"},        {".csv.gz", ".csv.gz"},
    {".tsv.gz", ".tsv.gz"},     {".txt.gz", ".csv.gz"},
    {".jsonl.gz", ".jsonl.gz"}, {".ndjson.gz", ".ndjson.gz"},
    {".json.gz", ".jsonl.gz"},  {".sqlite", ".sqlite"},
    {".sqlite3", ".sqlite3"},   {".db", ".db"},
};

// Whether a character has no place in a line that people read: controls, marks of direction, and
// what has no width. The joiners between letters and emoji (U+200C, U+200D) stay.
static bool is_hidden(uint32_t character) {
    static const struct {
        uint32_t first, last;
    } hidden[] = {{0, 0x1F},        {0x7F, 0x9F},     {0xAD, 0xAD},     {0x61C, 0x61C},
                  {0x180E, 0x180E}, {0x200B, 0x200B}, {0x200E, 0x200F}, {0x2028, 0x202E},
                  {0x2060, 0x206F}, {0xFEFF, 0xFEFF}, {0xFFF9, 0xFFFD}, {0xE0000, 0xE0FFF}};
    for (size_t i = 0; i < ARRAY_LENGTH(hidden); i++)
        if (character >= hidden[i].first && character <= hidden[i].last)
            return true;
    return false;
}

static bool is_space(uint32_t character) {
    return character == ' ' || character == '\t' || character == '\r' || character == '\n' ||
           character == 0xA0;
}

// TEXT as one line without what cannot be seen, at most MAX bytes.
static char *clean(const char *text, size_t max) {
    struct buf title cleanup_buf = BUF(max);
    bool has_space = false;
    size_t length = strlen(text), bytes;
    for (size_t at = 0; at < length; at += bytes) {
        uint32_t character = str_character(text + at, length - at, &bytes);
        if (is_space(character)) {
            has_space = title.length > 0;
            continue;
        }
        if (is_hidden(character))
            continue;
        if (title.length + has_space + bytes > max)
            break;
        if (has_space)
            buf_add_char(&title, ' ');
        has_space = false;
        buf_add(&title, text + at, bytes);
    }
    return mem_text(buf_text(&title));
}

char *upload_title(const char *text) { return clean(text, LIMIT_UPLOAD_TITLE); }

// Behind the last slash of either kind: browsers and people may hand in a whole path.
static const char *last_part(const char *file) {
    const char *part = file;
    for (const char *at = file; *at; at++)
        if (*at == '/' || *at == '\\')
            part = at + 1;
    return part;
}

char *upload_title_of_file(const char *file) {
    cleanup_free char *shown = clean(last_part(file), strlen(file));
    cleanup_free char *stem = names_of_file(shown);
    cleanup_free char *title = names_title(stem + strspn(stem, ". "));
    for (char *at = title; *at; at++)
        if (*at == '_')
            *at = ' ';
    return upload_title(title);
}

static const char *kept_ending(const char *file) {
    const char *found = NULL;
    size_t length = strlen(file), longest = 0;
    for (size_t i = 0; i < ARRAY_LENGTH(endings); i++) {
        size_t ending = strlen(endings[i].ending);
        if (length > ending && ending > longest &&
            strcasecmp(file + length - ending, endings[i].ending) == 0) {
            longest = ending;
            found = endings[i].kept_as;
        }
    }
    return found;
}

int upload_file_name(const char *file, char *const *taken, size_t count, char **ret_file,
                     struct err *err) {
    cleanup_free char *shown = clean(last_part(file), strlen(file));
    const char *ending = kept_ending(shown);
    if (!ending) {
        cleanup_free char *quoted = names_quote(shown);
        err_set(err, ERR_BAD_REQUEST, "the file %s is not of a kind that is read", quoted);
        return err_hint(err, "Bring CSV, TSV or JSON lines (each also as .gz), or SQLite; save a "
                             "spreadsheet as CSV first.");
    }
    cleanup_free char *stem = names_of_file(shown), *made = names_make(stem, "t_");
    const char *base = made ? made : "table";
    char *name = mem_format("%s%s", base, ending);
    for (size_t i = 2;; i++) {
        bool is_taken = false;
        for (size_t j = 0; j < count; j++)
            is_taken = is_taken || strcasecmp(taken[j], name) == 0;
        if (!is_taken)
            break;
        free(name);
        name = mem_format("%s_%zu%s", base, i, ending);
    }
    *ret_file = name;
    return 0;
}

char *upload_set_name(const char *title) {
    char *name = names_make(title, "d_");
    return name ? name : mem_text("data");
}
