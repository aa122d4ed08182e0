// SPDX-License-Identifier: Apache-2.0
//
// Questions for a data set whose author gives none: a few that its columns can answer.
#pragma once

#include "dataset/schema.h"

#define PROMPTS_MADE 6

// Sets the prompts of SCHEMA, which has its profile and no prompts yet.
void prompts_make(struct dataset_schema *schema);
