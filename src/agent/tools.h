// SPDX-License-Identifier: Apache-2.0
//
// What the model can do, and nothing else: look at the schema and for values, run one SELECT in a
// sandbox, ask back, answer. A tool's mistake is told to the model, which may mend it.
#pragma once

#include "agent/loop.h"

struct tool_result {
    char *text; // for the model
    bool is_error;
    char *summary;        // for people
    char run_id[ID_SIZE]; // "" where the call made no run
};

void tool_result_done(struct tool_result *result);
// Fills the loop's tools.
void tools_prepare(struct loop *loop);
// Makes CALL. Where it ends the turn, the loop has ended when this returns.
void tools_call(struct loop *loop, const struct llm_call *call, struct tool_result *ret_result);
// Ends the turn with SENTENCE, which rests on run NUMBER; CHART, as `answer` takes it, may be NULL.
// ERR_BAD_REQUEST, for the model, where one of them does not fit the run.
int tools_conclude(struct loop *loop, const char *sentence, size_t number, const json *chart,
                   struct err *err);

// One tool: INPUT is the arguments; what it gives the model is returned, NULL after an error.
typedef char *tool_function(struct loop *loop, const json *input, struct tool_result *result,
                            struct err *err);
// Those that look at the schema (look.c).
tool_function tool_list_tables, tool_describe_table, tool_find_values;
