// SPDX-License-Identifier: Apache-2.0
//
// See print.h. Go's verbs, flags and complaints (`%!d(string=x)`), but for argument indexes
// (`%[1]d`), which no chart uses: they print as Go prints a bad one.
#include "helm/print.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wctype.h>

#include "base/limits.h"
#include "base/str.h"

#define REAL_PLAIN_DIGITS 6 // numbers of more digits than that are written with an exponent

// ---- Numbers

// Digits and exponent so that real = 0.DIGITS * 10^point; the fewest that read back the same.
static int shortest(double real, char digits[32], int *ret_point) {
    char text[40];
    for (int precision = 0; precision < 17; precision++) {
        snprintf(text, sizeof text, "%.*e", precision, real);
        if (precision == 16 || strtod(text, NULL) == real)
            break;
    }
    int count = 0;
    const char *at = text;
    for (; *at && *at != 'e'; at++)
        if (*at >= '0' && *at <= '9')
            digits[count++] = *at;
    *ret_point = atoi(at + 1) + 1;
    while (count > 1 && digits[count - 1] == '0')
        count--;
    digits[count] = '\0';
    return count;
}

static void print_shortest(struct buf *out, double real, char format) {
    char digits[32];
    int point, count = shortest(fabs(real), digits, &point);
    if (real == 0)
        point = 1;
    if (signbit(real))
        buf_add_char(out, '-');
    if (format == 'g' || format == 'G')
        format = point - 1 < -4 || point - 1 >= REAL_PLAIN_DIGITS ? (char)(format - 2) : 'f';
    if (format == 'e' || format == 'E') {
        buf_add_char(out, digits[0]);
        if (count > 1)
            buf_add_format(out, ".%s", digits + 1);
        buf_add_format(out, "%c%c%02d", format, point - 1 < 0 ? '-' : '+', abs(point - 1));
        return;
    }
    if (point <= 0)
        buf_add_text(out, "0");
    for (int i = 0; i < point; i++)
        buf_add_char(out, i < count ? digits[i] : '0');
    if (count > point) {
        buf_add_char(out, '.');
        for (int i = point; i < 0; i++)
            buf_add_char(out, '0');
        buf_add_text(out, digits + (point > 0 ? point : 0));
    }
}

void print_real(struct buf *out, double real, char format, int precision) {
    char text[16];
    if (isnan(real) || isinf(real)) {
        buf_add_text(out, isnan(real) ? "NaN" : real > 0 ? "+Inf" : "-Inf");
    } else if (precision < 0) {
        print_shortest(out, real, format);
    } else {
        snprintf(text, sizeof text, "%%.%d%c", precision, format);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        buf_add_format(out, text, real);
#pragma GCC diagnostic pop
    }
}

// ---- Quoting

static bool is_printable(uint32_t character) {
    return character == ' ' ||
           (character < 0x80 ? character > 0x20 && character < 0x7F
                             : character != 0xA0 && character != 0xAD && character != 0x2028 &&
                                   character != 0x2029 && character != 0xFEFF &&
                                   iswprint((wint_t)character) && !iswspace((wint_t)character));
}

static void print_escape(struct buf *out, uint32_t character) {
    static const char names[] = "\aa\bb\ff\nn\rr\tt\vv";
    const char *name = NULL;
    for (size_t i = 0; i + 1 < sizeof names; i += 2)
        if ((uint32_t)names[i] == character)
            name = &names[i + 1];
    if (name)
        buf_add_format(out, "\\%c", *name);
    else if (character < 0x80)
        buf_add_format(out, "\\x%02x", character);
    else
        buf_add_format(out, character < 0x10000 ? "\\u%04x" : "\\U%08x", character);
}

