// SPDX-License-Identifier: Apache-2.0
//
// See next.h. What was answered says which edits come to mind: a report is cut another way, a
// number is broken down, a superlative is turned round, rows are counted. Each is written in the
// words that people use for it, planned as an edit of the answer, and offered only where it is sure
// to mean what was thought, keeps what it does not speak of, and was not asked before.
#include "plan/next.h"

#include <stdio.h>
#include <string.h>

#include "plan/graph.h"
#include "plan/pick.h"
#include "plan/said.h"
#include "plan/wish.h"
#include "plan/wording.h"

#define TRIALS 12    // edits that are planned at most
#define TOP 5        // of a long report
#define TOP_FROM 9   // groups that are a long one
#define WORDS_MAX 40 // bytes of an edit; longer ones are no short words

enum kind { BY_TIME, BY_COLUMN, VALUE, OTHER_VALUE, YEAR, SHARE, AGGREGATE, RANKED, ROWS, KINDS };

struct next {
    struct plan_answer *answer;
    const struct plan_context *context;
    const struct said *last;
    const struct plan *plan; // of what was answered
    const struct dataset_schema *schema;
    struct arena *arena; // of the trials
    bool has[KINDS];
    struct plan_reading offered[PLAN_NEXT];
    const char **texts;
    size_t count, trials;
};

// ---- Whether an edit is one to offer ------------------------------------------------------------

static bool was_asked(const struct next *next, const struct plan_reading *reading) {
    for (size_t i = 0; i < next->context->count; i++) {
        const struct ranking *ranking = next->context->said[i].ranking;
        for (size_t j = 0; j < ranking->count; j++)
            if (ranking->drafts[j] == next->context->said[i].draft &&
                rank_is_same(&ranking->readings[j], reading))
                return true;
    }
    for (size_t i = 0; i < next->count; i++)
        if (rank_is_same(&next->offered[i], reading))
            return true;
    return false;
}

static bool is_same_measure(const struct plan_measure *left, const struct plan_measure *right) {
    return left->aggregate == right->aggregate && question_is_same(left->column, right->column);
}

// Whether NOW still has what the edit does not speak of.
static bool is_kept(enum kind kind, const struct plan *before, const struct plan *now) {
    bool keeps_measures = kind != AGGREGATE && kind != ROWS && kind != RANKED;
    bool keeps_groups = kind != BY_TIME && kind != BY_COLUMN && kind != SHARE && kind != ROWS;
    size_t filters = before->filter_count + (kind == VALUE || kind == YEAR);
    for (size_t i = 0; keeps_measures && i < before->measure_count; i++)
        if (!is_same_measure(&before->measures[i], &now->measures[i]))
            return false;
    for (size_t i = 0; keeps_groups && i < before->group_count; i++)
        if (!question_is_same(before->groups[i].column, now->groups[i].column) ||
            before->groups[i].bucket != now->groups[i].bucket)
            return false;
    return now->filter_count == filters &&
           (!keeps_measures || before->measure_count == now->measure_count) &&
           (!keeps_groups || before->group_count == now->group_count) &&
           (kind == SHARE || now->derivation == before->derivation);
}

static bool is_full(const struct next *next) {
    return next->count == PLAN_NEXT || next->trials == TRIALS;
}

static void offer(struct next *next, enum kind kind, const struct wish *wish, const char *text) {
    size_t sure;
    if (is_full(next) || next->has[kind] || !*text || strlen(text) > WORDS_MAX)
        return;
    struct said said = {.dataset = next->last->dataset, .arena = next->arena};
    next->trials++;
    if (!said_read(next->last, text, &said) || !said.is_edit || *said.note ||
        rank_verdict(said.question, said.ranking, &sure) != PLAN_SURE)
        return;
    const struct plan_reading *reading = &said.ranking->readings[0];
    if (!wish_is_granted(wish, &reading->plan) || !is_kept(kind, next->plan, &reading->plan) ||
        was_asked(next, reading))
        return;
    next->has[kind] = true;
    next->offered[next->count] = *reading;
    next->texts[next->count++] = arena_text(&next->answer->arena, text);
}

// ---- Edits --------------------------------------------------------------------------------------

static const char *instead(const struct next *next) {
    return next->plan->group_count && !next->plan->is_superlative ? " instead" : "";
}

