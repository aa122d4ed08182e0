// SPDX-License-Identifier: Apache-2.0
//
// See wording.h: whole sentences, how a question was understood and what makes one reading differ
// from another. A plan is all that these look at, so what they say is what is computed.
#include <string.h>

#include "plan/graph.h"
#include "plan/wording.h"

// ---- Sentences ----------------------------------------------------------------------------------

static void add_list(struct buf *buf, const char *text, size_t at, size_t count) {
    buf_add_text(buf, at == 0 ? "" : at + 1 < count ? ", " : " and ");
    buf_add_text(buf, text);
}

static bool names_rows(const struct dataset_schema *schema, const struct plan_measure *measure) {
    return measure->aggregate == PLAN_COUNT || (measure->aggregate == PLAN_COUNT_DISTINCT &&
                                                question_column(schema, measure->column)->is_key);
}

static void add_measures(const struct dataset_schema *schema, struct arena *arena, struct buf *buf,
                         const struct plan *plan) {
    bool has_rows = false;
    for (size_t i = 0; i < plan->measure_count; i++) {
        const char *text = wording_measure(schema, arena, &plan->measures[i]);
        add_list(buf, i || plan->is_superlative || plan->limit ? text : wording_raised(arena, text),
                 i, plan->measure_count);
        has_rows |= names_rows(schema, &plan->measures[i]);
    }
    if (!has_rows && plan->measures[0].column.metric < 0)
        buf_add_format(buf, " of %s", wording_rows(schema, arena, plan->table, false));
}

static const char *degree(const struct dataset_schema *schema, const struct plan *plan,
                          struct plan_column column) {
    const struct dataset_column *at = plan->measure_count ? NULL : question_column(schema, column);
    if (at && question_is_date(at))
        return plan->order.descending ? "latest" : "earliest";
    return plan->order.descending ? "highest" : "lowest";
}

static void add_group_order(const struct dataset_schema *schema, struct buf *buf,
                            const struct plan *plan) {
    const struct dataset_column *column = question_column(schema, plan->groups[0].column);
    bool is_date = column && question_is_date(column);
    if (plan->order.by_measure)
        buf_add_text(buf, plan->order.descending ? ", highest first" : ", lowest first");
    else if (is_date && (plan->groups[0].bucket != PLAN_WEEKDAY &&
                         plan->groups[0].bucket != PLAN_MONTH_OF_YEAR))
        buf_add_text(buf, plan->order.descending ? ", latest first" : ", in order of time");
}

static void add_having(const struct dataset_schema *schema, struct arena *arena, struct buf *buf,
                       const struct plan *plan) {
    if (plan->having_measure < 0)
        return;
    struct plan_filter having = plan->having;
    buf_add_format(buf, ", where the %s",
                   wording_measure(schema, arena, &plan->measures[plan->having_measure]));
    bool is_count = plan->measures[plan->having_measure].aggregate == PLAN_COUNT;
    having.column = plan->measures[plan->having_measure].column;
    if (is_count)
        having.column = (struct plan_column){plan->table, -1, -1};
    wording_add_comparison(schema, buf, &having, false);
}

static void add_null_note(const struct dataset_schema *schema, struct arena *arena, struct buf *buf,
                          const struct plan *plan) {
    for (size_t i = 0; i < plan->group_count; i++) {
        const struct dataset_column *column = question_column(schema, plan->groups[i].column);
        if (column && column->null_count && plan->groups[i].bucket == PLAN_AS_IS &&
            !plan->is_superlative && !plan->limit && plan->measure_count)
            buf_add_format(buf, "; rows without %s are a group of their own",
                           wording_group(schema, arena, plan, i));
    }
}

const char *wording_group_values(const struct dataset_schema *schema, struct arena *arena,
                                 const struct plan *plan, size_t group) {
    const struct plan_group *at = &plan->groups[group];
    char plural[64];
    if (at->bucket == PLAN_AS_IS)
        return wording_is_label(schema, at->column)
                   ? wording_rows(schema, arena, at->column.table, false)
                   : wording_values(schema, arena, at->column);
    lexicon_plural(wording_group(schema, arena, plan, group), plural, sizeof plural);
    return arena_text(arena, plural);
}

static void add_groups(const struct dataset_schema *schema, struct arena *arena, struct buf *buf,
                       const struct plan *plan, size_t count) {
    for (size_t i = 0; i < count; i++)
        add_list(buf, wording_group(schema, arena, plan, i), i, count);
}

// "in each category"
static void add_per(const struct dataset_schema *schema, struct arena *arena, struct buf *buf,
                    const struct plan *plan) {
    if (!plan->per)
        return;
    buf_add_text(buf, ", for each ");
    add_groups(schema, arena, buf, plan, plan->per);
}

