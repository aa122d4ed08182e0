// SPDX-License-Identifier: Apache-2.0
//
// See form_rank.h. Weights are whole numbers and are added up as such, so that the order of forms
// is the same on every machine; what competes on equal terms keeps the order in which it was made.
#include "plan/form_rank.h"
#include "plan/form_write.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "plan/form_weights.h"

// ---- Weighing -----------------------------------------------------------------------------------

static int weigh_predicate(const struct feature_set *features,
                           const struct feature_predicate *predicate) {
    int sum = form_weight(feature_hash(predicate->hash, 0));
    for (size_t i = 0; predicate->is_crossed && i < features->gram_count; i++)
        sum += form_weight(feature_hash(predicate->hash, features->grams[i]));
    return sum;
}

// What each predicate weighs, reckoned when it is first met.
struct scale {
    int weights[FEATURE_PREDICATES];
    size_t known;
};

static int weigh(struct feature_set *features, struct scale *scale, const uint16_t *predicates,
                 size_t count) {
    int sum = 0;
    for (; scale->known < features->predicate_count; scale->known++)
        scale->weights[scale->known] =
            weigh_predicate(features, &features->predicates[scale->known]);
    for (size_t i = 0; i < count; i++)
        sum += scale->weights[predicates[i]];
    return sum;
}

// ---- The best -----------------------------------------------------------------------------------

// Words that mean something and are no grammar: cues, superlatives and words that ask.
static uint64_t telling_words(const struct form_set *set) {
    const struct question *question = set->question;
    uint64_t words = set->content;
    for (size_t i = 0; i < question->item_count; i++)
        if (question->items[i].kind == ITEM_CUE)
            words &= ~form_mask(question->items[i].first, question->items[i].count);
    for (size_t i = 0; i < question->token_count && i < FORM_TOKENS; i++) {
        const char *text = question->tokens[i].word.text;
        bool is_grammar =
            lexicon_is_listed(
                "many much long name names who when where what which how did was were list listed "
                "chart table after before next previous following above below same other besides "
                "only first last total number amount each than more",
                text) ||
            (strlen(text) > 4 && str_has_suffix(text, "est"));
        words &= is_grammar ? ~form_mask(i, 1) : ~UINT64_C(0);
    }
    return words;
}

static bool is_same_query(const struct plan_reading *left, const struct plan_reading *right) {
    if (strcmp(left->sql, right->sql) != 0 || left->param_count != right->param_count)
        return false;
    for (size_t i = 0; i < left->param_count; i++) {
        const struct plan_value *one = &left->params[i], *other = &right->params[i];
        if (one->kind != other->kind || one->integer != other->integer ||
            one->real != other->real || !str_is_equal(one->text, other->text))
            return false;
    }
    return true;
}

static void take_trial(struct form_ranking *ranking, const struct form *form, int score,
                       struct plan_reading *readings) {
    struct plan_reading *reading = &readings[ranking->trial_count];
    memset(reading, 0, sizeof *reading);
    if (!form_write_sql(&ranking->set, form, ranking->question.arena, reading))
        return;
    for (size_t i = 0; i < ranking->trial_count; i++)
        if (is_same_query(&readings[i], reading))
            return;
    struct form_trial *trial = &ranking->trials[ranking->trial_count++];
    uint16_t predicates[FEATURE_OF_FORM];
    uint64_t used;
    *trial = (struct form_trial){.form = *form, .score = score * (double)form_weights.scale};
    features_of(&ranking->features, form, predicates, &used);
    trial->unread = telling_words(&ranking->set) & ~used;
    reading->score = trial->score;
    reading->forms = ranking;
    reading->form = &trial->form;
    reading->trial = (int)ranking->trial_count - 1;
}

// Takes forms from the best down until there are enough.
static void take_trials(struct form_ranking *ranking, int *scores, struct plan_reading *readings) {
    const struct form_set *set = &ranking->set;
    for (size_t tries = 0; tries < 4 * FORM_TRIALS && ranking->trial_count < FORM_TRIALS; tries++) {
        size_t best = 0;
        for (size_t i = 1; i < set->form_count; i++)
            best = scores[i] > scores[best] ? i : best;
        if (!set->form_count || scores[best] == INT32_MIN)
            return;
        take_trial(ranking, &set->forms[best], scores[best], readings);
        scores[best] = INT32_MIN;
    }
}

// Whether the best form has something to do with what was said: it accounts for a word, or there is
// at least one that asks.
static bool is_worth_trying(const struct form_ranking *ranking) {
    uint64_t telling = telling_words(&ranking->set);
    return telling != ranking->set.content || ranking->trials[0].unread != telling;
}

bool form_question(const struct dataset *dataset, const char *text, struct arena *arena,
                   struct question *ret_question) {
    if (!question_read(dataset, text, arena, ret_question))
        return false;
    question_add_cues(ret_question);
    question_add_numbers(ret_question);
    question_add_dates(ret_question);
    return true;
}

struct form_ranking *form_rank(const struct dataset *dataset, const char *text, int table,
                               struct arena *arena, struct plan_reading *ret_readings) {
    struct form_ranking *ranking = arena_take(arena, 1, sizeof *ranking);
    struct scale *scale = arena_take(arena, 1, sizeof *scale);
    uint16_t predicates[FEATURE_OF_FORM];
    if (!ranking || !scale)
        return NULL;
    if (!form_question(dataset, text, arena, &ranking->question) ||
        !form_make(&ranking->question, table, &ranking->set))
        return NULL;
    features_init(&ranking->features, &ranking->set);
    int *scores = arena_take(arena, ranking->set.form_count + 1, sizeof *scores);
    for (size_t i = 0; scores && i < ranking->set.form_count; i++) {
        size_t count = features_of(&ranking->features, &ranking->set.forms[i], predicates, NULL);
        scores[i] = weigh(&ranking->features, scale, predicates, count);
    }
    if (!scores)
        return NULL;
    take_trials(ranking, scores, ret_readings);
    return ranking->trial_count && is_worth_trying(ranking) ? ranking : NULL;
}

