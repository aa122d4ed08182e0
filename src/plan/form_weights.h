// SPDX-License-Identifier: Apache-2.0
//
// The learned weights of features, as a hash table that is part of the program: form_weights.bin,
// written by tests/bench/learn. Of a feature's hash the upper bits say where to look and the lower
// ones, with 1 added, must be found there or, past others, behind it.
#pragma once

#include <stdint.h>

#define FORM_WEIGHT_SLOTS (1u << 17)
#define FORM_WEIGHT_CHECK 0x7FFFu
#define FORM_WEIGHT_STEPS 128 // slots that are looked at

struct form_weights {
    char magic[8]; // "SGWEIGHT"
    uint32_t version, slots;
    float scale; // a weight is its byte times this
    uint32_t reserved[3];
    uint16_t checks[FORM_WEIGHT_SLOTS]; // 0: empty
    int8_t weights[FORM_WEIGHT_SLOTS];
};
#define FORM_WEIGHT_VERSION 1

extern const struct form_weights form_weights;

static inline uint32_t form_weight_slot(uint32_t hash) { return hash >> 15; }
static inline uint16_t form_weight_check(uint32_t hash) {
    return (uint16_t)((hash & FORM_WEIGHT_CHECK) + 1);
}
// The weight of the feature, 0 for one that has none, in units of the scale.
static inline int form_weight(uint32_t hash) {
    uint16_t check = form_weight_check(hash);
    uint32_t at = form_weight_slot(hash);
    for (int i = 0; i < FORM_WEIGHT_STEPS && form_weights.checks[at]; i++) {
        if (form_weights.checks[at] == check)
            return form_weights.weights[at];
        at = (at + 1) & (FORM_WEIGHT_SLOTS - 1);
    }
    return 0;
}
