// SPDX-License-Identifier: Apache-2.0
//
// See settle.h. Which reader is right about what: the strict one about reports, and about every
// question that says what the rows of its table are; the generous one, where it is sure, about
// looking things up in a small table.
#include "plan/settle.h"

#include "plan/form_rank.h"
#include "plan/form_write.h"

// How sure the planner is of an answer: its probability among those of the trials, less a little
// for each telling word of the question that it does not account for. What each step is worth is
// measured by tests/bench/answers (docs/answer-quality.md).
#define UNREAD_COST 0.06
#define SURE 0.68        // it is given
#define TOLD 0.2         // it is shown, with what competes
#define SHOWN 0.1        // probability of what competes, where it is shown
#define FIRST 0.4        // it comes before a reading of the strict reader that competes
#define OVERRULES 0.7    // it competes with one of which the strict reader is sure
#define BORNE_OUT 0.85   // one of several that compete is given where both readers come to it
#define STRICT 0.55      // of the strict reader alone
#define SMALL_ROWS 1000  // more than that are asked for reports
#define TRIED_ROWS 10000 // more than that cost too much to try

int plan_answer_column(const struct plan_reading *reading) {
    const struct plan *plan = &reading->plan;
    // Two sides stand before what is made of them.
    bool is_last = !reading->form && !plan->group_count &&
                   (plan->derivation == PLAN_DIFFERENCE || plan->derivation == PLAN_RATIO);
    bool is_report =
        !reading->form && plan->group_count && plan->measure_count && !plan->is_superlative;
    return is_report ? -1 : is_last ? 2 : 0;
}

// Whether the plan is for a report rather than for looking something up: what the generous reader
// has no forms for.
static bool is_report(const struct dataset_schema *schema, const struct plan *plan) {
    bool has_metric = false;
    for (size_t i = 0; i < plan->measure_count; i++)
        has_metric |= plan->measures[i].column.metric >= 0;
    bool is_compared = plan->derivation == PLAN_PLAIN || plan->derivation == PLAN_DIFFERENCE;
    return (plan->group_count && plan->measure_count && !plan->is_superlative) || !is_compared ||
           has_metric || schema->tables[plan->table].row_count > SMALL_ROWS;
}

// Whether the question says what the rows of the table are. Then it was asked by somebody who knows
// the table, and the strict reader is right about it.
static bool names_rows(const struct question *question) {
    for (size_t i = 0; i < question->item_count; i++)
        if (question->items[i].kind == ITEM_TABLE && question->items[i].via_table < 0 &&
            !question->tokens[question->items[i].first].is_harmless)
            return true;
    return false;
}

// On a single table the generous reader says what else might be meant. The strict reader's own
// reading is the last of the trials, as agreement says much.
void settle_find_trials(const struct dataset *dataset, const char *text,
                        const struct question *question, struct plan_answer *answer) {
    bool has_strict = answer->verdict != PLAN_NOT_UNDERSTOOD;
    if (answer->is_edit || question->is_cut || question->schema->table_count != 1 ||
        question->schema->tables[0].row_count > TRIED_ROWS ||
        (has_strict &&
         (names_rows(question) || is_report(question->schema, &answer->readings[0].plan))))
        return;
    answer->trials = arena_take(&answer->arena, PLAN_TRIALS, sizeof *answer->trials);
    struct form_ranking *ranking =
        answer->trials ? form_rank(dataset, text, 0, &answer->arena, answer->trials) : NULL;
    answer->trial_count = ranking ? ranking->trial_count : 0;
    if (answer->trial_count && has_strict) {
        answer->readings[0].trial = (int)answer->trial_count;
        answer->trials[answer->trial_count++] = answer->readings[0];
    }
}

static double confidence(const struct form_trial *trial) {
    double sure = trial->probability - UNREAD_COST * __builtin_popcountll(trial->unread);
    return sure > 0 ? sure : 0;
}

// "Number of rows. Not looked at: “twice”."
static const char *with_unread(const struct form_ranking *ranking, const struct form_trial *trial,
                               const char *understanding, struct arena *arena) {
    const char *text = understanding;
    size_t count = 0;
    for (size_t i = 0; i < FORM_TOKENS; i++)
        if (trial->unread & form_mask(i, 1))
            text = arena_format(arena, "%s%s“%s”", text, count++ ? ", " : " Not looked at: ",
                                question_words(&ranking->question, i, 1));
    return count ? arena_format(arena, "%s.", text) : text;
}