void print_quoted(struct buf *out, struct text text, bool is_ascii) {
    buf_add_char(out, '"');
    for (size_t i = 0, length; i < text.length; i += length) {
        uint32_t character = str_character(text.data + i, text.length - i, &length);
        bool is_bad = character == 0xFFFD && length == 1;
        if (is_bad)
            buf_add_format(out, "\\x%02x", (unsigned char)text.data[i]);
        else if (character == '"' || character == '\\')
            buf_add_format(out, "\\%c", (char)character);
        else if (!is_printable(character) || (is_ascii && character >= 0x80))
            print_escape(out, character);
        else
            buf_add(out, text.data + i, length);
    }
    buf_add_char(out, '"');
}

// ---- One value by one verb

struct verb {
    bool plus, minus, sharp, space, zero;
    int width, precision; // -1 where there is none
    char letter;
};

#define VERB_V ((struct verb){.width = -1, .precision = -1, .letter = 'v'})

static size_t count_characters(const char *data, size_t length) {
    size_t count = 0;
    for (size_t i = 0, one; i < length; i += one, count++)
        str_character(data + i, length - i, &one);
    return count;
}

static void pad(struct buf *out, const struct verb *verb, const char *data, size_t length) {
    size_t shown = count_characters(data, length);
    size_t width = verb->width < 0 ? 0 : (size_t)verb->width;
    for (size_t i = shown; !verb->minus && i < width && !out->overflowed; i++)
        buf_add_char(out, verb->zero ? '0' : ' ');
    buf_add(out, data, length);
    for (size_t i = shown; verb->minus && i < width && !out->overflowed; i++)
        buf_add_char(out, ' ');
}

static void print_by(struct buf *out, const struct verb *verb, struct value value, int depth);

static void bad_verb(struct buf *out, const struct verb *verb, struct value value) {
    buf_add_format(out, "%%!%c(", verb->letter);
    if (value_is_nothing(value)) {
        buf_add_text(out, "<nil>)");
        return;
    }
    buf_add_format(out, "%s=", value_type_name(value));
    print_by(out, &VERB_V, value, 0);
    buf_add_char(out, ')');
}

static void print_hex(struct buf *out, const struct verb *verb, struct text text) {
    cleanup_buf struct buf hex = BUF(LIMIT_RENDERED);
    size_t length = verb->precision >= 0 && (size_t)verb->precision < text.length
                        ? (size_t)verb->precision
                        : text.length;
    if (verb->sharp && length)
        buf_add_format(&hex, "0%c", verb->letter);
    for (size_t i = 0; i < length; i++) {
        buf_add_text(&hex, verb->space && i ? " " : "");
        buf_add_format(&hex, verb->letter == 'x' ? "%02x" : "%02X", (unsigned char)text.data[i]);
    }
    pad(out, verb, buf_text(&hex), hex.length);
}

static void print_text(struct buf *out, const struct verb *verb, struct value value) {
    struct text text = value.text;
    size_t length = 0, characters = 0;
    while (length < text.length &&
           (verb->precision < 0 || characters < (size_t)verb->precision)) { // in characters
        size_t one;
        str_character(text.data + length, text.length - length, &one);
        length += one;
        characters++;
    }
    switch (verb->letter) {
    case 'v':
    case 's': pad(out, verb, text.data, length); break;
    case 'x':
    case 'X': print_hex(out, verb, text); break;
    case 'q': {
        cleanup_buf struct buf quoted = BUF(LIMIT_RENDERED);
        bool is_raw = verb->sharp && !memchr(text.data, '`', length);
        for (size_t i = 0; i < length; i++)
            is_raw = is_raw && ((unsigned char)text.data[i] >= ' ' || text.data[i] == '\t') &&
                     text.data[i] != 0x7F;
        if (is_raw)
            buf_add_format(&quoted, "`%.*s`", (int)length, text.data);
        else
            print_quoted(&quoted, (struct text){text.data, length}, verb->plus);
        pad(out, verb, buf_text(&quoted), quoted.length);
        break;
    }
    default: bad_verb(out, verb, value);
    }
}

