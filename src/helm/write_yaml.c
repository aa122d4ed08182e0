// SPDX-License-Identifier: Apache-2.0
//
// Theory of operation. `toYaml` is sigs.k8s.io/yaml's Marshal: the value goes through JSON, so that
// a real without a fraction is an integer, and is then written by yaml.v2 in block style. This
// writes what that emitter writes: two blanks an indent, a list in a mapping no deeper than its
// key, keys in their natural order (a2 before a10), texts plain where a reader would take them for
// texts again, else in quotes, several lines as a literal block, and lines folded at a blank past
// the 80th column.
//
// The emitter's state is the column, the indent, and whether the line has nothing but white space
// or indicators so far; `blank` and `fresh` are what libyaml calls whitespace and indention.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wctype.h>

#include "base/limits.h"
#include "base/str.h"
#include "base/yaml.h"
#include "helm/print.h"
#include "helm/write.h"

#define WIDTH 80
#define INDENT 2
#define SIMPLE_KEY_MAX 128

struct emitter {
    struct buf *out;
    int column, indent;
    bool blank, fresh;
};

enum style { STYLE_PLAIN, STYLE_SINGLE, STYLE_DOUBLE, STYLE_LITERAL };

static void put(struct emitter *emitter, const char *data, size_t length) {
    buf_add(emitter->out, data, length);
    for (size_t i = 0; i < length; i++) // columns are characters
        emitter->column += ((unsigned char)data[i] & 0xC0) != 0x80;
}

static void put_break(struct emitter *emitter) {
    buf_add_char(emitter->out, '\n');
    emitter->column = 0;
}

static void write_indent(struct emitter *emitter) {
    int indent = emitter->indent < 0 ? 0 : emitter->indent;
    if (!emitter->fresh || emitter->column > indent ||
        (emitter->column == indent && !emitter->blank))
        put_break(emitter);
    while (emitter->column < indent)
        put(emitter, " ", 1);
    emitter->blank = emitter->fresh = true;
}

static void write_indicator(struct emitter *emitter, const char *text, bool needs_blank,
                            bool is_blank, bool is_indention) {
    if (needs_blank && !emitter->blank)
        put(emitter, " ", 1);
    put(emitter, text, strlen(text));
    emitter->blank = is_blank;
    emitter->fresh = emitter->fresh && is_indention;
}

// ---- What a text allows

struct analysis {
    bool multiline, plain, single, block;
};

static bool is_printable(uint32_t character, size_t length) {
    return character == '\n' || (character >= 0x20 && character <= 0x7E) ||
           (character >= 0xA0 && character <= 0xFFFD && character != 0xFEFF &&
            !(character == 0xFFFD && length == 1) && !(character >= 0xD800 && character < 0xE000));
}

static bool is_break(uint32_t character) {
    return character == '\n' || character == '\r' || character == 0x85 || character == 0x2028 ||
           character == 0x2029;
}

static bool is_blank_at(struct text text, size_t at) {
    return at >= text.length || text.data[at] == ' ' || text.data[at] == '\t';
}

static bool is_indicator(struct text text, size_t at, size_t length, bool is_after_blank) {
    char character = text.data[at];
    bool is_before_blank = is_blank_at(text, at + length);
    if (at == 0)
        return strchr("#,[]{}&*!|>'\"%@`", character) ||
               (strchr("?:-", character) && is_before_blank);
    return (character == ':' && is_before_blank) || (character == '#' && is_after_blank);
}

static struct analysis analyze(struct text text) {
    struct analysis result = {.plain = true, .single = true, .block = true};
    bool previous_space = false, previous_break = false, after_blank = true;
    bool edge = false, trailing_space = false, break_space = false, space_break = false,
         special = false, indicators = false;
    if (text.length == 0)
        return (struct analysis){.plain = true, .single = true};
    if (text.length >= 3 && (memcmp(text.data, "---", 3) == 0 || memcmp(text.data, "...", 3) == 0))
        indicators = true;
    for (size_t i = 0, length; i < text.length; i += length) {
        uint32_t character = str_character(text.data + i, text.length - i, &length);
        bool is_edge = i == 0 || i + length == text.length;
        indicators = indicators || (character && is_indicator(text, i, length, after_blank));
        special = special || !is_printable(character, length);
        if (character == ' ') {
            edge = edge || is_edge;
            trailing_space = trailing_space || i + 1 == text.length;
            break_space = break_space || previous_break;
        } else if (is_break(character)) {
            result.multiline = true;
            edge = edge || is_edge;
            space_break = space_break || previous_space;
        }
        previous_space = character == ' ';
        previous_break = is_break(character);
        after_blank = character == ' ' || character == '\t' || is_break(character);
    }
    result.plain =
        !edge && !break_space && !space_break && !special && !result.multiline && !indicators;
    result.single = !break_space && !space_break && !special;
    result.block = !trailing_space && !space_break && !special;
    return result;
}

