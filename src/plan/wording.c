// SPDX-License-Identifier: Apache-2.0
//
// See wording.h: names and sentences for plans. A plan is all that these look at, so what they say
// is what is computed.
#include "plan/wording.h"

#include <stdio.h>
#include <string.h>

#include "plan/graph.h"
#include "plan/sql.h"

// ---- Names --------------------------------------------------------------------------------------

const char *wording_unit(const struct dataset_schema *schema, struct plan_column column) {
    return question_unit(schema, column);
}

static const char *raw_title(const struct dataset_schema *schema, struct plan_column column) {
    if (column.metric >= 0)
        return schema->metrics[column.metric].title;
    return column.column >= 0 ? question_column(schema, column)->title
                              : schema->tables[column.table].title;
}

// Whether a word begins with its only capital: no abbreviation, and no name with more of them.
static bool is_ordinary_word(const char *word) {
    return *word >= 'A' && *word <= 'Z' &&
           (!word[1] || word[1] == ' ' || (word[1] >= 'a' && word[1] <= 'z'));
}

// Small letters at the beginning: of the title, or of every word where every word has a capital
// ("Release Year").
const char *wording_lowered(struct arena *arena, const char *title) {
    size_t length = question_title_length(title);
    char *text = arena_take(arena, length + 1, 1);
    if (!text)
        return "";
    memcpy(text, title, length);
    bool is_title_case = true;
    for (size_t i = 1; i < length; i++)
        is_title_case &= text[i - 1] != ' ' || is_ordinary_word(text + i);
    for (size_t i = 0; i < length; i++)
        if ((i == 0 || (is_title_case && text[i - 1] == ' ')) && is_ordinary_word(text + i))
            text[i] = (char)(text[i] + 32);
    return text;
}

const char *wording_raised(struct arena *arena, const char *title) {
    char *text = arena_take(arena, strlen(title) + 1, 1);
    if (!text)
        return "";
    strcpy(text, title);
    if (text[0] >= 'a' && text[0] <= 'z')
        text[0] = (char)(text[0] - 32);
    return text;
}

const char *wording_column(const struct dataset_schema *schema, struct arena *arena,
                           struct plan_column column) {
    return wording_lowered(arena, raw_title(schema, column));
}

const char *wording_rows(const struct dataset_schema *schema, struct arena *arena, int table,
                         bool is_one) {
    const struct dataset_table *at = &schema->tables[table];
    char plural[LIMIT_NAME + 8], stem[WORDS_TEXT], row_stem[WORDS_TEXT];
    if (is_one)
        return wording_lowered(arena, at->row);
    const char *last = strrchr(at->title, ' '), *last_row = strrchr(at->row, ' ');
    const char *title = wording_lowered(arena, last ? last + 1 : at->title);
    words_stem(title, stem);
    words_stem(last_row ? last_row + 1 : at->row, row_stem);
    if (strcmp(stem, row_stem) == 0)
        return wording_lowered(arena, at->title);
    lexicon_plural(at->row, plural, sizeof plural);
    return wording_lowered(arena, plural);
}

const char *wording_values(const struct dataset_schema *schema, struct arena *arena,
                           struct plan_column column) {
    const char *title = wording_column(schema, arena, column), *of = strstr(title, " of ");
    char head[LIMIT_NAME + 8], plural[LIMIT_NAME + 16];
    snprintf(head, sizeof head, "%.*s", of ? (int)(of - title) : LIMIT_NAME, title);
    lexicon_plural(head, plural, sizeof plural);
    return arena_format(arena, "%s%s", plural, of ? of : "");
}

static const char *const bucket_names[] = {
    [PLAN_AS_IS] = "",        [PLAN_YEAR] = "Year",           [PLAN_QUARTER] = "Quarter",
    [PLAN_MONTH] = "Month",   [PLAN_WEEKDAY] = "Weekday",     [PLAN_DAY] = "Day",
    [PLAN_HOUR] = "Hour",     [PLAN_MONTH_OF_YEAR] = "Month", [PLAN_WEEK] = "Week",
    [PLAN_DECADE] = "Decade",
};

// "Name" alone says nothing once it stands in a result: "Customer name" does.
static const char *full_title(const struct dataset_schema *schema, struct arena *arena, int from,
                              struct plan_column column) {
    const char *title = raw_title(schema, column);
    struct word words[4];
    size_t count = words_split(title, words, ARRAY_LENGTH(words));
    if (column.metric >= 0 || column.column < 0 || column.table == from || count != 1)
        return title;
    const char *row = schema->tables[column.table].row;
    return strcmp(row, "row") == 0 || !lexicon_is_name(words[0].stem)
               ? title
               : arena_format(arena, "%s %s", wording_raised(arena, row),
                              wording_lowered(arena, title));
}

