// SPDX-License-Identifier: Apache-2.0
//
// See description.h.
#include "dataset/description.h"

#include <strings.h>

#include "base/limits.h"
#include "base/str.h"
#include "dataset/names.h"

#define FIELD(type, key, member, kind, required, ...)                                              \
    { key, kind, required, offsetof(struct type, member), __VA_ARGS__ }
#define OPTIONAL_TEXT(type, key, member, max) FIELD(type, key, member, JSON_TEXT, false, 0, max)

static const char *const type_names[] = {"integer",   "real",    "text", "date",
                                         "timestamp", "boolean", "time"};

// Reads the member of an array; PATH ends in a dot.
static int read_member(const json *value, const char *path, const struct json_field *fields,
                       size_t count, void *target, struct err *err) {
    if (!cJSON_IsObject(value))
        return err_set(err, ERR_BAD_REQUEST, "\"%.*s\" must be an object", (int)strlen(path) - 1,
                       path);
    return json_read(value, path, fields, count, target, err);
}

// ---- Columns ------------------------------------------------------------------------------------

static const struct json_field column_fields[] = {
    FIELD(description_column, "header", header, JSON_TEXT, true, 0, LIMIT_DESCRIPTION),
    OPTIONAL_TEXT(description_column, "name", name, LIMIT_NAME),
    OPTIONAL_TEXT(description_column, "title", title, LIMIT_TITLE),
    OPTIONAL_TEXT(description_column, "description", description, LIMIT_DESCRIPTION),
    OPTIONAL_TEXT(description_column, "type", type_name, LIMIT_NAME),
    OPTIONAL_TEXT(description_column, "unit", unit, LIMIT_NAME),
    FIELD(description_column, "synonyms", synonyms_json, JSON_ARRAY, false, 0, 0),
    OPTIONAL_TEXT(description_column, "references", references, 2 * LIMIT_NAME + 1),
    FIELD(description_column, "values", values_json, JSON_OBJECT, false, 0, 0),
    FIELD(description_column, "hidden", hidden, JSON_BOOL, false, 0, 0),
};

static int check_count(const json *array, const char *path, size_t max, size_t *ret_count,
                       struct err *err) {
    *ret_count = array ? (size_t)cJSON_GetArraySize(array) : 0;
    if (*ret_count > max)
        return err_set(err, ERR_TOO_LARGE, "\"%s\" has %zu members; at most %zu are allowed", path,
                       *ret_count, max);
    return 0;
}

static int check_name(const char *name, const char *path, struct err *err) {
    if (!name || names_is_valid(name))
        return 0;
    err_set(err, ERR_BAD_REQUEST, "\"%sname\" cannot be a name: \"%.80s\"", path, name);
    return err_hint(err, "A name is letters, digits and \"_\", and starts with a letter; "
                         "\"sqlite_\" and \"sandglass_\" "
                         "are taken.");
}

static int check_type(struct description_column *column, const char *path, struct err *err) {
    column->type = dataset_type_from_name(column->type_name);
    if (!column->type_name || column->type >= 0)
        return 0;
    err_set(err, ERR_BAD_REQUEST, "\"%stype\" is no type: \"%.80s\"", path, column->type_name);
    const char *closest = str_closest(column->type_name, type_names, ARRAY_LENGTH(type_names));
    if (closest)
        return err_hint(err, "Did you mean \"%s\"?", closest);
    return err_hint(err, "Types are integer, real, text, date, timestamp, time and boolean.");
}

// {"New York": ["NYC", "Big Apple"]}
static int parse_values(struct description_column *column, const char *path, struct err *err) {
    cleanup_free char *values = mem_format("%svalues", path);
    size_t count;
    int status = check_count(column->values_json, values, LIMIT_DESCRIBED_VALUES, &count, err);
    if (status || count == 0)
        return status;
    column->values = mem_zero(count, sizeof *column->values);
    const json *member;
    cJSON_ArrayForEach (member, column->values_json) {
        struct description_value *value = &column->values[column->value_count++];
        cleanup_free char *at = mem_format("%s.%.80s", values, member->string);
        value->value = member->string;
        if (!cJSON_IsArray(member))
            return err_set(err, ERR_BAD_REQUEST, "\"%s\" must be a list of texts", at);
        status = dataset_texts_read(member, at, LIMIT_SYNONYMS, &value->synonyms, err);
        if (status)
            return status;
    }
    return 0;
}

