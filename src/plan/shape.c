// SPDX-License-Identifier: Apache-2.0
//
// See draft.h: from a draft to a plan. The measured table is always the one that rows come from;
// everything else is joined toward the "one" side of references, so that no row is counted or
// summed twice. A count of a table that cannot be at the start counts its distinct keys. A sum that
// would need such a detour has no plan.
#include "plan/shape.h"

#include <string.h>

#include "dataset/label.h"

// ---- What kind of number a column holds ---------------------------------------------------------

static bool has_intensive_word(const char *text) {
    struct word words[10];
    size_t count = words_split(text, words, ARRAY_LENGTH(words)),
           length = question_title_length(text);
    for (size_t i = 0; i < count && words[i].start < length; i++)
        if (lexicon_is_intensive(words[i].text) || lexicon_is_intensive(words[i].stem))
            return true;
    return false;
}

// Numbers that only put rows in order: "Round", "Week", or every number from the first on.
static bool is_ordinal(const struct dataset_table *table, const struct dataset_column *column) {
    struct word words[4];
    size_t count = words_split(column->title, words, ARRAY_LENGTH(words));
    bool is_series = column->type == DATASET_INTEGER &&
                     column->distinct_count == table->row_count && table->row_count > 1 &&
                     column->max_number - column->min_number + 1 == (double)table->row_count;
    return is_series ||
           (count == 1 &&
            lexicon_is_listed("round week day game episode season chapter heat stage pick "
                              "inning set race",
                              words[0].text));
}

bool draft_is_additive(const struct dataset_schema *schema, struct plan_column column) {
    if (column.metric < 0 && column.column < 0)
        return true;
    const struct dataset_column *at = question_column(schema, column);
    if (at && (!question_is_number(at) || at->is_key || at->references_table >= 0))
        return false;
    if (at && is_ordinal(&schema->tables[column.table], at))
        return false;
    const char *unit = question_unit(schema, column), *kind = lexicon_unit_kind(unit);
    return !has_intensive_word(at ? at->title : schema->metrics[column.metric].title) &&
           strcmp(kind, "temperature") != 0 && strcmp(kind, "percent") != 0 &&
           strcmp(kind, "speed") != 0 && strcmp(kind, "pressure") != 0 &&
           strcmp(kind, "level") != 0 && strcmp(kind, "angle") != 0 && !strchr(unit, '/');
}

bool draft_is_year(const struct dataset_column *column) {
    if (column->hidden || column->type != DATASET_INTEGER || column->references_table >= 0 ||
        column->min_number < 1000 || column->max_number > 2999)
        return false;
    return strcasestr(column->title, "year") || strcasestr(column->title, "season");
}

static double noun_farness(const char *text, const char *nouns) {
    struct word words[10];
    size_t count = words_split(text, words, ARRAY_LENGTH(words));
    if (count == 1 && lexicon_is_listed(nouns, words[0].stem))
        return 0;
    if (count && lexicon_is_listed(nouns, words[count - 1].stem))
        return 0.1;
    for (size_t i = 0; i < count; i++)
        if (lexicon_is_listed(nouns, words[i].stem))
            return 0.15;
    return 0.2;
}

double draft_farness(const struct dataset_schema *schema, struct plan_column column) {
    const struct dataset_column *at = question_column(schema, column);
    const char *nouns = lexicon_kind_nouns(lexicon_unit_kind(question_unit(schema, column)));
    if (!at)
        return column.metric >= 0 ? 0.15 + noun_farness(schema->metrics[column.metric].title, nouns)
                                  : 0.2;
    double farness = noun_farness(at->title, nouns), other = noun_farness(at->name, nouns);
    farness = other < farness ? other : farness;
    for (size_t i = 0; i < at->synonyms.count; i++) {
        other = noun_farness(at->synonyms.at[i], nouns);
        farness = other < farness ? other : farness;
    }
    return farness;
}

// ---- Tables -------------------------------------------------------------------------------------

bool shape_reaches(const struct draft *draft, const struct plan *plan, int from, int to) {
    struct graph_path path;
    return graph_path(draft->schema, plan, from, to, -1, &path);
}

struct tables {
    int at[24];
    size_t count;
};

