// SPDX-License-Identifier: Apache-2.0
//
// values.schema.json: a value against a JSON Schema.
#pragma once

#include "helm/value.h"

// Whether VALUES are as SCHEMA says; the message names the value by its path, and for a misspelt
// name the nearest. A keyword that is not known here is refused by name. ERR_BAD_REQUEST.
int schema_check(const json *schema, struct value values, struct err *err);