static int parse_column(const json *value, const char *path, struct description_column *column,
                        struct err *err) {
    int status = read_member(value, path, column_fields, ARRAY_LENGTH(column_fields), column, err);
    if (!status)
        status = check_name(column->name, path, err);
    if (!status)
        status = check_type(column, path, err);
    if (status)
        return status;
    const char *dot = column->references ? strchr(column->references, '.') : NULL;
    if (column->references &&
        (!dot || dot == column->references || !dot[1] || strchr(dot + 1, '.')))
        return err_set(err, ERR_BAD_REQUEST,
                       "\"%sreferences\" must be \"table.column\", not \"%.80s\"", path,
                       column->references);
    cleanup_free char *synonyms = mem_format("%ssynonyms", path);
    if (column->synonyms_json)
        status = dataset_texts_read(column->synonyms_json, synonyms, LIMIT_SYNONYMS,
                                    &column->synonyms, err);
    return status ? status : parse_values(column, path, err);
}

// ---- Tables -------------------------------------------------------------------------------------

static const struct json_field table_fields[] = {
    FIELD(description_table, "file", file, JSON_TEXT, true, 1, 255),
    OPTIONAL_TEXT(description_table, "table", table, LIMIT_DESCRIPTION),
    OPTIONAL_TEXT(description_table, "name", name_given, LIMIT_NAME),
    OPTIONAL_TEXT(description_table, "title", title, LIMIT_TITLE),
    OPTIONAL_TEXT(description_table, "description", description, LIMIT_DESCRIPTION),
    OPTIONAL_TEXT(description_table, "row", row, LIMIT_NAME),
    OPTIONAL_TEXT(description_table, "time_column", time_column, LIMIT_NAME),
    FIELD(description_table, "key", key_json, JSON_ARRAY, false, 0, 0),
    FIELD(description_table, "columns", columns_json, JSON_ARRAY, false, 0, 0),
};

static int check_file(const char *file, const char *path, struct err *err) {
    cleanup_free char *quoted = names_quote(file);
    if (names_is_file(file))
        return 0;
    return err_set(err, ERR_BAD_REQUEST,
                   "\"%sfile\" must be the name of a file beside dataset.json, not %s", path,
                   quoted);
}

static int parse_columns(struct description_table *table, const char *path, struct err *err) {
    size_t count;
    cleanup_free char *columns = mem_format("%scolumns", path);
    int status = check_count(table->columns_json, columns, LIMIT_COLUMNS, &count, err);
    if (status)
        return status;
    table->columns = mem_zero(count, sizeof *table->columns);
    const json *value;
    cJSON_ArrayForEach (value, table->columns_json) {
        cleanup_free char *at = mem_format("%s[%zu].", columns, table->column_count);
        struct description_column *column = &table->columns[table->column_count++];
        status = parse_column(value, at, column, err);
        if (status)
            return status;
        for (const struct description_column *other = table->columns; other < column; other++)
            if (strcmp(other->header, column->header) == 0)
                return err_set(err, ERR_BAD_REQUEST, "\"%sheader\" stands twice: \"%.80s\"", at,
                               column->header);
    }
    return 0;
}

static int parse_table(const json *value, const char *path, struct description_table *table,
                       struct err *err) {
    int status = read_member(value, path, table_fields, ARRAY_LENGTH(table_fields), table, err);
    if (!status)
        status = check_file(table->file, path, err);
    if (!status)
        status = check_name(table->name_given, path, err);
    if (status)
        return status;
    cleanup_free char *stem = names_of_file(table->file), *key = mem_format("%skey", path);
    table->name = table->name_given ? mem_text(table->name_given) : names_make(stem, "t_");
    if (!table->name)
        return err_set(err, ERR_BAD_REQUEST, "\"%sname\" is missing, and \"%.80s\" gives none",
                       path, table->file);
    if (table->key_json)
        status = dataset_texts_read(table->key_json, key, LIMIT_COLUMNS, &table->key, err);
    return status ? status : parse_columns(table, path, err);
}

