// SPDX-License-Identifier: Apache-2.0
//
// See openings.h. The table that has most to tell comes first: how its amounts differ from one
// group to another, how they went over time, which rows stand out, and how many there are. What is
// no amount (numbers of rows, years, codes: pick.h) is never added up.
#include "plan/openings.h"

#include <string.h>

#include "plan/pick.h"
#include "plan/wish.h"
#include "plan/wording.h"

#define TRIALS 24      // questions that are planned for a data set
#define TRIALS_LARGE 8 // of a large schema, where each takes longer
#define LARGE 500      // columns
#define TABLES 4       // that are asked about
#define OTHERS 2       // questions about each table but the first
#define FEW 3          // questions that are
#define TOP 5
#define TOP_FROM 10        // rows of which some stand out
#define MONTHS_OF_YEARS 36 // more months than that are shown by year
#define QUESTION_BYTES 90  // that still looks well on a button

struct openings {
    const struct dataset *dataset;
    const struct dataset_schema *schema;
    struct arena arena; // of the texts
    const char *texts[PLAN_OPENINGS];
    size_t count, trials, trials_max;
    size_t count_max; // of the present table
};

static bool is_full(const struct openings *openings) {
    return openings->count == openings->count_max || openings->trials == openings->trials_max;
}

// False where TEXT is no question that is surely answered as it was meant.
static bool offer(struct openings *openings, const struct wish *wish, const char *text) {
    if (is_full(openings) || !*text || strlen(text) > QUESTION_BYTES)
        return false;
    openings->trials++;
    struct plan_answer *answer cleanup(plan_answer_freep) = plan_question(openings->dataset, text);
    if (answer->verdict != PLAN_SURE || answer->trial_count ||
        !wish_is_granted(wish, &answer->readings[0].plan))
        return false;
    openings->texts[openings->count++] = text;
    return true;
}

// ---- Questions about one table ------------------------------------------------------------------

struct table {
    int index;
    const char *rows; // "loans"
    struct plan_column groups[PICK_COLUMNS], measures[PICK_COLUMNS];
    size_t group_count, measure_count;
};

static const char *measure_words(struct openings *openings, struct plan_column column,
                                 enum plan_aggregate *ret_aggregate) {
    *ret_aggregate = pick_adds_up(openings->schema, column) ? PLAN_SUM : PLAN_AVERAGE;
    struct plan_measure measure = {*ret_aggregate, column};
    return wording_raised(&openings->arena,
                          wording_measure(openings->schema, &openings->arena, &measure));
}

// "Total amount by branch".
static void offer_measure_by_group(struct openings *openings, const struct table *table) {
    for (size_t i = 0; i < table->measure_count && i < 2; i++)
        for (size_t j = 0; j < table->group_count && j < 2; j++) {
            enum plan_aggregate aggregate;
            const char *words = measure_words(openings, table->measures[i], &aggregate);
            struct wish wish = NO_WISH;
            wish.measured = table->measures[i];
            wish.aggregate = aggregate;
            wish.grouped = table->groups[j];
            if (offer(openings, &wish,
                      arena_format(
                          &openings->arena, "%s by %s", words,
                          wording_column(openings->schema, &openings->arena, table->groups[j]))))
                return;
        }
}

// "Number of loans by kind"; of the groups the second, as the first is taken.
static void offer_count_by_group(struct openings *openings, const struct table *table) {
    for (size_t i = 0; i < table->group_count && i < 3; i++) {
        struct plan_column group =
            table->groups[(i + (table->measure_count > 0)) % table->group_count];
        struct wish wish = NO_WISH;
        wish.counts_rows = true;
        wish.grouped = group;
        if (offer(openings, &wish,
                  arena_format(&openings->arena, "Number of %s by %s", table->rows,
                               wording_column(openings->schema, &openings->arena, group))))
            return;
    }
}

// "Number of loans by year", or, where that would be one each, how an amount went.
static void offer_over_time(struct openings *openings, const struct table *table) {
    struct pick_time time;
    if (!pick_time(openings->schema, NULL, table->index, &time) || time.months < 3 ||
        (!time.repeats_years && !table->measure_count))
        return;
    bool is_by_year = time.is_year_column || time.months > MONTHS_OF_YEARS;
    const char *words = arena_format(&openings->arena, "Number of %s", table->rows);
    struct wish wish = NO_WISH;
    wish.counts_rows = time.repeats_years;
    if (!time.repeats_years) {
        wish.measured = table->measures[0];
        words = measure_words(openings, table->measures[0], &wish.aggregate);
    }
    if (time.is_year_column)
        wish.grouped = time.column;
    wish.is_bucketed = !time.is_year_column;
    wish.bucket = is_by_year ? PLAN_YEAR : PLAN_MONTH;
    offer(openings, &wish,
          arena_format(&openings->arena, "%s by %s", words, is_by_year ? "year" : "month"));
}