static void print_character(struct buf *out, const struct verb *verb, int64_t integer) {
    char text[4];
    uint32_t character = integer < 0 || integer > 0x10FFFF ? 0xFFFD : (uint32_t)integer;
    size_t length = str_put_character(character, text);
    cleanup_buf struct buf quoted = BUF(64);
    if (verb->letter == 'c') {
        pad(out, verb, text, length);
        return;
    }
    if (verb->letter == 'U') {
        buf_add_format(&quoted, "U+%04llX", (unsigned long long)integer);
    } else if (character == '\'' || character == '\\') {
        buf_add_format(&quoted, "'\\%c'", (char)character);
    } else {
        buf_add_char(&quoted, '\'');
        if (is_printable(character))
            buf_add(&quoted, text, length);
        else
            print_escape(&quoted, character);
        buf_add_char(&quoted, '\'');
    }
    pad(out, verb, buf_text(&quoted), quoted.length);
}

static void print_integer(struct buf *out, const struct verb *verb, struct value value) {
    static const char letters[] = "vdboOxX";
    static const unsigned bases[] = {10, 10, 2, 8, 8, 16, 16};
    const char *found = strchr(letters, verb->letter);
    if (verb->letter == 'c' || verb->letter == 'q' || verb->letter == 'U') {
        print_character(out, verb, value.integer);
        return;
    }
    if (!found || !*found) {
        bad_verb(out, verb, value);
        return;
    }
    unsigned base = bases[found - letters];
    bool is_negative = value.integer < 0 && value.type != TYPE_UINT64;
    uint64_t rest = is_negative ? -(uint64_t)value.integer : (uint64_t)value.integer;
    char digits[400], *at = digits + sizeof digits, *end = at;
    int wanted = verb->precision;
    if (wanted < 0 && verb->zero && !verb->minus && verb->width >= 0)
        wanted = verb->width - (is_negative || verb->plus || verb->space);
    if (wanted > 300)
        wanted = 300;
    if (verb->precision == 0 && rest == 0) {
        pad(out, &(struct verb){.width = verb->width, .minus = verb->minus}, "", 0);
        return;
    }
    do
        *--at = (verb->letter == 'X' ? "0123456789ABCDEF" : "0123456789abcdef")[rest % base];
    while ((rest /= base) != 0);
    while (end - at < wanted)
        *--at = '0';
    if (verb->sharp && base == 16)
        *--at = verb->letter, *--at = '0';
    if (verb->sharp && base == 2)
        *--at = 'b', *--at = '0';
    if (verb->sharp && base == 8 && *at != '0')
        *--at = '0';
    if (verb->letter == 'O')
        *--at = 'o', *--at = '0';
    if (is_negative || verb->plus || verb->space)
        *--at = is_negative ? '-' : verb->plus ? '+' : ' ';
    struct verb padding = *verb;
    padding.zero = false;
    pad(out, &padding, at, (size_t)(end - at));
}

static void print_number(struct buf *out, const struct verb *verb, struct value value) {
    char letter = verb->letter == 'v' ? 'g' : verb->letter == 'F' ? 'f' : verb->letter;
    if (!strchr("eEfgG", letter)) {
        bad_verb(out, verb, value);
        return;
    }
    cleanup_buf struct buf number = BUF(4096);
    int precision = verb->precision >= 0             ? verb->precision
                    : letter == 'g' || letter == 'G' ? -1
                                                     : 6;
    print_real(&number, value.real, letter, precision > 1000 ? 1000 : precision);
    const char *text = buf_text(&number);
    bool is_signed = *text == '-' || *text == '+', is_finite = isfinite(value.real);
    const char *unsigned_text = text + is_signed;
    char sign = *text == '-'                                        ? '-'
                : verb->plus                                        ? '+'
                : *text == '+' && verb->letter == 'v' && !is_finite ? '+'
                : verb->space                                       ? ' '
                                                                    : '\0';
    if (*text == '+' && !is_finite && !sign)
        sign = '+';
    size_t length = number.length - is_signed;
    struct verb padding = *verb;
    padding.zero = verb->zero && is_finite;
    if (sign && padding.zero && verb->width > (int)length) { // the sign stands before the zeros
        buf_add_char(out, sign);
        padding.width--;
        pad(out, &padding, unsigned_text, length);
        return;
    }
    cleanup_buf struct buf whole = BUF(4200);
    if (sign)
        buf_add_char(&whole, sign);
    buf_add(&whole, unsigned_text, length);
    pad(out, &padding, buf_text(&whole), whole.length);
}

