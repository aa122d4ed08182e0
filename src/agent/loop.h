// SPDX-License-Identifier: Apache-2.0
//
// One turn with a model while it is under way: what was said so far, and what came of it.
#pragma once

#include "agent/turn.h"
#include "base/limits.h"

struct loop_run {
    json *run;
    bool was_edited; // a person ran other SQL than the model had proposed
};

struct loop {
    struct turn *turn;
    const struct dataset_schema *schema;
    struct llm *llm;
    bool keeps_cells; // no cell may go to the model
    int64_t step;     // from 1

    struct llm_message *messages;
    size_t message_count, message_room;
    char **texts; // what messages borrow
    size_t text_count, text_room;
    struct llm_reply replies[LIMIT_AGENT_STEPS];
    size_t reply_count;
    json *tool_parameters; // what the tools borrow
    struct llm_tool *tools;
    size_t tool_count;

    json *steps; // as the turn keeps them; the last is under way
    int64_t used_tokens;
    struct loop_run runs[LIMIT_AGENT_RUNS]; // number n is at n - 1
    size_t run_count;
    char *values[LIMIT_AGENT_VALUES]; // cells that the model knows by a name alone: "v1" is at 0
    size_t value_count;
    bool was_reminded; // that an answer is a call of a tool
    bool has_ended;
};

static inline const struct agent_settings *loop_settings(const struct loop *loop) {
    return &loop->turn->order.agent->settings;
}
