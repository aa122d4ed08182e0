// SPDX-License-Identifier: Apache-2.0
//
// A turn on the terminal: its steps as they come, and what a person is asked meanwhile. All of it
// is on standard error, so that standard output has the answer alone.
#pragma once

#include "agent/agent.h"

// TEXT without what could drive the terminal; the caller frees it.
char *terminal_clean(const char *text);
// Says what an event tells, where that is worth a line.
void terminal_tell(const struct agent_event *event);
// Shows the run that the event DATA proposes, asks, and passes the answer on.
void terminal_approve(struct agent *agent, const char *turn, const json *data);
// Lets the person pick one of READINGS; its index, or -1.
int64_t terminal_choose(const char *message, const json *readings);
