// SPDX-License-Identifier: Apache-2.0
//
// See date.h. A cursor walks over the text; each take_…() moves it behind what it recognises, or
// leaves it and says so.
#include "dataset/date.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

struct cursor {
    const char *at, *end;
};

static bool is_digit(char at) { return at >= '0' && at <= '9'; }
static bool is_letter(char at) { return (at >= 'a' && at <= 'z') || (at >= 'A' && at <= 'Z'); }

static char peek(const struct cursor *cursor) {
    return cursor->at < cursor->end ? *cursor->at : '\0';
}

static bool take(struct cursor *cursor, char what) {
    bool is_there = peek(cursor) == what;
    cursor->at += is_there;
    return is_there;
}

static void skip_spaces(struct cursor *cursor) {
    while (take(cursor, ' '))
        continue;
}

// A number of at most four digits; how many it has, 0 where there is none or more.
static int take_number(struct cursor *cursor, int *ret_number) {
    int digits = 0, number = 0;
    const char *at = cursor->at;
    for (; at < cursor->end && is_digit(*at); at++, digits++)
        if (digits < 4)
            number = 10 * number + (*at - '0');
    if (digits == 0 || digits > 4)
        return 0;
    cursor->at = at;
    *ret_number = number;
    return digits;
}

// "Jan", "Sept.", "january": 1 to 12, or 0.
static int take_month(struct cursor *cursor) {
    static const char *const months[] = {"january",   "february", "march",    "april",
                                         "may",       "june",     "july",     "august",
                                         "september", "october",  "november", "december"};
    size_t length = 0;
    while (cursor->at + length < cursor->end && is_letter(cursor->at[length]))
        length++;
    if (length < 3 || length > strlen("september"))
        return 0;
    bool is_sept = length == 4 && strncasecmp(cursor->at, "sept", 4) == 0;
    for (int i = 0; i < 12; i++) {
        if ((cursor->at[0] | 0x20) != months[i][0] || (cursor->at[1] | 0x20) != months[i][1])
            continue;
        bool is_whole = length == strlen(months[i]);
        if ((length > 3 && !is_whole && !is_sept) ||
            strncasecmp(cursor->at, months[i], length) != 0)
            continue;
        cursor->at += length;
        take(cursor, '.');
        return i + 1;
    }
    return 0;
}

// The "st" of "1st".
static void skip_ordinal(struct cursor *cursor) {
    static const char *const ordinals[] = {"st", "nd", "rd", "th"};
    for (size_t i = 0; i < 4; i++)
        if (cursor->end - cursor->at >= 2 && strncasecmp(cursor->at, ordinals[i], 2) == 0) {
            cursor->at += 2;
            return;
        }
}

// Two digits are 1930 to 2029, as spreadsheets have it: that is where they come from.
static bool take_year(struct cursor *cursor, bool may_be_short, int *ret_year) {
    int digits = take_number(cursor, ret_year);
    if (digits == 2 && may_be_short)
        *ret_year += *ret_year < 30 ? 2000 : 1900;
    return digits == 4 || (digits == 2 && may_be_short);
}

static bool is_real_day(const struct date *date) {
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (date->year < 1 || date->month < 1 || date->month > 12 || date->day < 1)
        return false;
    bool is_leap = (date->year % 4 == 0 && date->year % 100 != 0) || date->year % 400 == 0;
    return date->day <= days[date->month - 1] + (is_leap && date->month == 2);
}

