// SPDX-License-Identifier: Apache-2.0
//
// See shape.h: superlatives and the top n. "Which X has the highest Y" can be about rows (the one
// row with the highest Y) or about groups (the X with the highest total, average or single Y).
// Where X never repeats the two are the same; else what was said decides ("total", "most"), and
// where nothing was said the readings compete.
#include <string.h>

#include "plan/shape.h"

enum reading { BY_TOTAL, BY_AVERAGE, BY_ROW };

struct rank {
    struct noun target;
    struct draft_measure measure; // aggregate PLAN_NONE: a bare column
    bool has_measure;
};

// ---- What is measured ---------------------------------------------------------------------------

struct options {
    struct draft_measure at[4];
    size_t count;
};

static void add_option(struct options *options, enum plan_aggregate aggregate,
                       struct plan_column column) {
    if (options->count < ARRAY_LENGTH(options->at))
        options->at[options->count++] = (struct draft_measure){aggregate, column};
}

static bool is_money(const struct dataset_schema *schema, struct plan_column column) {
    return !question_column(schema, column)->hidden &&
           strcmp(lexicon_unit_kind(question_unit(schema, column)), "currency") == 0 &&
           draft_is_additive(schema, column);
}

// "The largest order", "the best year", "top 5 states" do not say by what. What could be meant: the
// number of rows, the metrics, the columns that hold money, then any that add up.
static void find_options(const struct draft *draft, int table, bool counts,
                         struct options *options) {
    const struct dataset_schema *schema = draft->schema;
    if (counts)
        add_option(options, PLAN_COUNT, (struct plan_column){table, -1, -1});
    for (size_t i = 0; i < schema->metric_count; i++) {
        bool is_near = schema->metrics[i].table == table ||
                       shape_reaches(draft, NULL, schema->metrics[i].table, table);
        if (is_near && options->count < 3)
            add_option(options, PLAN_SUM,
                       (struct plan_column){schema->metrics[i].table, -1, (int)i});
    }
    struct plan_column best = NO_COLUMN; // of money, the one that "cost" alone would mean
    for (size_t i = 0; i < schema->tables[table].column_count; i++) {
        struct plan_column column = {table, (int)i, -1};
        if (is_money(schema, column) &&
            (best.table < 0 || draft_farness(schema, column) < draft_farness(schema, best)))
            best = column;
    }
    if (best.table >= 0)
        add_option(options, PLAN_NONE, best);
    for (size_t i = 0; i < schema->tables[table].column_count && options->count < 3; i++) {
        struct plan_column column = {table, (int)i, -1};
        if (!question_column(schema, column)->hidden && !is_money(schema, column) &&
            draft_is_additive(schema, column))
            add_option(options, PLAN_NONE, column);
    }
}

static bool is_bad(const struct draft *draft, struct plan_column column) {
    static const char *const words[] = {
        "cost",   "damage", "loss",  "delay",    "injury", "death",   "complaint", "error",
        "defect", "fire",   "crime", "accident", "crash",  "strike",  "incident",  "failure",
        "fine",   "debt",   "fee",   "refund",   "late",   "default", "casualty",  "victim"};
    const char *text = column.metric >= 0   ? draft->schema->metrics[column.metric].title
                       : column.column >= 0 ? question_column(draft->schema, column)->title
                                            : draft->schema->tables[column.table].row;
    struct word parts[8];
    size_t count = words_split(text, parts, ARRAY_LENGTH(parts));
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < ARRAY_LENGTH(words); j++)
            if (strcmp(parts[i].stem, words[j]) == 0)
                return true;
    return false;
}

