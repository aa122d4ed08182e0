// SPDX-License-Identifier: Apache-2.0
//
// `app health`: whether the server of this machine or container is ready, for a container engine's
// health check: an image without a shell has nothing else to ask with.
#include <stdio.h>
#include <string.h>

#include "cmd/house.h"
#include "net/http.h"

#define ANSWER_MS 15000 // a first look makes a run

// The address to ask where the server listens on LISTEN: an address that stands for all of them is
// asked on loopback. The caller frees it.
static char *url_of(const char *listen) {
    const char *colon = strrchr(listen, ':');
    size_t length = colon ? (size_t)(colon - listen) : 0;
    if (length == strlen("0.0.0.0") && strncmp(listen, "0.0.0.0", length) == 0)
        return mem_format("http://127.0.0.1%s/readyz", colon);
    if (length == strlen("[::]") && strncmp(listen, "[::]", length) == 0)
        return mem_format("http://[::1]%s/readyz", colon);
    if (length == strlen("localhost") && strncmp(listen, "localhost", length) == 0)
        return mem_format("http://127.0.0.1%s/readyz", colon);
    return mem_format("http://%s/readyz", listen);
}

static int ask(const char *url, struct err *err) {
    struct net_request request = {.method = "GET", .url = url, .timeout_ms = ANSWER_MS};
    struct net_response response;
    int status = net_send(&request, &response, err);
    if (status)
        return status;
    const char *text = buf_text(&response.body);
    printf("%.*s\n", (int)strcspn(text, "\n"), text);
    status = response.status == 200
                 ? 0
                 : err_set(err, ERR_UNAVAILABLE, "%s answers %ld", url, response.status);
    net_response_done(&response);
    return status;
}

static int run(const struct settings *settings) {
    struct err err = {0};
    cleanup_free char *url = url_of(settings->listen);
    house_prepare(settings);
    return ask(url, &err) ? house_complain("health", &err, 1) : 0;
}

const struct command command_health = {
    .name = "health",
    .mask = FOR_HEALTH,
    .synopsis = "[OPTION]…",
    .summary = "is the server of this machine ready?",
    .description = "Asks the server that listens on LISTEN whether it is ready (GET /readyz), and "
                   "prints the first line of its answer. It is for the health check of a "
                   "container engine.",
    .statuses = "0 it is ready; 1 it is not, or not there; 2 the command line is wrong.",
    .examples = "app health\napp health --listen 127.0.0.1:9000",
    .run = run,
};