const char *wording_group_title(const struct dataset_schema *schema, struct arena *arena,
                                const struct plan *plan, size_t group) {
    const struct plan_group *at = &plan->groups[group];
    struct plan_column column = at->column;
    if (at->bucket != PLAN_AS_IS)
        return bucket_names[at->bucket];
    if (column.column < 0)
        column.column = graph_label(&schema->tables[column.table]);
    return full_title(schema, arena, plan->table, column);
}

bool wording_is_label(const struct dataset_schema *schema, struct plan_column column) {
    const struct dataset_table *table = &schema->tables[column.table];
    return column.metric < 0 && (column.column < 0 || (column.column == graph_label(table) &&
                                                       graph_is_unique(table, column.column)));
}

const char *wording_group(const struct dataset_schema *schema, struct arena *arena,
                          const struct plan *plan, size_t group) {
    bool has_noun = strcmp(schema->tables[plan->groups[group].column.table].row, "row") != 0;
    if (has_noun && plan->groups[group].bucket == PLAN_AS_IS &&
        wording_is_label(schema, plan->groups[group].column))
        return wording_rows(schema, arena, plan->groups[group].column.table, true);
    return wording_lowered(arena, wording_group_title(schema, arena, plan, group));
}

const char *wording_shown_title(const struct dataset_schema *schema, struct arena *arena,
                                const struct plan *plan, size_t shown) {
    return full_title(schema, arena, plan->table, plan->shown[shown]);
}

static bool begins_with_word(const char *title, const char *word) {
    struct word words[1];
    return words_split(title, words, 1) && strcmp(words[0].stem, word) == 0;
}

// The word that a sum, an average or an extreme is called by, "" where the title has it already.
static const char *aggregate_word(const struct dataset_schema *schema,
                                  const struct plan_measure *measure) {
    const char *title = raw_title(schema, measure->column);
    const struct dataset_column *column = question_column(schema, measure->column);
    bool is_date = column && question_is_date(column);
    switch (measure->aggregate) {
    case PLAN_SUM:
        return begins_with_word(title, "total") || measure->column.metric >= 0 ? "" : "total ";
    case PLAN_MEDIAN: return begins_with_word(title, "median") ? "" : "median ";
    case PLAN_AVERAGE: return begins_with_word(title, "average") ? "" : "average ";
    case PLAN_MIN: return is_date ? "earliest " : "lowest ";
    case PLAN_MAX: return is_date ? "latest " : "highest ";
    default: return "";
    }
}

const char *wording_measure(const struct dataset_schema *schema, struct arena *arena,
                            const struct plan_measure *measure) {
    if (measure->aggregate == PLAN_COUNT ||
        (measure->aggregate == PLAN_COUNT_DISTINCT && measure->column.column >= 0 &&
         question_column(schema, measure->column)->is_key))
        return arena_format(arena, "number of %s",
                            wording_rows(schema, arena, measure->column.table, false));
    const char *title = wording_column(schema, arena, measure->column);
    if (measure->aggregate == PLAN_COUNT_DISTINCT)
        return arena_format(arena, "number of different %s",
                            wording_values(schema, arena, measure->column));
    return arena_format(arena, "%s%s", aggregate_word(schema, measure), title);
}

const char *wording_measure_title(const struct dataset_schema *schema, struct arena *arena,
                                  const struct plan *plan, size_t measure) {
    const struct plan_measure *at = &plan->measures[measure];
    bool is_rows = at->aggregate == PLAN_COUNT;
    bool is_key =
        at->aggregate == PLAN_COUNT_DISTINCT && question_column(schema, at->column)->is_key;
    if (is_rows || is_key)
        return wording_raised(arena, wording_rows(schema, arena, at->column.table, false));
    if (at->aggregate == PLAN_COUNT_DISTINCT)
        return arena_format(arena, "Different %s", wording_values(schema, arena, at->column));
    return wording_raised(arena, wording_measure(schema, arena, at));
}

// ---- Filters ------------------------------------------------------------------------------------

