// SPDX-License-Identifier: Apache-2.0
//
// A turn's question, planned as what it is in its conversation: whole, or an edit of what was
// answered before.
#include "agent/agent_internal.h"

struct plan_answer *agent_plan(struct store *store, const struct dataset *dataset,
                               const json *turn) {
    struct plan_said said[PLAN_SAID];
    cleanup_json json *turns = NULL;
    const json *earlier;
    size_t count = 0;
    struct err err;
    // Without the questions before it the question stands alone, which it mostly does.
    if (store_turn_questions(store, json_text(turn, "conversation_id"),
                             json_integer(turn, "ordinal", 0), PLAN_SAID, &turns, &err))
        return plan_question(dataset, json_text(turn, "question"));
    cJSON_ArrayForEach (earlier, turns)
        said[count++] = (struct plan_said){json_text(earlier, "question"),
                                           (int)json_integer(earlier, "reading", -1)};
    return plan_follow_up(dataset, said, count, json_text(turn, "question"));
}
