// SPDX-License-Identifier: Apache-2.0
//
// See suggest.h. First the question itself without the words that were not understood, then the
// questions that the data set's author vouches for, the nearest first, then some made from the
// schema.
#include "plan/suggest.h"

#include <string.h>

#include "plan/wording.h"

#define TRIALS 8       // questions that are planned for it
#define TRIALS_LARGE 2 // of a large schema, where each takes longer
#define LARGE 500      // columns

struct suggestions {
    const struct question *question;
    struct plan_answer *answer;
    size_t trials, trials_max;
};

static bool is_sure(const struct dataset *dataset, const char *text) {
    struct arena arena = ARENA(LIMIT_PLAN_ARENA);
    struct question *question = mem_zero(1, sizeof *question);
    struct ranking *ranking = mem_zero(1, sizeof *ranking);
    size_t count;
    bool sure = rank_text(dataset, text, &arena, question, ranking) &&
                rank_verdict(question, ranking, &count) == PLAN_SURE;
    free(ranking);
    free(question);
    arena_done(&arena);
    return sure;
}

static bool is_full(const struct suggestions *suggestions) {
    return suggestions->answer->suggestion_count ==
               ARRAY_LENGTH(suggestions->answer->suggestions) ||
           suggestions->trials >= suggestions->trials_max;
}

static void offer(struct suggestions *suggestions, const char *text) {
    struct plan_answer *answer = suggestions->answer;
    if (is_full(suggestions) || !*text)
        return;
    for (size_t i = 0; i < answer->suggestion_count; i++)
        if (strcmp(answer->suggestions[i], text) == 0)
            return;
    suggestions->trials++;
    if (is_sure(suggestions->question->dataset, text))
        answer->suggestions[answer->suggestion_count++] = arena_text(&answer->arena, text);
}

// ---- The question without what was not understood -----------------------------------------------

static bool has_cue(const struct question *question, size_t at) {
    for (int i = question->first_item[at]; i >= 0; i = question->items[i].next)
        if (question->items[i].kind == ITEM_CUE)
            return true;
    return false;
}

static void offer_rest(struct suggestions *suggestions, const struct ranking *ranking) {
    const struct question *question = suggestions->question;
    bool is_left_out[LIMIT_PLAN_TOKENS];
    size_t kept = 0, left_out = 0;
    for (size_t i = question->token_count; i > 0; i--) {
        bool leads =
            i < question->token_count && is_left_out[i] && question->tokens[i - 1].is_harmless;
        is_left_out[i - 1] =
            !ranking->is_covered[i - 1] || (leads && i > 1); // "at" of "at dusk" goes with it
        kept += !is_left_out[i - 1] && !question->tokens[i - 1].is_harmless;
        left_out += is_left_out[i - 1];
        // Without a word that grammar hangs on, the rest would be no question.
        if (!ranking->is_covered[i - 1] && has_cue(question, i - 1))
            return;
    }
    if (!left_out || kept < 3 || question->is_cut || ranking->unsupported >= 0)
        return;
    struct buf buf = BUF(LIMIT_QUESTION * 2);
    for (size_t i = 0; i < question->token_count; i++) {
        if (is_left_out[i])
            continue;
        const struct word *word = &question->tokens[i].word;
        size_t end = i + 1 < question->token_count ? question->tokens[i + 1].word.start
                                                   : word->start + word->length;
        size_t length =
            i + 1 < question->token_count && is_left_out[i + 1] ? word->length : end - word->start;
        if (buf.length && buf.data[buf.length - 1] != ' ' && i > 0 && is_left_out[i - 1])
            buf_add_char(&buf, ' ');
        buf_add(&buf, question->text + word->start, length);
    }
    while (buf.length && strchr(" ,;:", buf.data[buf.length - 1]))
        buf.data[--buf.length] = '\0';
    if (strchr(question->text, '?') && buf.length && buf.data[buf.length - 1] != '?')
        buf_add_char(&buf, '?');
    offer(suggestions, buf_text(&buf));
    buf_done(&buf);
}

// ---- Questions of the author --------------------------------------------------------------------

