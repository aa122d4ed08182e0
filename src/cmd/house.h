// SPDX-License-Identifier: Apache-2.0
//
// What `serve`, `ask` and `smoke` have in common: data sets, sandbox, store and agent, opened in
// that order.
#pragma once

#include "agent/agent.h"
#include "cmd/settings.h"
#include "dataset/uploads.h"
#include "web/web.h"

#define VERSION "0.1.0"
#define HOUSE_TOKEN_FILE "access-token" // in the state folder

struct house {
    struct dataset_catalogue *catalogue;
    struct dataset_uploads *uploads;
    struct sandbox *sandbox;
    struct store *store;
    struct agent *agent;
    struct llm *llm;                              // NULL where no language model is set
    char *state_path, *datasets_path, *server_id; // the sandbox's settings borrow them
    char *model_path;                             // the agent borrows it
    char *temporary_path;                         // removed by house_close()
};

// Opens everything, with the store in STATE_PATH, or, where IS_TEMPORARY, in a new folder that goes
// with the house.
int house_open(const struct settings *settings, bool is_temporary, struct house *ret_house,
               struct err *err);
// Also what people uploaded to the server whose state folder it is, to be asked and not changed;
// for a house that is temporary.
int house_take_uploads(const struct settings *settings, struct house *house, struct err *err);
void house_close(struct house *house);
// Removes what was built of data sets that have changed or gone since; how many.
size_t house_clean(const struct house *house);
struct web_house house_for_web(const struct house *house);
// Only the data sets, with those that were uploaded.
int house_open_catalogue(const struct settings *settings, struct dataset_catalogue **ret_catalogue,
                         struct err *err);

// The access token from its file or the environment, NULL where none is set; the caller frees it.
int house_token(const struct settings *settings, char **ret_token, struct err *err);
// The token that a server made for itself because none was set: kept in the folder STATE, where
// only its user can read it, and made there if MAY_MAKE. ERR_NOT_FOUND.
int house_own_token(const char *state, bool may_make, char **ret_token, struct err *err);
// The state folder; the caller frees it.
char *house_state(const struct settings *settings);

// Turns the tables in SOURCE into TARGET/data.sqlite, in a sandbox. CONTEXT, where it is not NULL,
// is a struct buf that takes a line for each thing that was mended.
int house_build_dataset(const char *source, const char *target, void *context, struct err *err);

// The same for the tables in FOLDER that somebody uploaded, which the server calls while it serves
// (uploads.h).
int house_import(const char *folder, dataset_over_function *is_over, void *context,
                 struct buf *problems, struct err *err);

// Applies --log-level, and what a process that talks over pipes and sockets needs.
void house_prepare(const struct settings *settings);
// Says an error on standard error, as "app NAME: message. hint"; gives STATUS.
int house_complain(const char *command, const struct err *err, int status);
