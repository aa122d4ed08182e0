// SPDX-License-Identifier: Apache-2.0
//
// See form.h: a logical form as people read it (how the question was understood), as data, and the
// sentence that states its answer. The words follow the form's three storeys.
#include <math.h>
#include <string.h>

#include "base/str.h"
#include "plan/form_write.h"
#include "plan/wording.h"

#define LISTED 6 // values that a sentence lists

struct speaker {
    const struct form_set *set;
    const struct dataset_table *table;
    struct buf *buf;
};

static const char *title_of(const struct speaker *speaker, int column) {
    return speaker->table->columns[speaker->set->columns[column].reads[FORM_AS_IS]].title;
}

// ---- Filters ------------------------------------------------------------------------------------

static void add_quoted(struct buf *buf, const char *text) { buf_add_format(buf, "“%s”", text); }

static void add_values(struct speaker *speaker, const struct form_filter *filter,
                       const char *link) {
    const char *values[2 * FORM_VALUES];
    size_t count = form_mentioned(speaker->set, filter, values);
    for (size_t i = 0; i < count && i < LISTED; i++) {
        buf_add_text(speaker->buf, i ? link : "");
        add_quoted(speaker->buf, values[i]);
    }
    if (count > LISTED)
        buf_add_format(speaker->buf, "%sone of %zu more", link, count - LISTED);
}

// "is “Texas”", "has “Texas” in it": behind the column's title.
static void add_value(struct speaker *speaker, const struct form_filter *filter) {
    const struct form_mention *mention = &speaker->set->mentions[filter->mention];
    const char *negation = filter->is_negated ? " not" : "";
    if (mention->is_start) {
        buf_add_text(speaker->buf, filter->is_negated ? " does not begin with " : " begins with ");
        add_quoted(speaker->buf, mention->contains);
        return;
    }
    if (!mention->is_whole && mention->contains) {
        buf_add_text(speaker->buf, filter->is_negated ? " does not have " : " has ");
        add_quoted(speaker->buf, mention->contains);
        buf_add_text(speaker->buf, " in it");
        return;
    }
    buf_add_format(speaker->buf, " is%s ", negation);
    add_values(speaker, filter, " or ");
}

static void add_number(struct speaker *speaker, const struct form_filter *filter) {
    static const char *const words[] = {[PLAN_EQUAL] = "is",
                                        [PLAN_LESS] = "is less than",
                                        [PLAN_LESS_EQUAL] = "is at most",
                                        [PLAN_GREATER] = "is more than",
                                        [PLAN_GREATER_EQUAL] = "is at least"};
    buf_add_format(speaker->buf, " %s ", words[filter->comparison]);
    if (speaker->set->columns[filter->column].is_year)
        buf_add_format(speaker->buf, "%.15g", filter->number);
    else
        format_exact(speaker->buf, filter->number, "");
}

static void add_date(struct speaker *speaker, const struct form_filter *filter) {
    const struct date_span *span = &filter->item->date;
    bool has_from = *span->from, has_to = *span->to;
    if (span->bucket != PLAN_AS_IS) {
        buf_add_format(speaker->buf, " is in %s",
                       wording_bucket_value(span->bucket, span->values[0]));
        return;
    }
    buf_add_text(speaker->buf, " is ");
    format_span(speaker->buf, has_from ? span->from : NULL, has_to ? span->to : NULL);
}

static void add_relative(struct speaker *speaker, const struct form_filter *filter) {
    const struct form_mention *mention = &speaker->set->mentions[filter->mention];
    bool is_date = filter->read == FORM_AS_DATE, is_greater = filter->comparison == PLAN_GREATER;
    buf_add_format(speaker->buf, " is %s that of ",
                   filter->kind == FORM_SAME ? "the same as"
                   : is_date                 ? is_greater ? "later than" : "earlier than"
                   : is_greater              ? "more than"
                                             : "less than");
    if (!mention->is_whole && mention->contains)
        add_quoted(speaker->buf, mention->contains);
    else
        add_values(speaker, filter, " or ");
}