// Behind the first number, which has DIGITS digits: "-12-31" of "2025-12-31", "/31/2025" of
// "12/31/2025".
static bool take_numbers(struct cursor *cursor, int first, int digits, bool day_first,
                         struct date *date) {
    char separator = peek(cursor);
    int second, third, second_digits;
    if ((separator != '-' && separator != '/' && separator != '.') || !take(cursor, separator))
        return false;
    second_digits = take_number(cursor, &second);
    if (second_digits < 1 || second_digits > 2 || !take(cursor, separator))
        return false;
    if (digits == 4) {
        int third_digits = take_number(cursor, &third);
        *date = (struct date){.year = first, .month = second, .day = third};
        return third_digits == 1 || third_digits == 2;
    }
    if (digits > 2 || !take_year(cursor, true, &third))
        return false;
    // With dots the day is first everywhere.
    bool is_day_first = day_first || separator == '.';
    struct date other = {.year = third,
                         .month = is_day_first ? first : second,
                         .day = is_day_first ? second : first};
    *date = (struct date){.year = third, .month = other.day, .day = other.month};
    date->depends_on_order = separator != '.' && first != second && is_real_day(&other);
    return true;
}

// "31 Dec 2025" and "31-Dec-25", behind the day.
static bool take_day_month(struct cursor *cursor, int day, struct date *date) {
    skip_ordinal(cursor);
    bool has_dash = take(cursor, '-');
    skip_spaces(cursor);
    int month = take_month(cursor);
    *date = (struct date){.month = month, .day = day};
    if (!month)
        return false;
    if (has_dash)
        return take(cursor, '-') && take_year(cursor, true, &date->year);
    take(cursor, ',');
    skip_spaces(cursor);
    return take_year(cursor, false, &date->year);
}

// "Dec 31, 2025"
static bool take_month_day(struct cursor *cursor, struct date *date) {
    *date = (struct date){.month = take_month(cursor)};
    if (!date->month)
        return false;
    skip_spaces(cursor);
    int digits = take_number(cursor, &date->day);
    if (digits < 1 || digits > 2)
        return false;
    skip_ordinal(cursor);
    if (!take(cursor, ',') && peek(cursor) != ' ')
        return false;
    skip_spaces(cursor);
    return take_year(cursor, false, &date->year);
}

static bool take_day(struct cursor *cursor, bool day_first, struct date *date) {
    if (!is_digit(peek(cursor)))
        return take_month_day(cursor, date);
    int first, digits = take_number(cursor, &first);
    if (digits == 0)
        return false;
    if (digits <= 2 &&
        (is_letter(peek(cursor)) || peek(cursor) == ' ' ||
         (peek(cursor) == '-' && cursor->end - cursor->at > 1 && is_letter(cursor->at[1]))))
        return take_day_month(cursor, first, date);
    return take_numbers(cursor, first, digits, day_first, date);
}

// "AM" or "pm" behind an hour of 1 to 12.
static bool take_half(struct cursor *cursor, struct date *date) {
    skip_spaces(cursor);
    char half = (char)(peek(cursor) | 0x20);
    if (half != 'a' && half != 'p')
        return true;
    cursor->at++;
    bool has_points = take(cursor, '.');
    if ((peek(cursor) | 0x20) != 'm' || date->hour < 1 || date->hour > 12)
        return false;
    cursor->at++;
    if (has_points)
        take(cursor, '.');
    date->hour = date->hour % 12 + (half == 'p' ? 12 : 0);
    return true;
}

// Only UTC is taken: another zone would need its rules, or change the day.
static bool take_zone(struct cursor *cursor) {
    static const char *const zones[] = {"",       "Z",     "z",   "UTC",   "GMT",
                                        "+00:00", "+0000", "+00", "-00:00"};
    size_t length = (size_t)(cursor->end - cursor->at);
    for (size_t i = 0; i < sizeof zones / sizeof *zones; i++)
        if (strlen(zones[i]) == length && memcmp(cursor->at, zones[i], length) == 0)
            return true;
    return false;
}

