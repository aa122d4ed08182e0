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

#define STORE_RESTORE_MS (60 * 60 * 1000) // how long what was deleted can be restored

// Conversations: {"id", "title", "dataset", "created_at", "updated_at", "turn_count"}. One that was
// deleted is ERR_NOT_FOUND from then on for all but store_conversation_restore(), and so are its
// turns and runs.
int store_conversation_add(struct store *store, const char *id, const char *dataset,
                           const char *title, struct err *err);
struct store_list {
    const char *search; // words, each of which its title, a question or a sentence has; NULL
    const char *before; // only those behind the conversation of this id; NULL
    int64_t limit;
};
// The one last used first. Where they were searched for, "match" is {"turn_id", "text"}, the
// question or sentence that has the most of the words; null where the title has all of them.
// ERR_BAD_REQUEST for a search that cannot be made.
int store_conversation_list(struct store *store, const struct store_list *wanted, json **ret_array,
                            struct err *err);
int store_conversation_get(struct store *store, const char *id, bool with_turns, json **ret_object,
                           struct err *err);
int store_conversation_rename(struct store *store, const char *id, const char *title,
                              struct err *err);
int store_conversation_delete(struct store *store, const char *id, struct err *err);
// Within STORE_RESTORE_MS; one that was not deleted stays as it is.
int store_conversation_restore(struct store *store, const char *id, struct err *err);
// Takes what was deleted longer ago away for good, with turns, events and runs, and pins: RET_COUNT
// conversations.
int store_sweep(struct store *store, int64_t *ret_count, struct err *err);

// A turn's object has "id", "conversation_id" and "status"; "run" is kept apart and put back when
// it is read. store_turn_add() sets its "ordinal"; the first turn's question becomes the title of a
// conversation without one. ERR_NOT_FOUND where there is no such conversation.
int store_turn_add(struct store *store, json *turn, struct err *err);
// Writes what the turn has become, with its run (may be NULL) and its EVENTS (an array; NULL leaves
// them), at once.
int store_turn_save(struct store *store, const json *turn, const json *run, const json *events,
                    struct err *err);
// The last MAX turns of CONVERSATION before the one numbered ORDINAL, with their runs, oldest
// first.
int store_turns_before(struct store *store, const char *conversation, int64_t ordinal, int64_t max,
                       json **ret_turns, struct err *err);
// The last MAX answered questions of CONVERSATION before the turn numbered ORDINAL, the oldest
// first; turns of given SQL are none: [{"question", "reading" (where one was chosen)}].
int store_turn_questions(struct store *store, const char *conversation, int64_t ordinal,
                         int64_t max, json **ret_turns, struct err *err);
// Where a reading was chosen of a question of CONVERSATION before the turn numbered ORDINAL, the
// last first: [{"turn_id", "question", "sql", "params"}].
int store_turn_choices(struct store *store, const char *conversation, int64_t ordinal,
                       json **ret_choices, struct err *err);
int store_turn_get(struct store *store, const char *id, json **ret_turn, struct err *err);
// What is thought of the turn: its "feedback" from now on; NULL takes it back. ERR_NOT_FOUND.
int store_turn_feedback(struct store *store, const char *id, const json *feedback, struct err *err);
int store_turn_events(struct store *store, const char *id, json **ret_events, struct err *err);

// A run's object has "id", "turn_id", "outcome" and "result". It belongs to its turn's
// conversation, and with "replay_of" to that of the run it repeats: it goes when that goes.
int store_run_save(struct store *store, const json *run, struct err *err);
int store_run_get(struct store *store, const char *id, json **ret_run, struct err *err);
