// SPDX-License-Identifier: Apache-2.0
//
// How well the built-in planner answers, and how its weights are learned.
//
//   answers measure WTQ CACHE FILE [--held-out] [--each]   asks the questions of FILE
//   answers learn WTQ CACHE FILE OUT [--held-out]          learns from them and writes the weights
//
// WTQ is the folder of WikiTableQuestions (tables/, *.tsv); its tables are imported into CACHE
// once. With --held-out a fifth of the tables is not learned from, or only those are asked about:
// that is how everything is tuned, so that nothing but the final figure comes from dev.tsv.
#include <stdio.h>
#include <string.h>

#include "learn.h"
#include "measure.h"

static bool has_flag(int count, char **words, const char *flag) {
    for (int i = 0; i < count; i++)
        if (strcmp(words[i], flag) == 0)
            return true;
    return false;
}

static void learn(char **words, bool is_held_out) {
    struct examples *examples = examples_read(words[0], words[1], words[2]);
    struct model *model = model_new();
    struct learn_settings settings = {
        .passes = 2, .rate = 0.03f, .decay = 0.001f, .least = 30, .use_held_out = !is_held_out};
    size_t covered = 0;
    for (size_t i = 0; i < examples->count; i++)
        covered += examples->examples[i].right_count > 0;
    fprintf(stderr, "%zu questions; for %zu of them some form gives the right answer\n",
            examples->count, covered);
    model_learn(model, examples, &settings);
    model_write(model, words[3]);
    model_free(model);
    examples_free(examples);
}

int main(int argc, char **argv) {
    bool is_learn = argc > 5 && strcmp(argv[1], "learn") == 0;
    bool is_measure = argc > 4 && strcmp(argv[1], "measure") == 0;
    bool is_held_out = has_flag(argc, argv, "--held-out");
    if (is_learn)
        learn(argv + 2, is_held_out);
    else if (is_measure)
        measure(argv[2], argv[3], argv[4], is_held_out ? MEASURE_HELD_OUT : MEASURE_ALL,
                has_flag(argc, argv, "--each"));
    else
        fprintf(stderr, "usage: answers measure WTQ CACHE FILE [--held-out] [--each]\n"
                        "       answers learn WTQ CACHE FILE OUT [--held-out]\n");
    return is_learn || is_measure ? 0 : 2;
}
