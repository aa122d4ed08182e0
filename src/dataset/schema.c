// SPDX-License-Identifier: Apache-2.0
//
// See schema.h. What is read back may come from a damaged or hostile file: every count has a
// ceiling, every index is checked against what it points into, and whatever does not fit is refused
// with its path.
#include "dataset/schema.h"

#include "base/limits.h"
#include "base/str.h"

#define COUNT_MAX (INT64_C(1) << 53)

static const char *const type_names[] = {"integer",   "real",    "text", "date",
                                         "timestamp", "boolean", "time"};

const char *dataset_type_name(enum dataset_type type) { return type_names[type]; }

int dataset_type_from_name(const char *name) {
    for (size_t i = 0; name && i < ARRAY_LENGTH(type_names); i++)
        if (strcmp(name, type_names[i]) == 0)
            return (int)i;
    return -1;
}

static const char *const derivation_names[DATASET_DERIVATIONS] = {"none", "text", "number",
                                                                  "second", "date"};

static int derivation_from_name(const char *name) {
    for (int i = 0; i < DATASET_DERIVATIONS; i++)
        if (strcmp(name, derivation_names[i]) == 0)
            return i;
    return -1;
}

int dataset_companion(const struct dataset_table *table, int column,
                      enum dataset_derivation derivation) {
    for (size_t i = table->column_count; i < table->stored_count; i++)
        if (table->columns[i].derived_from == column && table->columns[i].derived_as == derivation)
            return (int)i;
    return -1;
}

int64_t dataset_row_count(const struct dataset_schema *schema) {
    int64_t count = 0;
    for (size_t i = 0; i < schema->table_count; i++)
        count += schema->tables[i].row_count;
    return count;
}

// ---- Freeing ------------------------------------------------------------------------------------

void dataset_texts_done(struct dataset_texts *texts) {
    for (size_t i = 0; i < texts->count; i++)
        free(texts->at[i]);
    free(texts->at);
    *texts = (struct dataset_texts){0};
}

static void free_column(struct dataset_column *column) {
    free(column->name);
    free(column->title);
    free(column->description);
    free(column->unit);
    free(column->min);
    free(column->max);
    free(column->list_separator);
    dataset_texts_done(&column->synonyms);
    dataset_texts_done(&column->samples);
}

static void free_table(struct dataset_table *table) {
    for (size_t i = 0; i < table->stored_count; i++)
        free_column(&table->columns[i]);
    free(table->columns);
    free(table->name);
    free(table->title);
    free(table->description);
    free(table->row);
}

static void free_metric(struct dataset_metric *metric) {
    free(metric->name);
    free(metric->title);
    free(metric->expression);
    free(metric->unit);
    dataset_texts_done(&metric->synonyms);
}

void dataset_schema_free(struct dataset_schema *schema) {
    if (!schema)
        return;
    for (size_t i = 0; i < schema->table_count; i++)
        free_table(&schema->tables[i]);
    for (size_t i = 0; i < schema->metric_count; i++)
        free_metric(&schema->metrics[i]);
    for (size_t i = 0; i < schema->prompt_count; i++) {
        free(schema->prompts[i].question);
        json_free(schema->prompts[i].expect);
    }
    free(schema->tables);
    free(schema->metrics);
    free(schema->prompts);
    free(schema->name);
    free(schema->title);
    free(schema->description);
    free(schema->license);
    free(schema->source_name);
    free(schema->source_url);
    free(schema->data_sha256);
    free(schema);
}

// ---- Writing ------------------------------------------------------------------------------------

static void add_to(json *array, json *value) { cJSON_AddItemToArray(array, value); }

static json *add_member(json *array) {
    json *object = cJSON_CreateObject();
    add_to(array, object);
    return object;
}

static void write_texts(json *object, const char *key, const struct dataset_texts *texts) {
    json *array = json_add_array(object, key);
    for (size_t i = 0; i < texts->count; i++)
        add_to(array, cJSON_CreateString(texts->at[i]));
}