static void add_table(struct tables *tables, int table) {
    if (table >= 0 && tables->count < ARRAY_LENGTH(tables->at))
        tables->at[tables->count++] = table;
}

int shape_main_table(const struct draft *draft) {
    struct tables tables = {.count = 0};
    if (draft->target.kind == NOUN_ROWS)
        return draft->target.column.table;
    for (size_t i = 0; i < draft->measure_count; i++)
        add_table(&tables, draft->measures[i].column.table);
    if (!tables.count && draft->table_count)
        return draft->tables[0];
    if (!tables.count)
        add_table(&tables, draft->target.column.table);
    add_table(&tables, draft->extreme_column.table);
    for (size_t i = 0; i < draft->shown_count; i++)
        add_table(&tables, draft->shown[i].column.table);
    for (size_t i = 0; i < draft->group_count; i++)
        add_table(&tables, draft->groups[i].column.table);
    for (size_t i = 0; i < draft->filter_count; i++)
        add_table(&tables, draft->filters[i].column.table);
    for (size_t i = 0; i < draft->number_count; i++)
        add_table(&tables, draft->numbers[i].column.table);
    for (size_t i = 0; i < draft->date_count; i++)
        add_table(&tables, draft->dates[i].column.table);
    if (!tables.count)
        return draft->schema->table_count == 1 ? 0 : -1;
    int main_table = tables.at[0];
    for (size_t i = 1; i < tables.count; i++)
        if (!shape_reaches(draft, NULL, main_table, tables.at[i])) {
            int meeting = graph_meeting(draft->schema, NULL, main_table, tables.at[i]);
            main_table = meeting >= 0 ? meeting : main_table;
        }
    return main_table;
}

static bool is_count(const struct draft_measure *measure) {
    return measure->aggregate == PLAN_COUNT || measure->aggregate == PLAN_COUNT_DISTINCT;
}

// The table of the measures; with only counts it may yet move.
static int measure_table(const struct draft *draft) {
    for (size_t i = 0; i < draft->measure_count; i++)
        if (!is_count(&draft->measures[i]))
            return draft->measures[i].column.table;
    if (draft->measure_count && draft->measures[0].column.table >= 0)
        return draft->measures[0].column.table;
    return shape_main_table(draft);
}

bool shape_bind_measure(struct draft *draft, struct plan *plan,
                        const struct draft_measure *measure) {
    struct plan_measure *bound = &plan->measures[plan->measure_count++];
    *bound = (struct plan_measure){measure->aggregate, measure->column};
    if (bound->aggregate == PLAN_NONE)
        bound->aggregate =
            draft_is_additive(draft->schema, measure->column) ? PLAN_SUM : PLAN_AVERAGE;
    int table = measure->column.table < 0 ? plan->table : measure->column.table;
    bound->column.table = table;
    if (measure->aggregate == PLAN_COUNT && table != plan->table) {
        const struct dataset_table *at = &draft->schema->tables[table];
        int key = dataset_only_key(at), label = graph_label(at);
        bound->aggregate = PLAN_COUNT_DISTINCT;
        bound->column.column = key >= 0                                   ? key
                               : label >= 0 && graph_is_unique(at, label) ? label
                                                                          : -1;
        draft_assume(draft, 0.02);
        return bound->column.column >= 0 && shape_reaches(draft, plan, plan->table, table);
    }
    if (measure->aggregate == PLAN_COUNT_DISTINCT && measure->column.column < 0)
        return false;
    if (measure->aggregate == PLAN_COUNT_DISTINCT) {
        // Distinct values of a column that never repeats are rows.
        if (table == plan->table &&
            graph_is_unique(&draft->schema->tables[table], measure->column.column)) {
            bound->aggregate = PLAN_COUNT;
            bound->column.column = -1;
        }
        return shape_reaches(draft, plan, plan->table, table);
    }
    return table == plan->table;
}