static const struct form_trial *trial_of(const struct plan_reading *reading) {
    const struct form_ranking *ranking = reading->forms;
    for (size_t i = 0; i < ranking->trial_count; i++)
        if (&ranking->trials[i].form == reading->form)
            return &ranking->trials[i];
    return &ranking->trials[0];
}

static void word_trials(struct plan_answer *answer, size_t count) {
    for (size_t i = 0; i < count; i++) {
        struct plan_reading *reading = &answer->readings[i];
        if (!reading->form)
            continue;
        const struct form_set *set = &reading->forms->set;
        reading->understanding =
            with_unread(reading->forms, trial_of(reading),
                        form_understanding(set, reading->form, &answer->arena), &answer->arena);
        reading->title = reading->detail = reading->understanding;
    }
}

// Whether the answers are the same, each in its own column of the result.
static bool is_same_result(const json *left, int left_column, const json *right, int right_column) {
    const json *one = cJSON_GetObjectItemCaseSensitive(left, "rows"),
               *other = cJSON_GetObjectItemCaseSensitive(right, "rows");
    if (!one || !other || cJSON_GetArraySize(one) != cJSON_GetArraySize(other))
        return false;
    for (int i = 0; i < cJSON_GetArraySize(one); i++)
        if (!cJSON_Compare(cJSON_GetArrayItem(cJSON_GetArrayItem(one, i), left_column),
                           cJSON_GetArrayItem(cJSON_GetArrayItem(other, i), right_column), true))
            return false;
    return true;
}

static void ask_back(struct plan_answer *answer, struct plan_reading *readings, size_t count) {
    answer->verdict = count > 1 ? PLAN_AMBIGUOUS : PLAN_SURE;
    answer->readings = readings;
    answer->reading_count = count;
    answer->suggestion_count = 0;
    answer->message = "I am not sure what is meant. Is it one of these?";
    word_trials(answer, count);
}

// The readings that compete, the best first.
static void take_trials(struct plan_answer *answer, const struct form_ranking *ranking,
                        size_t different, const struct plan_reading *strict) {
    struct plan_reading *readings = arena_take(&answer->arena, 3, sizeof *readings);
    bool is_sure = answer->confidence >= SURE && !strict;
    bool is_first = strict && answer->confidence < FIRST;
    size_t count = 0;
    if (!readings)
        return;
    if (is_first)
        readings[count++] = *strict;
    for (size_t i = 0; i < different && count < (is_sure ? 1 : 3); i++)
        if (!i || ranking->trials[i].probability >= SHOWN)
            readings[count++] = answer->trials[i];
    if (strict && !is_first && count < 3)
        readings[count++] = *strict;
    ask_back(answer, readings, count);
}

// Which of the trials comes to the same as the strict reader, -1 for none.
static int agreeing(const struct form_ranking *ranking, const struct plan_reading *trials,
                    size_t different, const json *const *results) {
    const struct plan_reading *strict = &trials[ranking->trial_count];
    for (size_t i = 0; i < different; i++)
        if (is_same_result(results[trials[i].trial], 0, results[strict->trial],
                           plan_answer_column(strict)))
            return (int)i;
    return -1;
}

void plan_settle(struct plan_answer *answer, const json *const *results) {
    if (!answer->trial_count)
        return;
    struct form_ranking *ranking = answer->trials[0].forms;
    size_t last = ranking->trial_count;
    const struct plan_reading *strict = last < answer->trial_count ? &answer->trials[last] : NULL;
    size_t different = form_settle(ranking, results, answer->trials);
    int agreed = strict && results ? agreeing(ranking, answer->trials, different, results) : -1;
    answer->confidence = confidence(&ranking->trials[0]);
    bool is_overruled = agreed != 0 && answer->confidence >= OVERRULES;
    if (strict && answer->verdict == PLAN_SURE && !is_overruled) {
        answer->confidence = agreed == 0 ? 1 - (1 - answer->confidence) / 2 : STRICT;
    } else if (agreed == 0 && answer->confidence >= BORNE_OUT) { // borne out by another way
        answer->verdict = PLAN_SURE;
        answer->reading_count = 1;
        answer->confidence = 1 - (1 - answer->confidence) / 2;
    } else if (strict ? is_overruled : answer->confidence >= TOLD) {
        take_trials(answer, ranking, different, strict);
    }
}