// The best film is the one with the highest rating, where there are ratings.
static bool prefer_ratings(const struct draft *draft, int table, struct options *options) {
    for (size_t i = 0; i < draft->schema->tables[table].column_count; i++) {
        struct plan_column column = {table, (int)i, -1};
        const struct dataset_column *at = question_column(draft->schema, column);
        struct word words[8];
        size_t count = at->hidden || !question_is_number(at)
                           ? 0
                           : words_split(at->title, words, ARRAY_LENGTH(words));
        for (size_t j = 0; j < count; j++)
            if (lexicon_is_listed("rating score star grade quality", words[j].stem)) {
                options->count = options->count < ARRAY_LENGTH(options->at) ? options->count + 1
                                                                            : options->count;
                memmove(options->at + 1, options->at, (options->count - 1) * sizeof *options->at);
                options->at[0] = (struct draft_measure){PLAN_NONE, column};
                return true;
            }
    }
    return false;
}

static bool choose_measure(struct draft *draft, struct rank *rank) {
    int table = shape_main_table(draft);
    if (table < 0)
        return false;
    struct options options = {.count = 0};
    bool is_rows = rank->target.kind == NOUN_ROWS;
    find_options(draft, table, !is_rows || draft->extreme != EXTREME_DEGREE, &options);
    if (!options.count)
        return false;
    bool is_judged = draft->extreme == EXTREME_JUDGEMENT, is_rated = false;
    if (is_judged)
        is_rated = prefer_ratings(draft, table, &options);
    if (is_judged && !is_rated && options.count < 2)
        return false; // there is nothing to judge by
    unsigned chosen = draft_choose(draft, (unsigned)options.count);
    rank->measure = options.at[chosen];
    if (is_rated && chosen)
        draft_assume(draft, 0.15);
    if (is_rows && rank->measure.aggregate == PLAN_COUNT &&
        rank->measure.column.table == rank->target.column.table)
        return false;
    draft_assume(draft, 0.1);
    if (draft->top && !is_rows)
        draft_assume(draft, chosen ? 0.1 : 0); // "top 5 states" are rather those that occur most
    return true;
}

static bool is_rank(const struct dataset_column *column) {
    struct word words[8];
    size_t count = words_split(column->title, words, ARRAY_LENGTH(words));
    for (size_t i = 0; i < count; i++)
        if (lexicon_is_listed("rank ranking place position", words[i].stem))
            return true;
    return false;
}

// "Worst" is the highest of what is bad and the lowest of what is good.
static void settle_judgement(struct draft *draft, const struct rank *rank) {
    const struct dataset_column *column = question_column(draft->schema, rank->measure.column);
    if (column && rank->measure.aggregate == PLAN_NONE && draft->extreme != EXTREME_ADJECTIVE &&
        is_rank(column))
        draft->is_descending = !draft->is_descending; // the top rank is the first
    if (draft->extreme == EXTREME_JUDGEMENT && rank->measure.column.table >= 0)
        draft->is_descending = draft->is_descending != is_bad(draft, rank->measure.column);
}

// ---- Rows ---------------------------------------------------------------------------------------

static bool is_fixed(const struct plan *plan, int column) {
    for (size_t i = 0; i < plan->filter_count; i++)
        if (plan->filters[i].column.table == plan->table &&
            plan->filters[i].column.column == column && plan->filters[i].comparison == PLAN_EQUAL &&
            plan->filters[i].value_count == 1)
            return true;
    return false;
}