// 1:30 is a number to YAML 1.1, in base 60.
static bool is_base_60(const char *text) {
    const char *at = text + (*text == '+' || *text == '-');
    size_t digits = strspn(at, "0123456789_"), parts = 0;
    if (!digits || *at == '_')
        return false;
    for (at += digits; *at == ':'; parts++) {
        size_t length = strspn(++at, "0123456789");
        if (length < 1 || length > 2 || (length == 2 && *at > '5'))
            return false;
        at += length;
    }
    if (*at == '.')
        at += 1 + strspn(at + 1, "0123456789_");
    return parts && !*at;
}

static enum style style_of(struct text text, const struct analysis *analysis, bool is_key) {
    double number;
    bool has_nul = memchr(text.data, '\0', text.length) != NULL;
    bool is_text =
        has_nul || (yaml_resolve(text.data, &number) == YAML_TEXT && !is_base_60(text.data));
    enum style style = memchr(text.data, '\n', text.length) ? STYLE_LITERAL
                       : is_text                            ? STYLE_PLAIN
                                                            : STYLE_DOUBLE;
    if (is_key && analysis->multiline)
        style = STYLE_DOUBLE;
    if (style == STYLE_PLAIN && !analysis->plain)
        style = STYLE_SINGLE;
    if (style == STYLE_SINGLE && !analysis->single)
        style = STYLE_DOUBLE;
    if (style == STYLE_LITERAL && (!analysis->block || is_key))
        style = STYLE_DOUBLE;
    return style;
}

// ---- Texts

static void write_plain(struct emitter *emitter, struct text text, bool folds) {
    bool spaces = false;
    if (!emitter->blank)
        put(emitter, " ", 1);
    for (size_t i = 0, length; i < text.length; i += length) {
        str_character(text.data + i, text.length - i, &length);
        bool is_space = text.data[i] == ' ';
        if (is_space && folds && !spaces && emitter->column > WIDTH &&
            !(i + 1 < text.length && text.data[i + 1] == ' '))
            write_indent(emitter);
        else
            put(emitter, text.data + i, length);
        if (!is_space)
            emitter->fresh = false;
        spaces = is_space;
    }
    emitter->blank = emitter->fresh = false;
}

static void write_single(struct emitter *emitter, struct text text, bool folds) {
    bool spaces = false;
    write_indicator(emitter, "'", true, false, false);
    for (size_t i = 0, length; i < text.length; i += length) {
        str_character(text.data + i, text.length - i, &length);
        bool is_space = text.data[i] == ' ';
        if (is_space && folds && !spaces && emitter->column > WIDTH && i > 0 &&
            i + 1 < text.length && text.data[i + 1] != ' ') {
            write_indent(emitter);
        } else {
            if (text.data[i] == '\'')
                put(emitter, "'", 1);
            put(emitter, text.data + i, length);
        }
        if (!is_space)
            emitter->fresh = false;
        spaces = is_space;
    }
    write_indicator(emitter, "'", false, false, false);
    emitter->blank = emitter->fresh = false;
}

static void write_escape(struct emitter *emitter, uint32_t character) {
    static const struct {
        uint32_t character;
        char letter;
    } names[] = {{0, '0'},     {7, 'a'},    {8, 'b'},    {9, 't'},      {10, 'n'},
                 {11, 'v'},    {12, 'f'},   {13, 'r'},   {0x1b, 'e'},   {'"', '"'},
                 {'\\', '\\'}, {0x85, 'N'}, {0xA0, '_'}, {0x2028, 'L'}, {0x2029, 'P'}};
    char escape[16];
    int length = snprintf(escape, sizeof escape,
                          character <= 0xFF     ? "\\x%02X"
                          : character <= 0xFFFF ? "\\u%04X"
                                                : "\\U%08X",
                          character);
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++)
        if (names[i].character == character)
            length = snprintf(escape, sizeof escape, "\\%c", names[i].letter);
    put(emitter, escape, (size_t)length);
}

