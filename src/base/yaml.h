// SPDX-License-Identifier: Apache-2.0
//
// YAML by libyaml, read into the same tree as JSON: mappings become objects, sequences arrays.
#pragma once

#include "base/json.h"

// Parses the first document of TEXT, whose plain scalars are null, booleans, numbers or texts as in
// YAML's core schema. Aliases are refused: nothing that we read needs them, and they let a small
// file grow without bound. ERR_BAD_REQUEST with line and column; ERR_TOO_LARGE below
// LIMIT_JSON_DEPTH levels.
int yaml_parse(const char *text, size_t length, json **ret_value, struct err *err);

// What a plain scalar is to Go's yaml.v2, and so to Helm: YAML 1.1, where `on`, `y` and 010 are no
// texts. What looks like a time is quoted when it is written, but read as a text.
enum yaml_kind { YAML_TEXT, YAML_NULL, YAML_TRUE, YAML_FALSE, YAML_NUMBER, YAML_TIME };
enum yaml_kind yaml_resolve(const char *text, double *ret_number);

// As yaml_parse(), but scalars are read by yaml_resolve(), and aliases and merge keys (<<) are
// followed, to LIMIT_YAML_NODES values in all. Of keys that stand twice the last counts.
int yaml_parse_helm(const char *text, size_t length, json **ret_value, struct err *err);
// The same, but a key that stands twice is an error, as to the API server.
int yaml_parse_helm_strictly(const char *text, size_t length, json **ret_value, struct err *err);