static void add_filter(struct speaker *speaker, const struct form_filter *filter) {
    buf_add_text(speaker->buf, title_of(speaker, filter->column));
    if (filter->kind == FORM_EMPTY)
        buf_add_text(speaker->buf, filter->is_negated ? " is there" : " is missing");
    else if (filter->kind == FORM_VALUE)
        add_value(speaker, filter);
    else if (filter->kind == FORM_NUMBER)
        add_number(speaker, filter);
    else if (filter->kind == FORM_DATE)
        add_date(speaker, filter);
    else
        add_relative(speaker, filter);
}

// ---- Rows ---------------------------------------------------------------------------------------

static void add_filters(struct speaker *speaker, const struct form_rows *rows) {
    for (size_t i = 0; i < rows->filter_count; i++) {
        buf_add_text(speaker->buf, !i ? "" : rows->is_either && i == 1 ? " or " : " and ");
        add_filter(speaker, &speaker->set->filters[rows->filters[i]]);
    }
}

// " where …", ", in the row after the one where …", ", in the row with the most points".
static void add_rows(struct speaker *speaker, const struct form_rows *rows) {
    static const char *const shifts[] = {[FORM_SHIFT_PREVIOUS] = "in the row before the one",
                                         [FORM_SHIFT_NEXT] = "in the row after the one",
                                         [FORM_SHIFT_BEFORE] = "in the rows before the one",
                                         [FORM_SHIFT_AFTER] = "in the rows after the one"};
    if (rows->pick) {
        bool is_date = rows->pick_read == FORM_AS_DATE;
        bool is_place = rows->pick == FORM_PICK_FIRST || rows->pick == FORM_PICK_LAST;
        buf_add_format(speaker->buf, ", in the %srow",
                       rows->pick == FORM_PICK_FIRST  ? "first "
                       : rows->pick == FORM_PICK_LAST ? "last "
                                                      : "");
        if (!is_place)
            buf_add_format(speaker->buf, " with the %s %s",
                           rows->pick == FORM_PICK_MOST ? is_date ? "latest" : "greatest"
                           : is_date                    ? "earliest"
                                                        : "least",
                           title_of(speaker, rows->pick_column));
        if (rows->filter_count)
            buf_add_text(speaker->buf, rows->shift ? " of those" : " of those where ");
    }
    if (rows->shift)
        buf_add_format(speaker->buf, "%s%s", rows->pick ? " " : ", ", shifts[rows->shift]);
    if (rows->filter_count && (rows->shift || !rows->pick))
        buf_add_text(speaker->buf, " where ");
    add_filters(speaker, rows);
}

// ---- Forms --------------------------------------------------------------------------------------

static void add_head(struct speaker *speaker, const struct form *form) {
    static const char *const aggregates[] = {[PLAN_SUM] = "Total of ",
                                             [PLAN_AVERAGE] = "Average of ",
                                             [PLAN_MIN] = "Least ",
                                             [PLAN_MAX] = "Greatest "};
    struct buf *buf = speaker->buf;
    const char *title = form->column >= 0 ? title_of(speaker, form->column) : "";
    switch ((enum form_kind)form->kind) {
    case FORM_SHOW: buf_add_text(buf, title); break;
    case FORM_COUNT: buf_add_text(buf, "Number of rows"); break;
    case FORM_DISTINCT: buf_add_format(buf, "Number of different values of %s", title); break;
    case FORM_AGGREGATE: buf_add_format(buf, "%s%s", aggregates[form->aggregate], title); break;
    case FORM_COMMON:
        buf_add_format(buf, "The %s %s", form->is_rare ? "rarest" : "most frequent", title);
        break;
    case FORM_BEST_GROUP:
        buf_add_format(buf, "The %s with the %s %s of %s", title,
                       form->is_rare ? "least" : "greatest",
                       form->aggregate == PLAN_AVERAGE ? "average" : "total",
                       title_of(speaker, form->other_column));
        break;
    case FORM_DIFFERENCE: buf_add_format(buf, "Difference in %s", title); break;
    case FORM_COUNT_DIFFERENCE: buf_add_text(buf, "Difference in the number of rows"); break;
    case FORM_RANGE: buf_add_format(buf, "Greatest less least %s", title); break;
    case FORM_BETWEEN:
        buf_add_format(buf, "Difference between %s and %s", title,
                       title_of(speaker, form->other_column));
        break;
    case FORM_WITHIN: buf_add_format(buf, "Difference between the two numbers of %s", title); break;
    case FORM_EXISTS: buf_add_text(buf, "Whether there is a row"); break;
    case FORM_TRUTH:
        buf_add_format(buf, "Whether %s is %s", title,
                       form->read == FORM_AS_DATE ? "later" : "greater");
        break;
    }
}