static void write_column(json *object, const struct dataset_column *column) {
    json_add_text(object, "name", column->name);
    json_add_text(object, "title", column->title);
    json_add_text(object, "description", column->description);
    json_add_text(object, "unit", column->unit);
    write_texts(object, "synonyms", &column->synonyms);
    json_add_text(object, "type", dataset_type_name(column->type));
    json_add_bool(object, "hidden", column->hidden);
    json_add_bool(object, "is_key", column->is_key);
    json_add_bool(object, "is_indexed", column->is_indexed);
    json_add_integer(object, "references_table", column->references_table);
    json_add_integer(object, "references_column", column->references_column);
    json_add_integer(object, "null_count", column->null_count);
    json_add_integer(object, "distinct_count", column->distinct_count);
    json_add_text(object, "min", column->min);
    json_add_text(object, "max", column->max);
    json_add_real(object, "min_number", column->min_number);
    json_add_real(object, "max_number", column->max_number);
    json_add_real(object, "p25", column->p25);
    json_add_real(object, "median", column->median);
    json_add_real(object, "p75", column->p75);
    write_texts(object, "samples", &column->samples);
    json *counts = json_add_array(object, "sample_counts");
    for (size_t i = 0; i < column->samples.count; i++)
        add_to(counts, cJSON_CreateNumber((double)column->sample_counts[i]));
    json_add_bool(object, "is_category", column->is_category);
    json_add_text(object, "list_separator", column->list_separator);
    json_add_integer(object, "derived_from", column->derived_from);
    json_add_text(object, "derived_as", derivation_names[column->derived_as]);
}

static void write_table(json *object, const struct dataset_table *table) {
    json_add_text(object, "name", table->name);
    json_add_text(object, "title", table->title);
    json_add_text(object, "description", table->description);
    json_add_text(object, "row", table->row);
    json_add_integer(object, "row_count", table->row_count);
    json *columns = json_add_array(object, "columns");
    for (size_t i = 0; i < table->column_count; i++)
        write_column(add_member(columns), &table->columns[i]);
    json *companions = json_add_array(object, "companions");
    for (size_t i = table->column_count; i < table->stored_count; i++)
        write_column(add_member(companions), &table->columns[i]);
    json_add_integer(object, "time_column", table->time_column);
    json_add_integer(object, "total_row", table->total_row);
}

static void write_metric(json *object, const struct dataset_metric *metric) {
    json_add_text(object, "name", metric->name);
    json_add_text(object, "title", metric->title);
    json_add_text(object, "expression", metric->expression);
    json_add_text(object, "unit", metric->unit);
    json_add_integer(object, "table", metric->table);
    write_texts(object, "synonyms", &metric->synonyms);
}

json *dataset_schema_write(const struct dataset_schema *schema) {
    json *object = cJSON_CreateObject();
    json_add_text(object, "name", schema->name);
    json_add_text(object, "title", schema->title);
    json_add_text(object, "description", schema->description);
    json_add_text(object, "license", schema->license);
    json_add_text(object, "source_name", schema->source_name);
    json_add_text(object, "source_url", schema->source_url);
    json_add_text(object, "data_sha256", schema->data_sha256);
    json *tables = json_add_array(object, "tables");
    for (size_t i = 0; i < schema->table_count; i++)
        write_table(add_member(tables), &schema->tables[i]);
    json *metrics = json_add_array(object, "metrics");
    for (size_t i = 0; i < schema->metric_count; i++)
        write_metric(add_member(metrics), &schema->metrics[i]);
    json *prompts = json_add_array(object, "prompts");
    for (size_t i = 0; i < schema->prompt_count; i++) {
        json *prompt = add_member(prompts);
        json_add_text(prompt, "question", schema->prompts[i].question);
        json_add(prompt, "expect", cJSON_Duplicate(schema->prompts[i].expect, true));
    }
    return object;
}

// ---- Reading ------------------------------------------------------------------------------------

int dataset_texts_read(const json *array, const char *path, size_t max,
                       struct dataset_texts *ret_texts, struct err *err) {
    size_t count = (size_t)cJSON_GetArraySize(array);
    if (count > max)
        return err_set(err, ERR_TOO_LARGE, "\"%s\" has %zu texts; at most %zu are allowed", path,
                       count, max);
    struct dataset_texts texts = {.at = mem_zero(count, sizeof *texts.at)};
    const json *value;
    cJSON_ArrayForEach (value, array) {
        if (!cJSON_IsString(value)) {
            err_set(err, ERR_BAD_REQUEST, "\"%s[%zu]\" must be a text", path, texts.count);
            dataset_texts_done(&texts);
            return ERR_BAD_REQUEST;
        }
        texts.at[texts.count++] = mem_text(value->valuestring);
    }
    dataset_texts_done(ret_texts);
    *ret_texts = texts;
    return 0;
}