static void understand_derived(const struct dataset_schema *schema, struct arena *arena,
                               struct buf *buf, const struct plan *plan) {
    bool is_average = plan->derivation == PLAN_AVERAGE_OF_GROUPS;
    size_t groups = is_average ? plan->per : plan->group_count;
    wording_add_derived(schema, arena, buf, plan);
    if (groups) {
        buf_add_text(buf, ", by ");
        add_groups(schema, arena, buf, plan, groups);
        add_group_order(schema, buf, plan);
    }
    if (plan->limit == 1)
        buf_add_text(buf, ", the first alone");
    else if (plan->limit)
        buf_add_format(buf, ", the first %lld", (long long)plan->limit);
    add_having(schema, arena, buf, plan);
    if (is_average)
        buf_add_format(buf, "; %s without any are left out",
                       wording_inner_values(schema, arena, plan));
    else
        add_null_note(schema, arena, buf, plan);
}

static void understand_groups(const struct dataset_schema *schema, struct arena *arena,
                              struct buf *buf, const struct plan *plan) {
    if (plan->is_superlative || plan->limit) {
        buf_add_text(buf, "The ");
        if (plan->limit > 1)
            buf_add_format(buf, "%lld %s", (long long)plan->limit,
                           wording_group_values(schema, arena, plan, plan->per));
        else
            buf_add_text(buf, wording_group(schema, arena, plan, plan->per));
        buf_add_format(buf, " with the %s ", degree(schema, plan, plan->measures[0].column));
        add_measures(schema, arena, buf, plan);
        buf_add_text(buf, wording_filters(schema, arena, plan));
        add_per(schema, arena, buf, plan);
    } else if (plan->measure_count) {
        add_measures(schema, arena, buf, plan);
        buf_add_text(buf, wording_filters(schema, arena, plan));
        buf_add_text(buf, ", by ");
        add_groups(schema, arena, buf, plan, plan->group_count);
        add_group_order(schema, buf, plan);
    } else {
        buf_add_text(buf, "The different ");
        for (size_t i = 0; i < plan->group_count; i++)
            add_list(buf, wording_group_values(schema, arena, plan, i), i, plan->group_count);
        buf_add_format(buf, " of %s%s", wording_rows(schema, arena, plan->table, false),
                       wording_filters(schema, arena, plan));
    }
    add_having(schema, arena, buf, plan);
    add_null_note(schema, arena, buf, plan);
}

// Some of the columns are named, all of them are not.
static void understand_shown(const struct dataset_schema *schema, struct arena *arena,
                             struct buf *buf, const struct plan *plan, const char *filters) {
    const struct dataset_table *table = &schema->tables[plan->table];
    size_t visible = 0;
    for (size_t i = 0; i < table->column_count; i++)
        visible += !table->columns[i].hidden;
    const char *rows = wording_rows(schema, arena, plan->table, false);
    bool is_part = plan->shown_count < 5 && plan->shown_count + 1 < visible;
    for (size_t i = 0; is_part && i < plan->shown_count; i++) {
        const char *title = wording_shown_title(schema, arena, plan, i);
        add_list(buf, i ? wording_lowered(arena, title) : title, i, plan->shown_count);
    }
    buf_add_format(buf, "%s%s%s", is_part ? " of " : "",
                   is_part ? rows : wording_raised(arena, rows), filters);
}

static void understand_rows(const struct dataset_schema *schema, struct arena *arena,
                            struct buf *buf, const struct plan *plan) {
    const char *filters = wording_filters(schema, arena, plan);
    bool is_ordered = plan->order_column.table >= 0;
    const char *column = is_ordered ? wording_column(schema, arena, plan->order_column) : "";
    const char *how = is_ordered ? degree(schema, plan, plan->order_column) : "";
    bool is_of_row = plan->is_superlative && !plan->per && plan->shown_count == 2 &&
                     plan->shown[0].column != graph_label(&schema->tables[plan->table]);
    if (is_of_row) // "airport of the strike with …"
        buf_add_format(buf, "%s of the %s with the %s %s%s",
                       wording_shown_title(schema, arena, plan, 0),
                       wording_rows(schema, arena, plan->table, true), how, column, filters);
    else if (plan->is_superlative)
        buf_add_format(buf, "The %s with the %s %s%s",
                       wording_rows(schema, arena, plan->table, true), how, column, filters);
    else if (plan->limit)
        buf_add_format(buf, "The %lld %s with the %s %s%s", (long long)plan->limit,
                       wording_rows(schema, arena, plan->table, plan->limit == 1), how, column,
                       filters);
    else
        understand_shown(schema, arena, buf, plan, filters);
    if (is_ordered && !plan->is_superlative && !plan->limit)
        buf_add_format(buf, ", %s %s first", how, column);
    for (size_t i = 0; i < plan->per; i++) {
        struct plan_column each = plan->shown[i];
        buf_add_format(buf, "%s%s", i ? " and " : ", for each ",
                       wording_is_label(schema, each)
                           ? wording_rows(schema, arena, each.table, true)
                           : wording_lowered(arena, wording_shown_title(schema, arena, plan, i)));
    }
}

