// SPDX-License-Identifier: Apache-2.0
//
// See number.h. A number is taken from left to right: sign, currency, digits, what scales it, its
// unit. The digits are rewritten into C's spelling (no separators, a point, an ASCII minus) and
// then read, so that there is one reader for all ways to write them.
#include "dataset/number.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"

#define SPELLED_SIZE 72 // of a number in C's spelling
#define DIGITS_MAX 56   // longer texts of digits are no numbers
#define PREFIX_MAX 16   // bytes of what may stand before the digits: signs, a currency, spaces

struct cursor {
    const char *at, *end;
};

static bool is_digit(char at) { return at >= '0' && at <= '9'; }
static bool is_letter(char at) { return (at >= 'a' && at <= 'z') || (at >= 'A' && at <= 'Z'); }
static size_t left(const struct cursor *cursor) { return (size_t)(cursor->end - cursor->at); }

static bool starts_with(const struct cursor *cursor, const char *text) {
    size_t bytes = 0;
    while (text[bytes] && bytes < left(cursor) && cursor->at[bytes] == text[bytes])
        bytes++;
    return !text[bytes];
}

// The bytes of a space at AT: plain, no-break, thin, narrow no-break.
static size_t space_bytes(const struct cursor *cursor) {
    if (left(cursor) && *cursor->at != ' ' && *cursor->at != '\xC2' && *cursor->at != '\xE2')
        return 0;
    static const char *const spaces[] = {" ", "\xC2\xA0", "\xE2\x80\x89", "\xE2\x80\xAF"};
    for (size_t i = 0; i < ARRAY_LENGTH(spaces); i++)
        if (starts_with(cursor, spaces[i]))
            return strlen(spaces[i]);
    return 0;
}

static void skip_spaces(struct cursor *cursor) {
    for (size_t bytes; (bytes = space_bytes(cursor)) > 0;)
        cursor->at += bytes;
}

// ---- Signs and currencies -----------------------------------------------------------------------

static const struct currency {
    const char *text, *code;
} currencies[] = {{"US$", "USD"}, {"A$", "AUD"},  {"AU$", "AUD"}, {"C$", "CAD"},  {"CA$", "CAD"},
                  {"HK$", "HKD"}, {"NZ$", "NZD"}, {"S$", "SGD"},  {"R$", "BRL"},  {"NT$", "TWD"},
                  {"$", "USD"},   {"€", "EUR"},   {"£", "GBP"},   {"¥", "JPY"},   {"₹", "INR"},
                  {"₽", "RUB"}, {"₩", "KRW"},   {"₺", "TRY"},   {"₴", "UAH"},   {"฿", "THB"},
                  {"₪", "ILS"},   {"₫", "VND"},   {"₱", "PHP"},   {"zł", "PLN"},  {"Rs.", "INR"},
                  {"Rs", "INR"},  {"USD", "USD"}, {"EUR", "EUR"}, {"GBP", "GBP"}, {"JPY", "JPY"},
                  {"CHF", "CHF"}, {"CAD", "CAD"}, {"AUD", "AUD"}, {"NZD", "NZD"}, {"CNY", "CNY"},
                  {"INR", "INR"}, {"SEK", "SEK"}, {"NOK", "NOK"}, {"DKK", "DKK"}, {"PLN", "PLN"},
                  {"CZK", "CZK"}, {"HUF", "HUF"}, {"RUB", "RUB"}, {"BRL", "BRL"}, {"MXN", "MXN"},
                  {"ZAR", "ZAR"}, {"KRW", "KRW"}, {"SGD", "SGD"}, {"HKD", "HKD"}, {"TRY", "TRY"}};

// Takes a currency off the front; letters must not run on behind it.
static const char *take_currency(struct cursor *cursor) {
    if (left(cursor) == 0 || is_digit(*cursor->at) || *cursor->at == '.')
        return NULL;
    for (size_t i = 0; i < ARRAY_LENGTH(currencies); i++) {
        size_t bytes = strlen(currencies[i].text);
        if (!starts_with(cursor, currencies[i].text) || left(cursor) == bytes ||
            is_letter(cursor->at[bytes]))
            continue;
        cursor->at += bytes;
        skip_spaces(cursor);
        return currencies[i].code;
    }
    return NULL;
}

const char *number_currency(const char *text) {
    for (size_t i = 0; i < ARRAY_LENGTH(currencies); i++)
        if (strcmp(currencies[i].text, text) == 0)
            return currencies[i].code;
    return NULL;
}

