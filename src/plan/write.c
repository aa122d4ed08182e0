// SPDX-License-Identifier: Apache-2.0
//
// A plan as JSON, by names rather than by indexes, so that it can be read without the schema.
#include "plan/form_rank.h"
#include "plan/form_write.h"
#include "plan/question.h"

static const char *const aggregate_names[] = {"none", "count", "count_distinct", "sum", "average",
                                              "min",  "max",   "median"};
static const char *const bucket_names[] = {"as_is", "year", "quarter",       "month", "weekday",
                                           "day",   "hour", "month_of_year", "week",  "decade"};
static const char *const comparison_names[] = {
    "equal",   "not_equal", "less",        "less_equal", "greater",     "greater_equal",
    "between", "is_null",   "is_not_null", "contains",   "not_between", "not_contains"};
static const char *const derivation_names[] = {"plain",      "share_of_total", "share_of_rows",
                                               "difference", "ratio",          "running_total",
                                               "change",     "growth",         "average_of_groups"};

static void write_column(const struct dataset_schema *schema, json *object,
                         struct plan_column column) {
    json_add_text(object, "table", column.table >= 0 ? schema->tables[column.table].name : NULL);
    if (column.metric >= 0)
        json_add_text(object, "metric", schema->metrics[column.metric].name);
    else if (column.column >= 0)
        json_add_text(object, "column", question_column(schema, column)->name);
}

static json *write_value(const struct plan_value *value) {
    switch (value->kind) {
    case PLAN_VALUE_INTEGER: return json_new_integer(value->integer);
    case PLAN_VALUE_REAL: return cJSON_CreateNumber(value->real);
    case PLAN_VALUE_TEXT: return cJSON_CreateString(value->text);
    }
    return cJSON_CreateNull();
}

static json *add_to(json *array) {
    json *object = cJSON_CreateObject();
    cJSON_AddItemToArray(array, object);
    return object;
}

static void write_condition(json *object, const struct plan_filter *filter) {
    if (filter->bucket != PLAN_AS_IS)
        json_add_text(object, "bucket", bucket_names[filter->bucket]);
    json_add_text(object, "comparison", comparison_names[filter->comparison]);
    json *values = json_add_array(object, "values");
    for (size_t i = 0; i < filter->value_count; i++)
        cJSON_AddItemToArray(values, write_value(&filter->values[i]));
}

static void write_order(const struct dataset_schema *schema, json *object,
                        const struct plan *plan) {
    json *order = json_add_object(object, "order");
    if (plan->order_column.table >= 0)
        write_column(schema, order, plan->order_column);
    else if (plan->order.by_measure)
        json_add_integer(order, "measure", plan->order.index);
    json_add_bool(order, "descending", plan->order.descending);
}

json *plan_write(const struct dataset_schema *schema, const struct plan_reading *reading) {
    const struct plan *plan = &reading->plan;
    if (reading->form)
        return form_write(&reading->forms->set, reading->form);
    json *object = cJSON_CreateObject();
    json_add_text(object, "from", schema->tables[plan->table].name);
    json *measures = json_add_array(object, "measures");
    for (size_t i = 0; i < plan->measure_count; i++) {
        json *measure = add_to(measures);
        json_add_text(measure, "aggregate", aggregate_names[plan->measures[i].aggregate]);
        write_column(schema, measure, plan->measures[i].column);
    }
    json *groups = json_add_array(object, "groups");
    for (size_t i = 0; i < plan->group_count; i++) {
        json *group = add_to(groups);
        write_column(schema, group, plan->groups[i].column);
        if (plan->groups[i].bucket != PLAN_AS_IS)
            json_add_text(group, "bucket", bucket_names[plan->groups[i].bucket]);
    }
    json *shown = json_add_array(object, "shown");
    for (size_t i = 0; i < plan->shown_count; i++)
        write_column(schema, add_to(shown), plan->shown[i]);
    json *filters = json_add_array(object, "filters");
    for (size_t i = 0; i < plan->filter_count; i++) {
        json *filter = add_to(filters);
        write_column(schema, filter, plan->filters[i].column);
        write_condition(filter, &plan->filters[i]);
        if (plan->filters[i].side != PLAN_OF_ALL)
            json_add_integer(filter, "side", plan->filters[i].side);
        if (plan->filters[i].alternative)
            json_add_integer(filter, "alternative", plan->filters[i].alternative);
        if (plan->filters[i].is_each)
            json_add_bool(filter, "each", true);
        if (plan->filters[i].is_only)
            json_add_bool(filter, "only", true);
        if (plan->filters[i].row)
            json_add_integer(filter, "row", plan->filters[i].row);
    }
    if (plan->having_measure >= 0) {
        json *having = json_add_object(object, "having");
        json_add_integer(having, "measure", plan->having_measure);
        write_condition(having, &plan->having);
    }
    json *via = json_add_array(object, "via");
    for (size_t i = 0; i < plan->via_count; i++)
        write_column(schema, add_to(via), plan->via[i]);
    write_order(schema, object, plan);
    json_add_integer(object, "limit", plan->limit);
    json_add_bool(object, "superlative", plan->is_superlative);
    if (plan->derivation != PLAN_PLAIN)
        json_add_text(object, "derivation", derivation_names[plan->derivation]);
    if (plan->per)
        json_add_integer(object, "per", (int64_t)plan->per);
    if (plan->asks_whether)
        json_add_bool(object, "asks_whether", true);
    return object;
}

json *plan_write_params(const struct plan_reading *reading) {
    json *array = cJSON_CreateArray();
    for (size_t i = 0; i < reading->param_count; i++)
        cJSON_AddItemToArray(array, write_value(&reading->params[i]));
    return array;
}
