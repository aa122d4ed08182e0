// SPDX-License-Identifier: Apache-2.0
//
// See numbers.h. Theory of operation: every number of the sentence is read with how exactly it is
// written (decimals, "million"), and compared with
//
//   - the numbers of the question, and those in cells, also inside texts and dates;
//   - the number of rows of a result that is whole, and for "3rd" any place up to it;
//   - the sum and the average of a column, and a cell's share of its column;
//   - the sum, the difference and the ratio of two cells, and the change from one to the other:
//     two of a column, two of a row, or two of the small results, which are often made to be
//     compared. Not any two: among the differences of many cells almost every number can be found.
//
// Signs are not looked at ("fell by 5"). Numbers that are written as words are not looked for.
#include "agent/numbers.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

#include "base/str.h"

#define NUMBERS_MOST 64 // of one sentence that are looked at; those behind them are not proven
#define ROWS_PAIRED 50  // of a column of which two are compared
#define COLUMNS_PAIRED 20
#define POOLED_ROWS 3 // rows of a result that is small
#define POOL_MOST 64

struct number {
    size_t start, end;    // bytes
    double values[2];     // as it may be read: "1,234" is 1234, and 1.234 for some
    double tolerances[2]; // how far what it says may be from it
    size_t reading_count;
    bool is_percent, is_ordinal;
};

// ---- Reading ------------------------------------------------------------------------------------

static size_t separator_at(const char *text) {
    static const char *const separators[] = {",", ".", "'", "\u00a0", "\u202f", "\u2009", "’"};
    for (size_t i = 0; i < ARRAY_LENGTH(separators); i++)
        if (str_has_prefix(text, separators[i]))
            return strlen(separators[i]);
    return 0;
}

// The end of digits with separators between them.
static size_t digits_end(const char *text, size_t at) {
    for (;;) {
        while (isdigit((unsigned char)text[at]))
            at++;
        size_t separator = separator_at(text + at);
        if (!separator || !isdigit((unsigned char)text[at + separator]))
            return at;
        at += separator;
    }
}

// Reads TEXT with POINT as the decimal point and all else as what groups digits by three. -1 where
// that does not fit.
static int read_as(const char *text, size_t length, char point, double *ret_value,
                   int *ret_decimals) {
    char plain[64];
    size_t count = 0, run = 0;
    bool has_groups = false, has_point = false;
    for (size_t i = 0; i < length;) {
        size_t separator = separator_at(text + i);
        if (!separator && count + 2 < sizeof plain) {
            plain[count++] = text[i++];
            run++;
            continue;
        }
        bool is_point = separator == 1 && text[i] == point;
        if (!separator || has_point || (has_groups ? run != 3 : !is_point && run > 3))
            return -1;
        has_groups = has_groups || !is_point;
        has_point = is_point;
        if (is_point)
            plain[count++] = '.';
        i += separator;
        run = 0;
    }
    if (has_groups && !has_point && run != 3)
        return -1;
    plain[count] = '\0';
    *ret_decimals = has_point ? (int)run : 0;
    return str_to_real(plain, ret_value);
}

static double scale_behind(const char *text, size_t *ret_length) {
    static const struct {
        const char *word;
        double scale;
    } words[] = {{" thousand", 1e3},  {" million", 1e6}, {" billion", 1e9},
                 {" trillion", 1e12}, {"k", 1e3},        {"K", 1e3},
                 {"M", 1e6},          {"bn", 1e9},       {"B", 1e9}};
    for (size_t i = 0; i < ARRAY_LENGTH(words); i++) {
        size_t length = strlen(words[i].word);
        if (str_has_prefix(text, words[i].word) && !isalnum((unsigned char)text[length])) {
            *ret_length = length;
            return words[i].scale;
        }
    }
    *ret_length = 0;
    return 1;
}

static size_t percent_behind(const char *text) {
    static const char *const words[] = {"%", " %", "\u00a0%", "\u202f%", " percent", " per cent"};
    for (size_t i = 0; i < ARRAY_LENGTH(words); i++)
        if (str_has_prefix(text, words[i]))
            return strlen(words[i]);
    return 0;
}

static bool is_ordinal(const char *text) {
    static const char *const ends[] = {"st", "nd", "rd", "th"};
    for (size_t i = 0; i < ARRAY_LENGTH(ends); i++)
        if (str_has_prefix(text, ends[i]) && !isalnum((unsigned char)text[2]))
            return true;
    return false;
}