static void add_value(const struct dataset_schema *schema, struct buf *buf,
                      const struct plan_filter *filter, size_t at) {
    const struct plan_value *value = &filter->values[at];
    const struct dataset_column *column = question_column(schema, filter->column);
    const char *name = value->kind == PLAN_VALUE_INTEGER
                           ? wording_bucket_value(filter->bucket, value->integer)
                           : "";
    const char *unit = filter->column.table >= 0 && filter->bucket == PLAN_AS_IS
                           ? wording_unit(schema, filter->column)
                           : "";
    bool is_year =
        filter->bucket == PLAN_YEAR || (column && column->type == DATASET_INTEGER && !*unit &&
                                        column->min_number >= 1000 && column->max_number <= 2999);
    if (*name)
        buf_add_text(buf, name);
    else if (value->kind == PLAN_VALUE_TEXT && column && question_is_date(column))
        format_date(buf, value->text);
    else if (value->kind == PLAN_VALUE_TEXT)
        buf_add_text(buf, value->text);
    else if (is_year && value->kind == PLAN_VALUE_INTEGER)
        buf_add_format(buf, "%lld", (long long)value->integer);
    else
        format_exact(buf, value->kind == PLAN_VALUE_INTEGER ? (double)value->integer : value->real,
                     unit);
}

static const char *const comparison_words[] = {
    [PLAN_EQUAL] = " is ",
    [PLAN_NOT_EQUAL] = " is not ",
    [PLAN_LESS] = " is under ",
    [PLAN_LESS_EQUAL] = " is at most ",
    [PLAN_GREATER] = " is over ",
    [PLAN_GREATER_EQUAL] = " is at least ",
    [PLAN_BETWEEN] = " is between ",
    [PLAN_IS_NULL] = " is missing",
    [PLAN_IS_NOT_NULL] = " is given",
    [PLAN_CONTAINS] = " contains ",
    [PLAN_NOT_BETWEEN] = " is not between ",
    [PLAN_NOT_CONTAINS] = " does not contain ",
};

void wording_add_comparison(const struct dataset_schema *schema, struct buf *buf,
                            const struct plan_filter *filter, bool is_flipped) {
    enum plan_comparison comparison = filter->comparison;
    if (is_flipped)
        sql_is_denial(filter->comparison, &comparison);
    buf_add_text(buf, comparison_words[comparison]);
    if (filter->bucket != PLAN_AS_IS && (comparison == PLAN_EQUAL || comparison == PLAN_NOT_EQUAL))
        buf_add_text(buf, filter->bucket == PLAN_WEEKDAY ? "on a " : "in ");
    buf_add_text(buf, filter->is_each ? "each of " : filter->is_only ? "only " : "");
    for (size_t i = 0; i < filter->value_count; i++) {
        bool is_and =
            comparison == PLAN_BETWEEN || comparison == PLAN_NOT_BETWEEN || filter->is_each;
        const char *link = is_and ? " and " : comparison == PLAN_NOT_EQUAL ? " nor " : " or ";
        buf_add_text(buf, i == 0 ? "" : i + 1 < filter->value_count ? ", " : link);
        add_value(schema, buf, filter, i);
    }
}

static bool is_days(const struct dataset_schema *schema, const struct plan_filter *filter) {
    const struct dataset_column *column = question_column(schema, filter->column);
    return column && question_is_date(column) && filter->bucket == PLAN_AS_IS &&
           filter->value_count;
}

// What a relative date goes by, as the planner has no clock.
static void add_newest(struct arena *arena, struct buf *buf, const struct plan_filter *filter) {
    if (!filter->seen_from)
        return;
    buf_add_text(buf, " (as seen from the newest, ");
    format_date(buf, arena_text_n(arena, filter->seen_from, strnlen(filter->seen_from, 10)));
    buf_add_char(buf, ')');
}

void wording_add_filter(const struct dataset_schema *schema, struct arena *arena, struct buf *buf,
                        const struct plan_filter *filter, bool is_flipped) {
    const struct dataset_column *column = question_column(schema, filter->column);
    buf_add_text(buf, wording_column(schema, arena, filter->column));
    if (column && column->type == DATASET_BOOLEAN && filter->value_count == 1) {
        buf_add_text(buf, (filter->values[0].integer != 0) == (filter->comparison == PLAN_EQUAL)
                              ? " is true"
                              : " is false");
        return;
    }
    if (!is_days(schema, filter)) {
        wording_add_comparison(schema, buf, filter, is_flipped);
        add_newest(arena, buf, filter);
        return;
    }
    const char *first = filter->values[0].text;
    if (filter->comparison == PLAN_LESS || filter->comparison == PLAN_GREATER) {
        buf_add_text(buf, filter->comparison == PLAN_LESS ? " is before " : " is after ");
        format_date(buf, arena_text_n(arena, first, strnlen(first, 10)));
        add_newest(arena, buf, filter);
        return;
    }
    bool is_to = filter->comparison == PLAN_LESS_EQUAL,
         is_from = filter->comparison == PLAN_GREATER_EQUAL;
    enum plan_comparison denied;
    bool is_denied = sql_is_denial(filter->comparison, &denied) && !is_flipped;
    buf_add_text(buf, is_denied ? " is not " : " is ");
    buf_add_text(buf, filter->is_only ? "only " : "");
    format_span(buf, is_to ? NULL : first,
                is_from                   ? NULL
                : is_to                   ? first
                : filter->value_count > 1 ? filter->values[1].text
                                          : first);
    add_newest(arena, buf, filter);
}