bool shape_bind(struct draft *draft, struct plan *plan, const struct noun *nouns,
                size_t noun_count) {
    bool has_sum = false;
    for (size_t i = 0; i < draft->measure_count; i++)
        has_sum |= !is_count(&draft->measures[i]);
    plan->table = measure_table(draft);
    if (plan->table < 0)
        return false;
    for (size_t i = 0; i < noun_count; i++) {
        int table = nouns[i].column.table;
        if (table < 0 || shape_reaches(draft, plan, plan->table, table))
            continue;
        int meeting = has_sum ? -1 : graph_meeting(draft->schema, plan, plan->table, table);
        if (meeting < 0)
            return false;
        plan->table = meeting;
    }
    plan->measure_count = 0;
    for (size_t i = 0; i < draft->measure_count; i++)
        if (!shape_bind_measure(draft, plan, &draft->measures[i]))
            return false;
    return true;
}

// ---- Columns that were not named ----------------------------------------------------------------

// The date column of a table that most rows have, the first of equals; with YEARS also a column of
// years.
static int date_of_table(const struct dataset_table *table, bool years, size_t *ret_count) {
    int found = -1;
    *ret_count = 0;
    for (size_t i = 0; i < table->column_count; i++)
        if (!table->columns[i].hidden && question_is_date(&table->columns[i])) {
            bool is_fuller =
                found >= 0 && table->columns[i].null_count < table->columns[found].null_count;
            found = found < 0 || is_fuller ? (int)i : found;
            ++*ret_count;
        }
    for (size_t i = 0; i < table->column_count && found < 0 && years; i++)
        if (draft_is_year(&table->columns[i])) {
            found = found < 0 ? (int)i : found;
            ++*ret_count;
        }
    return found;
}

// Of the tables that FROM reaches, the nearest one with something that FIND likes.
typedef int find_function(const struct draft *draft, int table, bool years);

static int find_date(const struct draft *draft, int table, bool years) {
    size_t count;
    return date_of_table(&draft->schema->tables[table], years, &count);
}

static int find_word_column(const struct draft *draft, int table, bool (*is_word)(const char *)) {
    const struct dataset_table *at = &draft->schema->tables[table];
    for (size_t i = 0; i < at->column_count; i++) {
        struct word words[8];
        size_t count = at->columns[i].hidden || at->columns[i].type != DATASET_TEXT
                           ? 0
                           : words_split(at->columns[i].title, words, ARRAY_LENGTH(words));
        for (size_t j = 0; j < count; j++)
            if (is_word(words[j].stem))
                return (int)i;
    }
    return -1;
}

// A column of persons, or the name of rows that are persons.
static int find_person(const struct draft *draft, int table, bool years) {
    char stem[WORDS_TEXT];
    (void)years;
    words_stem(draft->schema->tables[table].row, stem);
    return lexicon_is_person(stem) ? graph_label(&draft->schema->tables[table])
                                   : find_word_column(draft, table, lexicon_is_person);
}

static int find_place(const struct draft *draft, int table, bool years) {
    (void)years;
    return find_word_column(draft, table, lexicon_is_place);
}

static bool find_nearest(const struct draft *draft, const struct plan *plan, int from,
                         find_function *find, bool years, struct plan_column *ret_column) {
    uint8_t steps[LIMIT_TABLES];
    size_t best = GRAPH_FAR;
    graph_reach(draft->schema, plan, from, steps);
    for (size_t i = 0; i < draft->schema->table_count; i++) {
        int column = steps[i] < best ? find(draft, (int)i, years) : -1;
        if (column < 0)
            continue;
        best = steps[i];
        *ret_column = (struct plan_column){(int)i, column, -1};
    }
    return best != GRAPH_FAR;
}

// A date of rows that belong to FROM's: "products sold in 2025" by the date of their orders.
static bool find_dated_rows(struct draft *draft, const struct plan *plan, int from, bool years,
                            struct plan_column *ret_column) {
    size_t best = SIZE_MAX;
    for (size_t i = 0; i < draft->schema->table_count; i++) {
        struct graph_path to_from, to_date;
        int meeting = graph_meeting(draft->schema, plan, from, (int)i),
            column = find_date(draft, (int)i, years);
        if (column < 0 || meeting < 0 ||
            !graph_path(draft->schema, plan, meeting, from, -1, &to_from) ||
            !graph_path(draft->schema, plan, meeting, (int)i, -1, &to_date) ||
            to_from.count + to_date.count >= best)
            continue;
        best = to_from.count + to_date.count;
        *ret_column = (struct plan_column){(int)i, column, -1};
    }
    draft_assume(draft, 0.05);
    return best != SIZE_MAX;
}