#define FIELD(type, key, kind, required, ...)                                                      \
    { #key, kind, required, offsetof(struct type, key), __VA_ARGS__ }

struct column_wire {
    const char *name, *title, *description, *unit, *type, *min, *max, *list_separator, *derived_as;
    const json *synonyms, *samples, *sample_counts;
    bool hidden, is_key, is_indexed, is_category;
    int64_t references_table, references_column, null_count, distinct_count, derived_from;
    double min_number, max_number, p25, median, p75;
};

static const struct json_field column_fields[] = {
    FIELD(column_wire, name, JSON_TEXT, true, 1, LIMIT_NAME),
    FIELD(column_wire, title, JSON_TEXT, true, 1, LIMIT_TITLE),
    FIELD(column_wire, description, JSON_TEXT, true, 0, 0),
    FIELD(column_wire, unit, JSON_TEXT, true, 0, 0),
    FIELD(column_wire, synonyms, JSON_ARRAY, true, 0, 0),
    FIELD(column_wire, type, JSON_TEXT, true, 0, 0),
    FIELD(column_wire, hidden, JSON_BOOL, true, 0, 0),
    FIELD(column_wire, is_key, JSON_BOOL, true, 0, 0),
    FIELD(column_wire, is_indexed, JSON_BOOL, true, 0, 0),
    FIELD(column_wire, references_table, JSON_INTEGER, true, -1, LIMIT_TABLES),
    FIELD(column_wire, references_column, JSON_INTEGER, true, -1, LIMIT_COLUMNS),
    FIELD(column_wire, null_count, JSON_INTEGER, true, 0, COUNT_MAX),
    FIELD(column_wire, distinct_count, JSON_INTEGER, true, 0, COUNT_MAX),
    FIELD(column_wire, min, JSON_TEXT, false, 0, 0),
    FIELD(column_wire, max, JSON_TEXT, false, 0, 0),
    FIELD(column_wire, min_number, JSON_REAL, true, 0, 0),
    FIELD(column_wire, max_number, JSON_REAL, true, 0, 0),
    FIELD(column_wire, p25, JSON_REAL, true, 0, 0),
    FIELD(column_wire, median, JSON_REAL, true, 0, 0),
    FIELD(column_wire, p75, JSON_REAL, true, 0, 0),
    FIELD(column_wire, samples, JSON_ARRAY, true, 0, 0),
    FIELD(column_wire, sample_counts, JSON_ARRAY, true, 0, 0),
    FIELD(column_wire, is_category, JSON_BOOL, true, 0, 0),
    FIELD(column_wire, list_separator, JSON_TEXT, true, 0, 0),
    FIELD(column_wire, derived_from, JSON_INTEGER, true, -1, LIMIT_COLUMNS),
    FIELD(column_wire, derived_as, JSON_TEXT, true, 1, LIMIT_NAME),
};

// One for each sample.
static int read_counts(const json *array, const char *path, struct dataset_column *column,
                       struct err *err) {
    size_t place = 0;
    const json *count;
    bool is_sound = (size_t)cJSON_GetArraySize(array) == column->samples.count;
    cJSON_ArrayForEach (count, array) {
        is_sound = is_sound && cJSON_IsNumber(count) && count->valuedouble >= 0 &&
                   count->valuedouble <= (double)COUNT_MAX;
        if (is_sound)
            column->sample_counts[place++] = (int64_t)count->valuedouble;
    }
    return is_sound ? 0
                    : err_set(err, ERR_BAD_REQUEST,
                              "\"%ssample_counts\" must have a count for "
                              "each sample",
                              path);
}

static int read_column(const json *value, const char *path, struct dataset_column *column,
                       struct err *err) {
    struct column_wire wire = {0};
    cleanup_free char *at = mem_format("%s.", path);
    int status = json_read(value, at, column_fields, ARRAY_LENGTH(column_fields), &wire, err);
    if (status)
        return status;
    int type = dataset_type_from_name(wire.type);
    if (type < 0)
        return err_set(err, ERR_BAD_REQUEST, "\"%stype\" is no type: \"%.40s\"", at, wire.type);
    int derivation = derivation_from_name(wire.derived_as);
    if (derivation < 0)
        return err_set(err, ERR_BAD_REQUEST, "\"%sderived_as\" is no derivation: \"%.40s\"", at,
                       wire.derived_as);
    column->derived_as = (enum dataset_derivation)derivation;
    column->derived_from = (int)wire.derived_from;
    column->list_separator = mem_text(wire.list_separator);
    column->name = mem_text(wire.name);
    column->title = mem_text(wire.title);
    column->description = mem_text(wire.description);
    column->unit = mem_text(wire.unit);
    column->type = (enum dataset_type)type;
    column->hidden = wire.hidden;
    column->is_key = wire.is_key;
    column->is_indexed = wire.is_indexed;
    column->references_table = (int)wire.references_table;
    column->references_column = (int)wire.references_column;
    column->null_count = wire.null_count;
    column->distinct_count = wire.distinct_count;
    column->min = mem_text(wire.min);
    column->max = mem_text(wire.max);
    column->min_number = wire.min_number;
    column->max_number = wire.max_number;
    column->p25 = wire.p25;
    column->median = wire.median;
    column->p75 = wire.p75;
    column->is_category = wire.is_category;
    cleanup_free char *synonyms = mem_format("%ssynonyms", at),
                      *samples = mem_format("%ssamples", at);
    status = dataset_texts_read(wire.synonyms, synonyms, LIMIT_SYNONYMS, &column->synonyms, err);
    if (!status)
        status = dataset_texts_read(wire.samples, samples, DATASET_SAMPLES, &column->samples, err);
    return status ? status : read_counts(wire.sample_counts, at, column, err);
}

// How many members ARRAY has, from MIN to MAX.
static int count_members(const json *array, const char *path, size_t min, size_t max,
                         size_t *ret_count, struct err *err) {
    size_t count = (size_t)cJSON_GetArraySize(array);
    if (count < min || count > max)
        return err_set(err, ERR_BAD_REQUEST, "\"%s\" has %zu members; it must have %zu to %zu",
                       path, count, min, max);
    *ret_count = count;
    return 0;
}

struct table_wire {
    const char *name, *title, *description, *row;
    int64_t row_count, time_column, total_row;
    const json *columns, *companions;
};

static const struct json_field table_fields[] = {
    FIELD(table_wire, name, JSON_TEXT, true, 1, LIMIT_NAME),
    FIELD(table_wire, title, JSON_TEXT, true, 1, LIMIT_TITLE),
    FIELD(table_wire, description, JSON_TEXT, true, 0, 0),
    FIELD(table_wire, row, JSON_TEXT, true, 1, LIMIT_NAME),
    FIELD(table_wire, row_count, JSON_INTEGER, true, 0, COUNT_MAX),
    FIELD(table_wire, columns, JSON_ARRAY, true, 0, 0),
    FIELD(table_wire, companions, JSON_ARRAY, true, 0, 0),
    FIELD(table_wire, time_column, JSON_INTEGER, true, -1, LIMIT_COLUMNS),
    FIELD(table_wire, total_row, JSON_INTEGER, true, 0, COUNT_MAX),
};

// Appends the columns of ARRAY to those of TABLE, which has room for them.
static int read_columns(const json *array, const char *path, struct dataset_table *table,
                        struct err *err) {
    const json *column;
    size_t place = 0;
    cJSON_ArrayForEach (column, array) {
        cleanup_free char *of_column = mem_format("%s[%zu]", path, place++);
        int status = read_column(column, of_column, &table->columns[table->stored_count++], err);
        if (status)
            return status;
    }
    return 0;
}

// Whether the file's own columns are derived of nothing, and each companion of one of them.
static bool are_derivations_sound(const struct dataset_table *table) {
    for (size_t i = 0; i < table->stored_count; i++) {
        const struct dataset_column *column = &table->columns[i];
        bool is_companion = i >= table->column_count;
        if (is_companion != (column->derived_as != DATASET_NOT_DERIVED) ||
            is_companion != (column->derived_from >= 0) ||
            column->derived_from >= (int)table->column_count)
            return false;
    }
    return true;
}

static int read_table(const json *value, const char *path, struct dataset_table *table,
                      struct err *err) {
    struct table_wire wire = {0};
    cleanup_free char *at = mem_format("%s.", path), *own = mem_format("%s.columns", path),
                      *companions = mem_format("%s.companions", path);
    size_t own_count = 0, count = 0;
    int status = json_read(value, at, table_fields, ARRAY_LENGTH(table_fields), &wire, err);
    if (!status)
        status = count_members(wire.columns, own, 1, LIMIT_COLUMNS, &own_count, err);
    if (!status)
        status = count_members(wire.companions, companions, 0, LIMIT_STORED_COLUMNS - own_count,
                               &count, err);
    if (status)
        return status;
    table->name = mem_text(wire.name);
    table->title = mem_text(wire.title);
    table->description = mem_text(wire.description);
    table->row = mem_text(wire.row);
    table->row_count = wire.row_count;
    table->time_column = (int)wire.time_column;
    table->total_row = wire.total_row;
    table->columns = mem_zero(own_count + count, sizeof *table->columns);
    status = read_columns(wire.columns, own, table, err);
    table->column_count = table->stored_count;
    if (!status)
        status = read_columns(wire.companions, companions, table, err);
    if (!status && table->total_row > table->row_count)
        return err_set(err, ERR_BAD_REQUEST, "\"%stotal_row\" is not there", at);
    if (!status && table->time_column >= (int)table->column_count)
        return err_set(err, ERR_BAD_REQUEST, "\"%stime_column\" is not there", at);
    if (!status && !are_derivations_sound(table))
        return err_set(err, ERR_BAD_REQUEST, "\"%s\" are not derived from its columns", companions);
    return status;
}

struct metric_wire {
    const char *name, *title, *expression, *unit;
    int64_t table;
    const json *synonyms;
};

static const struct json_field metric_fields[] = {
    FIELD(metric_wire, name, JSON_TEXT, true, 1, LIMIT_NAME),
    FIELD(metric_wire, title, JSON_TEXT, true, 1, LIMIT_TITLE),
    FIELD(metric_wire, expression, JSON_TEXT, true, 1, LIMIT_SQL),
    FIELD(metric_wire, unit, JSON_TEXT, true, 0, 0),
    FIELD(metric_wire, table, JSON_INTEGER, true, 0, LIMIT_TABLES),
    FIELD(metric_wire, synonyms, JSON_ARRAY, true, 0, 0),
};

static int read_metric(const json *value, const char *path, struct dataset_metric *metric,
                       struct err *err) {
    struct metric_wire wire = {0};
    cleanup_free char *at = mem_format("%s.", path), *synonyms = mem_format("%s.synonyms", path);
    int status = json_read(value, at, metric_fields, ARRAY_LENGTH(metric_fields), &wire, err);
    if (status)
        return status;
    metric->name = mem_text(wire.name);
    metric->title = mem_text(wire.title);
    metric->expression = mem_text(wire.expression);
    metric->unit = mem_text(wire.unit);
    metric->table = (int)wire.table;
    return dataset_texts_read(wire.synonyms, synonyms, LIMIT_SYNONYMS, &metric->synonyms, err);
}

struct prompt_wire {
    const char *question;
    const json *expect;
};

static const struct json_field prompt_fields[] = {
    FIELD(prompt_wire, question, JSON_TEXT, true, 1, LIMIT_QUESTION),
    FIELD(prompt_wire, expect, JSON_OBJECT, false, 0, 0),
};

static int read_prompt(const json *value, const char *path, struct dataset_prompt *prompt,
                       struct err *err) {
    struct prompt_wire wire = {0};
    cleanup_free char *at = mem_format("%s.", path);
    int status = json_read(value, at, prompt_fields, ARRAY_LENGTH(prompt_fields), &wire, err);
    if (status)
        return status;
    prompt->question = mem_text(wire.question);
    prompt->expect = wire.expect ? cJSON_Duplicate(wire.expect, true) : NULL;
    return 0;
}

struct schema_wire {
    const char *name, *title, *description, *license, *source_name, *source_url, *data_sha256;
    const json *tables, *metrics, *prompts;
};

static const struct json_field schema_fields[] = {
    FIELD(schema_wire, name, JSON_TEXT, true, 1, LIMIT_NAME),
    FIELD(schema_wire, title, JSON_TEXT, true, 1, LIMIT_TITLE),
    FIELD(schema_wire, description, JSON_TEXT, true, 0, 0),
    FIELD(schema_wire, license, JSON_TEXT, true, 0, 0),
    FIELD(schema_wire, source_name, JSON_TEXT, true, 0, 0),
    FIELD(schema_wire, source_url, JSON_TEXT, true, 0, 0),
    FIELD(schema_wire, data_sha256, JSON_TEXT, true, 64, 64),
    FIELD(schema_wire, tables, JSON_ARRAY, true, 0, 0),
    FIELD(schema_wire, metrics, JSON_ARRAY, true, 0, 0),
    FIELD(schema_wire, prompts, JSON_ARRAY, true, 0, 0),
};

static int read_tables(const json *array, struct dataset_schema *schema, struct err *err) {
    size_t count = 0;
    int status = count_members(array, "tables", 1, LIMIT_TABLES, &count, err);
    if (status)
        return status;
    schema->tables = mem_zero(count, sizeof *schema->tables);
    const json *value;
    cJSON_ArrayForEach (value, array) {
        cleanup_free char *path = mem_format("tables[%zu]", schema->table_count);
        status = read_table(value, path, &schema->tables[schema->table_count++], err);
        if (status)
            return status;
    }
    return 0;
}

static int read_metrics(const json *array, struct dataset_schema *schema, struct err *err) {
    size_t count = 0;
    int status = count_members(array, "metrics", 0, LIMIT_METRICS, &count, err);
    if (status)
        return status;
    schema->metrics = mem_zero(count, sizeof *schema->metrics);
    const json *value;
    cJSON_ArrayForEach (value, array) {
        cleanup_free char *path = mem_format("metrics[%zu]", schema->metric_count);
        status = read_metric(value, path, &schema->metrics[schema->metric_count++], err);
        if (status)
            return status;
    }
    return 0;
}

static int read_prompts(const json *array, struct dataset_schema *schema, struct err *err) {
    size_t count = 0;
    int status = count_members(array, "prompts", 0, LIMIT_PROMPTS, &count, err);
    if (status)
        return status;
    schema->prompts = mem_zero(count, sizeof *schema->prompts);
    const json *value;
    cJSON_ArrayForEach (value, array) {
        cleanup_free char *path = mem_format("prompts[%zu]", schema->prompt_count);
        status = read_prompt(value, path, &schema->prompts[schema->prompt_count++], err);
        if (status)
            return status;
    }
    return 0;
}

// Whether what COLUMN refers to is there.
static bool is_reference_sound(const struct dataset_schema *schema,
                               const struct dataset_column *column) {
    if (column->references_table < 0 || column->references_column < 0)
        return column->references_table == -1 && column->references_column == -1;
    return (size_t)column->references_table < schema->table_count &&
           (size_t)column->references_column <
               schema->tables[column->references_table].column_count;
}

static int check_indexes(const struct dataset_schema *schema, struct err *err) {
    for (size_t i = 0; i < schema->table_count; i++)
        for (size_t j = 0; j < schema->tables[i].column_count; j++)
            if (!is_reference_sound(schema, &schema->tables[i].columns[j]))
                return err_set(err, ERR_BAD_REQUEST,
                               "\"tables[%zu].columns[%zu]\" refers to what is not there", i, j);
    for (size_t i = 0; i < schema->metric_count; i++)
        if ((size_t)schema->metrics[i].table >= schema->table_count)
            return err_set(err, ERR_BAD_REQUEST, "\"metrics[%zu].table\" is not there", i);
    return 0;
}

int dataset_schema_read(const json *value, struct dataset_schema **ret_schema, struct err *err) {
    struct schema_wire wire = {0};
    int status = json_read(value, "", schema_fields, ARRAY_LENGTH(schema_fields), &wire, err);
    if (status)
        return status;
    struct dataset_schema *schema cleanup(dataset_schema_freep) = mem_zero(1, sizeof *schema);
    schema->name = mem_text(wire.name);
    schema->title = mem_text(wire.title);
    schema->description = mem_text(wire.description);
    schema->license = mem_text(wire.license);
    schema->source_name = mem_text(wire.source_name);
    schema->source_url = mem_text(wire.source_url);
    schema->data_sha256 = mem_text(wire.data_sha256);
    status = read_tables(wire.tables, schema, err);
    if (!status)
        status = read_metrics(wire.metrics, schema, err);
    if (!status)
        status = read_prompts(wire.prompts, schema, err);
    if (!status)
        status = check_indexes(schema, err);
    if (status)
        return status;
    *ret_schema = mem_take(schema);
    return 0;
}