bool number_is_sure_unit(const char *unit) {
    for (size_t i = 0; i < ARRAY_LENGTH(currencies); i++)
        if (strcmp(currencies[i].code, unit) == 0)
            return true;
    return strcmp(unit, "%") == 0;
}

// 1 for a minus, which may be the typographical one, 0 for a plus, -1 for none.
static int take_sign(struct cursor *cursor) {
    static const char minus[] = "\xE2\x88\x92";
    bool is_long = starts_with(cursor, minus);
    char sign = left(cursor) ? *cursor->at : '\0';
    if (!is_long && sign != '-' && sign != '+')
        return -1;
    cursor->at += is_long ? strlen(minus) : 1;
    return is_long || sign == '-';
}

// ---- Digits -------------------------------------------------------------------------------------

struct spelling {
    char text[SPELLED_SIZE];
    size_t length;
    bool has_point;       // or an exponent
    bool has_plain_space; // "12 345", which may be two numbers
};

static void spell(struct spelling *spelling, char what) {
    spelling->text[spelling->length++] = what;
    spelling->text[spelling->length] = '\0';
}

// The bytes of what parts thousands at AT, 0 for nothing: the style's own sign, or a space or
// apostrophe before three digits.
static size_t separator_bytes(const struct cursor *cursor, enum number_style style) {
    static const char separators[] = {0, ',', '.'};
    if (style == NUMBER_PLAIN || left(cursor) == 0)
        return 0;
    if (*cursor->at == separators[style])
        return 1;
    size_t bytes = *cursor->at == '\'' ? 1 : space_bytes(cursor);
    if (bytes == 0 || left(cursor) < bytes + 3)
        return 0;
    const char *digits = cursor->at + bytes;
    bool is_group = is_digit(digits[0]) && is_digit(digits[1]) && is_digit(digits[2]) &&
                    (left(cursor) == bytes + 3 || !is_digit(digits[3]));
    return is_group ? bytes : 0;
}

// Copies digits without their separators, which must be of one kind and part them in threes. -1
// where they do not.
static int take_digits(struct cursor *cursor, enum number_style style, struct spelling *spelling) {
    size_t group = 0, groups = 0;
    char kind = 0;
    while (left(cursor)) {
        if (is_digit(*cursor->at)) {
            if (spelling->length >= DIGITS_MAX)
                return -1;
            spell(spelling, *cursor->at++);
            group++;
            continue;
        }
        size_t bytes = separator_bytes(cursor, style);
        if (bytes == 0)
            break;
        if (group == 0 || group > 3 || (groups && (group != 3 || *cursor->at != kind)))
            return -1;
        kind = *cursor->at;
        spelling->has_plain_space = spelling->has_plain_space || kind == ' ';
        cursor->at += bytes;
        groups++;
        group = 0;
    }
    return groups && group != 3 ? -1 : 0;
}

// ".5" behind the whole part. A point with nothing behind it stays: it is of an ordinal.
static int take_fraction(struct cursor *cursor, enum number_style style,
                         struct spelling *spelling) {
    char point = style == NUMBER_COMMA ? ',' : '.';
    if (left(cursor) < 2 || *cursor->at != point || !is_digit(cursor->at[1]))
        return 0;
    cursor->at++;
    spell(spelling, '.');
    spelling->has_point = true;
    while (left(cursor) && is_digit(*cursor->at)) {
        if (spelling->length >= DIGITS_MAX)
            return -1;
        spell(spelling, *cursor->at++);
    }
    return 0;
}

// "e-3" at the end of all.
static void take_exponent(struct cursor *cursor, struct spelling *spelling) {
    if (left(cursor) < 2 || (*cursor->at != 'e' && *cursor->at != 'E'))
        return;
    size_t at = 1, sign = cursor->at[1] == '-' || cursor->at[1] == '+';
    size_t digits = left(cursor) - 1 - sign;
    if (digits == 0 || digits > 3)
        return;
    for (size_t i = at + sign; i < left(cursor); i++)
        if (!is_digit(cursor->at[i]))
            return;
    spell(spelling, 'e');
    for (; at < left(cursor); at++)
        spell(spelling, cursor->at[at]);
    spelling->has_point = true;
    cursor->at = cursor->end;
}

static int take_number(struct cursor *cursor, enum number_style style, struct spelling *spelling) {
    size_t before = spelling->length;
    if (take_digits(cursor, style, spelling) || take_fraction(cursor, style, spelling) ||
        spelling->length == before)
        return -1;
    take_exponent(cursor, spelling);
    return 0;
}

