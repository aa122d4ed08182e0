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
