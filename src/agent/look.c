// SPDX-License-Identifier: Apache-2.0
//
// The tools that look at the schema and for values. A long list comes in pages, each with how many
// there are, or is searched; nothing is left out without a word. Hidden columns are not there.
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "agent/share.h"
#include "agent/tools.h"
#include "base/buf.h"
#include "base/str.h"
#include "dataset/words.h"

#define TABLES_A_PAGE 40
#define COLUMNS_A_PAGE 40
#define NAMED_COLUMNS 20 // of a table whose columns match a search
#define SEARCH_WORDS 16
#define VALUES_MOST 20
#define SAMPLE_BYTES 80
#define VALUES_LOOKED_AT 200

// ---- Searching ----------------------------------------------------------------------------------

struct search {
    struct word words[SEARCH_WORDS];
    size_t count;
};

static void count_words(const struct search *search, const char *text, bool *found) {
    struct word words[64];
    size_t count = text ? words_split(text, words, ARRAY_LENGTH(words)) : 0;
    for (size_t i = 0; i < search->count; i++)
        for (size_t j = 0; j < count && !found[i]; j++)
            found[i] = strcmp(search->words[i].stem, words[j].stem) == 0 ||
                       (strlen(search->words[i].text) > 2 &&
                        str_has_prefix(words[j].text, search->words[i].text));
}

static int sum_of(const struct search *search, const bool *found) {
    int sum = 0;
    for (size_t i = 0; i < search->count; i++)
        sum += found[i];
    return sum;
}

static void look_at_column(const struct search *search, const struct dataset_column *column,
                           bool *found) {
    count_words(search, column->name, found);
    count_words(search, column->title, found);
    count_words(search, column->description, found);
    for (size_t i = 0; i < column->synonyms.count; i++)
        count_words(search, column->synonyms.at[i], found);
}

static bool matches_column(const struct search *search, const struct dataset_column *column) {
    bool found[SEARCH_WORDS] = {false};
    look_at_column(search, column, found);
    return sum_of(search, found) > 0;
}

// How many of the words are said of the table or of one of its columns.
static int rank_of(const struct search *search, const struct dataset_table *table) {
    bool found[SEARCH_WORDS] = {false};
    count_words(search, table->name, found);
    count_words(search, table->title, found);
    count_words(search, table->description, found);
    count_words(search, table->row, found);
    for (size_t i = 0; i < table->column_count; i++)
        if (!table->columns[i].hidden)
            look_at_column(search, &table->columns[i], found);
    return sum_of(search, found);
}

// ---- Tables -------------------------------------------------------------------------------------

static size_t visible_columns(const struct dataset_table *table) {
    size_t count = 0;
    for (size_t i = 0; i < table->column_count; i++)
        count += !table->columns[i].hidden;
    return count;
}

static void add_said(json *object, const char *name, const char *title, const char *description) {
    if (!str_is_empty(title) && strcasecmp(title, name) != 0)
        json_add(object, "title", share_text(title));
    if (!str_is_empty(description))
        json_add(object, "description", share_text(description));
}

static json *table_of(const struct dataset_table *table, const struct search *search) {
    json *object = cJSON_CreateObject();
    json_add_text(object, "name", table->name);
    add_said(object, table->name, table->title, table->description);
    json_add_integer(object, "rows", table->row_count);
    json_add_integer(object, "columns", (int64_t)visible_columns(table));
    if (search->count == 0)
        return object;
    json *matching = json_add_array(object, "matching_columns");
    int64_t left = 0;
    for (size_t i = 0; i < table->column_count; i++) {
        if (table->columns[i].hidden || !matches_column(search, &table->columns[i]))
            continue;
        if (cJSON_GetArraySize(matching) < NAMED_COLUMNS)
            cJSON_AddItemToArray(matching, cJSON_CreateString(table->columns[i].name));
        else
            left++;
    }
    if (left)
        json_add_integer(object, "matching_columns_not_shown", left);
    return object;
}

struct ranked {
    size_t table;
    int rank;
};

static int compare_ranked(const void *left, const void *right) {
    const struct ranked *one = left, *other = right;
    if (one->rank != other->rank)
        return other->rank - one->rank;
    return one->table < other->table ? -1 : 1;
}

static void add_page(json *object, int64_t page, size_t total, size_t a_page) {
    json_add_integer(object, "total", (int64_t)total);
    json_add_integer(object, "page", page);
    json_add_integer(object, "pages", total ? (int64_t)((total + a_page - 1) / a_page) : 1);
}