// The value of a number in C's spelling. Short ones, which are nearly all, are worked out here: a
// whole number below 2^53 divided by a power of ten up to 10^22 is rounded once, so it is what
// strtod() gives.
static void set_value(const char *spelled, bool has_point, struct number *number) {
    static const double powers[] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
    bool is_negative = *spelled == '-', is_short = true;
    int64_t digits = 0;
    size_t length = 0, decimals = 0;
    for (const char *at = spelled + is_negative; *at && is_short; at++) {
        if (is_digit(*at)) {
            digits = 10 * digits + (*at - '0');
            decimals += decimals > 0;
        } else {
            decimals = 1;
        }
        is_short = *at != 'e' && ++length <= 15;
    }
    if (is_short) {
        number->integer = is_negative ? -digits : digits;
        number->real = (double)digits / powers[decimals ? decimals - 1 : 0];
        number->real = is_negative ? -number->real : number->real;
        number->is_integer = !has_point;
        return;
    }
    errno = 0;
    number->integer = strtoll(spelled, NULL, 10);
    number->is_integer = !has_point && errno == 0;
    number->keeps_text = !has_point && errno != 0;
    number->real = strtod(spelled, NULL);
}

// The value times ten to the POWER, rounded once: "1.1 million" is 1100000.
static void set_scaled(struct spelling *spelling, int power, struct number *number) {
    spell(spelling, 'e');
    spell(spelling, (char)('0' + power / 10));
    spell(spelling, (char)('0' + power % 10));
    number->real = strtod(spelling->text, NULL);
    number->is_integer =
        number->real == floor(number->real) && fabs(number->real) < 9007199254740992.0;
    number->integer = number->is_integer ? (int64_t)number->real : 0;
    number->says_more = true;
}

// ---- Behind the digits --------------------------------------------------------------------------

int number_scale(const char *text, size_t length, size_t *ret_length) {
    static const struct {
        const char *word;
        int power;
    } scales[] = {{"thousand", 3}, {"million", 6}, {"billion", 9}, {"trillion", 12},
                  {"lakh", 5},     {"crore", 7},   {"mn", 6},      {"bn", 9}};
    for (size_t i = 0; i < ARRAY_LENGTH(scales); i++) {
        if (length == 0 || (*text | 0x20) != *scales[i].word)
            continue;
        size_t word = strlen(scales[i].word);
        if (length < word || strncasecmp(text, scales[i].word, word) != 0 ||
            (length > word && is_letter(text[word])))
            continue;
        *ret_length = word;
        return scales[i].power;
    }
    return 0;
}

// "K", "M" and "B" close behind the digits; in small letters, which are units too, only of money.
static int take_letter_scale(struct cursor *cursor, bool is_money) {
    if (left(cursor) == 0 || (left(cursor) > 1 && is_letter(cursor->at[1])))
        return 0;
    int power = 0;
    switch (*cursor->at) {
    case 'K':
    case 'k': power = 3; break;
    case 'M': power = 6; break;
    case 'B': power = 9; break;
    case 'm': power = is_money ? 6 : 0; break;
    case 'b': power = is_money ? 9 : 0; break;
    default: return 0;
    }
    cursor->at += power > 0;
    return power;
}

static bool take_ordinal(struct cursor *cursor) {
    static const char *const ends[] = {"st", "nd", "rd", "th", "."};
    for (size_t i = 0; i < ARRAY_LENGTH(ends); i++)
        if (left(cursor) == strlen(ends[i]) &&
            strncasecmp(cursor->at, ends[i], left(cursor)) == 0) {
            cursor->at = cursor->end;
            return true;
        }
    return false;
}

// Whether a word of a name starts at TEXT: a capital and small letters behind it.
static bool is_name(const char *text, size_t length) {
    return length > 3 && *text >= 'A' && *text <= 'Z' && text[1] >= 'a' && text[1] <= 'z';
}

