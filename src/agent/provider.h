// SPDX-License-Identifier: Apache-2.0
//
// The language model that is asked. Flags and environment may set it for as long as the server
// runs; else people may, and it changes from one question to the next: a turn keeps the one that it
// began with.
#pragma once

#include "agent/agent.h"

// Never changes once others can see it; freed with its last reference.
struct provider {
    _Atomic int references;
    struct llm *llm;
    char *key;        // of one that people set, "" for none
    bool is_stored;   // people set it; its llm is its own
    bool keeps_cells; // no cell of a table is sent to it
};

// The one that is set now, NULL for none; the caller releases it.
struct provider *provider_take(struct agent *agent);
struct provider *provider_share(struct provider *provider); // one more reference; NULL for NULL
void provider_release(struct provider *provider);
MEM_CLEANUP(struct provider *, provider_release);

// What people set. Texts are borrowed.
struct provider_wish {
    const char *provider, *base_url, *name; // base_url: NULL or "" is the provider's own server
    const char *key;   // NULL: the one before, where it goes to the same server; "" for none
    const char *share; // "full", "schema"; NULL: full
};

// From now on, and after a restart, questions go to another model, or to none; turns under way end
// with the one that they began with. ERR_CONFLICT where people cannot set it, ERR_BAD_REQUEST,
// ERR_IO.
int provider_set(struct agent *agent, const struct provider_wish *wish, struct err *err);
int provider_clear(struct agent *agent, struct err *err);
// Takes the one that is kept in the file, if any. Its errors are for the log.
int provider_load(struct agent *agent, struct err *err);
// What is set, by whom and whether people may change it; never the key. The caller's.
json *provider_describe(struct agent *agent);
// Whether WISH's server (NULL: that of the model that is set) answers, and which models it lists:
// {"reachable", "detail", "hint", "models"}. WISH may have no name. ERR_CONFLICT, ERR_BAD_REQUEST.
int provider_try(struct agent *agent, const struct provider_wish *wish, json **ret_report,
                 struct err *err);

// How it is: asked without spending tokens; what was found is believed for half a minute, or until
// it is forgotten.
struct provider_state {
    bool is_set, is_reachable, keeps_cells;
    char title[300], name[300]; // "anthropic at https://…"
    struct err problem;         // why it is not reachable
    char sentence[512];         // what was found where it is
};
void provider_look(struct agent *agent, struct provider_state *ret_state);
void provider_forget(struct agent *agent);

// Takes the one of the settings, where they have one. The agent's own, at its beginning and end.
void provider_init(struct agent *agent);
void provider_done(struct agent *agent);
