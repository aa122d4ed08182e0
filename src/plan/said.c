// SPDX-License-Identifier: Apache-2.0
//
// See said.h. A text is read alone first; where it asks for nothing by itself it is read once more
// as an edit, and where neither is understood, with what may be misspelt put right.
#include "plan/said.h"

#include "plan/follow.h"
#include "plan/typos.h"

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
static bool read_as_it_stands(const struct said *before, const char *text, struct said *ret_said) {
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
bool said_read(const struct said *before, const char *text, struct said *ret_said) {
    struct said *said = ret_said;
    said->note = "";
    if (!read_as_it_stands(before, text, said))
        return false;
    const char *note, *corrected = is_understood(said) || said->question->is_cut
                                       ? NULL
                                       : typos_correct(said->question, said->ranking, &note);
    struct said other = {.dataset = said->dataset, .arena = said->arena, .note = note};
    if (corrected && read_as_it_stands(before, corrected, &other) && is_understood(&other))
        *said = other;
    return true;
}

void said_choose(struct said *said, int reading) {
    size_t at = reading < 0 ? 0 : (size_t)reading;
    bool is_there = is_understood(said) && at < said->ranking->count;
    said->draft = is_there ? said->ranking->drafts[at] : NULL;
}