// ---- Answers ------------------------------------------------------------------------------------

static const json *first_cell(const json *rows, int row) {
    return cJSON_GetArrayItem(cJSON_GetArrayItem(rows, row), 0);
}

static void read_cells(const struct form_set *set, const json *rows,
                       struct feature_answer *answer) {
    int count = cJSON_GetArraySize(rows);
    answer->kind = count ? ANSWER_CELLS : ANSWER_NOTHING;
    answer->count = (size_t)count;
    answer->is_in_question = count > 0;
    for (int i = 0; i < count; i++) {
        const json *cell = first_cell(rows, i);
        char number[32];
        snprintf(number, sizeof number, "%.15g", cJSON_IsNumber(cell) ? cell->valuedouble : 0);
        answer->is_in_question &=
            features_is_said(set, cJSON_IsString(cell) ? cell->valuestring : number);
    }
}

static void read_answer(const struct form_ranking *ranking, const struct form *form,
                        const json *result, struct feature_answer *answer) {
    const json *rows = cJSON_GetObjectItemCaseSensitive(result, "rows");
    const json *cell = first_cell(rows, 0);
    *answer = (struct feature_answer){.kind = ANSWER_NOTHING};
    if (form->kind == FORM_SHOW || form->kind == FORM_COMMON || form->kind == FORM_BEST_GROUP) {
        read_cells(&ranking->set, rows, answer);
    } else if (form->kind == FORM_EXISTS || form->kind == FORM_TRUTH) {
        answer->kind = cJSON_IsString(cell) ? ANSWER_TRUTH : ANSWER_NOTHING;
        answer->count = 1;
    } else if (cell && !cJSON_IsNull(cell)) {
        answer->kind = ANSWER_NUMBER;
        answer->count = 1;
        answer->number = cJSON_IsNumber(cell) ? cell->valuedouble : strtod(cell->valuestring, NULL);
    }
}

static bool is_same_answer(const json *left, const json *right) {
    const json *one = cJSON_GetObjectItemCaseSensitive(left, "rows"),
               *other = cJSON_GetObjectItemCaseSensitive(right, "rows");
    return one && other && cJSON_Compare(one, other, true);
}

static void swap(struct form_ranking *ranking, struct plan_reading *readings, const json **results,
                 size_t left, size_t right) {
    struct form_trial trial = ranking->trials[left];
    struct plan_reading reading = readings[left];
    const json *result = results[left];
    ranking->trials[left] = ranking->trials[right];
    ranking->trials[right] = trial;
    readings[left] = readings[right];
    readings[right] = reading;
    results[left] = results[right];
    results[right] = result;
    readings[left].form = &ranking->trials[left].form;
    readings[right].form = &ranking->trials[right].form;
}

// The probability of each answer, at the best trial that gives it; 0 at the others.
static void share_out(struct form_ranking *ranking, const json *const *results) {
    double sum = 0, best = ranking->trials[0].score;
    for (size_t i = 0; i < ranking->trial_count; i++) {
        struct form_trial *trial = &ranking->trials[i];
        double weight = exp(trial->score - best);
        size_t first = 0;
        while (first < i && !is_same_answer(results[first], results[i]))
            first++;
        trial->probability = 0;
        ranking->trials[first].probability += weight;
        sum += weight;
    }
    for (size_t i = 0; i < ranking->trial_count; i++)
        ranking->trials[i].probability /= sum;
}

size_t form_settle(struct form_ranking *ranking, const json *const *results,
                   struct plan_reading *readings) {
    const json *own[FORM_TRIALS] = {NULL};
    uint16_t predicates[FEATURE_OF_ANSWER];
    struct feature_answer answer;
    size_t different = 0;
    for (size_t i = 0; i < ranking->trial_count; i++) {
        struct form_trial *trial = &ranking->trials[i];
        own[i] = results ? results[i] : NULL;
        if (!results)
            continue;
        read_answer(ranking, &trial->form, own[i], &answer);
        size_t count = features_of_answer(&ranking->features, &trial->form, &answer, predicates);
        int weight = 0;
        for (size_t j = 0; j < count; j++)
            weight +=
                weigh_predicate(&ranking->features, &ranking->features.predicates[predicates[j]]);
        trial->score += own[i] ? weight * (double)form_weights.scale : -100;
        readings[i].score = trial->score;
    }
    for (size_t i = 1; i < ranking->trial_count; i++) // few, and equals keep their order
        for (size_t j = i; j > 0 && ranking->trials[j].score > ranking->trials[j - 1].score; j--)
            swap(ranking, readings, own, j, j - 1);
    share_out(ranking, own);
    for (size_t i = 1; i < ranking->trial_count; i++)
        for (size_t j = i;
             j > 0 && ranking->trials[j].probability > ranking->trials[j - 1].probability; j--)
            swap(ranking, readings, own, j, j - 1);
    while (different < ranking->trial_count && ranking->trials[different].probability > 0)
        different++;
    return different;
}
