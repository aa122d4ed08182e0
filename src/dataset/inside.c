// SPDX-License-Identifier: Apache-2.0
//
// See inside.h.
#include "dataset/inside.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "dataset/duration.h"
#include "dataset/number.h"

#define TEXT_MAX 256     // bytes; longer texts are prose, whose numbers are of no use
#define DIGITS_MAX 40    // of one number; the rest of longer ones is not looked at
#define PARTS_MAX 64     // of a list
#define PART_BYTES 48    // of one thing in a list
#define PART_WORDS_MAX 6 // a part of more words is of a sentence

struct text {
    const char *at;
    size_t length;
};

static bool is_digit(char at) { return at >= '0' && at <= '9'; }
static bool is_letter(char at) { return (at >= 'a' && at <= 'z') || (at >= 'A' && at <= 'Z'); }

static char char_at(const struct text *text, size_t at) {
    return at < text->length ? text->at[at] : '\0';
}

static bool has_at(const struct text *text, size_t at, const char *what) {
    size_t bytes = 0;
    while (what[bytes] && at + bytes < text->length && text->at[at + bytes] == what[bytes])
        bytes++;
    return !what[bytes];
}

static size_t skip_spaces(const struct text *text, size_t at) {
    for (;;) {
        if (char_at(text, at) == ' ' || char_at(text, at) == '\n')
            at++;
        else if (has_at(text, at, "\xC2\xA0"))
            at += 2;
        else
            return at;
    }
}

// ---- Numbers ------------------------------------------------------------------------------------

// Whether three digits and no fourth stand behind the comma at AT.
static bool is_group(const struct text *text, size_t at) {
    return char_at(text, at) == ',' && is_digit(char_at(text, at + 1)) &&
           is_digit(char_at(text, at + 2)) && is_digit(char_at(text, at + 3)) &&
           !is_digit(char_at(text, at + 4));
}

// What the number that ends at AT is multiplied by: "5.2 million", "5M". Moves AT behind it.
static int take_scale(const struct text *text, size_t *at) {
    size_t word = 0, from = skip_spaces(text, *at);
    int power = number_scale(text->at + from, text->length - from, &word);
    if (power) {
        *at = from + word;
        return power;
    }
    char letter = char_at(text, *at);
    if (is_letter(char_at(text, *at + 1)) || !letter || !strchr("KMB", letter))
        return 0;
    ++*at;
    return letter == 'K' ? 3 : letter == 'M' ? 6 : 9;
}

// The number whose first digit, or the point before it, is at AT. Where it ends; RET_DIGITS is how
// many digits it is made of where it is nothing but digits, else 0.
static size_t take_number(const struct text *text, size_t at, double *ret_number,
                          size_t *ret_digits) {
    char spelled[DIGITS_MAX + 8];
    size_t length = 0, start = at;
    bool has_comma = false;
    for (; is_digit(char_at(text, at)) || (at - start <= 3 && is_group(text, at)) ||
           (has_comma && is_group(text, at));
         at++) {
        has_comma = has_comma || char_at(text, at) == ',';
        if (char_at(text, at) != ',' && length < DIGITS_MAX)
            spelled[length++] = text->at[at];
    }
    bool is_plain = !has_comma;
    if (char_at(text, at) == '.' && is_digit(char_at(text, at + 1))) {
        is_plain = false;
        do {
            if (length < DIGITS_MAX)
                spelled[length++] = text->at[at];
            at++;
        } while (is_digit(char_at(text, at)));
    }
    *ret_digits = is_plain ? at - start : 0;
    int power = take_scale(text, &at);
    snprintf(spelled + length, sizeof spelled - length, "e%d", power);
    *ret_number = strtod(spelled, NULL);
    return at;
}

// Whether a minus stands before AT, and nothing before it that would make it a dash.
static bool is_negative(const struct text *text, size_t at) {
    if (at && text->at[at - 1] == '$')
        at--;
    size_t sign = at && text->at[at - 1] == '-'                     ? 1
                  : at >= 3 && has_at(text, at - 3, "\xE2\x88\x92") ? 3
                                                                    : 0;
    return sign && (at == sign || strchr(" (\n", text->at[at - sign - 1]));
}

// The bytes of what parts the two numbers of a score or range at AT, 0 for nothing.
static size_t separator_bytes(const struct text *text, size_t at, bool colon_is_score) {
    static const char *const separators[] = {"-", "–", "—", "−", "‑", "×", "/", "to ", "x "};
    for (size_t i = 0; i < ARRAY_LENGTH(separators); i++)
        if (has_at(text, at, separators[i]))
            return strlen(separators[i]);
    return colon_is_score && char_at(text, at) == ':' ? 1 : 0;
}

static size_t skip_sign(const struct text *text, size_t at) {
    static const char *const signs[] = {"%", "$", "€", "£"};
    for (size_t i = 0; i < ARRAY_LENGTH(signs); i++)
        if (has_at(text, at, signs[i]))
            return at + strlen(signs[i]);
    return at;
}

// The number behind the first, which ends at AT and is made of DIGITS digits alone. "1999–03" ends
// in 2003; 1998-09-04 is a date and no range.
static void take_second(const struct text *text, size_t at, size_t digits, bool colon_is_score,
                        struct inside *inside) {
    size_t from = skip_spaces(text, skip_sign(text, at)), second_digits;
    size_t separator = separator_bytes(text, from, colon_is_score);
    if (!separator)
        return;
    size_t start = skip_sign(text, skip_spaces(text, from + separator));
    if (!is_digit(char_at(text, start)))
        return;
    double second;
    size_t end = take_number(text, start, &second, &second_digits);
    bool is_year = digits == 4 && inside->number >= 1000 && inside->number < 3000;
    bool is_day = digits == 4 && char_at(text, end) == char_at(text, from) &&
                  is_digit(char_at(text, end + separator));
    if (is_day)
        return;
    if (is_year && second_digits == 2) {
        second += 100 * floor(inside->number / 100);
        second += second < inside->number ? 100 : 0;
    }
    inside->second = second;
    inside->has_second = true;
}