static void write_double(struct emitter *emitter, struct text text, bool folds) {
    bool spaces = false;
    write_indicator(emitter, "\"", true, false, false);
    for (size_t i = 0, length; i < text.length; i += length) {
        uint32_t character = str_character(text.data + i, text.length - i, &length);
        bool is_space = character == ' ';
        if (character == '"' || character == '\\' || is_break(character) ||
            !is_printable(character, length)) {
            write_escape(emitter, character);
        } else if (is_space && folds && !spaces && emitter->column > WIDTH && i > 0 &&
                   i + 1 < text.length) {
            write_indent(emitter);
            if (text.data[i + 1] == ' ')
                put(emitter, "\\", 1);
        } else {
            put(emitter, text.data + i, length);
        }
        spaces = is_space;
    }
    write_indicator(emitter, "\"", false, false, false);
    emitter->blank = emitter->fresh = false;
}

static void write_literal(struct emitter *emitter, struct text text) {
    bool breaks = true;
    bool ends_with_break = text.data[text.length - 1] == '\n';
    write_indicator(emitter, "|", true, false, false);
    if (text.data[0] == ' ' || text.data[0] == '\n')
        write_indicator(emitter, "2", false, false, false);
    if (!ends_with_break)
        write_indicator(emitter, "-", false, false, false);
    else if (text.length == 1 || text.data[text.length - 2] == '\n')
        write_indicator(emitter, "+", false, false, false);
    put_break(emitter);
    emitter->fresh = emitter->blank = true;
    for (size_t i = 0, length; i < text.length; i += length) {
        str_character(text.data + i, text.length - i, &length);
        if (text.data[i] == '\n') {
            put_break(emitter);
            emitter->fresh = breaks = true;
            continue;
        }
        if (breaks)
            write_indent(emitter);
        put(emitter, text.data + i, length);
        emitter->fresh = breaks = false;
    }
}

// JSON has replaced what is no UTF-8.
static struct text mended(struct text text, struct buf *room) {
    size_t offset;
    if (str_is_utf8(text.data, text.length, &offset))
        return text;
    for (size_t i = 0, length; i < text.length; i += length) {
        char bytes[4];
        uint32_t character = str_character(text.data + i, text.length - i, &length);
        buf_add(room, bytes, str_put_character(character, bytes));
    }
    return (struct text){buf_text(room), room->length};
}

static void write_text(struct emitter *emitter, struct text source, bool is_key) {
    cleanup_buf struct buf room = BUF(LIMIT_RENDERED);
    struct text text = mended(source, &room);
    struct analysis analysis = analyze(text);
    int indent = emitter->indent;
    emitter->indent = indent < 0 ? INDENT : indent + INDENT;
    switch (style_of(text, &analysis, is_key)) {
    case STYLE_PLAIN: write_plain(emitter, text, !is_key); break;
    case STYLE_SINGLE: write_single(emitter, text, !is_key); break;
    case STYLE_DOUBLE: write_double(emitter, text, !is_key); break;
    case STYLE_LITERAL: write_literal(emitter, text); break;
    }
    emitter->indent = indent;
}

// ---- Other scalars, lists and mappings

static int write_scalar(struct emitter *emitter, struct value value) {
    cleanup_buf struct buf text = BUF(64);
    if (write_json(&text, value, WRITE_PLAIN))
        return -1;
    const char *number = buf_text(&text);
    if (value.kind == VALUE_REAL) {
        bool is_whole = strspn(number, "-0123456789") == text.length;
        bool fits = value.real > -9.3e18 && value.real < 1.8446744073709552e19;
        if (value.real == 0)
            number = "0";
        else if (!is_whole || !fits) {
            buf_clear(&text);
            print_real(&text, value.real, 'g', -1);
            number = buf_text(&text);
        }
    }
    write_plain(emitter, text_of(number), false);
    return 0;
}

// Digits inside keys count as numbers, letters come behind the rest.
static int compare_keys(const void *left_entry, const void *right_entry) {
    struct text left = (*(const struct value_entry *const *)left_entry)->key,
                right = (*(const struct value_entry *const *)right_entry)->key;
    size_t i = 0;
    while (i < left.length && i < right.length && left.data[i] == right.data[i])
        i++;
    while (i > 0 && i < left.length && ((unsigned char)left.data[i] & 0xC0) == 0x80)
        i--; // to where the character begins
    if (i == left.length || i == right.length)
        return (left.length > right.length) - (left.length < right.length);
    size_t length;
    uint32_t a = str_character(left.data + i, left.length - i, &length),
             b = str_character(right.data + i, right.length - i, &length);
    bool a_is_letter = iswalpha((wint_t)a), b_is_letter = iswalpha((wint_t)b);
    if (a_is_letter && b_is_letter)
        return (a > b) - (a < b);
    if (a_is_letter || b_is_letter)
        return b_is_letter ? -1 : 1;
    uint64_t a_number = 0, b_number = 0;
    if (a == '0' || b == '0')
        for (size_t j = i; j > 0 && left.data[j - 1] >= '0' && left.data[j - 1] <= '9'; j--)
            if (left.data[j - 1] != '0') {
                a_number = b_number = 1;
                break;
            }
    size_t a_end = i, b_end = i;
    for (; a_end < left.length && left.data[a_end] >= '0' && left.data[a_end] <= '9'; a_end++)
        a_number = a_number * 10 + (uint64_t)(left.data[a_end] - '0');
    for (; b_end < right.length && right.data[b_end] >= '0' && right.data[b_end] <= '9'; b_end++)
        b_number = b_number * 10 + (uint64_t)(right.data[b_end] - '0');
    if (a_number != b_number)
        return a_number < b_number ? -1 : 1;
    if (a_end != b_end)
        return a_end < b_end ? -1 : 1;
    return (a > b) - (a < b);
}