static size_t shared_words(const struct question *question, const char *text) {
    struct word words[LIMIT_PLAN_TOKENS];
    size_t count = words_split_prose(text, words, LIMIT_PLAN_TOKENS), shared = 0;
    for (size_t i = 0; i < question->token_count; i++)
        for (size_t j = 0; j < count; j++)
            if (!question->tokens[i].is_harmless &&
                strcmp(question->tokens[i].word.stem, words[j].stem) == 0) {
                shared++;
                break;
            }
    return shared;
}

static void offer_prompts(struct suggestions *suggestions) {
    const struct dataset_schema *schema = suggestions->question->schema;
    bool is_offered[32] = {false};
    size_t count = schema->prompt_count < ARRAY_LENGTH(is_offered) ? schema->prompt_count
                                                                   : ARRAY_LENGTH(is_offered);
    for (size_t round = 0; round < count && !is_full(suggestions); round++) {
        size_t best = count, best_shared = 0;
        for (size_t i = 0; i < count; i++) {
            size_t shared = is_offered[i] ? 0
                                          : 1 + shared_words(suggestions->question,
                                                             schema->prompts[i].question);
            if (shared > best_shared) {
                best = i;
                best_shared = shared;
            }
        }
        if (best == count)
            return;
        is_offered[best] = true;
        offer(suggestions, schema->prompts[best].question);
    }
}

// ---- Questions made from the schema -------------------------------------------------------------

static struct plan_column pick_measure(const struct dataset_schema *schema, int table) {
    for (size_t i = 0; i < schema->metric_count; i++)
        if (schema->metrics[i].table == table)
            return (struct plan_column){table, -1, (int)i};
    for (int additive = 1; additive >= 0; additive--)
        for (size_t i = 0; i < schema->tables[table].column_count; i++) {
            struct plan_column column = {table, (int)i, -1};
            const struct dataset_column *at = question_column(schema, column);
            if (!at->hidden && question_is_number(at) && !at->is_key && at->references_table < 0 &&
                draft_is_additive(schema, column) == (additive == 1))
                return column;
        }
    return (struct plan_column){-1, -1, -1};
}

// A column with few values makes groups that can be looked over.
static struct plan_column pick_group(const struct dataset_schema *schema, int table) {
    struct plan_column best = {-1, -1, -1};
    for (size_t i = 0; i < schema->tables[table].column_count; i++) {
        const struct dataset_column *at = &schema->tables[table].columns[i];
        if (!at->hidden && at->type == DATASET_TEXT && at->distinct_count >= 2 &&
            at->distinct_count <= 50 && at->distinct_count * 2 <= schema->tables[table].row_count &&
            at->references_table < 0)
            return (struct plan_column){table, (int)i, -1};
    }
    return best;
}

static void offer_of_table(struct suggestions *suggestions, int table) {
    const struct dataset_schema *schema = suggestions->question->schema;
    struct arena *arena = suggestions->question->arena;
    struct plan_column measure = pick_measure(schema, table), group = pick_group(schema, table);
    const char *rows = wording_rows(schema, arena, table, false);
    const char *by = group.table >= 0 ? wording_column(schema, arena, group) : NULL;
    const char *of = measure.table >= 0 ? wording_column(schema, arena, measure) : NULL;
    if (of && by)
        offer(suggestions,
              arena_format(arena, "%s %s by %s",
                           draft_is_additive(schema, measure) ? "Total" : "Average", of, by));
    if (by)
        offer(suggestions, arena_format(arena, "Number of %s by %s", rows, by));
    if (of)
        offer(suggestions, arena_format(arena, "What was the highest %s?", of));
    offer(suggestions, arena_format(arena, "How many %s are there?", rows));
}

void suggest(const struct question *question, const struct ranking *ranking,
             struct plan_answer *answer) {
    struct suggestions suggestions = {.question = question, .answer = answer};
    size_t columns = 0;
    for (size_t i = 0; i < question->schema->table_count; i++)
        columns += question->schema->tables[i].column_count;
    suggestions.trials_max = columns > LARGE ? TRIALS_LARGE : TRIALS;
    offer_rest(&suggestions, ranking);
    offer_prompts(&suggestions);
    for (size_t i = 0; i < question->schema->table_count && !is_full(&suggestions); i++)
        offer_of_table(&suggestions, (int)i);
}
