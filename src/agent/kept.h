// SPDX-License-Identifier: Apache-2.0
//
// What people do with conversations that are kept: delete them, bring them back, and say what they
// think of an answer.
#pragma once

#include "agent/agent.h"

// Its turns and runs go with it, and what is under way is cancelled. It can be brought back for
// STORE_RESTORE_MS. ERR_NOT_FOUND.
int agent_conversation_delete(struct agent *agent, const char *conversation, struct err *err);
int agent_conversation_restore(struct agent *agent, const char *conversation, struct err *err);

// What a person thinks of an answer; kept with the turn, in the place of what was said before.
struct agent_feedback {
    const char *value;   // "up" or "down"
    const char *reason;  // of "down", one of agent_feedback_reason(); NULL
    const char *comment; // NULL
};
// "wrong_answer", "misunderstood", "too_slow", "hard_to_read", "other"; NULL past the last.
const char *agent_feedback_reason(int reason);
// ERR_BAD_REQUEST, ERR_NOT_FOUND, ERR_CONFLICT while the turn is under way.
int agent_feedback_give(struct agent *agent, const char *turn,
                        const struct agent_feedback *feedback, json **ret_turn, struct err *err);
int agent_feedback_remove(struct agent *agent, const char *turn, json **ret_turn, struct err *err);
