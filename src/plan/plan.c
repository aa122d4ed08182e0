// SPDX-License-Identifier: Apache-2.0
//
// See plan.h: one question from end to end. The words are linked to the schema and the data
// (link*.c), ways through them are found (segment.c), read as drafts (compose.c, asked.c), shaped
// into plans (shape*.c), ranked (rank.c) and, where one is sure or a few compete, said in words
// (wording.c) and in SQL (sql.c).
#include "plan/plan.h"

#include <string.h>

#include "plan/follow.h"
#include "plan/rank.h"
#include "plan/settle.h"
#include "plan/suggest.h"
#include "plan/typos.h"
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

struct said {
    const struct dataset *dataset;
    struct arena *arena;
    struct question *question;
    struct ranking *ranking;
    const struct draft *draft; // of the reading that was meant; NULL where there is none
    bool is_edit;
    const char *note; // what was read as something else, "" for nothing
};

static bool is_understood(const struct said *said) {
    size_t count;
    return rank_verdict(said->question, said->ranking, &count) != PLAN_NOT_UNDERSTOOD;
}

static bool asks_anew(const struct question *question) {
    static const enum cue cues[] = {CUE_HOW_MANY, CUE_WHICH, CUE_WHO,
                                    CUE_WHEN,     CUE_WHERE, CUE_HOW_MUCH};
    for (size_t i = 0; i < question->item_count; i++)
        for (size_t j = 0; j < ARRAY_LENGTH(cues); j++)
            if (question->items[i].kind == ITEM_CUE && question->items[i].cue == cues[j])
                return true;
    return false;
}

// Reads TEXT as a question of its own or, where it is none or asks for nothing, as an edit of
// BEFORE (NULL for none). False where the arena has no room.
static bool read_said(const struct said *before, const char *text, struct said *ret_said) {
    struct said *said = ret_said;
    said->question = arena_take(said->arena, 1, sizeof *said->question);
    said->ranking = arena_take(said->arena, 1, sizeof *said->ranking);
    if (!said->question || !said->ranking ||
        !rank_text(said->dataset, text, said->arena, said->question, said->ranking))
        return false;
    bool leads, is_more;
    const char *stripped = follow_strip(text, said->arena, &leads, &is_more);
    bool may_edit = before && before->draft && *stripped;
    bool is_whole = is_understood(said);
    bool is_open = is_whole && follow_is_open(said->ranking->drafts[0]);
    if (!may_edit || (is_whole && !is_open && (!leads || asks_anew(said->question))))
        return true;
    struct said edit = {.dataset = said->dataset, .arena = said->arena, .is_edit = true};
    edit.question = arena_take(said->arena, 1, sizeof *edit.question);
    edit.ranking = arena_take(said->arena, 1, sizeof *edit.ranking);
    if (!edit.question || !edit.ranking)
        return false;
    edit.note = said->note;
    if (rank_edit(said->dataset, text, before->draft, said->arena, edit.question, edit.ranking) &&
        is_understood(&edit))
        *said = edit;
    return true;
}

// The same, and where that is not understood, with what may be misspelt put right.
static bool read_or_correct(const struct said *before, const char *text, struct said *ret_said) {
    struct said *said = ret_said;
    said->note = "";
    if (!read_said(before, text, said))
        return false;
    const char *note, *corrected = is_understood(said) || said->question->is_cut
                                       ? NULL
                                       : typos_correct(said->question, said->ranking, &note);
    struct said other = {.dataset = said->dataset, .arena = said->arena, .note = note};
    if (corrected && read_said(before, corrected, &other) && is_understood(&other))
        *said = other;
    return true;
}

static void choose_draft(struct said *said, int reading) {
    size_t at = reading < 0 ? 0 : (size_t)reading;
    bool is_there = is_understood(said) && at < said->ranking->count;
    said->draft = is_there ? said->ranking->drafts[at] : NULL;
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

struct plan_answer *plan_follow_up(const struct dataset *dataset, const struct plan_said *said,
                                   size_t count, const char *text) {
    struct plan_answer *answer = mem_zero(1, sizeof *answer);
    struct said before = {.draft = NULL}, now;
    size_t first = count > PLAN_SAID ? count - PLAN_SAID : 0;
    // An edit takes over what the questions before it were read into.
    answer->arena = ARENA((1 + count - first) * LIMIT_PLAN_ARENA);
    answer->verdict = PLAN_NOT_UNDERSTOOD;
    answer->message = "";
    for (size_t i = first; i < count; i++) {
        now = (struct said){.dataset = dataset, .arena = &answer->arena};
        before.draft = strlen(said[i].question) > LIMIT_QUESTION ? NULL : before.draft;
        if (strlen(said[i].question) > LIMIT_QUESTION ||
            !read_or_correct(before.question ? &before : NULL, said[i].question, &now))
            continue;
        choose_draft(&now, said[i].reading);
        before = now; // what was not understood was answered by other means, and cannot be edited
    }
    now = (struct said){.dataset = dataset, .arena = &answer->arena};
    if (strlen(text) > LIMIT_QUESTION)
        answer->message =
            arena_format(&answer->arena, "The question is longer than %d bytes.", LIMIT_QUESTION);
    else if (read_or_correct(before.question ? &before : NULL, text, &now)) {
        tell(&now, answer);
        settle_find_trials(dataset, text, now.question, answer);
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