static bool rank_rows(struct draft *draft, struct plan *plan, const struct rank *rank) {
    struct plan_column measure = rank->measure.column, noun = NO_COLUMN;
    plan->table = measure.table;
    plan->measure_count = 0;
    bool is_rows = rank->target.kind == NOUN_ROWS && rank->target.column.table == plan->table;
    for (size_t i = 0; i < draft->group_count; i++) { // "in each category"
        struct plan_group group;
        if (draft->groups[i].item == rank->target.item)
            continue;
        if (!shape_group(draft, plan, &draft->groups[i], &group) || group.bucket != PLAN_AS_IS)
            return false;
        if (group.column.column < 0)
            group.column.column = graph_label(&draft->schema->tables[group.column.table]);
        shape_show(plan, group.column);
        plan->per = plan->shown_count;
    }
    if (!is_rows && rank->target.kind != NOUN_NONE) {
        if (!shape_noun_column(draft, plan, plan->table, &rank->target, &noun) ||
            !shape_reaches(draft, plan, plan->table, noun.table))
            return false;
        if (noun.column < 0) // a row of another table, by its label
            noun.column = graph_label(&draft->schema->tables[noun.table]);
        if (noun.column < 0)
            return false;
        shape_show(plan, noun);
    } else {
        int label = graph_label(&draft->schema->tables[plan->table]);
        if (label >= 0)
            shape_show(plan, (struct plan_column){plan->table, label, -1});
        else
            shape_default_columns(draft, plan, plan->table);
        draft_assume(draft, label >= 0 ? 0 : 0.01);
    }
    for (size_t i = 0; i < draft->shown_count; i++) {
        struct plan_column column;
        if (shape_noun_column(draft, plan, plan->table, &draft->shown[i], &column) &&
            column.column >= 0 && shape_reaches(draft, plan, plan->table, column.table))
            shape_show(plan, column);
    }
    shape_show(plan, measure);
    if (!shape_filters(draft, plan))
        return false;
    // A day of which city? What else makes the key belongs to the answer.
    const struct dataset_table *table = &draft->schema->tables[plan->table];
    for (size_t i = 0;
         i < table->column_count && noun.table == plan->table && table->columns[noun.column].is_key;
         i++)
        if (table->columns[i].is_key && !table->columns[i].hidden && !is_fixed(plan, (int)i))
            shape_show(plan, (struct plan_column){plan->table, (int)i, -1});
    plan->order_column = measure;
    plan->order.index = 0;
    plan->order.descending = draft->is_descending;
    plan->limit = draft->top;
    plan->is_superlative = !draft->top;
    return true;
}

// ---- Groups -------------------------------------------------------------------------------------

static bool rank_groups(struct draft *draft, struct plan *plan, const struct rank *rank) {
    draft->measures[0] = rank->measure;
    draft->measure_count = draft->measure_count ? draft->measure_count : 1;
    struct noun nouns[4];
    size_t noun_count = 0;
    for (size_t i = 0; i < draft->group_count && noun_count + 1 < ARRAY_LENGTH(plan->groups); i++)
        if (draft->groups[i].item != rank->target.item)
            nouns[noun_count++] = draft->groups[i];
    plan->per = noun_count;
    nouns[noun_count++] = rank->target;
    if (!shape_bind(draft, plan, nouns, noun_count))
        return false;
    for (size_t i = 0; i < noun_count; i++)
        if (!shape_group(draft, plan, &nouns[i], &plan->groups[plan->group_count++]))
            return false;
    if (!shape_filters(draft, plan))
        return false;
    plan->order.by_measure = true;
    plan->order.index = 0;
    plan->order.descending = draft->is_descending;
    plan->limit = draft->top;
    plan->is_superlative = !draft->top;
    return true;
}

// ---- Which of the two ---------------------------------------------------------------------------

// Whether each value of the target stands in one row only of the measured table, once the filters
// hold.
static bool is_row_each(struct draft *draft, const struct plan *plan, const struct rank *rank) {
    struct plan_column column;
    int from = rank->measure.column.table;
    struct plan bare = {.table = from, .having_measure = -1};
    if (rank->target.kind == NOUN_ROWS)
        return rank->target.column.table == from;
    double cost = draft->cost;
    bool has_column = shape_noun_column(draft, plan, from, &rank->target, &column);
    draft->cost = cost;
    if (!has_column || column.table != from)
        return false;
    if (rank->target.kind == NOUN_BUCKET && rank->target.bucket != PLAN_DAY &&
        question_is_date(question_column(draft->schema, column)))
        return false;
    for (size_t i = 0; i < draft->filter_count; i++)
        bare.filters[bare.filter_count++] = draft->filters[i];
    return shape_is_pinned(draft, &bare, from, column);
}