// "Top 5 loans by amount".
static void offer_top(struct openings *openings, const struct table *table) {
    if (openings->schema->tables[table->index].row_count < TOP_FROM)
        return;
    for (size_t i = 0; i < table->measure_count && i < 2; i++) {
        if (table->measures[i].metric >= 0)
            continue;
        struct wish wish = NO_WISH;
        wish.limit = TOP;
        wish.is_ranked = wish.is_descending = wish.lists_rows = true;
        if (offer(openings, &wish,
                  arena_format(
                      &openings->arena, "Top %d %s by %s", TOP, table->rows,
                      wording_column(openings->schema, &openings->arena, table->measures[i]))))
            return;
    }
}

// "How many loans have the branch Bonn" would be stilted: "Number of loans where branch is Bonn".
static void offer_count_of_value(struct openings *openings, const struct table *table) {
    for (size_t i = 1; i <= table->group_count; i++) {
        struct plan_column group = table->groups[i % table->group_count];
        const char *value =
            group.table == table->index ? pick_value(openings->schema, group, NULL) : NULL;
        if (!value)
            continue;
        struct wish wish = NO_WISH;
        wish.counts_rows = true;
        wish.filtered = group;
        wish.value = value;
        if (offer(openings, &wish,
                  arena_format(&openings->arena, "How many %s are there where %s is %s?",
                               table->rows,
                               wording_column(openings->schema, &openings->arena, group), value)))
            return;
    }
}

// Of a table whose columns say little: what is in it.
static void offer_rows(struct openings *openings, const struct table *table) {
    struct wish wish = NO_WISH;
    wish.lists_rows = true;
    if (openings->count < FEW)
        offer(openings, &wish, arena_format(&openings->arena, "List all %s", table->rows));
}

static void offer_count(struct openings *openings, const struct table *table) {
    struct wish wish = NO_WISH;
    wish.counts_rows = true;
    offer(openings, &wish, arena_format(&openings->arena, "How many %s are there?", table->rows));
}

static void read_table(struct openings *openings, int index, struct table *ret_table) {
    const struct dataset_schema *schema = openings->schema;
    *ret_table = (struct table){.index = index,
                                .rows = wording_rows(schema, &openings->arena, index, false)};
    ret_table->group_count = pick_groups(schema, index, ret_table->groups);
    ret_table->measure_count = pick_measures(schema, index, ret_table->measures);
}

static void offer_of_table(struct openings *openings, int index) {
    struct table table;
    read_table(openings, index, &table);
    offer_measure_by_group(openings, &table);
    offer_over_time(openings, &table);
    offer_count_by_group(openings, &table);
    offer_top(openings, &table);
    offer_count_of_value(openings, &table);
    offer_count(openings, &table);
    offer_rows(openings, &table);
}

// ---- All tables ---------------------------------------------------------------------------------

// The metrics that the author named, then what can be added up, then rows.
static bool tells_more(const struct dataset_schema *schema, int left, int right) {
    size_t metrics[2] = {0};
    struct plan_column columns[PICK_COLUMNS];
    for (size_t i = 0; i < schema->metric_count; i++) {
        metrics[0] += schema->metrics[i].table == left;
        metrics[1] += schema->metrics[i].table == right;
    }
    size_t measures[2] = {pick_measures(schema, left, columns),
                          pick_measures(schema, right, columns)};
    if (metrics[0] != metrics[1])
        return metrics[0] > metrics[1];
    if (!measures[0] != !measures[1])
        return measures[0] > 0;
    return schema->tables[left].row_count > schema->tables[right].row_count;
}

static size_t pick_tables(const struct dataset_schema *schema, int ret_tables[TABLES]) {
    size_t count = 0;
    for (size_t i = 0; i < schema->table_count; i++) {
        if (!schema->tables[i].row_count)
            continue;
        size_t at = count < TABLES ? count++ : TABLES;
        for (; at > 0 && tells_more(schema, (int)i, ret_tables[at - 1]); at--)
            if (at < TABLES)
                ret_tables[at] = ret_tables[at - 1];
        if (at < TABLES)
            ret_tables[at] = (int)i;
    }
    return count;
}

static void *make(const struct dataset *dataset) {
    struct openings *openings = mem_zero(1, sizeof *openings);
    int tables[TABLES];
    size_t columns = 0;
    openings->dataset = dataset;
    openings->schema = dataset_schema(dataset);
    openings->arena = ARENA(LIMIT_PLAN_ARENA);
    for (size_t i = 0; i < openings->schema->table_count; i++)
        columns += openings->schema->tables[i].column_count;
    openings->trials_max = columns > LARGE ? TRIALS_LARGE : TRIALS;
    size_t count = pick_tables(openings->schema, tables);
    for (size_t i = 0; i < count; i++) {
        size_t max = i || count == 1 ? PLAN_OPENINGS : PLAN_OPENINGS - OTHERS;
        openings->count_max = i && openings->count + OTHERS < max ? openings->count + OTHERS : max;
        offer_of_table(openings, tables[i]);
    }
    return openings;
}

static void free_made(void *made) {
    struct openings *openings = made;
    arena_done(&openings->arena);
    free(openings);
}

size_t plan_openings(const struct dataset *dataset, const char *ret_texts[PLAN_OPENINGS]) {
    const struct openings *openings = dataset_make(dataset, DATASET_OPENINGS, make, free_made);
    memcpy(ret_texts, openings->texts, openings->count * sizeof *ret_texts);
    return openings->count;
}
