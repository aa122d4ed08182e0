// SPDX-License-Identifier: Apache-2.0
//
// Dates in questions: "2013", "May 2013", "1 May 2013", "2014-05-01", "Q1 2014", "the 1990s",
// ranges of them ("between … and …", "since", "before"), and recurring parts ("in March", "on
// Sundays"). A span is kept as its first and last day.
#include <stdio.h>
#include <string.h>

#include "plan/question.h"

struct day {
    int year, month, day;
};

// A period as it was named: a year, a quarter, a month or a day of it.
struct period {
    struct day from, to;
    bool is_year;
    bool is_bare; // a bare four-digit number, which may as well be an amount
};

static const char *const months[] = {"january",   "february", "march",    "april",
                                     "may",       "june",     "july",     "august",
                                     "september", "october",  "november", "december"};
static const char *const weekdays[] = {"sunday",   "monday", "tuesday", "wednesday",
                                       "thursday", "friday", "saturday"};

static int days_in(int year, int month) {
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && is_leap ? 29 : days[month - 1];
}

static const char *text_at(const struct question *question, size_t at) {
    return at < question->token_count && !question->tokens[at].word.is_quoted
               ? question->tokens[at].word.text
               : "";
}

// Whether TEXT is NAME or an abbreviation of it that is in use: three letters, or "sept", "tues",
// "thur", "thurs".
static bool is_abbreviation(const char *text, const char *name) {
    size_t length = strlen(text);
    return strncmp(text, name, length) == 0 && (length == 3 || (length >= 4 && length <= 5));
}

// The month that the token names, 0 for none.
static int month_at(const struct question *question, size_t at, bool *ret_is_full) {
    const char *text = text_at(question, at);
    for (int i = 0; i < 12; i++) {
        *ret_is_full = strcmp(text, months[i]) == 0;
        if (*ret_is_full || is_abbreviation(text, months[i]))
            return i + 1;
    }
    return 0;
}

static int weekday_at(const struct question *question, size_t at, bool *ret_is_full) {
    const char *text = text_at(question, at);
    const char *stem = at < question->token_count ? question->tokens[at].word.stem : "";
    for (int i = 0; i < 7; i++) {
        *ret_is_full = strcmp(stem, weekdays[i]) == 0;
        if (*ret_is_full || is_abbreviation(text, weekdays[i]))
            return i;
    }
    return -1;
}

// A whole number of DIGITS digits at most, -1 for anything else. Ordinals ("1st") count.
static int integer_at(const struct question *question, size_t at, size_t min_digits,
                      size_t max_digits) {
    const char *text = text_at(question, at);
    size_t digits = strspn(text, "0123456789");
    bool is_ordinal = strcmp(text + digits, "st") == 0 || strcmp(text + digits, "nd") == 0 ||
                      strcmp(text + digits, "rd") == 0 || strcmp(text + digits, "th") == 0;
    if (digits < min_digits || digits > max_digits ||
        (text[digits] && !(is_ordinal && max_digits <= 2)))
        return -1;
    int value = 0;
    for (size_t i = 0; i < digits; i++)
        value = value * 10 + text[i] - '0';
    return value;
}

static int year_at(const struct question *question, size_t at) {
    int year = integer_at(question, at, 4, 4);
    return year >= 1000 && year <= 2999 && !question->tokens[at].currency ? year : -1;
}

static bool is_day(int year, int month, int day) {
    return year > 0 && month >= 1 && month <= 12 && day >= 1 && day <= days_in(year, month);
}

static void set_months(struct period *period, int year, int first, int last) {
    period->from = (struct day){year, first, 1};
    period->to = (struct day){year, last, days_in(year, last)};
}

// ---- Single periods -----------------------------------------------------------------------------

// "2014-05-01", "2014/5/1", "2014-05", "01.05.2014", "5/1/2014". Returns the tokens it takes, 0 for
// none.
static size_t read_numeric(const struct question *question, size_t at, bool day_first,
                           struct period *period) {
    char mark = at + 1 < question->token_count ? question->tokens[at + 1].joined_by : 0;
    if (!mark || !strchr("-/.", mark))
        return 0;
    bool has_third = at + 2 < question->token_count && question->tokens[at + 2].joined_by == mark;
    int year = year_at(question, at), second = integer_at(question, at + 1, 1, 2);
    if (year > 0 && second >= 1 && second <= 12) {
        int day = has_third ? integer_at(question, at + 2, 1, 2) : -1;
        set_months(period, year, second, second);
        if (is_day(year, second, day))
            period->from = period->to = (struct day){year, second, day};
        return is_day(year, second, day)                               ? 3
               : mark == '-' && strlen(text_at(question, at + 1)) == 2 ? 2
                                                                       : 0;
    }
    int first = integer_at(question, at, 1, 2);
    year = has_third ? year_at(question, at + 2) : -1;
    int month = day_first ? second : first, day = day_first ? first : second;
    if (!is_day(year, month, day))
        return 0;
    period->from = period->to = (struct day){year, month, day};
    return 3;
}

