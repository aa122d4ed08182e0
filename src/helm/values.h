// SPDX-License-Identifier: Apache-2.0
//
// The values that a rendering is given, over those of the chart.
#pragma once

#include "helm/helm.h"
#include "helm/value.h"

// All that SETS say as one dict: files in their order, then --set-json, --set, --set-string and
// --set-file. ERR_BAD_REQUEST, ERR_NOT_FOUND.
int values_read(struct pool *pool, const struct helm_set *sets, size_t count,
                struct value *ret_values, struct err *err);
// Lays the chart's DEFAULTS under GIVEN, which is changed: a null that was given takes a default
// away.
void values_coalesce(struct pool *pool, struct value_map *given, const struct value_map *defaults);
// One argument of --set and its like, as `a.b[0]=1,c={x,y}`, into TARGET.
int values_set(struct pool *pool, enum helm_set_kind kind, const char *text,
               struct value_map *target, struct err *err);
