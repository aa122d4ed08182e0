// SPDX-License-Identifier: Apache-2.0
//
// See docker_fixture.h.
#include "tests/sandbox/docker_fixture.h"

#include <semaphore.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/check.h"

static const struct docker_limit limit = {10000, -1};

struct docker_engine *docker_fixture_engine(void) {
    static struct docker_engine *engine;
    struct err err;
    if (!engine)
        CHECK_OK(docker_engine_open(getenv("DOCKER_HOST"), NULL, false, &engine, &err), err);
    return engine;
}

json *docker_fixture_list(const char *server_id) {
    json *list = NULL;
    struct err err;
    CHECK_OK(docker_container_list(docker_fixture_engine(), server_id, limit, &list, &err), err);
    return list;
}

bool docker_fixture_becomes(const char *server_id, int count) {
    for (int i = 0; i < 200; i++) {
        json *list = docker_fixture_list(server_id);
        int found = cJSON_GetArraySize(list);
        json_free(list);
        if (found == count)
            return true;
        usleep(50000);
    }
    return false;
}

json *docker_fixture_inspect(const char *server_id) {
    json *list = docker_fixture_list(server_id), *facts = NULL;
    struct err err;
    CHECK_INT(cJSON_GetArraySize(list), 1);
    CHECK_OK(docker_container_inspect(docker_fixture_engine(),
                                      json_text(cJSON_GetArrayItem(list, 0), "Id"), limit, &facts,
                                      &err),
             err);
    json_free(list);
    return facts;
}

static json *call(const char *method, const char *path) {
    struct docker_call call = {
        .method = method, .path = path, .timeout_ms = limit.timeout_ms, .cancel_fd = -1};
    json *answer = NULL;
    struct err err;
    CHECK_OK(docker_call(docker_fixture_engine(), &call, &answer, &err), err);
    return answer;
}

int docker_fixture_count_volumes(void) {
    return cJSON_GetArraySize(cJSON_GetObjectItem(call("GET", "/volumes"), "Volumes"));
}

void docker_fixture_kill(const char *id) {
    cleanup_free char *path = mem_format("/containers/%s/kill", id);
    call("POST", path);
}

void docker_fixture_create(const char *name, const char *server_id) {
    static const char *const command[] = {"version", NULL};
    struct docker_container container = {.name = name,
                                         .image = getenv("RUNNER_IMAGE"),
                                         .command = command,
                                         .server_label = server_id,
                                         .memory_bytes = 64 << 20,
                                         .nano_cpus = 500000000,
                                         .pids = 64};
    char id[DOCKER_ID_SIZE];
    cleanup_free char *warnings = NULL;
    struct err err;
    CHECK_OK(
        docker_container_create(docker_fixture_engine(), &container, limit, id, &warnings, &err),
        err);
}

void docker_fixture_remove(const char *name) {
    struct err err;
    CHECK_OK(docker_container_remove(docker_fixture_engine(), name, limit, &err), err);
}

static sem_t is_running; // or has ended

static void tell(enum sandbox_phase phase, void *context) {
    (void)context;
    if (phase == SANDBOX_RUNNING || phase == SANDBOX_ENDED)
        sem_post(&is_running);
}

static void *work(void *context) {
    struct docker_fixture_run *run = context;
    sandbox_run(run->sandbox, &run->request, tell, NULL, run->cancel, &run->result);
    return NULL;
}

void docker_fixture_begin(struct docker_fixture_run *run, struct sandbox *sandbox,
                          const char *sql) {
    // Made once: the data is written anew each time, which no run under way should see.
    static struct sandbox_request request;
    if (!request.run_id)
        request = fixture_request(NULL, 30000);
    sem_init(&is_running, 0, 0);
    *run = (struct docker_fixture_run){
        .sandbox = sandbox, .request = request, .cancel = sandbox_cancel_new()};
    run->request.sql = sql;
    pthread_create(&run->thread, NULL, work, run);
    sem_wait(&is_running);
}

void docker_fixture_join(struct docker_fixture_run *run) { pthread_join(run->thread, NULL); }
