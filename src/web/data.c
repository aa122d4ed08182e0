// SPDX-License-Identifier: Apache-2.0
//
// The data sets over HTTP.
#include <string.h>

#include "base/limits.h"
#include "base/log.h"
#include "base/str.h"
#include "plan/openings.h"
#include "web/data.h"
#include "web/routes.h"

static json *texts(const struct dataset_texts *list) {
    return cJSON_CreateStringArray((const char *const *)list->at, (int)list->count);
}

static void add_source(json *object, const struct dataset_schema *schema) {
    if (str_is_empty(schema->source_name) && str_is_empty(schema->source_url))
        return;
    json *source = json_add_object(object, "source");
    if (!str_is_empty(schema->source_name))
        json_add_text(source, "name", schema->source_name);
    if (!str_is_empty(schema->source_url))
        json_add_text(source, "url", schema->source_url);
}

static void add_keeping(json *object, const struct dataset_entry *entry) {
    char at[CLOCK_ISO_SIZE];
    json_add_text(object, "origin", dataset_origin_name(entry->origin));
    if (entry->created_ms)
        json_add_text(object, "created_at", clock_iso(entry->created_ms, at));
    json_add_integer(object, "size_bytes", entry->size_bytes);
    json_add(object, "problems", texts(&entry->problems));
}

// Of a data set whose author vouches for questions there is no need to make some.
static json *suggestions_of(const struct dataset *dataset) {
    const char *openings[PLAN_OPENINGS];
    bool has_prompts = dataset_schema(dataset)->prompt_count > 0;
    size_t count = has_prompts ? 0 : plan_openings(dataset, openings);
    return cJSON_CreateStringArray(openings, (int)count);
}

static json *summary(const struct dataset_entry *entry) {
    json *object = cJSON_CreateObject();
    json_add_text(object, "name", entry->name);
    add_keeping(object, entry);
    if (!entry->dataset) {
        json_add_text(object, "title", entry->name);
        json_add_text(object, "status", "failed");
        json_add_text(object, "problem", entry->problem.message);
        json_add_array(object, "prompts");
        json_add_array(object, "suggestions");
        return object;
    }
    const struct dataset_schema *schema = dataset_schema(entry->dataset);
    json_add_text(object, "title", schema->title);
    json_add_text(object, "description", schema->description);
    json_add_text(object, "license", schema->license);
    add_source(object, schema);
    json_add_text(object, "status", "ready");
    json_add_integer(object, "table_count", (int64_t)schema->table_count);
    json_add_integer(object, "row_count", dataset_row_count(schema));
    json_add_text(object, "data_sha256", schema->data_sha256);
    json *prompts = json_add_array(object, "prompts");
    for (size_t i = 0; i < schema->prompt_count; i++)
        cJSON_AddItemToArray(prompts, cJSON_CreateString(schema->prompts[i].question));
    json_add(object, "suggestions", suggestions_of(entry->dataset));
    return object;
}

static bool is_number(const struct dataset_column *column) {
    return column->type == DATASET_INTEGER || column->type == DATASET_REAL;
}

static void add_quartiles(json *object, const struct dataset_column *column) {
    const double quartiles[] = {column->p25, column->median, column->p75};
    json *array = json_add_array(object, "quartiles");
    for (size_t i = 0; i < ARRAY_LENGTH(quartiles); i++)
        cJSON_AddItemToArray(array, cJSON_CreateNumber(quartiles[i]));
}

// A number where the column holds numbers, else the text.
static json *bound(const struct dataset_column *column, const char *text, double number) {
    if (!text)
        return cJSON_CreateNull();
    return is_number(column) ? cJSON_CreateNumber(number) : cJSON_CreateString(text);
}

static json *column_of(const struct dataset_schema *schema, const struct dataset_column *column) {
    json *object = cJSON_CreateObject();
    json_add_text(object, "name", column->name);
    json_add_text(object, "title", column->title);
    json_add_text(object, "description", column->description);
    json_add_text(object, "type", dataset_type_name(column->type));
    if (!str_is_empty(column->unit))
        json_add_text(object, "unit", column->unit);
    if (column->references_table >= 0) {
        const struct dataset_table *table = &schema->tables[column->references_table];
        cleanup_free char *text =
            mem_format("%s.%s", table->name, table->columns[column->references_column].name);
        json_add_text(object, "references", text);
    }
    json_add_integer(object, "null_count", column->null_count);
    json_add_integer(object, "distinct_count", column->distinct_count);
    json_add(object, "min", bound(column, column->min, column->min_number));
    json_add(object, "max", bound(column, column->max, column->max_number));
    json_add(object, "samples", texts(&column->samples));
    json *counts = json_add_array(object, "sample_counts");
    for (size_t i = 0; i < column->samples.count; i++)
        cJSON_AddItemToArray(counts, cJSON_CreateNumber((double)column->sample_counts[i]));
    if (column->min && is_number(column))
        add_quartiles(object, column);
    json_add_bool(object, "is_category", column->is_category);
    if (*column->list_separator)
        json_add_text(object, "list_separator", column->list_separator);
    return object;
}