// "May 2013", "May 1, 2013", "1 May 2013", "1st of May 2013", "2013 May".
static size_t read_named(const struct question *question, size_t at, struct period *period) {
    bool is_full;
    int month = month_at(question, at, &is_full), year, day;
    if (month) {
        size_t next = at + 1 + question_is(question, at + 1, "of");
        day = integer_at(question, at + 1, 1, 2);
        year = year_at(question, day > 0 ? at + 2 : next);
        if (year < 0)
            return 0;
        set_months(period, year, month, month);
        if (day > 0 && !is_day(year, month, day))
            return 0;
        if (day > 0)
            period->from = period->to = (struct day){year, month, day};
        return day > 0 ? 3 : next + 1 - at;
    }
    day = integer_at(question, at, 1, 2);
    size_t name_at = at + 1 + question_is(question, at + 1, "of");
    month = month_at(question, name_at, &is_full);
    year = year_at(question, name_at + 1);
    if (month && is_day(year, month, day)) {
        period->from = period->to = (struct day){year, month, day};
        return name_at + 2 - at;
    }
    year = year_at(question, at);
    month = month_at(question, at + 1, &is_full);
    if (year < 0 || !month || year_at(question, at + 2) > 0)
        return 0;
    set_months(period, year, month, month);
    return 2;
}

static int quarter_at(const struct question *question, size_t at, size_t *ret_count) {
    static const char *const ordinals[][3] = {{"first", "1st", "q1"},
                                              {"second", "2nd", "q2"},
                                              {"third", "3rd", "q3"},
                                              {"fourth", "4th", "q4"}};
    const char *text = text_at(question, at);
    for (int i = 0; i < 4; i++) {
        *ret_count = strcmp(text, ordinals[i][2]) == 0 ? 1 : 2;
        if (*ret_count == 1 ||
            ((strcmp(text, ordinals[i][0]) == 0 || strcmp(text, ordinals[i][1]) == 0) &&
             question_is(question, at + 1, "quarter")))
            return i + 1;
    }
    return 0;
}

// "Q1 2014", "first quarter of 2014", "2014 Q1".
static size_t read_quarter(const struct question *question, size_t at, struct period *period) {
    size_t count;
    int year = year_at(question, at), quarter;
    if (year > 0) {
        quarter = quarter_at(question, at + 1, &count);
        count++;
    } else {
        quarter = quarter_at(question, at, &count);
        count += question_is(question, at + count, "of") || question_is(question, at + count, "in");
        year = quarter ? year_at(question, at + count) : -1;
        count++;
    }
    if (!quarter || year < 0)
        return 0;
    set_months(period, year, quarter * 3 - 2, quarter * 3);
    return count;
}

// "1990s", "the 90s".
static size_t read_decade(const struct question *question, size_t at, struct period *period) {
    const char *text = text_at(question, at);
    size_t digits = strspn(text, "0123456789");
    if (strcmp(text + digits, "s") != 0 || (digits != 4 && digits != 2) || text[digits - 1] != '0')
        return 0;
    int year = (text[0] - '0') * 10 + text[1] - '0';
    year = digits == 4 ? year * 100 + (text[2] - '0') * 10 : year + (year < 30 ? 2000 : 1900);
    if (year < 1000)
        return 0;
    period->from = (struct day){year, 1, 1};
    period->to = (struct day){year + 9, 12, 31};
    period->is_year = true;
    return 1;
}

static size_t read_year(const struct question *question, size_t at, struct period *period) {
    size_t skipped = question_is(question, at, "year") && !question_is(question, at, "years");
    int year = year_at(question, at + skipped);
    if (year < 0)
        return 0;
    set_months(period, year, 1, 12);
    period->is_year = true;
    period->is_bare = !skipped;
    return 1 + skipped;
}

static size_t read_period(const struct question *question, size_t at, struct period *period) {
    *period = (struct period){0};
    size_t count = read_numeric(question, at, false, period);
    count = count ? count : read_numeric(question, at, true, period);
    count = count ? count : read_named(question, at, period);
    count = count ? count : read_quarter(question, at, period);
    count = count ? count : read_decade(question, at, period);
    return count ? count : read_year(question, at, period);
}