static int parse_tables(const json *array, struct description *description, struct err *err) {
    size_t count;
    int status = check_count(array, "tables", LIMIT_TABLES, &count, err);
    if (status)
        return status;
    if (array && count == 0)
        return err_set(err, ERR_BAD_REQUEST, "\"tables\" is empty");
    description->tables = mem_zero(count, sizeof *description->tables);
    const json *value;
    cJSON_ArrayForEach (value, array) {
        cleanup_free char *path = mem_format("tables[%zu].", description->table_count);
        struct description_table *table = &description->tables[description->table_count++];
        status = parse_table(value, path, table, err);
        if (status)
            return status;
        for (const struct description_table *other = description->tables; other < table; other++)
            if (strcasecmp(other->name, table->name) == 0)
                return err_set(err, ERR_BAD_REQUEST, "\"%sname\" stands twice: \"%.80s\"", path,
                               table->name);
    }
    return 0;
}

// ---- Metrics and prompts ------------------------------------------------------------------------

static const struct json_field metric_fields[] = {
    FIELD(description_metric, "name", name, JSON_TEXT, true, 1, LIMIT_NAME),
    OPTIONAL_TEXT(description_metric, "title", title, LIMIT_TITLE),
    FIELD(description_metric, "table", table_name, JSON_TEXT, true, 1, LIMIT_NAME),
    FIELD(description_metric, "expression", expression, JSON_TEXT, true, 1, LIMIT_DESCRIPTION),
    OPTIONAL_TEXT(description_metric, "unit", unit, LIMIT_NAME),
    FIELD(description_metric, "synonyms", synonyms_json, JSON_ARRAY, false, 0, 0),
};

static int find_table(const struct description *description, const char *name, const char *path,
                      int *ret_table, struct err *err) {
    const char *names[LIMIT_TABLES];
    for (size_t i = 0; i < description->table_count; i++) {
        names[i] = description->tables[i].name;
        if (strcasecmp(names[i], name) == 0) {
            *ret_table = (int)i;
            return 0;
        }
    }
    err_set(err, ERR_BAD_REQUEST, "\"%stable\" names no table of this data set: \"%.80s\"", path,
            name);
    const char *closest = str_closest(name, names, description->table_count);
    return closest ? err_hint(err, "Did you mean \"%s\"?", closest) : ERR_BAD_REQUEST;
}

static int parse_metric(const json *value, const char *path, const struct description *description,
                        struct description_metric *metric, struct err *err) {
    int status = read_member(value, path, metric_fields, ARRAY_LENGTH(metric_fields), metric, err);
    if (!status)
        status = check_name(metric->name, path, err);
    if (!status)
        status = find_table(description, metric->table_name, path, &metric->table, err);
    if (status || !metric->synonyms_json)
        return status;
    cleanup_free char *synonyms = mem_format("%ssynonyms", path);
    return dataset_texts_read(metric->synonyms_json, synonyms, LIMIT_SYNONYMS, &metric->synonyms,
                              err);
}

static int parse_metrics(const json *array, struct description *description, struct err *err) {
    size_t count;
    int status = check_count(array, "metrics", LIMIT_METRICS, &count, err);
    if (status)
        return status;
    description->metrics = mem_zero(count, sizeof *description->metrics);
    const json *value;
    cJSON_ArrayForEach (value, array) {
        cleanup_free char *path = mem_format("metrics[%zu].", description->metric_count);
        struct description_metric *metric = &description->metrics[description->metric_count++];
        status = parse_metric(value, path, description, metric, err);
        if (status)
            return status;
        for (const struct description_metric *other = description->metrics; other < metric; other++)
            if (strcasecmp(other->name, metric->name) == 0)
                return err_set(err, ERR_BAD_REQUEST, "\"%sname\" stands twice: \"%.80s\"", path,
                               metric->name);
    }
    return 0;
}

static const struct json_field prompt_fields[] = {
    FIELD(description_prompt, "question", question, JSON_TEXT, true, 1, LIMIT_QUESTION),
    FIELD(description_prompt, "expect", expect, JSON_OBJECT, false, 0, 0),
    OPTIONAL_TEXT(description_prompt, "note", note, LIMIT_DESCRIPTION),
};

struct expectation {
    int64_t columns, row_count;
    const json *rows;
};

static const struct json_field expect_fields[] = {
    FIELD(expectation, "columns", columns, JSON_INTEGER, false, 1, LIMIT_RESULT_COLUMNS),
    FIELD(expectation, "row_count", row_count, JSON_INTEGER, false, 0, LIMIT_ROWS),
    FIELD(expectation, "rows", rows, JSON_ARRAY, false, 0, 0),
};