char *tool_list_tables(struct loop *loop, const json *input, struct tool_result *result,
                       struct err *err) {
    struct {
        const char *search;
        int64_t page;
    } asked = {.page = 1};
    static const struct json_field fields[] = {
        {"search", JSON_TEXT, false, 0, 0, 400},
        {"page", JSON_INTEGER, false, sizeof(char *), 1, LIMIT_TABLES},
    };
    struct search search = {.count = 0};
    if (json_read(input, "", fields, ARRAY_LENGTH(fields), &asked, err))
        return NULL;
    if (!str_is_empty(asked.search))
        search.count = words_split(asked.search, search.words, SEARCH_WORDS);
    struct ranked ranked[LIMIT_TABLES];
    size_t total = 0;
    for (size_t i = 0; i < loop->schema->table_count && i < LIMIT_TABLES; i++) {
        int rank = rank_of(&search, &loop->schema->tables[i]);
        if (search.count == 0 || rank > 0)
            ranked[total++] = (struct ranked){i, rank};
    }
    qsort(ranked, total, sizeof *ranked, compare_ranked);
    cleanup_json json *object = cJSON_CreateObject();
    json *tables = json_add_array(object, "tables");
    for (size_t i = (size_t)(asked.page - 1) * TABLES_A_PAGE;
         i < total && i < (size_t)asked.page * TABLES_A_PAGE; i++)
        cJSON_AddItemToArray(tables, table_of(&loop->schema->tables[ranked[i].table], &search));
    add_page(object, asked.page, total, TABLES_A_PAGE);
    result->summary = mem_format("%zu table%s", total, total == 1 ? "" : "s");
    return json_write(object);
}

// ---- One table ----------------------------------------------------------------------------------

static json *bound(const struct dataset_column *column, const char *text, double number) {
    bool is_number = column->type == DATASET_INTEGER || column->type == DATASET_REAL;
    return is_number ? cJSON_CreateNumber(number) : share_text(text);
}

static void add_profile(json *object, const struct dataset_column *column) {
    if (column->min)
        json_add(object, "min", bound(column, column->min, column->min_number));
    if (column->max)
        json_add(object, "max", bound(column, column->max, column->max_number));
    if (column->min && (column->type == DATASET_INTEGER || column->type == DATASET_REAL))
        json_add_real(object, "median", column->median);
    if (column->samples.count == 0)
        return;
    json *samples = json_add_array(object, "commonest_values");
    for (size_t i = 0; i < column->samples.count; i++)
        cJSON_AddItemToArray(samples, share_cut(column->samples.at[i], SAMPLE_BYTES));
}

static json *column_of(const struct loop *loop, const struct dataset_column *column) {
    json *object = cJSON_CreateObject();
    json_add_text(object, "name", column->name);
    json_add_text(object, "type", dataset_type_name(column->type));
    add_said(object, column->name, column->title, column->description);
    if (!str_is_empty(column->unit))
        json_add(object, "unit", share_text(column->unit));
    if (column->is_key)
        json_add_bool(object, "key", true);
    if (column->references_table >= 0) {
        const struct dataset_table *table = &loop->schema->tables[column->references_table];
        cleanup_free char *text =
            mem_format("%s.%s", table->name, table->columns[column->references_column].name);
        json_add_text(object, "references", text);
    }
    json_add_integer(object, "distinct", column->distinct_count);
    if (column->null_count)
        json_add_integer(object, "nulls", column->null_count);
    if (!loop->keeps_cells)
        add_profile(object, column);
    return object;
}

static int find_table(const struct loop *loop, const char *name, size_t *ret_table,
                      struct err *err) {
    const char *names[LIMIT_TABLES];
    size_t count = 0;
    for (size_t i = 0; i < loop->schema->table_count && i < LIMIT_TABLES; i++) {
        names[count++] = loop->schema->tables[i].name;
        if (strcasecmp(name, names[i]) == 0) {
            *ret_table = i;
            return 0;
        }
    }
    const char *closest = str_closest(name, names, count);
    err_set(err, ERR_NOT_FOUND, "There is no table \"%.100s\".", name);
    return closest ? err_hint(err, "Did you mean %s?", closest)
                   : err_hint(err, "list_tables lists them.");
}

static void add_metrics(const struct loop *loop, size_t table, json *object) {
    json *metrics = NULL;
    for (size_t i = 0; i < loop->schema->metric_count; i++) {
        const struct dataset_metric *metric = &loop->schema->metrics[i];
        if (metric->table != (int)table)
            continue;
        if (!metrics)
            metrics = json_add_array(object, "metrics");
        json *one = cJSON_CreateObject();
        json_add_text(one, "name", metric->name);
        json_add_text(one, "expression", metric->expression);
        add_said(one, metric->name, metric->title, metric->unit);
        cJSON_AddItemToArray(metrics, one);
    }
}

