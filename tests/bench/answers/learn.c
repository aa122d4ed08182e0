// SPDX-License-Identifier: Apache-2.0
//
// See learn.h. AdaGrad on the marginal likelihood of the right answer: the gradient is the
// difference between what forms have in expectation among the right ones and among all.
#include "learn.h"

#include <math.h>
#include <stdio.h>

#include "plan/form_weights.h"

struct model *model_new(void) {
    struct model *model = mem_zero(1, sizeof *model);
    model->weights = mem_zero(LEARN_FEATURES, sizeof *model->weights);
    model->squares = mem_zero(LEARN_FEATURES, sizeof *model->squares);
    return model;
}

void model_free(struct model *model) {
    free(model->weights);
    free(model->squares);
    free(model);
}

// ---- Features -----------------------------------------------------------------------------------

// Hashes with a number for each, which is 0 for those that are not there.
struct dictionary {
    uint32_t *hashes, *numbers; // a hash table of SIZE, a power of two
    size_t size, count;
};

static struct dictionary dictionary;

static size_t place(const struct dictionary *at, uint32_t hash) {
    size_t slot = (hash * 0x9E3779B1u) & (at->size - 1);
    while (at->numbers[slot] && at->hashes[slot] != hash)
        slot = (slot + 1) & (at->size - 1);
    return slot;
}

static struct dictionary dictionary_new(size_t size) {
    return (struct dictionary){mem_zero(size, sizeof(uint32_t)), mem_zero(size, sizeof(uint32_t)),
                               size, 0};
}

static void dictionary_done(struct dictionary *at) {
    free(at->hashes);
    free(at->numbers);
    *at = (struct dictionary){.size = 0};
}

// Numbers the features that LEAST examples or more have.
static void read_features(const struct examples *examples, bool use_held_out, uint32_t least) {
    struct dictionary counts = dictionary_new(1u << 27);
    for (size_t i = 0; i < examples->count; i++) {
        const struct example *example = &examples->examples[i];
        for (size_t j = 0; j < example->predicate_count && (use_held_out || !example->is_held_out);
             j++)
            for (size_t k = 0; k <= (example->predicates[j].is_crossed ? example->gram_count : 0);
                 k++) {
                uint32_t hash =
                    feature_hash(example->predicates[j].hash, k ? example->grams[k - 1] : 0);
                size_t at = place(&counts, hash);
                counts.hashes[at] = hash;
                counts.count += !counts.numbers[at];
                counts.numbers[at]++;
            }
    }
    if (dictionary.size)
        dictionary_done(&dictionary);
    dictionary = dictionary_new(1u << 22);
    for (size_t i = 0; i < counts.size; i++)
        if (counts.numbers[i] >= least && dictionary.count < LEARN_FEATURES - 1) {
            size_t at = place(&dictionary, counts.hashes[i]);
            dictionary.hashes[at] = counts.hashes[i];
            dictionary.numbers[at] = (uint32_t)++dictionary.count;
        }
    fprintf(stderr, "%zu features, %zu in at least %u questions\n", counts.count, dictionary.count,
            least);
    dictionary_done(&counts);
}

static uint32_t number_of(uint32_t predicate, uint32_t gram) {
    return dictionary.numbers[place(&dictionary, feature_hash(predicate, gram))];
}

void model_score(const struct model *model, const struct example *example, float *ret_scores) {
    float *sums = mem_zero(example->predicate_count + 1, sizeof *sums);
    for (size_t i = 0; i < example->predicate_count; i++) {
        const struct feature_predicate *predicate = &example->predicates[i];
        float sum = model->weights[number_of(predicate->hash, 0)];
        for (size_t j = 0; predicate->is_crossed && j < example->gram_count; j++)
            sum += model->weights[number_of(predicate->hash, example->grams[j])];
        sums[i] = sum;
    }
    for (size_t i = 0; i < example->form_count; i++) {
        float score = 0;
        for (uint32_t j = example->form_begins[i]; j < example->form_begins[i + 1]; j++)
            score += sums[example->form_predicates[j]];
        ret_scores[i] = score;
    }
    free(sums);
}

// ---- Learning -----------------------------------------------------------------------------------

#define AVERAGED_EVERY 500 // questions between two snapshots of the weights

static uint32_t random_next(void) {
    static uint32_t random = 12345;
    random = random * 1664525u + 1013904223u;
    return random >> 8;
}

static void update(struct model *model, uint32_t at, float gradient,
                   const struct learn_settings *settings) {
    float *weight = &model->weights[at];
    if (!at)
        return;
    gradient -= settings->decay * *weight;
    model->squares[at] += gradient * gradient;
    *weight += settings->rate * gradient / (sqrtf(model->squares[at]) + 1e-3f);
}

// By how much each predicate is commoner among the right forms than among all, in expectation.
static void expect(const struct example *example, const float *scores, float *expected) {
    float best = -INFINITY, best_right = -INFINITY;
    double all = 0, right = 0;
    for (size_t i = 0; i < example->form_count; i++) {
        best = fmaxf(best, scores[i]);
        best_right = example->is_right[i] ? fmaxf(best_right, scores[i]) : best_right;
    }
    for (size_t i = 0; i < example->form_count; i++) {
        all += exp(scores[i] - best);
        right += example->is_right[i] ? exp(scores[i] - best_right) : 0;
    }
    for (size_t i = 0; i < example->form_count; i++) {
        double share = example->is_right[i] ? exp(scores[i] - best_right) / right : 0;
        float change = (float)(share - exp(scores[i] - best) / all);
        if (fabsf(change) < 1e-6f)
            continue;
        for (uint32_t j = example->form_begins[i]; j < example->form_begins[i + 1]; j++)
            expected[example->form_predicates[j]] += change;
    }
}