static bool has_two_sides(const struct form *form) {
    return form->kind == FORM_DIFFERENCE || form->kind == FORM_COUNT_DIFFERENCE ||
           form->kind == FORM_TRUTH;
}

const char *form_understanding(const struct form_set *set, const struct form *form,
                               struct arena *arena) {
    struct buf buf = BUF(LIMIT_SQL);
    struct speaker speaker = {set, &set->schema->tables[set->table], &buf};
    add_head(&speaker, form);
    add_rows(&speaker, &set->rows[form->rows]);
    if (has_two_sides(form)) {
        buf_add_text(&buf, form->kind == FORM_TRUTH ? ", than" : ", and");
        add_rows(&speaker, &set->rows[form->other_rows]);
    }
    buf_add_char(&buf, '.');
    const char *text = arena_text(arena, buf_text(&buf));
    buf_done(&buf);
    return text;
}

// ---- The answer ---------------------------------------------------------------------------------

static void add_cell(struct buf *buf, const json *value) {
    if (cJSON_IsString(value))
        buf_add_text(buf, value->valuestring);
    else if (cJSON_IsNumber(value))
        format_exact(buf, value->valuedouble, "");
    else
        buf_add_text(buf, "nothing");
}

static void add_cells(struct buf *buf, const json *rows, int count) {
    for (int i = 0; i < count && i < LISTED; i++) {
        bool is_last = i + 1 == count;
        buf_add_text(buf, !i ? "" : is_last ? " and " : ", ");
        add_cell(buf, cJSON_GetArrayItem(cJSON_GetArrayItem(rows, i), 0));
    }
    if (count > LISTED)
        buf_add_format(buf, " and %d more", count - LISTED);
}

static const struct dataset_column *measured(const struct form_set *set, const struct form *form) {
    return form->column < 0 ? NULL
                            : &set->schema->tables[set->table]
                                   .columns[set->columns[form->column].reads[FORM_AS_IS]];
}

char *form_sentence(const struct form_set *set, const struct form *form, const json *result) {
    struct buf buf = BUF(LIMIT_SQL);
    struct speaker speaker = {set, &set->schema->tables[set->table], &buf};
    const json *rows = cJSON_GetObjectItemCaseSensitive(result, "rows");
    const json *first = cJSON_GetArrayItem(cJSON_GetArrayItem(rows, 0), 0);
    int count = cJSON_GetArraySize(rows);
    const struct dataset_column *column = measured(set, form);
    bool is_list =
        form->kind == FORM_SHOW || form->kind == FORM_COMMON || form->kind == FORM_BEST_GROUP;
    if (!count || !first || cJSON_IsNull(first)) {
        buf_add_text(&buf, "There is no such row.");
    } else if (form->kind == FORM_EXISTS || form->kind == FORM_TRUTH) {
        buf_add_text(&buf, cJSON_IsString(first) && strcmp(first->valuestring, "yes") == 0 ? "Yes."
                                                                                           : "No.");
    } else if (is_list) {
        if (form->kind == FORM_SHOW)
            buf_add_text(&buf, title_of(&speaker, form->column));
        else
            add_head(&speaker, form);
        buf_add_text(&buf, form->kind == FORM_SHOW ? ": " : " is ");
        bool is_year = set->columns[form->column].is_year && cJSON_IsNumber(first) && count == 1;
        if (is_year)
            buf_add_format(&buf, "%.15g", first->valuedouble);
        else
            add_cells(&buf, rows, count);
        buf_add_char(&buf, '.');
    } else {
        add_head(&speaker, form);
        buf_add_text(&buf, ": ");
        bool has_unit =
            column && form->kind != FORM_DISTINCT && form->kind != FORM_COUNT_DIFFERENCE;
        if (cJSON_IsNumber(first))
            format_exact(&buf, first->valuedouble, has_unit ? column->unit : "");
        else
            add_cell(&buf, first);
        buf_add_char(&buf, '.');
    }
    return buf_take(&buf);
}

// ---- As data ------------------------------------------------------------------------------------