char *tool_describe_table(struct loop *loop, const json *input, struct tool_result *result,
                          struct err *err) {
    struct {
        const char *table;
        int64_t page;
    } asked = {.page = 1};
    static const struct json_field fields[] = {
        {"table", JSON_TEXT, true, 0, 1, LIMIT_NAME},
        {"page", JSON_INTEGER, false, sizeof(char *), 1, LIMIT_COLUMNS},
    };
    size_t at, seen = 0;
    if (json_read(input, "", fields, ARRAY_LENGTH(fields), &asked, err) ||
        find_table(loop, asked.table, &at, err))
        return NULL;
    const struct dataset_table *table = &loop->schema->tables[at];
    size_t total = visible_columns(table), first = (size_t)(asked.page - 1) * COLUMNS_A_PAGE;
    cleanup_json json *object = cJSON_CreateObject();
    json_add_text(object, "table", table->name);
    add_said(object, table->name, table->title, table->description);
    json_add_integer(object, "rows", table->row_count);
    json *columns = json_add_array(object, "columns");
    for (size_t i = 0; i < table->column_count; i++) {
        if (table->columns[i].hidden)
            continue;
        if (seen >= first && seen < first + COLUMNS_A_PAGE)
            cJSON_AddItemToArray(columns, column_of(loop, &table->columns[i]));
        seen++;
    }
    add_page(object, asked.page, total, COLUMNS_A_PAGE);
    add_metrics(loop, at, object);
    result->summary = mem_format("%zu column%s", total, total == 1 ? "" : "s");
    return json_write(object);
}

// ---- Values -------------------------------------------------------------------------------------

struct wanted_place {
    const char *table, *column;
};

static bool is_wanted(const struct loop *loop, const struct dataset_value *value,
                      const struct wanted_place *place) {
    const struct dataset_table *table = &loop->schema->tables[value->table];
    const struct dataset_column *column = &table->columns[value->column];
    return !column->hidden && (!place->table || strcasecmp(place->table, table->name) == 0) &&
           (!place->column || strcasecmp(place->column, column->name) == 0);
}

static json *value_of(struct loop *loop, const struct dataset_value *value) {
    const struct dataset_table *table = &loop->schema->tables[value->table];
    json *object = cJSON_CreateObject();
    json_add_text(object, "table", table->name);
    json_add_text(object, "column", table->columns[value->column].name);
    if (!loop->keeps_cells) {
        json_add(object, "value", share_text(value->value));
        if (value->part)
            json_add(object, "one_of_its_list", share_text(value->part));
        json_add_integer(object, "rows", value->row_count);
        return object;
    }
    cleanup_free char *name = mem_format("v%zu", loop->value_count + 1);
    loop->values[loop->value_count++] = mem_text(value->value);
    json_add_text(object, "value", name);
    return object;
}

// The ways to look, the surest first; the next is tried where one finds nothing.
enum lookup { LOOKUP_WHOLE, LOOKUP_WORDS, LOOKUP_LISTED, LOOKUP_MISTYPED, LOOKUPS };

static size_t look_up(const struct dataset *dataset, enum lookup lookup, const char *key,
                      struct dataset_value *ret_values, size_t max) {
    switch (lookup) {
    case LOOKUP_LISTED: return dataset_find_parts(dataset, key, ret_values, max);
    case LOOKUP_MISTYPED: return dataset_find_similar(dataset, key, ret_values, max);
    default: return dataset_find_values(dataset, key, lookup == LOOKUP_WORDS, ret_values, max);
    }
}

char *tool_find_values(struct loop *loop, const json *input, struct tool_result *result,
                       struct err *err) {
    struct {
        const char *text;
        struct wanted_place place;
    } asked = {.text = NULL};
    static const struct json_field fields[] = {
        {"text", JSON_TEXT, true, 0, 1, 400},
        {"table", JSON_TEXT, false, sizeof(char *), 0, LIMIT_NAME},
        {"column", JSON_TEXT, false, 2 * sizeof(char *), 0, LIMIT_NAME},
    };
    if (json_read(input, "", fields, ARRAY_LENGTH(fields), &asked, err))
        return NULL;
    struct dataset_value values[VALUES_LOOKED_AT];
    const struct dataset *dataset = loop->turn->order.dataset;
    cleanup_buf struct buf key = BUF(LIMIT_QUESTION);
    cleanup_json json *object = cJSON_CreateObject();
    json *found = json_add_array(object, "values");
    size_t count = 0, left = 0;
    words_key(asked.text, &key);
    for (int lookup = 0; lookup < LOOKUPS && cJSON_GetArraySize(found) == 0; lookup++) {
        count = look_up(dataset, (enum lookup)lookup, buf_text(&key), values, VALUES_LOOKED_AT);
        for (size_t i = 0; i < count; i++) {
            if (!is_wanted(loop, &values[i], &asked.place))
                continue;
            if (cJSON_GetArraySize(found) < VALUES_MOST && loop->value_count < LIMIT_AGENT_VALUES)
                cJSON_AddItemToArray(found, value_of(loop, &values[i]));
            else
                left++;
        }
        dataset_values_done(values, count);
    }
    if (left)
        json_add_integer(object, "not_shown", (int64_t)left);
    count = (size_t)cJSON_GetArraySize(found) + left;
    if (count == 0)
        json_add_text(object, "note",
                      "No value of an indexed text column has these words; numbers, dates and long "
                      "texts are not indexed.");
    result->summary = mem_format("%zu value%s", count, count == 1 ? "" : "s");
    return json_write(object);
}