static bool take_time(struct cursor *cursor, struct date *date) {
    int digits = take_number(cursor, &date->hour);
    if (digits < 1 || digits > 2 || !take(cursor, ':') || take_number(cursor, &date->minute) != 2)
        return false;
    if (take(cursor, ':')) {
        if (take_number(cursor, &date->second) != 2)
            return false;
        if (take(cursor, '.') || take(cursor, ','))
            while (is_digit(peek(cursor)))
                cursor->at++;
    }
    if (!take_half(cursor, date) || !take_zone(cursor))
        return false;
    date->has_time = date->hour || date->minute || date->second;
    return date->hour < 24 && date->minute < 60 && date->second < 60;
}

int date_parse(const char *text, size_t length, bool day_first, struct date *ret_date) {
    struct cursor cursor = {text, text + length};
    struct date date;
    if (length < 6 || length > 40 || !take_day(&cursor, day_first, &date) || !is_real_day(&date))
        return -1;
    if (cursor.at < cursor.end) {
        bool is_parted = take(&cursor, 'T') || (take(&cursor, ','), peek(&cursor) == ' ');
        skip_spaces(&cursor);
        if (!is_parted || !take_time(&cursor, &date))
            return -1;
    }
    *ret_date = date;
    return 0;
}

int date_parse_time(const char *text, size_t length, struct date *ret_date, bool *ret_has_half) {
    struct cursor cursor = {text, text + length};
    struct date date = {.has_time = true};
    if (length < 4 || length > 20 || !take_time(&cursor, &date))
        return -1;
    *ret_has_half = (text[length - 1] | 0x20) == 'm' || text[length - 1] == '.';
    *ret_date = date;
    return 0;
}

// NUMBER in DIGITS digits, and SEPARATOR behind it.
static char *put_number(char *out, int number, int digits, char separator) {
    for (int i = digits - 1; i >= 0; i--, number /= 10)
        out[i] = (char)('0' + number % 10);
    out[digits] = separator;
    return out + digits + 1;
}

const char *date_write(const struct date *date, bool with_time, char out[DATE_SIZE]) {
    char *at = put_number(out, date->year, 4, '-');
    at = put_number(at, date->month, 2, '-');
    at = put_number(at, date->day, 2, with_time ? ' ' : '\0');
    if (!with_time)
        return out;
    at = put_number(at, date->hour, 2, ':');
    at = put_number(at, date->minute, 2, ':');
    put_number(at, date->second, 2, '\0');
    return out;
}

// ---- Inside a text ------------------------------------------------------------------------------

static bool is_word(char at) { return is_digit(at) || is_letter(at); }

// Four digits that can be a year, at the cursor.
static bool take_long_year(struct cursor *cursor, int *ret_year) {
    const char *before = cursor->at;
    if (take_number(cursor, ret_year) == 4 && *ret_year >= 1000 && *ret_year < 3000 &&
        !is_word(peek(cursor)))
        return true;
    cursor->at = before;
    return false;
}

// The "–14" of "November 8–14", or nothing.
static void skip_range(struct cursor *cursor) {
    struct cursor ahead = *cursor;
    int last;
    if (cursor->end - cursor->at > 3 && memcmp(cursor->at, "\xE2\x80\x93", 3) == 0)
        ahead.at += 3;
    else if (!take(&ahead, '-'))
        return;
    int digits = take_number(&ahead, &last);
    if ((digits == 1 || digits == 2) && !is_word(peek(&ahead)))
        *cursor = ahead;
}

// "September 1998", "September, 1998", "September 4", "September 4–6, 1998"
static enum date_extent take_month_and(struct cursor *cursor, struct date *date) {
    *date = (struct date){.month = take_month(cursor)};
    if (!date->month)
        return DATE_NONE;
    take(cursor, ',');
    if (peek(cursor) != ' ')
        return DATE_NONE;
    skip_spaces(cursor);
    if (take_long_year(cursor, &date->year)) {
        date->day = 1;
        return DATE_MONTH;
    }
    int digits = take_number(cursor, &date->day);
    if (digits < 1 || digits > 2)
        return DATE_NONE;
    skip_ordinal(cursor);
    skip_range(cursor);
    struct cursor ahead = *cursor;
    take(&ahead, ',');
    skip_spaces(&ahead);
    if (ahead.at == cursor->at || !take_long_year(&ahead, &date->year))
        return DATE_DAY_OF_YEAR;
    *cursor = ahead;
    return DATE_WHOLE;
}