static void print_bytes(struct buf *out, const struct verb *verb, struct value value) {
    if (verb->letter != 'v' && verb->letter != 'd') {
        print_text(out, verb, value);
        return;
    }
    buf_add_char(out, '[');
    for (size_t i = 0; i < value.text.length; i++) {
        buf_add_text(out, i ? " " : "");
        print_integer(out, verb, value_int((unsigned char)value.text.data[i]));
    }
    buf_add_char(out, ']');
}

static void print_list(struct buf *out, const struct verb *verb, const struct value_list *list,
                       int depth) {
    buf_add_char(out, '[');
    for (size_t i = 0; i < list->count && !out->overflowed; i++) {
        buf_add_text(out, i ? " " : "");
        print_by(out, verb, list->items[i], depth + 1);
    }
    buf_add_char(out, ']');
}

static void print_map(struct buf *out, const struct verb *verb, const struct value_map *map,
                      int depth) {
    buf_add_text(out, "map[");
    for (size_t i = 0; i < map->count && !out->overflowed; i++) {
        buf_add_text(out, i ? " " : "");
        print_text(out, verb, value_text(map->entries[i].key));
        buf_add_char(out, ':');
        print_by(out, verb, map->entries[i].value, depth + 1);
    }
    buf_add_char(out, ']');
}

static void print_by(struct buf *out, const struct verb *verb, struct value value, int depth) {
    if (depth > LIMIT_VALUE_DEPTH) {
        out->overflowed = true;
        return;
    }
    switch (value.kind) {
    case VALUE_NONE:
    case VALUE_NIL:
        if (verb->letter == 'v' || depth)
            pad(out, verb, "<nil>", 5);
        else
            bad_verb(out, verb, value);
        break;
    case VALUE_BOOL:
        if (verb->letter == 'v' || verb->letter == 't')
            pad(out, verb, value.truth ? "true" : "false", value.truth ? 4 : 5);
        else
            bad_verb(out, verb, value);
        break;
    case VALUE_INTEGER: print_integer(out, verb, value); break;
    case VALUE_REAL: print_number(out, verb, value); break;
    case VALUE_TEXT: print_text(out, verb, value); break;
    case VALUE_BYTES: print_bytes(out, verb, value); break;
    case VALUE_LIST: print_list(out, verb, value.list, depth); break;
    case VALUE_MAP: print_map(out, verb, value.map, depth); break;
    case VALUE_OBJECT: print_by(out, verb, value_inside(value), depth + 1); break;
    }
}

void print_value(struct buf *out, struct value value) { print_by(out, &VERB_V, value, 0); }

struct text print_text_of(struct pool *pool, struct value value) {
    if (value.kind == VALUE_TEXT || value.kind == VALUE_BYTES)
        return value.text;
    cleanup_buf struct buf out = BUF(LIMIT_RENDERED);
    print_value(&out, value);
    return text_take(pool, &out);
}

// ---- Several values

void print_all(struct buf *out, const struct value *values, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (i && values[i].kind != VALUE_TEXT && values[i - 1].kind != VALUE_TEXT)
            buf_add_char(out, ' ');
        print_value(out, values[i]);
    }
}

void print_line(struct buf *out, const struct value *values, size_t count) {
    for (size_t i = 0; i < count; i++) {
        buf_add_text(out, i ? " " : "");
        print_value(out, values[i]);
    }
    buf_add_char(out, '\n');
}

