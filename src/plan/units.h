// SPDX-License-Identifier: Apache-2.0
//
// The units of a result's columns, where the data set tells them.
#pragma once

#include "base/arena.h"
#include "plan/plan.h"

#define PLAN_UNITS 20

struct plan_unit {
    const char *title; // of the result's column
    const char *unit;  // "USD", "%", "mm"
};

// Of READING's result columns those that have a unit. The texts live as long as SCHEMA or ARENA.
// How many there are.
size_t plan_units(const struct dataset_schema *schema, struct arena *arena,
                  const struct plan_reading *reading, struct plan_unit ret_units[PLAN_UNITS]);