static bool is_by_time(const struct plan *plan) {
    return plan->group_count && plan->groups[0].bucket != PLAN_AS_IS;
}

static void offer_bucket(struct next *next, enum plan_bucket bucket, const char *words) {
    struct wish wish = NO_WISH;
    wish.is_bucketed = true;
    wish.bucket = bucket;
    offer(next, BY_TIME, &wish, arena_format(next->arena, "by %s%s", words, instead(next)));
}

// The parts of a date that leave enough groups to see how it went, and not too many.
static void offer_time(struct next *next) {
    struct pick_time time;
    if (!pick_time(next->schema, next->plan, next->plan->table, &time) ||
        (!time.repeats_years && next->plan->measures[0].aggregate == PLAN_COUNT))
        return;
    if (time.is_year_column) {
        struct wish wish = NO_WISH;
        wish.grouped = time.column;
        offer(next, BY_TIME, &wish, arena_format(next->arena, "by year%s", instead(next)));
        return;
    }
    bool is_by_year = is_by_time(next->plan) && next->plan->groups[0].bucket == PLAN_YEAR;
    bool is_by_month = is_by_time(next->plan) && next->plan->groups[0].bucket == PLAN_MONTH;
    if (time.months > 36 && !is_by_year && !is_by_time(next->plan))
        offer_bucket(next, PLAN_YEAR, "year");
    if (time.months > 60 || is_by_month)
        offer_bucket(next, PLAN_QUARTER, "quarter");
    else if (time.months > 2)
        offer_bucket(next, PLAN_MONTH, "month");
    else
        offer_bucket(next, PLAN_DAY, "day");
}

static bool is_used(const struct plan *plan, struct plan_column column) {
    for (size_t i = 0; i < plan->group_count; i++)
        if (question_is_same(plan->groups[i].column, column))
            return true;
    for (size_t i = 0; i < plan->filter_count; i++)
        if (question_is_same(plan->filters[i].column, column))
            return true;
    return false;
}

static void offer_column(struct next *next) {
    struct plan_column columns[PICK_COLUMNS];
    size_t count = pick_groups(next->schema, next->plan->table, columns);
    for (size_t i = 0, tried = 0; i < count && tried < 2 && !next->has[BY_COLUMN]; i++) {
        bool is_short = question_column(next->schema, columns[i])->distinct_count <= TOP;
        if (is_used(next->plan, columns[i]) || (next->plan->limit && is_short))
            continue;
        struct wish wish = NO_WISH;
        wish.grouped = columns[i];
        tried++;
        offer(next, BY_COLUMN, &wish,
              arena_format(next->arena, "by %s%s",
                           wording_column(next->schema, next->arena, columns[i]), instead(next)));
    }
}

// Whether rows are already picked by a column of the same table that has fewer values: who asked
// for France is not offered Berlin.
static bool is_finer(const struct next *next, struct plan_column column) {
    for (size_t i = 0; i < next->plan->filter_count; i++) {
        const struct plan_filter *filter = &next->plan->filters[i];
        const struct dataset_column *other = filter->column.table == column.table
                                                 ? question_column(next->schema, filter->column)
                                                 : NULL;
        if (other && filter->comparison == PLAN_EQUAL && other->type == DATASET_TEXT &&
            other->distinct_count < question_column(next->schema, column)->distinct_count)
            return true;
    }
    return false;
}

// "Only Texas": the commonest value of a column that nothing was said of; not of the first column,
// which is offered to group by.
static void offer_value(struct next *next) {
    struct plan_column columns[PICK_COLUMNS];
    size_t count = pick_groups(next->schema, next->plan->table, columns);
    for (size_t i = 0, tried = 0; i < count && tried < 3 && !next->has[VALUE]; i++) {
        struct plan_column column = columns[(i + 1) % count];
        bool is_out = is_used(next->plan, column) || is_finer(next, column);
        const char *value = is_out ? NULL : pick_value(next->schema, column, NULL);
        if (!value)
            continue;
        struct wish wish = NO_WISH;
        wish.filtered = column;
        wish.value = value;
        tried++;
        offer(next, VALUE, &wish, arena_format(next->arena, "only %s", value));
    }
}