struct formatting {
    struct buf *out;
    const char *at, *end;
    const struct value *values;
    size_t count, used;
};

// A width or precision: digits, or an asterisk that takes it from the values.
static int read_number(struct formatting *formatting, const char *complaint) {
    if (formatting->at < formatting->end && *formatting->at == '*') {
        formatting->at++;
        if (formatting->used < formatting->count) {
            struct value value = formatting->values[formatting->used++];
            if (value.kind == VALUE_INTEGER && value.integer >= -1000000 &&
                value.integer <= 1000000)
                return (int)value.integer;
        }
        buf_add_text(formatting->out, complaint);
        return -1;
    }
    int number = -1;
    while (formatting->at < formatting->end && *formatting->at >= '0' && *formatting->at <= '9' &&
           number < 100000)
        number = (number < 0 ? 0 : number) * 10 + (*formatting->at++ - '0');
    return number;
}

static struct verb read_flags(struct formatting *formatting) {
    struct verb verb = {.width = -1, .precision = -1};
    for (; formatting->at < formatting->end; formatting->at++) {
        switch (*formatting->at) {
        case '+': verb.plus = true; continue;
        case '-': verb.minus = true; continue;
        case '#': verb.sharp = true; continue;
        case ' ': verb.space = true; continue;
        case '0': verb.zero = true; continue;
        default: break;
        }
        break;
    }
    verb.width = read_number(formatting, "%!(BADWIDTH)");
    if (verb.width < -1) {
        verb.width = -verb.width;
        verb.minus = true;
    }
    if (formatting->at < formatting->end && *formatting->at == '.') {
        formatting->at++;
        verb.precision = read_number(formatting, "%!(BADPREC)");
        if (verb.precision < 0)
            verb.precision = 0;
    }
    verb.zero = verb.zero && !verb.minus;
    return verb;
}

static void print_one(struct formatting *formatting) {
    struct verb verb = read_flags(formatting);
    if (formatting->at == formatting->end) {
        buf_add_text(formatting->out, "%!(NOVERB)");
        return;
    }
    size_t length;
    str_character(formatting->at, (size_t)(formatting->end - formatting->at), &length);
    verb.letter = *formatting->at;
    if (verb.letter == '%') {
        buf_add_char(formatting->out, '%');
    } else if (formatting->used == formatting->count) {
        buf_add_format(formatting->out, "%%!%.*s(MISSING)", (int)length, formatting->at);
    } else if (verb.letter == 'T') {
        const char *name = value_type_name(formatting->values[formatting->used++]);
        pad(formatting->out, &verb, name, strlen(name));
    } else {
        print_by(formatting->out, &verb, formatting->values[formatting->used++], 0);
    }
    formatting->at += length;
}

void print_formatted(struct buf *out, struct text format, const struct value *values,
                     size_t count) {
    struct formatting formatting = {out,    format.data, format.data + format.length,
                                    values, count,       0};
    while (formatting.at < formatting.end && !out->overflowed) {
        const char *next = memchr(formatting.at, '%', (size_t)(formatting.end - formatting.at));
        size_t plain = (size_t)((next ? next : formatting.end) - formatting.at);
        buf_add(out, formatting.at, plain);
        formatting.at += plain;
        if (!next)
            break;
        formatting.at++;
        print_one(&formatting);
    }
    if (formatting.used == count)
        return;
    buf_add_text(out, "%!(EXTRA ");
    for (size_t i = formatting.used; i < count; i++) {
        buf_add_format(out, "%s%s", i > formatting.used ? ", " : "",
                       value_is_nothing(values[i]) ? "<nil>" : value_type_name(values[i]));
        if (!value_is_nothing(values[i])) {
            buf_add_char(out, '=');
            print_value(out, values[i]);
        }
    }
    buf_add_char(out, ')');
}
