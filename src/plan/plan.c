// SPDX-License-Identifier: Apache-2.0
//
// See plan.h: one question from end to end. The words are linked to the schema and the data
// (link*.c), ways through them are found (segment.c), read as drafts (compose.c, asked.c), shaped
// into plans (shape*.c), ranked (rank.c) and, where one is sure or a few compete, said in words
// (wording.c) and in SQL (sql.c).
#include "plan/plan.h"

#include <string.h>

#include "plan/rank.h"
#include "plan/suggest.h"
#include "plan/wording.h"

#define SHOWN_WORDS 4 // words that a message names

// ---- What was not understood --------------------------------------------------------------------

static const char *not_understood(const struct question *question, const struct ranking *ranking) {
    struct buf words = BUF(1024);
    size_t count = 0;
    size_t content = 0;
    for (size_t i = 0; i < question->token_count; i++)
        content += !question->tokens[i].is_harmless;
    if (!content)
        return arena_format(question->arena, "Ask a question about %s.", question->schema->title);
    if (question->is_cut)
        return arena_format(question->arena,
                            "The question is longer than %d words; ask a shorter one.",
                            LIMIT_PLAN_TOKENS);
    if (ranking->unsupported >= 0)
        return arena_format(question->arena, "I cannot work with %s yet.",
                            lexicon_unsupported(ranking->unsupported));
    for (size_t i = 0; i < question->token_count; i++) {
        if (ranking->is_covered[i])
            continue;
        if (count++ < SHOWN_WORDS)
            buf_add_format(&words, "%s“%s”", count > 1 ? ", " : "", question_words(question, i, 1));
    }
    const char *text =
        !count ? "I understood the words, but not what is asked for."
        : count <= SHOWN_WORDS
            ? arena_format(question->arena, "I did not understand %s.", buf_text(&words))
            : arena_format(question->arena, "I did not understand %s and %zu more words.",
                           buf_text(&words), count - SHOWN_WORDS);
    buf_done(&words);
    return text;
}

// ---- Planning -----------------------------------------------------------------------------------

static void take_readings(const struct question *question, const struct ranking *ranking,
                          size_t count, struct plan_answer *answer) {
    answer->readings = arena_take(&answer->arena, count, sizeof *answer->readings);
    if (!answer->readings) {
        answer->verdict = PLAN_NOT_UNDERSTOOD;
        answer->message = "The question is too long.";
        return;
    }
    memcpy(answer->readings, ranking->readings, count * sizeof *answer->readings);
    answer->reading_count = count;
    for (size_t i = 0; i < count; i++)
        answer->readings[i].understanding =
            wording_understanding(question->schema, &answer->arena, &answer->readings[i].plan);
    wording_differences(question->schema, &answer->arena, answer->readings, count);
}

struct plan_answer *plan_question(const struct dataset *dataset, const char *text) {
    struct plan_answer *answer = mem_zero(1, sizeof *answer);
    struct question *question = mem_zero(1, sizeof *question);
    struct ranking *ranking = mem_zero(1, sizeof *ranking);
    size_t count = 0;
    answer->arena = ARENA(LIMIT_PLAN_ARENA);
    answer->verdict = PLAN_NOT_UNDERSTOOD;
    answer->message = "";
    if (strlen(text) > LIMIT_QUESTION) {
        answer->message =
            arena_format(&answer->arena, "The question is longer than %d bytes.", LIMIT_QUESTION);
    } else if (rank_text(dataset, text, NULL, &answer->arena, question, ranking)) {
        answer->verdict = rank_verdict(question, ranking, &count);
        if (count)
            take_readings(question, ranking, count, answer);
        if (answer->verdict == PLAN_AMBIGUOUS)
            answer->message = count == 2 ? "This can mean two things here. Which one?"
                                         : "This can mean several things here. Which one?";
        if (answer->verdict == PLAN_NOT_UNDERSTOOD) {
            answer->message = not_understood(question, ranking);
            suggest(question, ranking, answer);
        }
    }
    free(ranking);
    free(question);
    return answer;
}

void plan_answer_free(struct plan_answer *answer) {
    if (!answer)
        return;
    arena_done(&answer->arena);
    free(answer);
}
