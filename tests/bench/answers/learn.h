// SPDX-License-Identifier: Apache-2.0
//
// A log-linear model over forms, learned from questions with their answers alone: what makes the
// right answers, whichever way, more likely than the rest.
#pragma once

#include "examples.h"

#define LEARN_FEATURES (1u << 21)

struct model {
    float *weights, *squares; // by a feature's number; squares of gradients, summed up
};

struct model *model_new(void);
void model_free(struct model *model);
// The scores of the example's forms.
void model_score(const struct model *model, const struct example *example, float *ret_scores);

struct learn_settings {
    size_t passes;
    float rate, decay;
    uint32_t least;    // questions that must have a feature for it to get a weight
    bool use_held_out; // for the weights that are kept, once all has been settled
};
// The weights are the average over all passes but the first. Tells its progress.
void model_learn(struct model *model, const struct examples *examples,
                 const struct learn_settings *settings);

struct measured {
    size_t asked, right;
};
// HELD_OUT: only those that are held out, or only the others.
struct measured model_measure(const struct model *model, const struct examples *examples,
                              bool held_out);
// Writes the weights as src/plan/form_weights.h has them; ends the program where it cannot.
void model_write(const struct model *model, const char *path);
