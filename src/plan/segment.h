// SPDX-License-Identifier: Apache-2.0
//
// Ways through a question: sequences of items that do not overlap, the ones that cover most of it
// first.
#pragma once

#include "plan/question.h"

struct way {
    struct item *items[QUESTION_SEQUENCE];
    size_t count;
    double score;
};

// At most QUESTION_WAYS ways into RET_WAYS; how many there are.
size_t segment_ways(struct question *question, struct way *ret_ways);