bool shape_date_column(struct draft *draft, const struct plan *plan, int from, int near_table,
                       bool years, struct plan_column *ret_column) {
    bool allows_many = near_table != SHAPE_NO_MANY;
    near_table = allows_many ? near_table : -1;
    // A date that a filter already names is the one that groups go by, too.
    for (size_t i = 0; i < draft->date_count; i++)
        if (draft->dates[i].column.table >= 0 &&
            shape_reaches(draft, plan, from, draft->dates[i].column.table)) {
            *ret_column = draft->dates[i].column;
            return true;
        }
    size_t count = 0;
    if (near_table >= 0 && !shape_reaches(draft, plan, from, near_table) &&
        graph_meeting(draft->schema, plan, from, near_table) < 0)
        near_table = -1;
    int column =
        near_table >= 0 ? date_of_table(&draft->schema->tables[near_table], years, &count) : -1;
    if (column >= 0)
        *ret_column = (struct plan_column){near_table, column, -1};
    else if (!find_nearest(draft, plan, from, find_date, years, ret_column) &&
             !(allows_many && find_dated_rows(draft, plan, from, years, ret_column)))
        return false;
    date_of_table(&draft->schema->tables[ret_column->table], years, &count);
    if (count > 1)
        draft_assume(draft, 0.03);
    return true;
}

bool shape_noun_column(struct draft *draft, const struct plan *plan, int from,
                       const struct noun *noun, struct plan_column *ret_column) {
    switch (noun->kind) {
    case NOUN_COLUMN: *ret_column = noun->column; return true;
    case NOUN_ROWS: {
        const struct dataset_table *table = &draft->schema->tables[noun->column.table];
        int label = graph_label(table);
        *ret_column = noun->column;
        if (label >= 0 && graph_is_unique(table, label))
            ret_column->column = label;
        return true;
    }
    case NOUN_BUCKET:
        if (noun->column.table >= 0) {
            *ret_column = noun->column;
            return true;
        }
        return shape_date_column(draft, plan, from, SHAPE_NO_MANY,
                                 noun->bucket == PLAN_AS_IS || noun->bucket == PLAN_YEAR ||
                                     noun->bucket == PLAN_DECADE,
                                 ret_column);
    case NOUN_WHEN: return shape_date_column(draft, plan, from, SHAPE_NO_MANY, true, ret_column);
    case NOUN_WHO: return find_nearest(draft, plan, from, find_person, false, ret_column);
    case NOUN_WHERE: return find_nearest(draft, plan, from, find_place, false, ret_column);
    case NOUN_NONE: break;
    }
    return false;
}

// ---- Groups -------------------------------------------------------------------------------------

// Without a word for it, time goes by months over a few years and by years over many.
static enum plan_bucket bucket_over_time(const struct dataset_column *column) {
    int first = column->min ? atoi(column->min) : 0, last = column->max ? atoi(column->max) : 0;
    return last - first > 5 ? PLAN_YEAR : PLAN_MONTH;
}

bool shape_group(struct draft *draft, const struct plan *plan, const struct noun *noun,
                 struct plan_group *ret_group) {
    struct plan_group group = {.column = NO_COLUMN};
    if (!shape_noun_column(draft, plan, plan->table, noun, &group.column) ||
        !shape_reaches(draft, plan, plan->table, group.column.table))
        return false;
    const struct dataset_column *column = question_column(draft->schema, group.column);
    if (!column && graph_label(&draft->schema->tables[group.column.table]) < 0)
        return false; // rows that nothing tells apart
    if (noun->kind == NOUN_BUCKET && question_is_date(column)) {
        group.bucket = noun->bucket ? noun->bucket : bucket_over_time(column);
        if (group.bucket == PLAN_HOUR && column->type != DATASET_TIMESTAMP)
            return false;
    }
    if (noun->kind == NOUN_BUCKET && noun->bucket == PLAN_DECADE)
        group.bucket = PLAN_DECADE;
    if (column && column->type == DATASET_TIMESTAMP && group.bucket == PLAN_AS_IS)
        group.bucket = PLAN_DAY;
    if (column && column->type == DATASET_DATE && group.bucket == PLAN_DAY)
        group.bucket = PLAN_AS_IS;
    *ret_group = group;
    return true;
}

