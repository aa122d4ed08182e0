// SPDX-License-Identifier: Apache-2.0
//
// See names.h.
#include "dataset/names.h"

#include <strings.h>

#include "base/limits.h"
#include "base/path.h"
#include "base/str.h"
#include "dataset/dataset.h"
#include "dataset/words.h"

#define WORDS_MAX 24       // of a header that go into its name
#define NAME_MAX_MADE 63   // bytes of a name that is made here
#define TITLE_MAX_MADE 120 // bytes of a title that is made here
#define QUOTED_MAX 40      // bytes of a text that a message quotes

static bool is_letter(char at) { return (at >= 'a' && at <= 'z') || (at >= 'A' && at <= 'Z'); }
static bool is_digit(char at) { return at >= '0' && at <= '9'; }

bool names_is_valid(const char *text) {
    if (!is_letter(*text) && *text != '_')
        return false;
    for (const char *at = text; *at; at++)
        if (!is_letter(*at) && !is_digit(*at) && *at != '_')
            return false;
    return strlen(text) <= LIMIT_NAME && strncasecmp(text, "sqlite_", 7) != 0 &&
           strncasecmp(text, "sandglass_", 10) != 0;
}

// Appends the bytes of WORD that a name may have.
static void add_word(struct buf *name, const char *word) {
    size_t before = name->length;
    if (before)
        buf_add_char(name, '_');
    size_t start = name->length;
    for (const char *at = word; *at && name->length < NAME_MAX_MADE; at++)
        if ((*at >= 'a' && *at <= 'z') || is_digit(*at))
            buf_add_char(name, *at);
    if (name->length == start)
        name->length = before;
}

char *names_make(const char *text, const char *prefix) {
    struct word words[WORDS_MAX];
    size_t count = words_split(text, words, WORDS_MAX);
    struct buf name cleanup_buf = BUF(LIMIT_NAME);
    for (size_t i = 0; i < count; i++)
        add_word(&name, words[i].text);
    if (name.length == 0)
        return NULL;
    name.data[name.length] = '\0';
    bool needs_prefix = !names_is_valid(name.data);
    return needs_prefix ? mem_format("%s%s", prefix, name.data) : buf_take(&name);
}

static bool is_taken(const char *name, char *const *taken, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (taken[i] && strcasecmp(name, taken[i]) == 0)
            return true;
    return false;
}

char *names_make_unique(const char *name, char *const *taken, size_t count) {
    char *unique = mem_text(name);
    for (size_t i = 2; is_taken(unique, taken, count); i++) {
        free(unique);
        unique = mem_format("%s_%zu", name, i);
    }
    return unique;
}

static bool has_space(const char *text) { return text[strcspn(text, " \t\r\n")] != '\0'; }

// Runs of white space become one space; what is over the limit is cut at the end of a character.
static void add_collapsed(struct buf *title, const char *text) {
    size_t length = strlen(text), bytes;
    for (size_t at = 0; at < length && title->length < TITLE_MAX_MADE; at += bytes) {
        str_character(text + at, length - at, &bytes);
        bool is_space = strchr(" \t\r\n", text[at]);
        if (!is_space)
            buf_add(title, text + at, bytes);
        else if (title->length && title->data[title->length - 1] != ' ')
            buf_add_char(title, ' ');
    }
}

// A name of several words in the spelling of programs: the words, parted by spaces.
static void add_words(struct buf *title, const char *text, const struct word *words, size_t count) {
    for (size_t i = 0; i < count && title->length < TITLE_MAX_MADE; i++) {
        const char *word = text + words[i].start;
        bool is_short = words[i].length < 4, is_id = strcmp(words[i].text, "id") == 0;
        if (i)
            buf_add_char(title, ' ');
        // "ID" and other short words in capitals stay: most are abbreviations.
        bool keep = i == 0 || (is_short && word[0] >= 'A' && word[0] <= 'Z' &&
                               word[words[i].length - 1] <= 'Z');
        if (is_id)
            buf_add_text(title, "ID");
        else if (keep)
            buf_add(title, word, words[i].length);
        else
            buf_add_text(title, words[i].text);
    }
}