// "What about Ohio?" after Texas, "what about 2001?" after 2000.
static void offer_other_value(struct next *next) {
    for (size_t i = 0; i < next->plan->filter_count && !next->has[OTHER_VALUE]; i++) {
        const struct plan_filter *filter = &next->plan->filters[i];
        struct wish wish = NO_WISH;
        char year[5];
        if (filter->side != PLAN_OF_ALL || filter->alternative || filter->row)
            continue;
        if (pick_next_year(next->schema, filter, year)) {
            offer(next, OTHER_VALUE, &wish, arena_format(next->arena, "what about %s?", year));
        } else if (filter->comparison == PLAN_EQUAL && filter->value_count == 1 &&
                   filter->values[0].kind == PLAN_VALUE_TEXT && filter->column.column >= 0 &&
                   filter->bucket == PLAN_AS_IS) {
            wish.filtered = filter->column;
            wish.value = pick_value(next->schema, filter->column, filter->values[0].text);
            if (wish.value)
                offer(next, OTHER_VALUE, &wish,
                      arena_format(next->arena, "what about %s?", wish.value));
        }
    }
}

// "In 2001": the newest year that is whole.
static void offer_year(struct next *next) {
    struct pick_time time;
    struct wish wish = NO_WISH;
    if (pick_time(next->schema, next->plan, next->plan->table, &time) && time.whole_year &&
        !is_used(next->plan, time.column))
        offer(next, YEAR, &wish, arena_format(next->arena, "in %d", time.whole_year));
}

static void offer_share(struct next *next) {
    const struct plan_measure *measure = &next->plan->measures[0];
    bool adds_up = next->plan->measure_count == 1 &&
                   (measure->aggregate == PLAN_COUNT || measure->aggregate == PLAN_SUM);
    struct wish wish = NO_WISH;
    if (!adds_up || next->plan->derivation != PLAN_PLAIN || next->plan->having_measure >= 0 ||
        (!next->plan->group_count &&
         (!next->plan->filter_count || measure->aggregate != PLAN_COUNT)))
        return;
    wish.derivation = is_by_time(next->plan)    ? PLAN_RUNNING_TOTAL
                      : next->plan->group_count ? PLAN_SHARE_OF_TOTAL
                                                : PLAN_SHARE_OF_ROWS;
    offer(next, SHARE, &wish, is_by_time(next->plan) ? "as a running total" : "as a percentage");
}

static void offer_aggregate(struct next *next) {
    static const struct {
        enum plan_aggregate of, to;
        const char *words;
    } others[] = {{PLAN_SUM, PLAN_AVERAGE, "and the average?"},
                  {PLAN_AVERAGE, PLAN_MAX, "and the highest?"},
                  {PLAN_MEDIAN, PLAN_AVERAGE, "and the average?"},
                  {PLAN_MAX, PLAN_AVERAGE, "and the average?"},
                  {PLAN_MIN, PLAN_AVERAGE, "and the average?"}};
    const struct plan_measure *measure = &next->plan->measures[0];
    const struct dataset_column *column =
        measure->column.table < 0 ? NULL : question_column(next->schema, measure->column);
    if (next->plan->measure_count != 1 || next->plan->derivation != PLAN_PLAIN || !column ||
        !question_is_number(column))
        return;
    for (size_t i = 0; i < ARRAY_LENGTH(others); i++) {
        struct wish wish = NO_WISH;
        wish.aggregate = others[i].to;
        wish.measured = measure->column;
        if (others[i].of == measure->aggregate)
            offer(next, AGGREGATE, &wish, others[i].words);
    }
}

// "And the lowest?", of one row, of one group and of a column.
static void offer_other_end(struct next *next) {
    const struct plan *plan = next->plan;
    struct wish wish = NO_WISH;
    bool is_scalar =
        plan->measure_count == 1 && !plan->group_count &&
        (plan->measures[0].aggregate == PLAN_MAX || plan->measures[0].aggregate == PLAN_MIN);
    if (!is_scalar && !plan->is_superlative)
        return;
    bool is_high = is_scalar ? plan->measures[0].aggregate == PLAN_MAX : plan->order.descending;
    struct plan_column by = plan->measure_count ? plan->measures[0].column : plan->order_column;
    const struct dataset_column *column = by.table < 0 ? NULL : question_column(next->schema, by);
    bool is_count = plan->measure_count && plan->measures[0].aggregate == PLAN_COUNT;
    bool is_date = column && question_is_date(column);
    if (is_scalar && is_high && column && !is_date && column->min_number == 0)
        return; // nobody asks for the lowest of costs that begin at nothing
    wish.aggregate = !is_scalar ? PLAN_NONE : is_high ? PLAN_MIN : PLAN_MAX;
    wish.is_ranked = !is_scalar;
    wish.is_descending = !is_high;
    offer(next, RANKED, &wish,
          is_count  ? is_high ? "and the fewest?" : "and the most?"
          : is_date ? is_high ? "and the earliest?" : "and the latest?"
          : is_high ? "and the lowest?"
                    : "and the highest?");
}