// ---- Spans --------------------------------------------------------------------------------------

static void write_day(struct day day, char out[11]) {
    snprintf(out, 11, "%04u-%02u-%02u", (unsigned)day.year % 10000, (unsigned)day.month % 100,
             (unsigned)day.day % 100);
}

static struct day day_after(struct day day, int step) {
    day.day += step;
    if (day.day < 1) {
        day.month--;
        if (day.month < 1)
            day = (struct day){day.year - 1, 12, 31};
        else
            day.day = days_in(day.year, day.month);
    } else if (day.day > days_in(day.year, day.month)) {
        day = day.month == 12 ? (struct day){day.year + 1, 1, 1}
                              : (struct day){day.year, day.month + 1, 1};
    }
    return day;
}

static void add_span(struct question *question, size_t first, size_t count, const struct day *from,
                     const struct day *to, const struct period *named, double strength) {
    struct item *item = question_add(question, ITEM_DATE, first, count, strength);
    if (!item)
        return;
    item->date.is_whole_years = named->is_year;
    if (from)
        write_day(*from, item->date.from);
    if (to)
        write_day(*to, item->date.to);
}

// How a word before a period bounds it.
static const struct bound {
    const char *words;
    bool is_from,
        is_to; // which end the period gives; neither: the words lead a range of two periods
    int step;  // days between that end and the period
} bounds[] = {
    {"since", true, false, 0},         {"starting in", true, false, 0},
    {"starting", true, false, 0},      {"starting from", true, false, 0},
    {"beginning", true, false, 0},     {"beginning in", true, false, 0},
    {"after", true, false, 1},         {"later than", true, false, 1},
    {"newer than", true, false, 1},    {"before", false, true, -1},
    {"prior to", false, true, -1},     {"earlier than", false, true, -1},
    {"older than", false, true, -1},   {"until", false, true, 0},
    {"till", false, true, 0},          {"up to", false, true, 0},
    {"through", false, true, 0},       {"as of", true, false, 0},
    {"no later than", false, true, 0}, {"not before", true, false, 0},
    {"not after", false, true, 0},
};

static size_t words_length(const struct question *question, size_t at, const char *words) {
    size_t count = 0;
    while (*words) {
        size_t length = strcspn(words, " ");
        const char *text = text_at(question, at + count);
        if (strncmp(text, words, length) != 0 || text[length])
            return 0;
        count++;
        words += length + (words[length] == ' ');
    }
    return count;
}

static void add_bounded(struct question *question, size_t at) {
    for (size_t i = 0; i < ARRAY_LENGTH(bounds); i++) {
        const struct bound *bound = &bounds[i];
        struct period period;
        size_t lead = words_length(question, at, bound->words);
        lead += lead && question_is(question, at + lead, "the");
        size_t count = lead ? read_period(question, at + lead, &period) : 0;
        if (!count)
            continue;
        struct day end = bound->is_from ? (bound->step ? period.to : period.from)
                                        : (bound->step ? period.from : period.to);
        end = day_after(end, bound->step);
        add_span(question, at, lead + count, bound->is_from ? &end : NULL,
                 bound->is_to ? &end : NULL, &period, 1);
    }
}

// The words between the two ends of a range. Without a lead "2013 and 2014" is no range.
static size_t link_length(const struct question *question, size_t at, bool is_bare) {
    static const char *const links[] = {"and",   "and the", "to",    "till",
                                        "until", "through", "up to", "to the"};
    size_t length = 0;
    for (size_t i = is_bare ? 2 : 0; i < ARRAY_LENGTH(links); i++) {
        size_t count = words_length(question, at, links[i]);
        length = count > length ? count : length;
    }
    return length;
}

// "between A and B", "from A to B", "A to B", "A - B".
static void add_range(struct question *question, size_t at) {
    static const char *const leads[] = {"between", "from", ""};
    for (size_t i = 0; i < ARRAY_LENGTH(leads); i++) {
        struct period first, second;
        size_t lead = words_length(question, at, leads[i]);
        if (*leads[i] && !lead)
            continue;
        lead += lead && question_is(question, at + lead, "the");
        size_t count = read_period(question, at + lead, &first);
        if (!count)
            continue;
        size_t next = at + lead + count, link = link_length(question, next, !*leads[i]);
        bool is_dashed = next < question->token_count && question->tokens[next].joined_by == '-';
        size_t more = link || is_dashed ? read_period(question, next + link, &second) : 0;
        if (!more && i == 1) { // "from 2010 on", "from 2010"
            size_t on = question_is(question, next, "on") || question_is(question, next, "onward");
            if (on)
                add_span(question, at, lead + count + 1, &first.from, NULL, &first, 1);
        }
        if (!more)
            continue;
        first.is_year &= second.is_year;
        add_span(question, at, lead + count + link + more, &first.from, &second.to, &first, 1);
        return;
    }
}

