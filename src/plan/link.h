// SPDX-License-Identifier: Apache-2.0
//
// From words to the schema and the data: which stretches of a question may name a table, a column,
// a metric or a value. Linking is generous; what fits together is decided later, by the items'
// strength.
#pragma once

#include "plan/alias.h"

// Tables, columns, metrics.
void link_schema(struct question *question);
// "most expensive", "hottest", "older than 30": adjectives that measure a column.
void link_adjectives(struct question *question);
// Values, by the value index of the data set. After the others, as words that already mean
// something are not looked for as parts of values.
void link_values(struct question *question);
// Marks the words of the data set's own title: they carry nothing ("bird strikes" in the data set
// of bird strikes).
void link_title(struct question *question);