// Whether TEXT can be a unit: at most three words of letters and a unit's signs, none of them a
// name, a digit only as an exponent behind a letter ("km2").
static bool is_unit(const char *text, size_t length) {
    size_t spaces = 0;
    if (length == 0 || length >= NUMBER_UNIT)
        return false;
    for (size_t i = 0; i < length; i++) {
        bool is_high = (unsigned char)text[i] >= 0x80;
        bool is_exponent = (text[i] == '2' || text[i] == '3') && i && is_letter(text[i - 1]) &&
                           (i + 1 == length || text[i + 1] == ' ' || text[i + 1] == '/');
        bool is_sign = text[i] && strchr("%'\"/^.", text[i]) &&
                       (i == 0 || text[i] != '.' || is_letter(text[i - 1]));
        spaces += text[i] == ' ';
        if ((i == 0 || text[i - 1] == ' ') && is_name(text + i, length - i))
            return false;
        if (!is_letter(text[i]) && !is_high && !is_exponent && !is_sign && text[i] != ' ')
            return false;
    }
    // A dash parts two things, whatever stands behind it.
    return spaces <= 2 && *text != '/' && *text != '.' && memcmp(text, "\xE2\x80", 2) != 0 &&
           memcmp(text, "\xE2\x88", 2) != 0;
}

// Whether TEXT goes on as the "th" of "12th Street" does: then the digits are part of a name.
static bool is_ordinal_end(const char *text) {
    static const char *const ends[] = {"st", "nd", "rd", "th"};
    for (size_t i = 0; i < ARRAY_LENGTH(ends); i++)
        if (strncasecmp(text, ends[i], 2) == 0 && !is_letter(text[2]))
            return true;
    return false;
}

// Whether the "s" behind these digits makes a decade of them: "1980s".
static bool is_decade(const char *unit, const struct spelling *spelling) {
    return strcmp(unit, "s") == 0 && spelling->length == 4 && spelling->text[3] == '0' &&
           !spelling->has_point;
}

// The rest of the cell as the unit; -1 where it can be none.
static int take_unit(struct cursor *cursor, const char *currency, bool is_close,
                     const struct spelling *spelling, struct number *number) {
    const char *unit = currency ? currency : "";
    if (left(cursor)) {
        char text[NUMBER_UNIT] = "";
        if (!is_unit(cursor->at, left(cursor)))
            return -1;
        memcpy(text, cursor->at, left(cursor));
        const char *behind = number_currency(text);
        if (is_close && (is_decade(text, spelling) || is_ordinal_end(text)))
            return -1;
        if (currency && (!behind || strcmp(behind, currency) != 0))
            return -1;
        strcpy(number->unit, behind ? behind : text);
    } else {
        strcpy(number->unit, unit);
    }
    number->says_more = number->says_more || *number->unit;
    return 0;
}

static int take_tail(struct cursor *cursor, const char *currency, struct spelling *spelling,
                     struct number *number) {
    if (!currency && take_ordinal(cursor)) {
        number->says_more = true;
        return number->is_integer && *spelling->text != '-' ? 0 : -1;
    }
    const char *digits_end = cursor->at;
    int power = take_letter_scale(cursor, currency != NULL);
    if (!power) {
        size_t word = 0;
        skip_spaces(cursor);
        power = number_scale(cursor->at, left(cursor), &word);
        cursor->at += word;
    }
    if (power)
        set_scaled(spelling, power, number);
    skip_spaces(cursor);
    return take_unit(cursor, currency, cursor->at == digits_end, spelling, number);
}

// Whether TEXT has a digit near its start, which a number has whatever stands before it.
static bool has_digit(const char *text, size_t length) {
    for (size_t i = 0; i < length && i < PREFIX_MAX; i++)
        if (is_digit(text[i]))
            return true;
    return false;
}

int number_read(const char *text, size_t length, enum number_style style,
                struct number *ret_number) {
    if (!has_digit(text, length))
        return -1;
    struct cursor cursor = {text, text + length};
    struct spelling spelling = {.length = 0};
    struct number number = {.is_integer = false};
    // "-$5" and "$-5", but not both.
    int sign = take_sign(&cursor);
    const char *currency = take_currency(&cursor);
    if (currency && sign < 0)
        sign = take_sign(&cursor);
    if (sign == 1)
        spell(&spelling, '-');
    if (left(&cursor) == 0 || take_number(&cursor, style, &spelling))
        return -1;
    const char *digits = spelling.text + (*spelling.text == '-');
    set_value(spelling.text, spelling.has_point, &number);
    number.keeps_text = number.keeps_text || (digits[0] == '0' && is_digit(digits[1]));
    number.says_more = spelling.has_plain_space;
    if ((left(&cursor) || currency) && take_tail(&cursor, currency, &spelling, &number))
        return -1;
    if (!isfinite(number.real))
        return -1;
    *ret_number = number;
    return 0;
}