// "2010 or later", "2010 and after".
static size_t tail_length(const struct question *question, size_t at, bool *ret_is_from) {
    static const struct {
        const char *words;
        bool is_from;
    } tails[] = {{"or later", true},    {"and later", true},    {"or after", true},
                 {"and after", true},   {"onward", true},       {"onwards", true},
                 {"or earlier", false}, {"and earlier", false}, {"or before", false},
                 {"and before", false}};
    for (size_t i = 0; i < ARRAY_LENGTH(tails); i++) {
        size_t count = words_length(question, at, tails[i].words);
        *ret_is_from = tails[i].is_from;
        if (count)
            return count;
    }
    return 0;
}

// Returns the tokens that it takes.
static size_t add_single(struct question *question, size_t at) {
    struct period period;
    size_t count = read_period(question, at, &period);
    if (!count)
        return 0;
    bool is_from;
    size_t tail = tail_length(question, at + count, &is_from);
    if (tail)
        add_span(question, at, count + tail, is_from ? &period.from : NULL,
                 is_from ? NULL : &period.to, &period, 1);
    // A bare number may be an amount; a preposition of time before it settles that.
    char lead = at > 0 ? question->tokens[at - 1].preposition : 0;
    bool is_led = lead && strchr("iordm", lead);
    // "In 2024 and 2025": the preposition leads both.
    if (at > 2 && (question_is(question, at - 1, "and") || question_is(question, at - 1, "or")) &&
        year_at(question, at - 2) > 0 && question->tokens[at - 3].preposition)
        is_led = true;
    add_span(question, at, count, &period.from, &period.to, &period,
             period.is_bare && !is_led ? 0.9 : 1);
    // 3/4/2014 is a day in March, or one in April: the user says which.
    struct period other = {0};
    if (read_numeric(question, at, false, &period) && read_numeric(question, at, true, &other) &&
        memcmp(&period, &other, sizeof period) != 0)
        add_span(question, at, count, &other.from, &other.to, &other, 1);
    return count;
}

// ---- Recurring parts ----------------------------------------------------------------------------

static void add_part(struct question *question, size_t at, size_t count, enum plan_bucket bucket,
                     int64_t value, double strength) {
    struct item *item = question_add(question, ITEM_DATE, at, count, strength);
    if (!item)
        return;
    item->date.bucket = bucket;
    item->date.values[item->date.value_count++] = value;
}

static void add_parts(struct question *question, size_t at) {
    bool is_full, is_led = at > 0 && question->tokens[at - 1].preposition;
    struct period period;
    int month = month_at(question, at, &is_full);
    // "may" and "march" are verbs, and short forms are many things, unless something leads them or
    // joins them to a month.
    bool is_joined =
        at > 1 && (question_is(question, at - 1, "and") || question_is(question, at - 1, "or")) &&
        month_at(question, at - 2, &is_full);
    month_at(question, at, &is_full);
    bool is_safe = is_full && month != 5 && month != 3;
    if (month && (is_led || is_joined || is_safe) && !read_named(question, at, &period))
        add_part(question, at, 1, PLAN_MONTH_OF_YEAR, month, is_full ? 1 : 0.8);
    int weekday = weekday_at(question, at, &is_full);
    if (weekday >= 0 && (is_full || is_led))
        add_part(question, at, 1, PLAN_WEEKDAY, weekday, is_full ? 1 : 0.8);
    if (question_is(question, at, "weekend")) {
        struct item *item = question_add(question, ITEM_DATE, at, 1, 1);
        if (item)
            item->date =
                (struct date_span){.bucket = PLAN_WEEKDAY, .values = {6, 0}, .value_count = 2};
    }
}

void question_add_dates(struct question *question) {
    size_t end = 0; // of the last date: the year of "May 2013" is not a date by itself
    for (size_t at = 0; at < question->token_count; at++) {
        if (question->tokens[at].word.is_quoted)
            continue;
        add_bounded(question, at);
        add_range(question, at);
        size_t count = at < end ? 0 : add_single(question, at);
        end = count ? at + count : end;
        add_parts(question, at);
    }
}