void shape_group_order(const struct draft *draft, struct plan *plan) {
    bool is_running = plan->derivation == PLAN_RUNNING_TOTAL || plan->derivation == PLAN_CHANGE ||
                      plan->derivation == PLAN_GROWTH;
    bool is_natural = is_running;
    size_t count = plan->derivation == PLAN_AVERAGE_OF_GROUPS ? plan->per : plan->group_count;
    for (size_t i = 0; i < count; i++) {
        const struct dataset_column *column =
            question_column(draft->schema, plan->groups[i].column);
        is_natural |= column && (question_is_date(column) || question_is_number(column) ||
                                 column->type == DATASET_BOOLEAN);
    }
    plan->order.by_measure = !is_natural && plan->measure_count > 0;
    plan->order.index = plan->order.by_measure ? 0 : -1;
    plan->order.descending = plan->order.by_measure;
    if (draft->has_order && draft->order_noun.kind == NOUN_NONE &&
        draft->order_measure.column.table < 0)
        return;
    if (draft->has_order) {
        bool is_measure =
            draft->order_measure.column.table >= 0 || draft->order_noun.kind == NOUN_ROWS;
        plan->order.by_measure = is_measure && plan->measure_count > 0;
        plan->order.index = plan->order.by_measure ? 0 : -1;
        plan->order.descending = plan->order.by_measure;
    }
    if (draft->has_direction)
        plan->order.descending = draft->order_descending;
}

// ---- Aggregates with and without groups ---------------------------------------------------------

// What a measure without an aggregate means: a total where things add up, an average where they do
// not.
static void settle_aggregates(struct draft *draft) {
    for (size_t i = 0; i < draft->measure_count; i++) {
        struct draft_measure *measure = &draft->measures[i];
        if (measure->aggregate != PLAN_NONE)
            continue;
        bool is_additive = draft_is_additive(draft->schema, measure->column);
        measure->aggregate = is_additive ? PLAN_SUM : PLAN_AVERAGE;
        draft_assume(draft, is_additive ? 0.02 : 0.05);
    }
}

// "Cost per strike": the average over the strikes.
static void settle_per_row(struct draft *draft) {
    if (draft->group_count != 1 || draft->groups[0].kind != NOUN_ROWS || draft->measure_count != 1)
        return;
    struct draft_measure *measure = &draft->measures[0];
    bool is_average = measure->aggregate == PLAN_AVERAGE || measure->aggregate == PLAN_NONE;
    if (!is_average || measure->column.table != draft->groups[0].column.table)
        return;
    measure->aggregate = PLAN_AVERAGE;
    draft->group_count = 0;
}

static bool shape_aggregate(struct draft *draft, struct plan *plan) {
    if (draft->shown_count)
        return false; // nothing that was asked for is left out
    settle_per_row(draft);
    shape_settle_derivation(draft);
    settle_aggregates(draft);
    if (!shape_bind(draft, plan, draft->groups, draft->group_count))
        return false;
    for (size_t i = 0; i < draft->group_count; i++)
        if (!shape_group(draft, plan, &draft->groups[i], &plan->groups[plan->group_count++]))
            return false;
    if (!shape_filters(draft, plan) || !shape_derivation(draft, plan))
        return false;
    shape_group_order(draft, plan);
    plan->asks_whether = draft->asks_whether && !plan->group_count;
    return true;
}

// A bare column without groups may be wanted row by row: "the price of …".
static bool wants_rows(struct draft *draft) {
    if (draft->measure_count != 1 || draft->measures[0].aggregate != PLAN_NONE ||
        draft->group_count)
        return false;
    struct plan_column column = draft->measures[0].column;
    if (column.metric >= 0)
        return false;
    if (draft->shown_count)
        return true;
    struct plan plan = {.table = column.table, .having_measure = -1};
    for (size_t i = 0; i < draft->filter_count; i++)
        plan.filters[plan.filter_count++] = draft->filters[i];
    double cost = draft->cost; // this look is free
    for (size_t i = 0; i < draft->date_count; i++)
        shape_date(draft, &plan, &draft->dates[i]);
    draft->cost = cost;
    draft->has_failed = false;
    if (shape_is_pinned(draft, &plan, column.table, NO_COLUMN))
        return true;
    bool is_additive = draft_is_additive(draft->schema, column);
    bool prefers_rows = draft->is_list || !is_additive;
    bool rows = draft_choose(draft, 2) == (prefers_rows ? 0 : 1);
    draft_assume(draft, rows == prefers_rows ? 0 : 0.25);
    return rows;
}