static int write_node(struct emitter *emitter, struct value value, bool is_in_mapping, int depth);

static int write_list(struct emitter *emitter, const struct value_list *list, bool is_in_mapping,
                      int depth) {
    int indent = emitter->indent, status = 0;
    if (indent < 0)
        emitter->indent = 0;
    else if (!is_in_mapping || emitter->fresh)
        emitter->indent += INDENT;
    for (size_t i = 0; i < list->count && status == 0; i++) {
        write_indent(emitter);
        write_indicator(emitter, "-", true, false, true);
        status = write_node(emitter, list->items[i], false, depth + 1);
    }
    emitter->indent = indent;
    return status;
}

static int write_map(struct emitter *emitter, const struct value_map *map, int depth) {
    int indent = emitter->indent, status = 0;
    const struct value_entry **sorted = mem_zero(map->count, sizeof *sorted);
    emitter->indent = indent < 0 ? 0 : indent + INDENT;
    for (size_t i = 0; i < map->count; i++)
        sorted[i] = &map->entries[i];
    qsort(sorted, map->count, sizeof *sorted, compare_keys);
    for (size_t i = 0; i < map->count && status == 0; i++) {
        struct text key = sorted[i]->key;
        bool is_simple = key.length <= SIMPLE_KEY_MAX && !analyze(key).multiline;
        write_indent(emitter);
        if (!is_simple)
            write_indicator(emitter, "?", true, false, true);
        write_text(emitter, key, is_simple);
        if (!is_simple)
            write_indent(emitter);
        write_indicator(emitter, ":", !is_simple, false, !is_simple);
        status = write_node(emitter, sorted[i]->value, true, depth + 1);
    }
    free(sorted);
    emitter->indent = indent;
    return status;
}

static int write_node(struct emitter *emitter, struct value value, bool is_in_mapping, int depth) {
    bool is_null = (value.kind == VALUE_LIST && value.list->is_nil) ||
                   (value.kind == VALUE_MAP && value.map->is_nil);
    if (depth > LIMIT_VALUE_DEPTH || emitter->out->overflowed)
        return -1;
    if (is_null) {
        write_plain(emitter, TEXT("null"), false);
        return 0;
    }
    switch (value.kind) {
    case VALUE_TEXT: write_text(emitter, value.text, false); return 0;
    case VALUE_LIST:
        if (value.list->count)
            return write_list(emitter, value.list, is_in_mapping, depth);
        write_indicator(emitter, "[]", true, false, false);
        return 0;
    case VALUE_MAP:
        if (value.map->count)
            return write_map(emitter, value.map, depth);
        write_indicator(emitter, "{}", true, false, false);
        return 0;
    case VALUE_OBJECT:
        if (!value.object->class->is_open && value.object->as_value.kind == VALUE_NONE)
            return -1;
        return write_node(emitter, value_inside(value), is_in_mapping, depth + 1);
    case VALUE_BYTES: {
        cleanup_buf struct buf quoted = BUF(LIMIT_RENDERED);
        write_json(&quoted, value, WRITE_PLAIN);
        write_text(emitter, (struct text){quoted.data + 1, quoted.length - 2}, false);
        return 0;
    }
    default: return write_scalar(emitter, value);
    }
}

int write_yaml(struct buf *out, struct value value) {
    struct emitter emitter = {out, 0, -1, true, true};
    int status = write_node(&emitter, value, false, 0);
    // A literal at the very end has its own last line; toYaml takes one new line away.
    bool ends_with_break = out->length && out->data[out->length - 1] == '\n';
    if (status == 0 && ends_with_break)
        out->data[--out->length] = '\0';
    return status;
}
