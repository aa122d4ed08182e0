// SPDX-License-Identifier: Apache-2.0
//
// What survives: conversations, their turns, and the runs behind them, in one SQLite file (WAL) in
// the state folder. Turns and runs go in and come out as the JSON objects of the HTTP API; only
// what is searched by has a column of its own. Whatever was written is there again after `kill -9`.
// Any thread may call.
#pragma once

#include "base/json.h"

#define STORE_FILE "sandglass.sqlite"

struct store;

// Opens or makes FOLDER/sandglass.sqlite, brings it to the present version, and marks what was
// under way when the last server died as interrupted. ERR_CONFLICT where another server uses the
// folder, ERR_CORRUPT, ERR_IO (not writable, disk full): the message names the file.
int store_open(const char *folder, struct store **ret_store, struct err *err);
void store_close(struct store *store);
MEM_CLEANUP(struct store *, store_close);

// Conversations: {"id", "title", "dataset", "created_at", "updated_at", "turn_count"}.
int store_conversation_add(struct store *store, const char *id, const char *dataset,
                           const char *title, struct err *err);
int store_conversation_list(struct store *store, int64_t limit, json **ret_array, struct err *err);
int store_conversation_get(struct store *store, const char *id, bool with_turns, json **ret_object,
                           struct err *err);

// A turn's object has "id", "conversation_id" and "status"; "run" is kept apart and put back when
// it is read. store_turn_add() sets its "ordinal"; the first turn's question becomes the title of a
// conversation without one.
int store_turn_add(struct store *store, json *turn, struct err *err);
// Writes what the turn has become, with its run (may be NULL) and its EVENTS (an array; NULL leaves
// them), at once.
int store_turn_save(struct store *store, const json *turn, const json *run, const json *events,
                    struct err *err);
// The last MAX turns of CONVERSATION before the one numbered ORDINAL, with their runs, oldest
// first.
int store_turns_before(struct store *store, const char *conversation, int64_t ordinal, int64_t max,
                       json **ret_turns, struct err *err);
// The last MAX answered turns of CONVERSATION before the one numbered ORDINAL, the oldest first:
// [{"question", "reading" (where one was chosen)}].
int store_turn_questions(struct store *store, const char *conversation, int64_t ordinal,
                         int64_t max, json **ret_turns, struct err *err);
int store_turn_get(struct store *store, const char *id, json **ret_turn, struct err *err);
int store_turn_events(struct store *store, const char *id, json **ret_events, struct err *err);

// A run's object has "id", "turn_id", "outcome" and "result".
int store_run_save(struct store *store, const json *run, struct err *err);
int store_run_get(struct store *store, const char *id, json **ret_run, struct err *err);