struct preference {
    enum reading reading;
    double cost;
};

// The readings of "which X has the highest Y" for a bare Y, and how much each would assume.
static size_t list_preferences(const struct draft *draft, const struct rank *rank,
                               struct preference out[3]) {
    bool is_additive = draft_is_additive(draft->schema, rank->measure.column);
    bool is_period = rank->target.kind == NOUN_BUCKET && rank->target.bucket != PLAN_DAY;
    bool is_day = rank->target.kind == NOUN_BUCKET && rank->target.bucket == PLAN_DAY;
    if (rank->measure.column.metric >= 0) {
        out[0] = (struct preference){BY_TOTAL, 0};
        return 1;
    }
    if (rank->target.kind == NOUN_WHEN || rank->target.kind == NOUN_WHO || is_day) {
        bool adds_up = is_day && is_additive && draft->extreme == EXTREME_QUANTITY;
        out[0] = (struct preference){adds_up ? BY_TOTAL : BY_ROW, 0};
        return 1;
    }
    enum reading whole = is_additive ? BY_TOTAL : BY_AVERAGE;
    double row_cost = draft->extreme == EXTREME_QUANTITY ? 0.5
                      : draft->top || is_period          ? 0.3
                                                         : 0.05;
    out[0] = (struct preference){whole, 0.02};
    out[1] = (struct preference){BY_ROW, row_cost + 0.02};
    if (!is_additive || draft->extreme == EXTREME_QUANTITY)
        return 2;
    out[2] = (struct preference){BY_AVERAGE, 0.4};
    return 3;
}

static bool rank_bare(struct draft *draft, struct plan *plan, struct rank *rank) {
    struct preference preferences[3];
    if (is_row_each(draft, plan, rank))
        return rank_rows(draft, plan, rank);
    if (rank->target.kind == NOUN_ROWS) { // rows of another table, with what belongs to each
        if (!rank->has_measure)
            draft_assume(draft, 0.15);
        rank->measure.aggregate =
            draft_is_additive(draft->schema, rank->measure.column) ? PLAN_SUM : PLAN_AVERAGE;
        draft_assume(draft, 0.02);
        return rank_groups(draft, plan, rank);
    }
    size_t count = list_preferences(draft, rank, preferences);
    struct preference chosen = preferences[draft_choose(draft, (unsigned)count)];
    draft_assume(draft, chosen.cost);
    if (chosen.reading == BY_ROW)
        return rank_rows(draft, plan, rank);
    rank->measure.aggregate = chosen.reading == BY_TOTAL ? PLAN_SUM : PLAN_AVERAGE;
    return rank_groups(draft, plan, rank);
}

// ---- First and last -----------------------------------------------------------------------------

// The date that first and last go by: one that was asked for, else the table's own.
static bool find_time(struct draft *draft, const struct plan *plan, struct rank *rank, int from,
                      struct plan_column *ret_date) {
    for (size_t i = 0; i < draft->shown_count; i++) { // "the latest shipping date"
        const struct dataset_column *column =
            question_column(draft->schema, draft->shown[i].column);
        if (column && question_is_date(column)) {
            *ret_date = draft->shown[i].column;
            draft->shown_count = 0;
            return true; // of a row, where the target is one
        }
    }
    const struct dataset_column *column = rank->target.kind == NOUN_COLUMN
                                              ? question_column(draft->schema, rank->target.column)
                                              : NULL;
    if (column && (question_is_date(column) || draft_is_year(column))) {
        *ret_date = rank->target.column;
        rank->target.kind = NOUN_WHEN;
        return true;
    }
    return shape_date_column(draft, plan, from, SHAPE_NO_MANY, true, ret_date);
}