static void write_column(const struct speaker *speaker, json *object, const char *key, int column,
                         int read) {
    static const char *const reads[] = {"as_is", "number", "second_number", "date", "text"};
    json *at = json_add_object(object, key);
    json_add_text(at, "column",
                  speaker->table->columns[speaker->set->columns[column].reads[FORM_AS_IS]].name);
    if (read != FORM_AS_IS)
        json_add_text(at, "read_as", reads[read]);
}

static void write_filter(const struct speaker *speaker, json *array,
                         const struct form_filter *filter) {
    static const char *const kinds[] = {"value",   "number",        "date",
                                        "same_as", "compared_with", "missing"};
    static const char *const comparisons[] = {
        [PLAN_EQUAL] = "equal",     [PLAN_NOT_EQUAL] = "not_equal",
        [PLAN_LESS] = "less",       [PLAN_LESS_EQUAL] = "less_equal",
        [PLAN_GREATER] = "greater", [PLAN_GREATER_EQUAL] = "greater_equal",
        [PLAN_BETWEEN] = "between", [PLAN_CONTAINS] = "contains",
        [PLAN_IS_NULL] = "is_null"};
    json *object = cJSON_CreateObject();
    cJSON_AddItemToArray(array, object);
    json_add_text(object, "kind", kinds[filter->kind]);
    write_column(speaker, object, "of", filter->column, (int)filter->read);
    json_add_text(object, "comparison", comparisons[filter->comparison]);
    json_add_bool(object, "negated", filter->is_negated);
    if (filter->kind == FORM_NUMBER) {
        cJSON_AddNumberToObject(object, "number", filter->number);
    } else if (filter->kind == FORM_EMPTY) {
        return;
    } else if (filter->kind == FORM_DATE) {
        json_add_text(object, "from", filter->item->date.from);
        json_add_text(object, "to", filter->item->date.to);
    } else {
        const char *values[2 * FORM_VALUES];
        size_t count = form_mentioned(speaker->set, filter, values);
        json_add(object, "values", cJSON_CreateStringArray(values, (int)count));
    }
}

static void write_rows(const struct speaker *speaker, json *object, const char *key, size_t at) {
    static const char *const picks[] = {"all", "greatest", "least", "first", "last"};
    static const char *const shifts[] = {"none", "previous", "next", "before", "after"};
    const struct form_rows *rows = &speaker->set->rows[at];
    json *to = json_add_object(object, key), *filters = json_add_array(to, "filters");
    for (size_t i = 0; i < rows->filter_count; i++)
        write_filter(speaker, filters, &speaker->set->filters[rows->filters[i]]);
    json_add_bool(to, "either", rows->is_either);
    json_add_text(to, "beside", shifts[rows->shift]);
    json_add_text(to, "pick", picks[rows->pick]);
    if (rows->pick_column >= 0)
        write_column(speaker, to, "pick_by", rows->pick_column, rows->pick_read);
}

json *form_write(const struct form_set *set, const struct form *form) {
    static const char *const kinds[] = {
        "show",       "count",      "count_distinct",   "aggregate", "commonest",
        "best_group", "difference", "count_difference", "range",     "between_columns",
        "within",     "exists",     "compare"};
    static const char *const aggregates[] = {
        [PLAN_SUM] = "sum", [PLAN_AVERAGE] = "average", [PLAN_MIN] = "min", [PLAN_MAX] = "max"};
    struct speaker speaker = {set, &set->schema->tables[set->table], NULL};
    json *object = cJSON_CreateObject();
    json_add_text(object, "from", speaker.table->name);
    json_add_text(object, "form", kinds[form->kind]);
    if (form->kind == FORM_AGGREGATE || form->kind == FORM_BEST_GROUP)
        json_add_text(object, "aggregate", aggregates[form->aggregate]);
    if (form->column >= 0)
        write_column(&speaker, object, "of", form->column, form->read);
    if (form->kind == FORM_BEST_GROUP || form->kind == FORM_BETWEEN)
        write_column(&speaker, object, "measure", form->other_column, FORM_AS_NUMBER);
    if (form->is_rare)
        json_add_bool(object, "least", true);
    write_rows(&speaker, object, "rows", form->rows);
    if (has_two_sides(form))
        write_rows(&speaker, object, "other_rows", form->other_rows);
    return object;
}
