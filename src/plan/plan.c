// SPDX-License-Identifier: Apache-2.0
//
// See plan.h: one question from end to end. The words are linked to the schema and the data
// (link*.c), ways through them are found (segment.c), read as drafts (compose.c, asked.c), shaped
// into plans (shape*.c), ranked (rank.c) and, where one is sure or a few compete, said in words
// (wording.c) and in SQL (sql.c).
#include "plan/plan.h"

#include <string.h>

#include "plan/said.h"
#include "plan/settle.h"
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

// The understanding, with what was put right: "Number of strikes (read “strkes” as “strikes”)."
static const char *understand(const struct question *question, const struct plan *plan,
                              const char *note, struct arena *arena) {
    const char *text = wording_understanding(question->schema, arena, plan);
    size_t length = strlen(text);
    return !*note || !length ? text
                             : arena_format(arena, "%.*s (%s).", (int)length - 1, text, note);
}

static void take_readings(const struct question *question, const struct ranking *ranking,
                          size_t count, const char *note, struct plan_answer *answer) {
    answer->readings = arena_take(&answer->arena, count, sizeof *answer->readings);
    if (!answer->readings) {
        answer->verdict = PLAN_NOT_UNDERSTOOD;
        answer->message = "The question is too long.";
        return;
    }
    memcpy(answer->readings, ranking->readings, count * sizeof *answer->readings);
    answer->reading_count = count;
    for (size_t i = 0; i < count; i++)
        answer->readings[i].trial = -1;
    for (size_t i = 0; i < count; i++)
        answer->readings[i].understanding =
            understand(question, &answer->readings[i].plan, note, &answer->arena);
    wording_differences(question->schema, &answer->arena, answer->readings, count);
}

static void tell(struct said *said, struct plan_answer *answer) {
    const struct question *question = said->question;
    size_t count = 0;
    answer->is_edit = said->is_edit;
    answer->verdict = rank_verdict(question, said->ranking, &count);
    if (count)
        take_readings(question, said->ranking, count, said->note, answer);
    if (answer->verdict == PLAN_AMBIGUOUS)
        answer->message = count == 2 ? "This can mean two things here. Which one?"
                                     : "This can mean several things here. Which one?";
    if (answer->verdict == PLAN_NOT_UNDERSTOOD) {
        answer->message = not_understood(question, said->ranking);
        suggest(question, said->ranking, answer);
    }
}

// Reads what is said next, after what CONTEXT has; false where it cannot be read at all.
static bool read_next(struct plan_context *context, const struct dataset *dataset,
                      struct plan_answer *answer, const char *text, size_t place) {
    const struct said *before = context->count ? &context->said[context->count - 1] : NULL;
    struct said *said = &context->said[context->count];
    *said = (struct said){.dataset = dataset, .arena = &answer->arena};
    if (strlen(text) > LIMIT_QUESTION || !said_read(before, text, said))
        return false;
    said->whole = said->is_edit ? before->whole : place;
    context->count++;
    return true;
}

struct plan_answer *plan_follow_up(const struct dataset *dataset, const struct plan_said *said,
                                   size_t count, const char *text) {
    struct plan_answer *answer = mem_zero(1, sizeof *answer);
    size_t first = count > PLAN_SAID ? count - PLAN_SAID : 0;
    // An edit takes over what the questions before it were read into.
    answer->arena = ARENA((1 + count - first) * LIMIT_PLAN_ARENA);
    answer->verdict = PLAN_NOT_UNDERSTOOD;
    answer->message = "";
    struct plan_context *context = arena_take(&answer->arena, 1, sizeof *context);
    for (size_t i = first; i < count; i++) {
        if (!read_next(context, dataset, answer, said[i].question, i - first)) {
            if (context->count) // of another length it is no question of ours
                context->said[context->count - 1].draft = NULL;
            continue;
        }
        // What was not understood was answered by other means, and cannot be edited.
        said_choose(&context->said[context->count - 1], said[i].reading);
    }
    context->place = count - first;
    if (strlen(text) > LIMIT_QUESTION)
        answer->message =
            arena_format(&answer->arena, "The question is longer than %d bytes.", LIMIT_QUESTION);
    else if (read_next(context, dataset, answer, text, context->place)) {
        struct said *now = &context->said[context->count - 1];
        tell(now, answer);
        answer->context = context;
        settle_find_trials(dataset, text, now->question, answer);
    }
    return answer;
}

struct plan_answer *plan_question(const struct dataset *dataset, const char *text) {
    return plan_follow_up(dataset, NULL, 0, text);
}

void plan_answer_free(struct plan_answer *answer) {
    if (!answer)
        return;
    arena_done(&answer->arena);
    free(answer);
}