static bool rank_time(struct draft *draft, struct plan *plan, struct rank *rank) {
    int from = rank->target.kind == NOUN_ROWS ? rank->target.column.table : shape_main_table(draft);
    struct plan_column date;
    if (rank->has_measure || from < 0 || !find_time(draft, plan, rank, from, &date))
        return false;
    rank->measure = (struct draft_measure){draft->is_descending ? PLAN_MAX : PLAN_MIN, date};
    bool is_when = rank->target.kind == NOUN_WHEN || rank->target.kind == NOUN_NONE ||
                   (rank->target.kind == NOUN_BUCKET && rank->target.bucket == PLAN_DAY);
    if (is_when && !draft->top && !draft->group_count) { // the date alone
        draft->measures[0] = rank->measure;
        draft->measure_count = 1;
        return shape_bind(draft, plan, NULL, 0) && shape_filters(draft, plan);
    }
    if (rank->target.kind == NOUN_BUCKET)
        return false;
    return rank_rows(draft, plan, rank);
}

// Whose rows are counted for "the most common job in each department": not the departments.
static int common_table(const struct draft *draft, const struct rank *rank) {
    int table = shape_main_table(draft);
    for (size_t i = 0; i < draft->group_count; i++)
        if (draft->groups[i].kind == NOUN_ROWS && draft->groups[i].column.table == table &&
            rank->target.kind == NOUN_COLUMN)
            return rank->target.column.table;
    return table;
}

bool shape_rank(struct draft *draft, struct plan *plan) {
    struct rank rank = {.target = draft->target, .measure = {.column = NO_COLUMN}};
    rank.has_measure = draft->measure_count > 0;
    if (rank.has_measure)
        rank.measure = draft->measures[0];
    else if (draft->extreme_column.table >= 0)
        rank.measure.column = draft->extreme_column;
    bool is_known = rank.has_measure || draft->extreme_column.table >= 0;
    // "The hottest temperature": the column that is named is the one.
    if (rank.has_measure && draft->extreme_column.table >= 0 &&
        !question_is_same(rank.measure.column, draft->extreme_column))
        draft_assume(draft, 0.15);
    bool is_each = rank.target.kind == NOUN_NONE && draft->group_count > 0;
    bool is_bare = is_known && rank.measure.aggregate == PLAN_NONE;
    if (draft->extreme == EXTREME_TIME)
        return rank_time(draft, plan, &rank);
    if (is_bare && !draft->top &&
        (is_each || rank.target.kind == NOUN_NONE)) { // "the highest cost by state"
        draft->measures[0] =
            (struct draft_measure){draft->is_descending ? PLAN_MAX : PLAN_MIN, rank.measure.column};
        draft->measure_count = 1;
        draft->has_extreme = false;
        if (!shape_bind(draft, plan, draft->groups, draft->group_count))
            return false;
        for (size_t i = 0; i < draft->group_count; i++)
            if (!shape_group(draft, plan, &draft->groups[i], &plan->groups[plan->group_count++]))
                return false;
        shape_group_order(draft, plan);
        return shape_filters(draft, plan);
    }
    if (is_each)
        rank.target = draft->groups[0];
    if (rank.target.kind == NOUN_NONE &&
        (draft->table_count || (is_bare && draft->top))) { // "the 5 highest costs"
        int table = draft->table_count ? draft->tables[0] : rank.measure.column.table;
        rank.target = (struct noun){.kind = NOUN_ROWS, .column = {table, -1, -1}};
        draft_assume(draft, 0.02);
    }
    if (rank.target.kind == NOUN_NONE)
        return false;
    if (!is_known && draft->extreme == EXTREME_QUANTITY &&
        !draft->is_bare_extreme) // "the most common species"
        rank.measure = (struct draft_measure){PLAN_COUNT, {common_table(draft, &rank), -1, -1}};
    else if (!is_known && !choose_measure(draft, &rank))
        return false;
    settle_judgement(draft, &rank);
    if (rank.measure.aggregate == PLAN_NONE)
        return rank_bare(draft, plan, &rank);
    return rank_groups(draft, plan, &rank);
}