// "Which state has the highest share of strikes at night": the groups in that order, and of them as
// many as are asked for. Equals of the last are not shown, so they are asked for by their number.
static bool shape_derived_rank(struct draft *draft, struct plan *plan) {
    struct noun target = draft->target;
    if (target.kind != NOUN_NONE && draft->group_count == 1 && !draft->groups[0].item)
        draft->group_count = 0; // growth goes along what is asked for
    if (target.kind != NOUN_NONE && draft->group_count)
        return false;
    if (target.kind != NOUN_NONE)
        draft->groups[draft->group_count++] = target;
    draft->target.kind = NOUN_NONE;
    if (!draft->measure_count)
        draft->measures[draft->measure_count++] =
            (struct draft_measure){PLAN_COUNT, {shape_main_table(draft), -1, -1}};
    if (draft->group_count != 1 || draft->extreme == EXTREME_TIME ||
        draft->extreme_column.table >= 0 || !shape_aggregate(draft, plan))
        return false;
    plan->order.by_measure = true;
    plan->order.index = 0;
    plan->order.descending = draft->is_descending;
    plan->limit = draft->top ? draft->top : 1;
    return true;
}

static bool shape_any(struct draft *draft, struct plan *plan) {
    bool is_ranked_by = draft->has_extreme && draft->derivation != PLAN_PLAIN &&
                        draft->derivation != PLAN_AVERAGE_OF_GROUPS &&
                        draft->derivation != PLAN_RUNNING_TOTAL;
    if (is_ranked_by)
        return shape_derived_rank(draft, plan);
    if (draft->has_extreme)
        return shape_rank(draft, plan);
    bool is_derived = draft->derivation != PLAN_PLAIN;
    if ((draft->group_count || is_derived) && !draft->measure_count && !draft->shown_count) {
        struct plan_column rows = {shape_main_table(draft), -1, -1};
        draft->measures[draft->measure_count++] = (struct draft_measure){PLAN_COUNT, rows};
        if (!draft->table_count)
            draft_assume(draft, 0.05);
    }
    // "Which teams …" asks for teams, whatever else was named.
    bool is_asked = draft->target.kind != NOUN_NONE && !draft->group_count &&
                    draft->measure_count == 1 && draft->measures[0].aggregate == PLAN_NONE &&
                    draft->measures[0].column.metric < 0;
    if (draft->measure_count && (is_derived || (!is_asked && !wants_rows(draft))))
        return shape_aggregate(draft, plan);
    return shape_rows(draft, plan);
}

// ---- References ---------------------------------------------------------------------------------

// Where two columns refer to the same table (a home and an away team), one of them is meant; which
// is a choice.
static bool settle_reference(struct draft *draft, struct plan *plan, int table) {
    struct graph_path path;
    int from = plan->table;
    if (table < 0 || table == from)
        return true;
    if (!graph_path(draft->schema, plan, from, table, -1, &path)) {
        int meeting = graph_meeting(draft->schema, plan, from, table);
        if (meeting < 0 ||
            !graph_path(draft->schema, plan, meeting, meeting == table ? from : table, -1, &path))
            return false;
    }
    for (size_t i = 0; i < path.count; i++) {
        const struct graph_step *step = &path.steps[i];
        size_t count = graph_references(draft->schema, step->from_table, step->to_table, 0, NULL);
        bool is_settled = count < 2;
        for (size_t j = 0; j < plan->via_count; j++)
            is_settled |= plan->via[j].table == step->from_table &&
                          draft->schema->tables[step->from_table]
                                  .columns[plan->via[j].column]
                                  .references_table == step->to_table;
        if (is_settled)
            continue;
        if (plan->via_count == ARRAY_LENGTH(plan->via))
            return false;
        int column = -1;
        graph_references(draft->schema, step->from_table, step->to_table,
                         draft_choose(draft, (unsigned)count), &column);
        plan->via[plan->via_count++] = (struct plan_column){step->from_table, column, -1};
    }
    return true;
}

