// SPDX-License-Identifier: Apache-2.0
//
// dataset.json: what an author says of a data set. Everything but the tables' files and the headers
// of the columns that are named is optional. The structs stand beside the tables that describe
// their JSON (description.c); what can only be checked against the tables themselves, such as
// headers, keys and references, is checked at import.
#pragma once

#include "dataset/schema.h"

#define DESCRIPTION_FILE "dataset.json"

struct description_column {
    const char *header; // as it stands in the file
    const char *name, *title, *description, *unit;
    const char *type_name;
    int type;               // enum dataset_type, or -1: to be found out
    const char *references; // "table.column"
    bool hidden;
    const json *synonyms_json, *values_json;
    struct dataset_texts synonyms;
    struct description_value *values;
    size_t value_count;
};

// Other names of one value of a column.
struct description_value {
    const char *value; // as it stands in the file
    struct dataset_texts synonyms;
};

struct description_table {
    const char *file;
    const char *name_given;
    const char *table; // which one of an SQLite file; NULL where it has one only
    char *name;        // given or made of the file's name
    const char *title, *description, *row;
    const char *time_column; // the name of a column
    const json *key_json, *columns_json;
    struct dataset_texts key; // names of columns
    struct description_column *columns;
    size_t column_count;
};

struct description_metric {
    const char *name, *title, *table_name, *expression, *unit;
    int table;
    const json *synonyms_json;
    struct dataset_texts synonyms;
};

struct description_prompt {
    const char *question;
    const json *expect;
    const char *note; // for whoever reads dataset.json
};

struct description {
    json *value; // owns every borrowed text here
    const char *title, *description, *license;
    const char *source_name, *source_url;
    struct description_table *tables; // none: every table file of the folder
    size_t table_count;
    struct description_metric *metrics;
    size_t metric_count;
    struct description_prompt *prompts;
    size_t prompt_count;
};

// ERR_BAD_REQUEST or ERR_TOO_LARGE; the message starts with "dataset.json: " and has the key's
// path.
int description_parse(const char *text, size_t length, struct description **ret_description,
                      struct err *err);
void description_free(struct description *description);
MEM_CLEANUP(struct description *, description_free);