char *names_title(const char *text) {
    struct buf title cleanup_buf = BUF(LIMIT_TITLE);
    struct word words[WORDS_MAX];
    size_t count = has_space(text) ? 0 : words_split(text, words, WORDS_MAX);
    bool is_plain =
        !text[strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.")];
    if (count && is_plain)
        add_words(&title, text, words, count);
    else
        add_collapsed(&title, text);
    char *made = buf_take(&title);
    if (*made >= 'a' && *made <= 'z' && !has_space(text))
        *made = (char)(*made - 'a' + 'A');
    return made;
}

char *names_row(const char *table) {
    struct word words[WORDS_MAX];
    size_t count = words_split(table, words, WORDS_MAX);
    if (count == 0 || strcmp(words[count - 1].text, words[count - 1].stem) == 0 ||
        words[count - 1].is_number)
        return mem_text("row");
    struct buf row cleanup_buf = BUF(LIMIT_NAME);
    for (size_t i = 0; i < count; i++) {
        if (i)
            buf_add_char(&row, ' ');
        buf_add_text(&row, i + 1 < count ? words[i].text : words[i].stem);
    }
    return row.overflowed ? mem_text("row") : buf_take(&row);
}

// The bytes of FILE without ".gz".
static size_t plain_length(const char *file) {
    size_t length = strlen(file);
    return length > 3 && strcasecmp(file + length - 3, ".gz") == 0 ? length - 3 : length;
}

char *names_of_file(const char *file) {
    cleanup_free char *plain = mem_text_n(file, plain_length(file));
    const char *dot = strrchr(plain, '.');
    return mem_text_n(plain, dot && dot != plain ? (size_t)(dot - plain) : strlen(plain));
}

char *names_quote(const char *text) {
    size_t length = strlen(text), at = 0, bytes;
    struct buf quoted cleanup_buf = BUF(LIMIT_NAME);
    buf_add_char(&quoted, '"');
    for (; at < length && at < QUOTED_MAX; at += bytes) {
        uint32_t character = str_character(text + at, length - at, &bytes);
        if (character < ' ' || character == 127 || (character == 0xFFFD && bytes == 1))
            buf_add_char(&quoted, ' ');
        else
            buf_add(&quoted, text + at, bytes);
    }
    buf_add_text(&quoted, at < length ? "…\"" : "\"");
    return buf_take(&quoted);
}

static bool is_dataset_character(char at) {
    return is_letter(at) || is_digit(at) || at == '.' || at == '_' || at == '-';
}

bool names_is_dataset(const char *name) {
    size_t length = 0;
    while (is_dataset_character(name[length]))
        length++;
    return length > 0 && length <= LIMIT_NAME && !name[length] && *name != '.';
}

char *names_of_folder(const char *folder) {
    char *name = mem_text(path_name(folder));
    if (strlen(name) > LIMIT_NAME)
        name[LIMIT_NAME] = '\0';
    for (char *at = name; *at; at++)
        if (!is_dataset_character(*at) || (at == name && *at == '.'))
            *at = '-';
    if (*name)
        return name;
    free(name);
    return mem_text("data");
}

bool names_is_file(const char *name) {
    for (const unsigned char *at = (const unsigned char *)name; *at; at++)
        if (*at == '/' || *at == '\\' || *at < ' ' || *at == 127)
            return false;
    return *name && *name != '.' && str_is_utf8(name, strlen(name), NULL);
}

// Whether FILE ends in one of COUNT endings, before a ".gz" where it has one.
static bool has_ending(const char *file, const char *const *endings, size_t count) {
    size_t length = plain_length(file);
    for (size_t i = 0; i < count; i++) {
        size_t ending = strlen(endings[i]);
        if (length > ending && strncasecmp(file + length - ending, endings[i], ending) == 0)
            return true;
    }
    return false;
}

bool names_is_json_lines(const char *file) {
    static const char *const endings[] = {".jsonl", ".ndjson"};
    return has_ending(file, endings, ARRAY_LENGTH(endings));
}

bool names_is_table_file(const char *file) {
    static const char *const endings[] = {".csv", ".tsv", ".jsonl", ".ndjson"}, *const sqlite[] = {
                                                                                    ".sqlite",
                                                                                    ".sqlite3",
                                                                                    ".db"};
    bool is_compressed = plain_length(file) < strlen(file);
    if (strcmp(file, DATASET_FILE) == 0) // what an import makes of the others
        return false;
    return *file != '.' && (has_ending(file, endings, ARRAY_LENGTH(endings)) ||
                            (!is_compressed && has_ending(file, sqlite, ARRAY_LENGTH(sqlite))));
}
