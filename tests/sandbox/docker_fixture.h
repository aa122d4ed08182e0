// SPDX-License-Identifier: Apache-2.0
//
// What the tests of the Docker backend share: a look at the daemon that the backend talks to, past
// the backend.
#pragma once

#include <pthread.h>

#include "docker/container.h"
#include "tests/sandbox/fixture.h"

// The daemon of DOCKER_HOST.
struct docker_engine *docker_fixture_engine(void);
// The containers of the server SERVER_ID, as GET /containers/json lists them.
json *docker_fixture_list(const char *server_id);
// Whether there are COUNT within ten seconds.
bool docker_fixture_becomes(const char *server_id, int count);
// Inspects the one container of the server.
json *docker_fixture_inspect(const char *server_id);
int docker_fixture_count_volumes(void);
// POST /containers/ID/kill
void docker_fixture_kill(const char *id);
// Makes (but does not start) a container with this label, as a server of that id would.
void docker_fixture_create(const char *name, const char *server_id);
void docker_fixture_remove(const char *name);

// A run on a thread of its own, which can be cancelled.
struct docker_fixture_run {
    struct sandbox *sandbox;
    struct sandbox_request request;
    struct sandbox_cancel *cancel;
    struct sandbox_result result;
    pthread_t thread;
};

// Begins one over fixture_data() and waits until it runs.
void docker_fixture_begin(struct docker_fixture_run *run, struct sandbox *sandbox, const char *sql);
void docker_fixture_join(struct docker_fixture_run *run);