const char *wording_understanding(const struct dataset_schema *schema, struct arena *arena,
                                  const struct plan *plan) {
    struct buf buf = BUF(16384);
    if (plan->derivation != PLAN_PLAIN) {
        understand_derived(schema, arena, &buf, plan);
    } else if (plan->asks_whether) {
        buf_add_format(&buf, "Whether there are %s%s",
                       wording_rows(schema, arena, plan->table, false),
                       wording_filters(schema, arena, plan));
    } else if (plan->group_count) {
        understand_groups(schema, arena, &buf, plan);
    } else if (plan->measure_count) {
        add_measures(schema, arena, &buf, plan);
        buf_add_text(&buf, wording_filters(schema, arena, plan));
    } else {
        understand_rows(schema, arena, &buf, plan);
    }
    wording_add_vias(schema, arena, &buf, plan);
    buf_add_char(&buf, '.');
    const char *text = arena_text(arena, buf_text(&buf));
    buf_done(&buf);
    return text;
}

// ---- Differences --------------------------------------------------------------------------------

static const char *measured(const struct dataset_schema *schema, struct arena *arena,
                            const struct plan *plan) {
    if (plan->derivation != PLAN_PLAIN)
        return ""; // the understanding says it
    if (plan->measure_count)
        return wording_measure(schema, arena, &plan->measures[0]);
    if (plan->is_superlative || plan->limit)
        return arena_format(arena, "%s %s of one %s", degree(schema, plan, plan->order_column),
                            wording_column(schema, arena, plan->order_column),
                            wording_rows(schema, arena, plan->table, true));
    return wording_rows(schema, arena, plan->table, false);
}

static const char *filtered(const struct dataset_schema *schema, struct arena *arena,
                            const struct plan *plan, const struct plan *other) {
    struct buf buf = BUF(4096);
    for (size_t i = 0; i < plan->filter_count; i++) {
        const struct plan_filter *filter = &plan->filters[i];
        bool is_shared = false;
        for (size_t j = 0; j < other->filter_count; j++)
            is_shared |=
                question_is_same(other->filters[j].column, filter->column) &&
                other->filters[j].bucket == filter->bucket &&
                other->filters[j].comparison == filter->comparison &&
                other->filters[j].value_count == filter->value_count &&
                memcmp(other->filters[j].values, filter->values, sizeof filter->values) == 0;
        if (is_shared)
            continue;
        buf_add_text(&buf, buf.length ? " and " : "");
        if (filter->column.column < 0 && filter->column.metric < 0)
            buf_add_format(&buf, "%s %s", filter->comparison == PLAN_IS_NULL ? "no" : "some",
                           wording_rows(schema, arena, filter->column.table, false));
        else
            wording_add_filter(schema, arena, &buf, filter, false);
    }
    const char *text = arena_text(arena, buf_text(&buf));
    buf_done(&buf);
    return text;
}

static const char *grouped(const struct dataset_schema *schema, struct arena *arena,
                           const struct plan *plan) {
    return plan->group_count ? arena_format(arena, "by %s", wording_group(schema, arena, plan, 0))
                             : "in all";
}

static const char *via(const struct dataset_schema *schema, struct arena *arena,
                       const struct plan *plan) {
    return plan->via_count ? wording_column(schema, arena, plan->via[0]) : "";
}

static bool is_told_apart(struct plan_reading *readings, size_t count) {
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j <= i; j++)
            if (!*readings[i].title ||
                (i != j && strcmp(readings[i].title, readings[j].title) == 0))
                return false;
    return true;
}

void wording_differences(const struct dataset_schema *schema, struct arena *arena,
                         struct plan_reading *readings, size_t count) {
    for (size_t kind = 0; kind < 5; kind++) {
        for (size_t i = 0; i < count; i++) {
            const struct plan *plan = &readings[i].plan, *other = &readings[i ? 0 : count > 1].plan;
            const char *text = kind == 0   ? measured(schema, arena, plan)
                               : kind == 1 ? filtered(schema, arena, plan, other)
                               : kind == 2 ? grouped(schema, arena, plan)
                               : kind == 3 ? via(schema, arena, plan)
                                           : readings[i].understanding;
            readings[i].title = wording_raised(arena, text);
            readings[i].detail = readings[i].understanding;
        }
        if (is_told_apart(readings, count))
            return;
    }
}