static int check_expectation(const json *expect, const char *path, struct err *err) {
    struct expectation expectation = {0};
    cleanup_free char *at = mem_format("%sexpect.", path);
    int status =
        json_read(expect, at, expect_fields, ARRAY_LENGTH(expect_fields), &expectation, err);
    if (status)
        return status;
    const json *row;
    size_t i = 0;
    cJSON_ArrayForEach (row, expectation.rows) {
        if (!cJSON_IsArray(row))
            return err_set(err, ERR_BAD_REQUEST, "\"%srows[%zu]\" must be an array", at, i);
        i++;
    }
    return 0;
}

static int parse_prompts(const json *array, struct description *description, struct err *err) {
    size_t count;
    int status = check_count(array, "prompts", LIMIT_PROMPTS, &count, err);
    if (status)
        return status;
    description->prompts = mem_zero(count, sizeof *description->prompts);
    const json *value;
    cJSON_ArrayForEach (value, array) {
        cleanup_free char *path = mem_format("prompts[%zu].", description->prompt_count);
        struct description_prompt *prompt = &description->prompts[description->prompt_count++];
        status = read_member(value, path, prompt_fields, ARRAY_LENGTH(prompt_fields), prompt, err);
        if (!status && prompt->expect)
            status = check_expectation(prompt->expect, path, err);
        if (status)
            return status;
    }
    return 0;
}

// ---- The whole ----------------------------------------------------------------------------------

struct top {
    const char *title, *description, *license;
    const json *source, *tables, *metrics, *prompts;
};

static const struct json_field top_fields[] = {
    OPTIONAL_TEXT(top, "title", title, LIMIT_TITLE),
    OPTIONAL_TEXT(top, "description", description, LIMIT_DESCRIPTION),
    OPTIONAL_TEXT(top, "license", license, LIMIT_DESCRIPTION),
    FIELD(top, "source", source, JSON_OBJECT, false, 0, 0),
    FIELD(top, "tables", tables, JSON_ARRAY, false, 0, 0),
    FIELD(top, "metrics", metrics, JSON_ARRAY, false, 0, 0),
    FIELD(top, "prompts", prompts, JSON_ARRAY, false, 0, 0),
};

static const struct json_field source_fields[] = {
    OPTIONAL_TEXT(description, "name", source_name, LIMIT_DESCRIPTION),
    OPTIONAL_TEXT(description, "url", source_url, LIMIT_DESCRIPTION),
};

static int parse_all(struct description *description, struct err *err) {
    struct top top = {0};
    int status = json_read(description->value, "", top_fields, ARRAY_LENGTH(top_fields), &top, err);
    if (!status && top.source)
        status = json_read(top.source, "source.", source_fields, ARRAY_LENGTH(source_fields),
                           description, err);
    if (!status)
        status = parse_tables(top.tables, description, err);
    if (!status)
        status = parse_metrics(top.metrics, description, err);
    if (!status)
        status = parse_prompts(top.prompts, description, err);
    description->title = top.title;
    description->description = top.description;
    description->license = top.license;
    return status;
}

int description_parse(const char *text, size_t length, struct description **ret_description,
                      struct err *err) {
    struct description *description cleanup(description_freep) = mem_zero(1, sizeof *description);
    int status = json_parse(text, length, &description->value, err);
    if (!status)
        status = parse_all(description, err);
    if (status) {
        err_prefix(err, DESCRIPTION_FILE);
        return status;
    }
    *ret_description = mem_take(description);
    return 0;
}

static void free_column(struct description_column *column) {
    dataset_texts_done(&column->synonyms);
    for (size_t i = 0; i < column->value_count; i++)
        dataset_texts_done(&column->values[i].synonyms);
    free(column->values);
}

void description_free(struct description *description) {
    if (!description)
        return;
    for (size_t i = 0; i < description->table_count; i++) {
        struct description_table *table = &description->tables[i];
        for (size_t j = 0; j < table->column_count; j++)
            free_column(&table->columns[j]);
        dataset_texts_done(&table->key);
        free(table->columns);
        free(table->name);
    }
    for (size_t i = 0; i < description->metric_count; i++)
        dataset_texts_done(&description->metrics[i].synonyms);
    free(description->tables);
    free(description->metrics);
    free(description->prompts);
    json_free(description->value);
    free(description);
}