static void offer_top(struct next *next) {
    const struct plan *plan = next->plan;
    const struct plan_column group = plan->groups[0].column;
    const struct dataset_column *column =
        plan->group_count == 1 ? question_column(next->schema, group) : NULL;
    bool is_long = plan->is_superlative ? !column || column->distinct_count > TOP
                                        : column && !is_by_time(plan) && plan->measure_count == 1 &&
                                              column->distinct_count >= TOP_FROM;
    struct wish wish = NO_WISH;
    wish.limit = TOP;
    if (is_long && !(plan->is_superlative && !plan->order.descending))
        offer(next, plan->is_superlative ? ROWS : RANKED, &wish,
              arena_format(next->arena, "the top %d", TOP));
}

static void offer_rows(struct next *next, bool counts) {
    struct wish wish = NO_WISH;
    wish.counts_rows = counts;
    wish.lists_rows = !counts;
    offer(next, ROWS, &wish, counts ? "how many?" : "list them");
}

// ---- What comes to mind -------------------------------------------------------------------------

static void offer_of_report(struct next *next) {
    if (is_by_time(next->plan)) {
        offer_value(next);
        offer_share(next);
        offer_column(next);
        offer_time(next);
    } else {
        offer_time(next);
        offer_value(next);
        offer_other_value(next);
        offer_share(next);
        offer_top(next);
        offer_column(next);
    }
    offer_aggregate(next);
    offer_other_value(next);
}

static void offer_of_superlative(struct next *next) {
    offer_other_end(next);
    offer_top(next);
    offer_other_value(next);
    offer_year(next);
    offer_value(next);
}

// "The 5 airports with the most strikes."
static void offer_of_top(struct next *next) {
    offer_year(next);
    offer_value(next);
    offer_column(next);
    offer_other_value(next);
    offer_aggregate(next);
}

static void offer_of_number(struct next *next) {
    const struct plan_measure *measure = &next->plan->measures[0];
    bool is_end = measure->aggregate == PLAN_MAX || measure->aggregate == PLAN_MIN;
    if (is_end)
        offer_other_end(next);
    offer_other_value(next);
    offer_column(next);
    offer_share(next);
    offer_time(next);
    if (measure->aggregate == PLAN_COUNT && next->plan->filter_count)
        offer_rows(next, false);
    offer_aggregate(next);
    offer_value(next);
}

static void offer_of_rows(struct next *next) {
    offer_rows(next, true);
    offer_other_value(next);
    offer_year(next);
    offer_value(next);
}

size_t plan_next(struct plan_answer *answer, int reading, const char *ret_texts[PLAN_NEXT]) {
    struct plan_context *context = answer->context;
    size_t at = reading < 0 ? 0 : (size_t)reading;
    if (!context || at >= answer->reading_count || answer->readings[at].form)
        return 0;
    struct said *last = &context->said[context->count - 1];
    // The next question's planner reads this one anew: as the reading that was answered, and with
    // the question that it edits still in sight.
    bool is_in_sight = context->place < PLAN_SAID || last->whole > 0;
    said_choose(last, reading);
    if (!is_in_sight || !last->draft ||
        !rank_is_same(&last->ranking->readings[at], &answer->readings[at]))
        return 0;
    struct arena arena cleanup_arena = ARENA((2 * TRIALS) * LIMIT_PLAN_ARENA);
    struct next next = {.answer = answer,
                        .context = context,
                        .last = last,
                        .plan = &answer->readings[at].plan,
                        .schema = last->question->schema,
                        .arena = &arena,
                        .texts = ret_texts};
    if (next.plan->is_superlative)
        offer_of_superlative(&next);
    else if (next.plan->limit)
        offer_of_top(&next);
    else if (next.plan->group_count)
        offer_of_report(&next);
    else if (next.plan->measure_count)
        offer_of_number(&next);
    else
        offer_of_rows(&next);
    return next.count;
}