static void add_reading(struct number *number, double value, int decimals, double scale) {
    number->values[number->reading_count] = value * scale;
    number->tolerances[number->reading_count++] =
        0.5 * pow(10, -decimals) * scale * (1 + 1e-9) + 1e-9 * fabs(value * scale);
}

// The number that starts at AT.
static struct number number_at(const char *text, size_t at) {
    struct number number = {.start = at, .end = digits_end(text, at)};
    double values[2], scale;
    int decimals[2];
    bool fits[2] = {
        read_as(text + at, number.end - at, '.', &values[0], &decimals[0]) == 0,
        read_as(text + at, number.end - at, ',', &values[1], &decimals[1]) == 0,
    };
    if (!fits[0] && !fits[1]) { // "1.5.2": its first part alone
        number.end = at + strspn(text + at, "0123456789");
        fits[0] = read_as(text + at, number.end - at, '.', &values[0], &decimals[0]) == 0;
    }
    size_t length;
    scale = scale_behind(text + number.end, &length);
    for (int i = 0; i < 2; i++)
        if (fits[i] && (i == 0 || !fits[0] || values[1] != values[0]))
            add_reading(&number, values[i], decimals[i], scale);
    number.is_ordinal = is_ordinal(text + number.end);
    number.end += length;
    number.is_percent = percent_behind(text + number.end) > 0;
    return number;
}

// Calls FOUND for every number of TEXT until it gives true; whether it did. Digits that belong to a
// word ("A320") are no number.
static bool each_number(const char *text, bool (*found)(const struct number *, void *),
                        void *context) {
    bool is_in_word = false;
    for (size_t at = 0; text[at];) {
        unsigned char byte = (unsigned char)text[at];
        if (!isdigit(byte) || is_in_word) {
            is_in_word = isalpha(byte) || byte == '_' || (is_in_word && isdigit(byte)) ||
                         (byte >= 0xC3 && byte <= 0xDF) ||
                         (is_in_word && byte >= 0x80 && byte < 0xC0);
            at++;
            continue;
        }
        struct number number = number_at(text, at);
        if (found(&number, context))
            return true;
        at = number.end;
    }
    return false;
}

// ---- Comparing ----------------------------------------------------------------------------------

static bool is_said(const struct number *number, double value) {
    for (size_t i = 0; i < number->reading_count; i++)
        if (isfinite(value) && fabs(fabs(value) - number->values[i]) <= number->tolerances[i])
            return true;
    return false;
}

// Of a ratio, which a percentage says a hundredfold.
static bool is_ratio_said(const struct number *number, double ratio) {
    return is_said(number, number->is_percent ? 100 * ratio : ratio);
}

static bool follows_from_pair(const struct number *number, double left, double right) {
    return is_said(number, left - right) || is_said(number, left + right) ||
           (right != 0 && (is_ratio_said(number, left / right) ||
                           is_ratio_said(number, (left - right) / right))) ||
           (left != 0 &&
            (is_ratio_said(number, right / left) || is_ratio_said(number, (right - left) / left)));
}

static bool is_in_text(const struct number *other, void *context) {
    const struct number *number = context;
    for (size_t i = 0; i < other->reading_count; i++)
        if (is_said(number, other->values[i]))
            return true;
    return false;
}

static bool is_in_cell(const struct number *number, const json *cell) {
    if (cJSON_IsNumber(cell))
        return is_said(number, cell->valuedouble) ||
               (number->is_percent && is_said(number, 100 * cell->valuedouble));
    return cJSON_IsString(cell) && each_number(cell->valuestring, is_in_text, (void *)number);
}

// ---- Results ------------------------------------------------------------------------------------

static const json *rows_of(const json *result) {
    return cJSON_GetObjectItemCaseSensitive(result, "rows");
}

static bool is_in_rows(const struct number *number, const json *result) {
    const json *row, *cell;
    cJSON_ArrayForEach (row, rows_of(result))
        cJSON_ArrayForEach (cell, row)
            if (is_in_cell(number, cell))
                return true;
    const json *column;
    cJSON_ArrayForEach (column, cJSON_GetObjectItemCaseSensitive(result, "columns"))
        if (each_number(json_text(column, "name"), is_in_text, (void *)number))
            return true;
    return false;
}

static bool is_row_count(const struct number *number, const json *result) {
    double count = (double)json_integer(result, "row_count", 0);
    if (json_bool(result, "truncated", false))
        return false;
    return is_said(number, count) ||
           (number->is_ordinal && number->reading_count && number->values[0] <= count);
}