static json *table_of(const struct dataset_schema *schema, const struct dataset_table *table) {
    json *object = cJSON_CreateObject();
    json_add_text(object, "name", table->name);
    json_add_text(object, "title", table->title);
    json_add_text(object, "description", table->description);
    json_add_text(object, "row", table->row);
    json_add_integer(object, "row_count", table->row_count);
    if (table->time_column >= 0)
        json_add_text(object, "time_column", table->columns[table->time_column].name);
    if (table->total_row)
        json_add_integer(object, "total_row", table->total_row);
    json *columns = json_add_array(object, "columns");
    for (size_t i = 0; i < table->column_count; i++)
        cJSON_AddItemToArray(columns, column_of(schema, &table->columns[i]));
    return object;
}

static json *checks_of(const struct dataset_schema *schema) {
    json *checks = cJSON_CreateArray();
    for (size_t i = 0; i < schema->prompt_count; i++) {
        if (!schema->prompts[i].expect)
            continue;
        json *check = cJSON_CreateObject();
        json_add_text(check, "question", schema->prompts[i].question);
        json_add(check, "expect", cJSON_Duplicate(schema->prompts[i].expect, true));
        cJSON_AddItemToArray(checks, check);
    }
    return checks;
}

// What may be uploaded, so that a client can say no before it sends anything.
static json *uploads_of(const struct dataset_uploads *uploads) {
    const struct dataset_uploads_settings *settings = dataset_uploads_settings(uploads);
    bool is_refused = settings->refusal.code != 0;
    json *object = cJSON_CreateObject();
    json_add_integer(object, "max_bytes", is_refused ? 0 : settings->max_bytes);
    json_add_text(object, "problem", is_refused ? settings->refusal.message : NULL);
    json_add_text(object, "hint", is_refused ? settings->refusal.hint : NULL);
    return object;
}

enum MHD_Result web_list_datasets(struct web_request *request) {
    const struct web_house *house = &request->server->house;
    struct dataset_list all cleanup(dataset_list_done) = {0};
    dataset_uploads_sweep(house->uploads);
    dataset_catalogue_list(house->catalogue, &all);
    json *body = cJSON_CreateObject(), *list = json_add_array(body, "datasets");
    for (size_t i = 0; i < all.count; i++)
        cJSON_AddItemToArray(list, summary(&all.entries[i]));
    json_add(body, "uploads", uploads_of(house->uploads));
    return web_reply_json(request, MHD_HTTP_OK, body);
}

enum MHD_Result web_reply_dataset(struct web_request *request, unsigned status, const char *name) {
    struct dataset_entry entry cleanup(dataset_entry_done) = {0};
    struct err err = {0};
    if (dataset_catalogue_find(request->server->house.catalogue, name, &entry, &err))
        return web_reply_error(request, &err);
    json *body = summary(&entry), *tables = json_add_array(body, "tables");
    const struct dataset_schema *schema = entry.dataset ? dataset_schema(entry.dataset) : NULL;
    for (size_t i = 0; schema && i < schema->table_count; i++)
        cJSON_AddItemToArray(tables, table_of(schema, &schema->tables[i]));
    if (schema)
        json_add(body, "checks", checks_of(schema));
    return web_reply_json(request, status, body);
}

enum MHD_Result web_get_dataset(struct web_request *request) {
    return web_reply_dataset(request, MHD_HTTP_OK, request->argument);
}

// ---- What people brought ------------------------------------------------------------------------

enum MHD_Result web_change_dataset(struct web_request *request) {
    struct {
        const char *title, *description;
    } body = {0};
    static const struct json_field fields[] = {
        {"title", JSON_TEXT, false, 0, 1, LIMIT_TITLE},
        {"description", JSON_TEXT, false, sizeof(char *), 0, LIMIT_DESCRIPTION},
    };
    struct err err = {0};
    if (json_read(request->json, "", fields, ARRAY_LENGTH(fields), &body, &err) ||
        dataset_uploads_change(request->server->house.uploads, request->argument, body.title,
                               body.description, &err))
        return web_reply_error(request, &err);
    return web_reply_dataset(request, MHD_HTTP_OK, request->argument);
}

enum MHD_Result web_remove_dataset(struct web_request *request) {
    struct err err = {0};
    if (dataset_uploads_remove(request->server->house.uploads, request->argument, &err))
        return web_reply_error(request, &err);
    log_info("dataset=%s was deleted; it can be restored for an hour", request->argument);
    return web_reply(request, MHD_HTTP_NO_CONTENT, MHD_create_response_empty(MHD_RF_NONE));
}

enum MHD_Result web_restore_dataset(struct web_request *request) {
    struct err err = {0};
    if (dataset_uploads_restore(request->server->house.uploads, request->argument, &err))
        return web_reply_error(request, &err);
    return web_reply_dataset(request, MHD_HTTP_OK, request->argument);
}
