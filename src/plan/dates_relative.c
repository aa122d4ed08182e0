// SPDX-License-Identifier: Apache-2.0
//
// Dates relative to the newest one of the data: "this year", "last month", "the last 30 days",
// "the last month of the data". The planner has no clock: what "now" is, the data tells. Which
// column that is turns out when the question is shaped; until then only the distance is kept.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plan/question.h"

#define BACK_MAX 10000 // units that a question may go back

// ---- Reading ------------------------------------------------------------------------------------

static enum plan_bucket unit_at(const struct question *question, size_t at) {
    static const struct {
        const char *word;
        enum plan_bucket unit;
    } units[] = {{"day", PLAN_DAY},
                 {"week", PLAN_WEEK},
                 {"month", PLAN_MONTH},
                 {"quarter", PLAN_QUARTER},
                 {"year", PLAN_YEAR}};
    for (size_t i = 0; i < ARRAY_LENGTH(units); i++)
        if (question_is(question, at, units[i].word) && !question->tokens[at].word.is_quoted)
            return units[i].unit;
    return PLAN_AS_IS;
}

static bool is_one_of(const struct question *question, size_t at, const char *words) {
    return at < question->token_count && !question->tokens[at].word.is_quoted &&
           lexicon_is_listed(words, question->tokens[at].word.text);
}

// "of the data", "on record", which says that the data's end is meant.
static size_t data_length(const struct question *question, size_t at) {
    size_t next = at + is_one_of(question, at, "of in on");
    if (next == at)
        return 0;
    next += question_is(question, next, "the");
    return is_one_of(question, next, "data dataset record") ? next + 1 - at : 0;
}

static void add(struct question *question, size_t at, size_t count, enum plan_bucket unit,
                int oldest, int newest) {
    struct item *item = question_add(question, ITEM_DATE, at, count, 1);
    if (!item)
        return;
    item->date.relative_unit = unit;
    item->date.oldest_back = oldest;
    item->date.newest_back = newest;
    item->date.is_whole_years = unit == PLAN_YEAR;
}

// "This year", "last month", "previous quarter", "the latest week".
static void add_one(struct question *question, size_t at) {
    enum plan_bucket unit = unit_at(question, at + 1);
    if (unit == PLAN_AS_IS)
        return;
    size_t tail = data_length(question, at + 2);
    if (is_one_of(question, at, "this current latest newest"))
        add(question, at, 2 + tail, unit, 0, 0);
    else if (is_one_of(question, at, "last final") && tail)
        add(question, at, 2 + tail, unit, 0, 0);
    else if (is_one_of(question, at, "last previous past"))
        add(question, at, 2, unit, 1, 1);
}

// "The last 30 days": a number and then the unit.
static void add_several(struct question *question, size_t at) {
    if (!is_one_of(question, at, "last past previous latest"))
        return;
    for (int i = question->first_item[at + 1]; i >= 0; i = question->items[i].next) {
        const struct item *number = &question->items[i];
        // With its unit the number is one item, of which the unit is the last word.
        bool has_unit = number->kind == ITEM_NUMBER && number->count > 1 && *number->unit;
        size_t end = number->first + number->count - has_unit;
        enum plan_bucket unit = unit_at(question, end);
        if (number->kind != ITEM_NUMBER || !number->is_integer || number->number < 1 ||
            number->number > BACK_MAX || unit == PLAN_AS_IS)
            continue;
        add(question, at, end + 1 - at + data_length(question, end + 1), unit,
            (int)number->number - 1, 0);
        return;
    }
}

void question_add_relative_dates(struct question *question) {
    for (size_t at = 0; at + 1 < question->token_count; at++) {
        add_one(question, at);
        add_several(question, at);
    }
}

// ---- Resolving ----------------------------------------------------------------------------------

// Days since 1 March of the year 0, and back; months count from March, so that leap days come last.
static long days_of(int year, int month, int day) {
    long y = month < 3 ? year - 1 : year, m = (month + 9) % 12;
    return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1;
}

static void write_days(long days, char out[11]) {
    long year = days / 365;
    while (days_of((int)year, 3, 1) > days)
        year--;
    long rest = days - days_of((int)year, 3, 1), m = (5 * rest + 2) / 153;
    long day = rest - (153 * m + 2) / 5 + 1, month = (m + 2) % 12 + 1;
    year += month < 3;
    snprintf(out, 11, "%04u-%02u-%02u", (unsigned)year % 10000, (unsigned)month % 100,
             (unsigned)day % 100);
}

// The first day of the month that is BACK months before the first of YEAR.
static long month_start(int year, int months) {
    long total = (long)year * 12 + months;
    return total < 12 ? 0 : days_of((int)(total / 12), (int)(total % 12) + 1, 1);
}

bool question_resolve_date(struct date_span *span, const char *newest) {
    int year, month, day, width;
    if (span->relative_unit == PLAN_AS_IS || !newest ||
        sscanf(newest, "%4d-%2d-%2d", &year, &month, &day) != 3 || month < 1 || month > 12)
        return false;
    long today = days_of(year, month, day), from, to;
    switch (span->relative_unit) {
    case PLAN_DAY:
    case PLAN_WEEK: // of ISO 8601: from Monday on; day 0, 1 March of the year 0, was a Wednesday
        width = span->relative_unit == PLAN_WEEK ? 7 : 1;
        to = width == 7 ? today - (today + 2) % 7 + 6 : today;
        from = to - (long)width * (span->oldest_back + 1) + 1;
        to -= (long)width * span->newest_back;
        break;
    default:
        width = span->relative_unit == PLAN_YEAR ? 12 : span->relative_unit == PLAN_QUARTER ? 3 : 1;
        month = (month - 1) / width * width;
        from = month_start(year, month - width * span->oldest_back);
        to = month_start(year, month - width * (span->newest_back - 1)) - 1;
        break;
    }
    if (from <= 0)
        return false;
    write_days(from, span->from);
    write_days(to, span->to);
    return true;
}
