// SPDX-License-Identifier: Apache-2.0
//
// The calls of Docker's API that a sandbox needs, with the fields that it uses and no others. Each
// call waits at most TIMEOUT_MS, and gives up early once CANCEL_FD (-1 is none) is readable.
#pragma once

#include "docker/engine.h"

#define DOCKER_ID_SIZE 65

struct docker_limit {
    int64_t timeout_ms;
    int cancel_fd;
};

// A call without a body at PATH, which moves in. As docker_call().
int docker_call_bare(struct docker_engine *engine, const char *method, char *path,
                     struct docker_limit limit, json **ret_answer, struct err *err);

// A container without network, privileges and a writable root. Texts are borrowed.
struct docker_container {
    const char *name, *image;
    const char *const *command; // ends with NULL
    const char *data_source;    // the daemon's folder that is seen read-only at /data; NULL is none
    bool has_data_volume;       // or a new volume there, which goes with the container
    const char *server_label, *run_label,
        *role_label; // sandglass.server, .run, .role; NULL is none
    int64_t memory_bytes, nano_cpus, pids;
};

// RET_WARNINGS: limits that this daemon cannot hold, in its words, "" where it holds all. The
// caller frees it.
int docker_container_create(struct docker_engine *engine, const struct docker_container *container,
                            struct docker_limit limit, char ret_id[DOCKER_ID_SIZE],
                            char **ret_warnings, struct err *err);
// What the call above sends of CONTAINER. The caller frees it.
json *docker_container_json(const struct docker_container *container);

// A file that is sent: READ gives its next bytes, as a net_body_function, and may give fewer than
// are left; negative or 0 before the end breaks the call off.
struct docker_file {
    const char *name;
    int64_t size_bytes;
    net_body_function *read;
    void *context;
};

#define DOCKER_ARCHIVE_BLOCK 512

// How many bytes the archive with that file alone has.
int64_t docker_archive_bytes(int64_t size_bytes);
// The block before the file's bytes.
void docker_archive_header(const char *name, int64_t size_bytes,
                           char ret_header[DOCKER_ARCHIVE_BLOCK]);
// Puts FILE into FOLDER of a container that is not started yet.
int docker_container_put(struct docker_engine *engine, const char *id, const char *folder,
                         const struct docker_file *file, struct docker_limit limit,
                         struct err *err);
// Its output: what is read are frames (frames.h).
int docker_container_attach_output(struct docker_engine *engine, const char *id,
                                   struct docker_limit limit, struct net_stream **ret_stream,
                                   struct err *err);
// Its standard input, which ends when the stream is freed. It is a connection of its own, because
// that is how an input ends in the same way over every transport: TLS has no half-closed one here.
int docker_container_attach_input(struct docker_engine *engine, const char *id,
                                  struct docker_limit limit, struct net_stream **ret_stream,
                                  struct err *err);
int docker_container_start(struct docker_engine *engine, const char *id, struct docker_limit limit,
                           struct err *err);

struct docker_ending {
    bool was_out_of_memory;
    int64_t exit_code; // 128 + the signal that ended it
};

// Waits for a container's end.
int docker_container_wait(struct docker_engine *engine, const char *id, struct docker_limit limit,
                          struct docker_ending *ret_ending, struct err *err);
// Kills it, where it runs, and removes it with its volume. It is no error if it is gone.
int docker_container_remove(struct docker_engine *engine, const char *id, struct docker_limit limit,
                            struct err *err);
// The names of all containers with the label sandglass.server=SERVER, in any state: a JSON array
// of objects with "Id" and "Names". The caller frees it.
int docker_container_list(struct docker_engine *engine, const char *server,
                          struct docker_limit limit, json **ret_list, struct err *err);
// The process of a container that runs, as the daemon's machine numbers it; 0 where there is none.
int docker_container_process(struct docker_engine *engine, const char *id,
                             struct docker_limit limit, int64_t *ret_pid, struct err *err);
// What the daemon knows of a container. The caller frees it.
int docker_container_inspect(struct docker_engine *engine, const char *id,
                             struct docker_limit limit, json **ret_facts, struct err *err);
// The same of an image.
int docker_image_inspect(struct docker_engine *engine, const char *image, struct docker_limit limit,
                         json **ret_facts, struct err *err);
// The daemon's own facts: GET /info.
int docker_info(struct docker_engine *engine, struct docker_limit limit, json **ret_facts,
                struct err *err);