static void learn_from(struct model *model, const struct example *example,
                       const struct learn_settings *settings) {
    if (!example->right_count || example->right_count == example->form_count)
        return;
    float *scores = mem_zero(example->form_count, sizeof *scores);
    float *expected = mem_zero(example->predicate_count + 1, sizeof *expected);
    model_score(model, example, scores);
    expect(example, scores, expected);
    for (size_t i = 0; i < example->predicate_count; i++) {
        const struct feature_predicate *predicate = &example->predicates[i];
        if (fabsf(expected[i]) < 1e-5f)
            continue;
        update(model, number_of(predicate->hash, 0), expected[i], settings);
        for (size_t j = 0; predicate->is_crossed && j < example->gram_count; j++)
            update(model, number_of(predicate->hash, example->grams[j]), expected[i], settings);
    }
    free(scores);
    free(expected);
}

static void shuffle(size_t *order, size_t count) {
    for (size_t i = count; i > 1; i--) {
        size_t other = random_next() % i, kept = order[i - 1];
        order[i - 1] = order[other];
        order[other] = kept;
    }
}

static double percent(size_t part, size_t all) {
    return 100.0 * (double)part / (double)(all ? all : 1);
}

static void tell_pass(const struct model *model, const struct examples *examples, size_t pass) {
    struct measured own = model_measure(model, examples, false);
    struct measured held = model_measure(model, examples, true);
    fprintf(stderr, "pass %zu: of what it learns from %.2f%% right, of what is held out %.2f%%\n",
            pass, percent(own.right, own.asked), percent(held.right, held.asked));
}

// Adds the weights to their SUM, for the average that is taken at the end.
static void add_weights(const struct model *model, float *sum) {
    for (size_t i = 0; i <= dictionary.count; i++)
        sum[i] += model->weights[i];
}

void model_learn(struct model *model, const struct examples *examples,
                 const struct learn_settings *settings) {
    size_t *order = mem_zero(examples->count + 1, sizeof *order), sums = 0;
    read_features(examples, settings->use_held_out, settings->least);
    float *sum = mem_zero(dictionary.count + 1, sizeof *sum);
    for (size_t i = 0; i < examples->count; i++)
        order[i] = i;
    for (size_t pass = 0; pass < settings->passes; pass++) {
        shuffle(order, examples->count);
        for (size_t i = 0; i < examples->count; i++) {
            const struct example *example = &examples->examples[order[i]];
            if (settings->use_held_out || !example->is_held_out)
                learn_from(model, example, settings);
            if (pass > 0 && i % AVERAGED_EVERY == 0 && ++sums)
                add_weights(model, sum);
        }
        tell_pass(model, examples, pass + 1);
    }
    for (size_t i = 0; i <= dictionary.count && sums; i++)
        model->weights[i] = sum[i] / (float)sums;
    tell_pass(model, examples, settings->passes);
    free(order);
    free(sum);
}

struct measured model_measure(const struct model *model, const struct examples *examples,
                              bool held_out) {
    struct measured measured = {0};
    for (size_t i = 0; i < examples->count; i++) {
        const struct example *example = &examples->examples[i];
        if (example->is_held_out != held_out)
            continue;
        measured.asked++;
        if (!example->form_count)
            continue;
        float *scores = mem_zero(example->form_count, sizeof *scores);
        model_score(model, example, scores);
        size_t best = 0;
        for (size_t j = 1; j < example->form_count; j++)
            best = scores[j] > scores[best] ? j : best;
        measured.right += example->is_right[best];
        free(scores);
    }
    return measured;
}

// ---- Writing ------------------------------------------------------------------------------------

static size_t put(struct form_weights *file, uint32_t hash, float weight) {
    uint16_t check = form_weight_check(hash);
    int units = (int)lroundf(weight / file->scale);
    uint32_t at = form_weight_slot(hash);
    if (!units)
        return 0;
    for (int i = 0; i < FORM_WEIGHT_STEPS; i++) {
        if (file->checks[at] == check)
            return 0; // it is there already
        if (!file->checks[at]) {
            file->checks[at] = check;
            file->weights[at] = (int8_t)units;
            return 1;
        }
        at = (at + 1) & (FORM_WEIGHT_SLOTS - 1);
    }
    fprintf(stderr, "answers: a weight found no place\n");
    return 0;
}

void model_write(const struct model *model, const char *path) {
    struct form_weights *file = mem_zero(1, sizeof *file);
    size_t count = 0;
    float most = 0;
    for (uint32_t i = 0; i < LEARN_FEATURES; i++)
        most = fmaxf(most, fabsf(model->weights[i]));
    memcpy(file->magic, "SGWEIGHT", sizeof file->magic);
    file->version = FORM_WEIGHT_VERSION;
    file->slots = FORM_WEIGHT_SLOTS;
    file->scale = most / 127;
    for (size_t i = 0; i < dictionary.size; i++)
        if (dictionary.numbers[i])
            count += put(file, dictionary.hashes[i], model->weights[dictionary.numbers[i]]);
    FILE *out = fopen(path, "we");
    if (!out || fwrite(file, sizeof *file, 1, out) != 1 || fclose(out) != 0) {
        fprintf(stderr, "answers: cannot write %s\n", path);
        exit(1);
    }
    fprintf(stderr, "%zu weights, the greatest %.2f, in %s\n", count, (double)most, path);
    free(file);
}
