// SPDX-License-Identifier: Apache-2.0
//
// A chart: its files, and what Chart.yaml, values.yaml and values.schema.json say.
#pragma once

#include "helm/value.h"

struct chart_file {
    const char *name; // "templates/service.yaml"
    struct text data;
};

struct chart {
    struct chart_file *files; // in the order of their names, without what .helmignore names
    size_t file_count, file_room;
    struct value metadata; // Chart.yaml
    struct value values;   // values.yaml
    json *schema;          // NULL where there is none
    const char *name;
};

// Reads the chart in FOLDER, or with NULL the one that is built in, into POOL. ERR_NOT_FOUND,
// ERR_BAD_REQUEST, ERR_TOO_LARGE. chart_done() frees the schema.
int chart_load(struct pool *pool, const char *folder, struct chart *ret_chart, struct err *err);
void chart_done(struct chart *chart);
#define cleanup_chart cleanup(chart_done)
// A YAML file of values or the like; an empty one is an empty dict. ERR_BAD_REQUEST with NAME.
int chart_read_yaml(struct pool *pool, const char *name, struct text text, struct value *ret_value,
                    struct err *err);
