// SPDX-License-Identifier: Apache-2.0
//
// The HTTP face: the API of docs/openapi.yaml, the web UI, health and metrics, on libmicrohttpd. A
// connection has a thread of its own, so handlers may wait.
#pragma once

#include "agent/agent.h"
#include "dataset/uploads.h"

struct web_settings {
    const char *listen;        // "127.0.0.1:8080", "[::1]:0", "localhost:8080"
    const char *token;         // NULL: none; then only a loopback address, unless for a front
    const char *allowed_hosts; // further names for browsers, parted by commas; NULL
    const char *assets_path;   // serve the UI from this folder; NULL: the embedded one
    const char *version;
    const char *upstream;        // serve the UI alone, and pass the API on to this URL; NULL
    int64_t upstream_silence_ms; // how long it may send nothing
};

// Everything here outlives the server.
struct web_house {
    struct agent *agent;
    struct store *store;
    struct sandbox *sandbox;
    const struct dataset_catalogue *catalogue;
    struct dataset_uploads *uploads;
};

struct web_server;

// Whether LISTEN, an address as in the settings, can be reached from other machines; false also for
// what is no address.
bool web_is_exposed(const char *listen);
// HOUSE is NULL for a front (see front.h). ERR_BAD_REQUEST (an address that cannot be meant, or is
// open to others without a token), ERR_CONFLICT (the port is taken), ERR_IO. The message says
// which.
int web_start(const struct web_settings *settings, const struct web_house *house,
              struct web_server **ret_server, struct err *err);
// "http://127.0.0.1:8080/"
const char *web_url(const struct web_server *server);
// Takes no new connection from now on; those under way go on.
void web_quiesce(struct web_server *server);
// How many requests are not answered to their end yet.
int64_t web_under_way(const struct web_server *server);
// Ends every connection and frees it.
void web_stop(struct web_server *server);
MEM_CLEANUP(struct web_server *, web_stop);
// "libmicrohttpd 1.0.1, zlib 1.3.1"
const char *web_library(void);