// "at least one order line where …", "any order".
static void add_existence(const struct dataset_schema *schema, struct arena *arena, struct buf *buf,
                          const struct plan *plan, const struct sql_unit *unit, bool is_clause) {
    const char *lead_in = is_clause ? unit->is_negated ? "there is no" : "there is at least one"
                          : unit->is_negated ? "without any"
                                             : "with at least one";
    bool is_only = false;
    for (size_t i = 0; i < plan->filter_count; i++)
        is_only |= unit->filters & 1u << i && plan->filters[i].is_only;
    if (is_only) // "with order lines only where …"
        buf_add_format(buf, "%s %s only", is_clause ? "there are" : "with",
                       wording_rows(schema, arena, unit->root, false));
    else
        buf_add_format(buf, "%s %s", lead_in, wording_rows(schema, arena, unit->root, true));
    const char *lead = " where ";
    for (size_t i = 0; i < plan->filter_count; i++) {
        struct plan_filter filter = plan->filters[i];
        enum plan_comparison denied;
        if (!(unit->filters & 1u << i) || (filter.column.column < 0 && filter.column.metric < 0))
            continue;
        filter.is_only = false; // it is said of the rows
        buf_add_text(buf, lead);
        wording_add_filter(schema, arena, buf, &filter, sql_is_denial(filter.comparison, &denied));
        lead = " and ";
    }
}

// What has to hold of each row: alternatives among them.
static void add_unit(const struct dataset_schema *schema, struct arena *arena, struct buf *buf,
                     const struct plan *plan, const struct sql_unit *unit) {
    bool is_list = unit->filters & (unit->filters - 1), is_first = true;
    buf_add_text(buf, is_list ? "either " : "");
    for (size_t i = 0; i < plan->filter_count; i++) {
        if (!(unit->filters & 1u << i))
            continue;
        buf_add_text(buf, is_first ? "" : " or ");
        wording_add_filter(schema, arena, buf, &plan->filters[i], false);
        is_first = false;
    }
}

// Existences come last, as they are no property of the row itself.
static void add_side(const struct dataset_schema *schema, struct arena *arena, struct buf *buf,
                     const struct plan *plan, int side, const char *lead) {
    struct sql_unit unit;
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < plan->filter_count; i++) {
            if ((int)plan->filters[i].side != side || !sql_unit(schema, plan, i, &unit) ||
                unit.is_existence != (pass == 1))
                continue;
            if (pass == 1) {
                buf_add_text(buf, !buf->length ? (*lead ? " " : "") : ", and ");
                add_existence(schema, arena, buf, plan, &unit, !*lead);
                continue;
            }
            buf_add_text(buf, buf->length ? " and " : lead);
            add_unit(schema, arena, buf, plan, &unit);
        }
}

const char *wording_side(const struct dataset_schema *schema, struct arena *arena,
                         const struct plan *plan, int side, const char *lead) {
    struct buf buf = BUF(8192);
    add_side(schema, arena, &buf, plan, side, lead);
    const char *text = arena_text(arena, buf_text(&buf));
    buf_done(&buf);
    return text;
}

// The reference that is meant, where there are several: "by way of home team".
void wording_add_vias(const struct dataset_schema *schema, struct arena *arena, struct buf *buf,
                      const struct plan *plan) {
    for (size_t i = 0; i < plan->via_count; i++)
        buf_add_format(buf, "%s%s", i ? " and " : ", by way of ",
                       wording_column(schema, arena, plan->via[i]));
}

const char *wording_filters(const struct dataset_schema *schema, struct arena *arena,
                            const struct plan *plan) {
    return wording_side(schema, arena, plan, PLAN_OF_ALL, " where ");
}