static bool settle_references(struct draft *draft, struct plan *plan) {
    bool is_right = true;
    for (size_t i = 0; i < plan->group_count; i++)
        is_right &= settle_reference(draft, plan, plan->groups[i].column.table);
    for (size_t i = 0; i < plan->filter_count; i++)
        is_right &= settle_reference(draft, plan, plan->filters[i].column.table);
    for (size_t i = 0; i < plan->measure_count; i++)
        is_right &= settle_reference(draft, plan, plan->measures[i].column.table);
    for (size_t i = 0; i < plan->shown_count; i++)
        is_right &= settle_reference(draft, plan, plan->shown[i].table);
    return is_right;
}

// Whether everything in the plan refers to something: the last wall before it becomes SQL.
static bool is_sound(const struct dataset_schema *schema, const struct plan *plan) {
    for (size_t i = 0; i < plan->measure_count; i++) {
        const struct plan_measure *measure = &plan->measures[i];
        bool is_rows = measure->column.column < 0 && measure->column.metric < 0;
        if (measure->aggregate == PLAN_NONE || measure->column.table < 0 ||
            is_rows != (measure->aggregate == PLAN_COUNT))
            return false;
    }
    for (size_t i = 0; i < plan->group_count; i++) {
        struct plan_column column = plan->groups[i].column;
        if (column.table < 0 ||
            (column.column < 0 && graph_label(&schema->tables[column.table]) < 0))
            return false;
    }
    for (size_t i = 0; i < plan->shown_count; i++)
        if (plan->shown[i].table < 0 || (plan->shown[i].column < 0 && plan->shown[i].metric < 0))
            return false;
    for (size_t i = 0; i < plan->filter_count; i++) {
        const struct plan_filter *filter = &plan->filters[i];
        bool is_presence =
            filter->comparison == PLAN_IS_NULL || filter->comparison == PLAN_IS_NOT_NULL;
        if (filter->column.table < 0 ||
            (filter->column.column < 0 && filter->column.metric < 0 && !is_presence) ||
            (!is_presence && !filter->value_count))
            return false;
    }
    return plan->measure_count || plan->group_count || plan->shown_count;
}

// "Directors with films in 2004 and 2013" have one in each, and those "with only dramas" no other;
// a total of both years is one of either, and of dramas only one of dramas.
static void settle_groups(struct draft *draft, struct plan *plan) {
    bool is_listing = plan->group_count && !plan->measure_count && plan->having_measure < 0;
    bool is_count = !plan->group_count && plan->measure_count == 1 &&
                    plan->derivation == PLAN_PLAIN && !plan->asks_whether &&
                    plan->measures[0].aggregate == PLAN_COUNT_DISTINCT;
    bool has_one = false;
    for (size_t i = 0; i < plan->filter_count; i++) {
        struct plan_filter *filter = &plan->filters[i];
        bool is_far = !shape_reaches(draft, plan, plan->table, filter->column.table);
        bool is_plain = filter->side == PLAN_OF_ALL && !filter->alternative;
        bool is_open = (is_listing || is_count) && !has_one && !is_far && is_plain;
        filter->is_only &= is_plain && (is_open || is_far);
        filter->is_each &= is_open && !filter->is_only && filter->value_count > 1 &&
                           filter->comparison == PLAN_EQUAL;
        has_one |= filter->is_each || (filter->is_only && !is_far);
        if (filter->is_only && is_far)
            filter->row = SHAPE_OWN_ROW + (int)i; // what else is asked is of any row
    }
}

bool shape(struct draft *draft, struct plan *ret_plan) {
    struct plan *plan = ret_plan;
    *plan = (struct plan){
        .table = -1, .having_measure = -1, .order = {.index = -1}, .order_column = {-1, -1, -1}};
    if (draft->has_failed || (draft->is_how_much && !draft->measure_count))
        return false;
    for (size_t i = 0; i < draft->via_count; i++)
        plan->via[plan->via_count++] = draft->via[i];
    if (!shape_any(draft, plan))
        return false;
    settle_groups(draft, plan);
    return !draft->has_failed && plan->table >= 0 && settle_references(draft, plan) &&
           is_sound(draft->schema, plan) && shape_is_derived(draft, plan);
}