// "4 September", "4th of September"
static enum date_extent take_day_and_month(struct cursor *cursor, struct date *date) {
    *date = (struct date){.year = 0};
    int digits = take_number(cursor, &date->day);
    if (digits < 1 || digits > 2)
        return DATE_NONE;
    skip_ordinal(cursor);
    if (peek(cursor) != ' ' && peek(cursor) != '-')
        return DATE_NONE;
    cursor->at++;
    skip_spaces(cursor);
    if (cursor->end - cursor->at > 3 && strncasecmp(cursor->at, "of ", 3) == 0)
        cursor->at += 3;
    date->month = take_month(cursor);
    return date->month ? DATE_DAY_OF_YEAR : DATE_NONE;
}

static enum date_extent take_part(struct cursor *cursor, struct date *date) {
    enum date_extent extent =
        is_digit(peek(cursor)) ? take_day_and_month(cursor, date) : take_month_and(cursor, date);
    struct date leap = *date;
    if (extent == DATE_DAY_OF_YEAR)
        leap.year = 2000;
    return extent && is_real_day(&leap) && !is_word(peek(cursor)) ? extent : DATE_NONE;
}

// The date, or what is there of one, that starts at AT.
static struct date_found find_at(const char *text, size_t length, size_t at, bool day_first) {
    struct cursor cursor = {text + at, text + length};
    struct date_found found = {.extent = DATE_WHOLE, .start = at};
    if (!take_day(&cursor, day_first, &found.date) || !is_real_day(&found.date) ||
        is_word(peek(&cursor))) {
        cursor.at = text + at;
        found.extent = take_part(&cursor, &found.date);
    }
    found.length = (size_t)(cursor.at - text) - at;
    return found;
}

// "September 26 to November 11, 1918": both are of that year. False where the day is not in it.
static bool lend_year(const struct date_found *last, struct date_found *first) {
    struct date date = first->date;
    date.year = last->date.year;
    if (!is_real_day(&date))
        return false;
    *first = (struct date_found){DATE_WHOLE, date, first->start,
                                 last->start + last->length - first->start};
    return true;
}

enum date_extent date_find(const char *text, size_t length, bool day_first,
                           struct date_found *ret_found) {
    struct date_found found = {.extent = DATE_NONE};
    for (size_t at = 0; at < length && found.extent != DATE_WHOLE; at++) {
        bool is_start = is_word(text[at]) && (at == 0 || !is_word(text[at - 1]));
        if (!is_start || (is_letter(text[at]) && !strchr("jfmasondJFMASOND", text[at])))
            continue;
        struct date_found next = find_at(text, length, at, day_first);
        bool is_end = next.extent == DATE_WHOLE && found.extent == DATE_DAY_OF_YEAR;
        if (next.extent > found.extent && !(is_end && lend_year(&next, &found)))
            found = next;
    }
    *ret_found = found;
    return found.extent;
}

const char *date_write_found(const struct date_found *found, char out[DATE_SIZE]) {
    char whole[DATE_SIZE];
    date_write(&found->date, false, whole);
    if (found->extent == DATE_WHOLE)
        snprintf(out, DATE_SIZE, "%s", whole);
    else if (found->extent == DATE_MONTH)
        snprintf(out, DATE_SIZE, "%.7s", whole);
    else
        snprintf(out, DATE_SIZE, "-%s", whole + 4);
    return out;
}

const char *date_write_time(const struct date *date, char out[DATE_SIZE]) {
    char *at = put_number(out, date->hour, 2, ':');
    at = put_number(at, date->minute, 2, ':');
    put_number(at, date->second, 2, '\0');
    return out;
}
