// SPDX-License-Identifier: Apache-2.0
//
// The functions that templates can call: tables of name, signature and code, by theme.
#pragma once

#include "helm/engine.h"

const struct function *functions_find(struct text name); // NULL where there is none
// One of Helm's or sprig's that is left out on purpose.
bool functions_is_unsupported(const char *name);
const char *functions_closest(const char *name);

// Each table ends with an entry without a name.
extern const struct function functions_logic[], functions_text[], functions_list[], functions_map[],
    functions_number[], functions_encoding[], functions_chart[], functions_regex[];

int64_t functions_to_integer(struct value value); // as cast.ToInt64: 0 for what is no number
double functions_to_real(struct value value);
// The items of a list, or of what can be used as one; false where it cannot.
bool functions_items(struct value value, const struct value **ret_items, size_t *ret_count);