// Whether the digits at AT are inside a word, as in "H2O".
static bool is_in_word(const struct text *text, size_t at) {
    if (at == 0 || !is_letter(text->at[at - 1]))
        return false;
    while (is_digit(char_at(text, at)))
        at++;
    return is_letter(char_at(text, at));
}

// The 'a' or 'p' of "am", "p.m." behind a time at AT, 0 for neither.
static int half_of_day(const struct text *text, size_t at) {
    at = skip_spaces(text, at);
    char half = (char)(char_at(text, at) | 0x20);
    at += char_at(text, at + 1) == '.' ? 2 : 1;
    bool is_whole = (char_at(text, at) | 0x20) == 'm' && !is_letter(char_at(text, at + 1));
    return (half == 'a' || half == 'p') && is_whole ? half : 0;
}

// "2:30 pm" at AT, whose SECONDS were read as those of 2:30 minutes, in seconds since midnight.
static double seconds_of_day(const struct text *text, size_t at, double seconds, bool is_pm) {
    size_t colons = 0;
    for (; char_at(text, at) == ':' || is_digit(char_at(text, at)); at++)
        colons += text->at[at] == ':';
    seconds = colons == 1 ? 60 * seconds : seconds;
    return fmod(seconds, 12 * 3600) + (is_pm ? 12 * 3600 : 0);
}

static void read_at(const struct inside_style *style, const struct text *text, size_t at,
                    struct inside *inside) {
    size_t start = at, digits = 0;
    struct duration duration;
    bool is_fraction = at && text->at[at - 1] == '.' && (at == 1 || !is_digit(text->at[at - 2])) &&
                       (at == 1 || !is_letter(text->at[at - 2]));
    inside->has_number = true;
    if (!is_fraction && duration_read_colons(text->at + at, text->length - at, &duration) == 0) {
        int half = half_of_day(text, at + duration.length);
        inside->is_time = true;
        if (half || !style->colon_is_score) {
            inside->number =
                half ? seconds_of_day(text, at, duration.seconds, half == 'p') : duration.seconds;
            return;
        }
    }
    size_t end = take_number(text, is_fraction ? at - 1 : at, &inside->number, &digits);
    if (is_negative(text, is_fraction ? at - 1 : start))
        inside->number = -inside->number;
    bool has_colon = char_at(text, end) == ':' && is_digit(char_at(text, end + 1));
    inside->is_score = has_colon && !inside->is_time;
    take_second(text, end, digits, style->colon_is_score || inside->is_score, inside);
}

// The first number of TEXT from AT on that is no part of a date; DATE is the first date.
static void find_number(const struct inside_style *style, const struct text *text, size_t at,
                        struct date_found date, struct inside *inside) {
    for (; at < text->length && !inside->has_number; at++) {
        if (date.extent && at >= date.start && at < date.start + date.length) {
            at = date.start + date.length;
            date_find(text->at + at, text->length - at, style->day_first, &date);
            date.start += at;
        }
        bool is_start = is_digit(char_at(text, at)) && (at == 0 || !is_digit(text->at[at - 1]));
        if (is_start && !is_in_word(text, at))
            read_at(style, text, at, inside);
    }
}

void inside_read(const struct inside_style *style, const char *text, size_t length,
                 struct inside *ret_inside) {
    struct text whole = {text, length};
    struct inside inside = {.has_number = false};
    struct duration duration;
    size_t at = length > TEXT_MAX ? length : 0;
    while (at < length && !is_digit(text[at]))
        at++;
    if (at < length && style->has_durations && duration_read(text, length, &duration) == 0) {
        inside.has_number = true;
        inside.number = duration.seconds;
    } else if (at < length) {
        inside.is_swapped = !date_find(text, length, style->day_first, &inside.date) &&
                            date_find(text, length, !style->day_first, &inside.date);
        find_number(style, &whole, at, inside.date, &inside);
    }
    *ret_inside = inside;
}

// ---- Lists --------------------------------------------------------------------------------------

size_t inside_part(const char *text, size_t length, char separator, size_t at, size_t *ret_start,
                   size_t *ret_length) {
    // A comma parts only before a space: "1,024" is one thing.
    size_t end = at;
    while (end < length && !(text[end] == separator &&
                             (separator != ',' || (end + 1 < length && text[end + 1] == ' '))))
        end++;
    size_t next = end + 1;
    while (at < end && (text[at] == ' ' || text[at] == '\n'))
        at++;
    while (end > at && (text[end - 1] == ' ' || text[end - 1] == '\n'))
        end--;
    *ret_start = at;
    *ret_length = end - at;
    return next;
}

// Whether TEXT, without sentences' length, is one thing of a list.
static bool is_part(const char *text, size_t length, bool *has_letters) {
    size_t words = 1;
    for (size_t i = 0; i < length; i++) {
        words += text[i] == ' ';
        *has_letters = *has_letters || is_letter(text[i]) || (unsigned char)text[i] >= 0x80;
    }
    return length > 0 && length <= PART_BYTES && words <= PART_WORDS_MAX;
}

bool inside_is_list(const char *text, size_t length, char separator) {
    bool has_letters = false;
    size_t parts = 0;
    for (size_t at = 0, start, bytes; at <= length; parts++) {
        at = inside_part(text, length, separator, at, &start, &bytes);
        if (parts == PARTS_MAX || !is_part(text + start, bytes, &has_letters))
            return false;
    }
    return parts > 1 && has_letters;
}
