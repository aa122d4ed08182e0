// SPDX-License-Identifier: Apache-2.0
//
// Runs of SQL that belong to no turn, runs that are made once more, and answers that are kept.
#pragma once

#include "agent/agent.h"

// Runs SQL and returns the finished run, stored, however it ended. MAX_ROWS 0 takes the setting.
// ID, where it is not NULL, is the run's, so that another thread can cancel it meanwhile.
// ERR_BAD_REQUEST where ID is no ULID, ERR_CONFLICT where it is taken, ERR_NOT_FOUND, ERR_BUSY
// (queue_full), ERR_UNAVAILABLE (sandbox_unavailable), or the store's.
int agent_run(struct agent *agent, const char *id, const char *dataset, const char *sql,
              const json *params, int64_t max_rows, json **ret_run, struct err *err);
int agent_run_get(struct agent *agent, const char *run, json **ret_run, struct err *err);
// ERR_NOT_FOUND; ERR_CONFLICT where it has ended.
int agent_run_cancel(struct agent *agent, const char *run, struct err *err);
// Makes RUN once more over the data as it is now: {"run", "replay_of", "data_changed",
// "result_same"}, the last two null where one of the runs has no data or no result. Errors as of
// agent_run().
int agent_run_replay(struct agent *agent, const char *run, json **ret_replay, struct err *err);

// Keeps the answer of TURN, called TITLE (NULL: its question), or gives the pin that it has
// already. ERR_NOT_FOUND, ERR_CONFLICT where it has no computed answer or there are LIMIT_PINS.
int agent_pin_add(struct agent *agent, const char *turn, const char *title, json **ret_pin,
                  bool *ret_is_new, struct err *err);
// Computes a pin once more: as agent_run_replay(), with the pin as it is then in "pin". One whose
// run did not complete stays as it was.
int agent_pin_refresh(struct agent *agent, const char *pin, json **ret_replay, struct err *err);
