// SPDX-License-Identifier: Apache-2.0
//
// See segment.h: a beam search from left to right. At each border between tokens the best partial
// ways are kept; each is extended by every item that begins there, and by leaving the token out,
// which costs where the token is a content word.
#include "plan/segment.h"

#include <string.h>

#define COST_LEFT_OUT 1.0
#define GAIN_CUE 0.9
#define GAIN_LENGTH 0.15 // for each further token, so that "more than" beats "more" beside "than"

struct step {
    double score;
    const struct step *before;
    struct item *item; // NULL: a token was left out
    size_t item_count;
};

struct beam {
    struct step *steps[QUESTION_WAYS]; // the best first
    size_t count;
};

static void push(struct beam *beam, struct step step, struct arena *arena) {
    if (beam->count == QUESTION_WAYS && step.score <= beam->steps[beam->count - 1]->score)
        return;
    struct step *kept = arena_take(arena, 1, sizeof *kept);
    if (!kept)
        return;
    *kept = step;
    size_t at = beam->count < QUESTION_WAYS ? beam->count++ : beam->count - 1;
    // Equals stay in the order in which they came, so that the outcome is the same every time.
    for (; at > 0 && beam->steps[at - 1]->score < step.score; at--)
        beam->steps[at] = beam->steps[at - 1];
    beam->steps[at] = kept;
}

static double gain(const struct question *question, const struct item *item) {
    size_t content = 0;
    for (size_t i = item->first; i < item->first + item->count; i++)
        content += !question->tokens[i].is_harmless;
    double weight = content ? (double)content : item->is_exact ? 0.5 : 0.1;
    double strength = item->kind == ITEM_CUE ? GAIN_CUE * item->strength : item->strength;
    return strength * weight + GAIN_LENGTH * (double)(item->count - 1);
}

size_t segment_ways(struct question *question, struct way *ret_ways) {
    struct beam *beams = arena_take(question->arena, question->token_count + 1, sizeof *beams);
    if (!beams)
        return 0;
    push(&beams[0], (struct step){0}, question->arena);
    for (size_t at = 0; at < question->token_count; at++)
        for (size_t i = 0; i < beams[at].count; i++) {
            const struct step *before = beams[at].steps[i];
            double loss = question->tokens[at].is_harmless ? 0 : COST_LEFT_OUT;
            push(&beams[at + 1],
                 (struct step){.score = before->score - loss,
                               .before = before,
                               .item_count = before->item_count},
                 question->arena);
            if (before->item_count == QUESTION_SEQUENCE)
                continue;
            for (int j = question->first_item[at]; j >= 0; j = question->items[j].next) {
                struct item *item = &question->items[j];
                push(&beams[at + item->count],
                     (struct step){before->score + gain(question, item), before, item,
                                   before->item_count + 1},
                     question->arena);
            }
        }
    const struct beam *last = &beams[question->token_count];
    for (size_t i = 0; i < last->count; i++) {
        struct way *way = &ret_ways[i];
        way->score = last->steps[i]->score;
        way->count = last->steps[i]->item_count;
        size_t at = way->count;
        for (const struct step *step = last->steps[i]; step; step = step->before)
            if (step->item)
                way->items[--at] = step->item;
    }
    return last->count;
}