static bool follows_in_row(const struct number *number, const json *row) {
    double cells[COLUMNS_PAIRED];
    size_t count = 0;
    const json *cell;
    cJSON_ArrayForEach (cell, row) {
        if (!cJSON_IsNumber(cell) || count == COLUMNS_PAIRED)
            continue;
        for (size_t i = 0; i < count; i++)
            if (follows_from_pair(number, cells[i], cell->valuedouble))
                return true;
        cells[count++] = cell->valuedouble;
    }
    return false;
}

static bool follows_in_column(const struct number *number, const json *result, int column) {
    double cells[ROWS_PAIRED], sum = 0;
    size_t kept = 0, count = 0;
    const json *row;
    cJSON_ArrayForEach (row, rows_of(result)) {
        const json *cell = cJSON_GetArrayItem(row, column);
        if (!cJSON_IsNumber(cell))
            continue;
        for (size_t i = 0; i < kept && kept < ROWS_PAIRED; i++)
            if (follows_from_pair(number, cells[i], cell->valuedouble))
                return true;
        if (kept < ROWS_PAIRED)
            cells[kept++] = cell->valuedouble;
        sum += cell->valuedouble;
        count++;
    }
    if (count == 0 || json_bool(result, "truncated", false))
        return false;
    for (size_t i = 0; i < kept; i++)
        if (sum != 0 && is_ratio_said(number, cells[i] / sum))
            return true;
    return is_said(number, sum) || is_said(number, sum / (double)count);
}

static bool follows_from_result(const struct number *number, const json *result) {
    if (is_in_rows(number, result) || is_row_count(number, result))
        return true;
    const json *first = cJSON_GetArrayItem(rows_of(result), 0), *row;
    int width = cJSON_GetArraySize(first), seen = 0;
    for (int i = 0; i < width && i < COLUMNS_PAIRED; i++)
        if (follows_in_column(number, result, i))
            return true;
    cJSON_ArrayForEach (row, rows_of(result))
        if (seen++ < ROWS_PAIRED && follows_in_row(number, row))
            return true;
    return false;
}

static bool follows_from_small(const struct number *number, const struct numbers_source *source) {
    double pool[POOL_MOST];
    size_t count = 0;
    const json *row, *cell;
    for (size_t i = 0; i < source->result_count; i++) {
        if (cJSON_GetArraySize(rows_of(source->results[i])) > POOLED_ROWS)
            continue;
        cJSON_ArrayForEach (row, rows_of(source->results[i]))
            cJSON_ArrayForEach (cell, row)
                if (cJSON_IsNumber(cell) && count < POOL_MOST)
                    pool[count++] = cell->valuedouble;
    }
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < i; j++)
            if (follows_from_pair(number, pool[i], pool[j]))
                return true;
    return false;
}

static bool is_proven(const struct number *number, const struct numbers_source *source) {
    if (each_number(source->question, is_in_text, (void *)number))
        return true;
    for (size_t i = 0; i < source->result_count; i++)
        if (follows_from_result(number, source->results[i]))
            return true;
    return follows_from_small(number, source);
}

// ---- The sentence -------------------------------------------------------------------------------

struct check {
    const char *sentence;
    const struct numbers_source *source;
    json *unproven;
    size_t count;
};

static int64_t characters_before(const char *text, size_t bytes) {
    int64_t count = 0;
    for (size_t i = 0; i < bytes; i++)
        count += ((unsigned char)text[i] & 0xC0) != 0x80;
    return count;
}

static bool check_number(const struct number *number, void *context) {
    struct check *check = context;
    if (check->count++ < NUMBERS_MOST && is_proven(number, check->source))
        return false;
    size_t end = number->end + percent_behind(check->sentence + number->end);
    cleanup_free char *text = mem_text_n(check->sentence + number->start, end - number->start);
    json *place = cJSON_CreateObject();
    json_add_integer(place, "start", characters_before(check->sentence, number->start));
    json_add_integer(place, "end", characters_before(check->sentence, end));
    json_add_text(place, "text", text);
    if (!check->unproven)
        check->unproven = cJSON_CreateArray();
    cJSON_AddItemToArray(check->unproven, place);
    return false;
}

json *numbers_unproven(const char *sentence, const struct numbers_source *source) {
    struct check check = {.sentence = sentence, .source = source};
    each_number(sentence, check_number, &check);
    return check.unproven;
}
