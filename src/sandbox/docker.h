// SPDX-License-Identifier: Apache-2.0
//
// What the files of the Docker backend share: docker.c runs, docker_box.c is one container,
// docker_data.c finds out how a data set gets into it, docker_keeper.c starts containers ahead and
// removes them, docker_look.c says what the daemon can do.
#pragma once

#include <pthread.h>

#include "docker/container.h"
#include "docker/frames.h"
#include "sandbox/backend.h"

#define DOCKER_CALL_LIMIT_MS 10000  // for one call of the daemon's
#define DOCKER_START_LIMIT_MS 20000 // until a container's walls stand
#define DOCKER_END_LIMIT_MS 5000    // for killing and removing one
#define DOCKER_NAME_SIZE 40

struct docker_keeper;

struct docker {
    const struct sandbox_settings *settings;
    char *server_id;
    struct docker_engine *engine;
    struct docker_keeper *keeper;
    pthread_mutex_t lock;              // over the surroundings
    struct docker_surroundings *known; // NULL until the daemon was asked
    bool sees_no_folder;               // it said that a folder of ours is not there
};

// What a container is started for. Two are the same where one can stand for the other.
struct docker_need {
    char *folder, *dataset;
    int64_t cpu_s;
    int64_t inode, size_bytes, changed_ns; // of the data file: a replaced one is another need
};

// ERR_NOT_FOUND, ERR_IO: there is no such data set here.
int docker_need_of(const struct sandbox_request *request, struct docker_need *ret_need,
                   struct err *err);
struct docker_need docker_need_copy(const struct docker_need *need);
bool docker_need_is_equal(const struct docker_need *left, const struct docker_need *right);
void docker_need_done(struct docker_need *need);

// ---- docker_data.c: how a data set gets into a container

enum docker_data_way {
    DOCKER_DATA_MOUNTED, // the daemon sees the folder: mounted read-only
    DOCKER_DATA_BAKED,   // the image has it at the same path
    DOCKER_DATA_COPIED,  // sent to the daemon, into a volume that goes with the container
};

struct docker_place {
    enum docker_data_way way;
    char *source; // the folder as the daemon names it; for DOCKER_DATA_MOUNTED
};

int docker_data_find(struct docker *docker, const char *folder, int cancel_fd,
                     struct docker_place *ret_place, struct err *err);
// The daemon says that it has no such folder: from now on data sets are copied.
void docker_data_doubt(struct docker *docker);
// Whether this process sees those of the daemon's containers.
bool docker_sees_processes(struct docker *docker);
void docker_surroundings_free(struct docker_surroundings *known);
// The id of the container in which MOUNTINFO (proc_pid_mountinfo(5)) was read; 0, or -1 for none.
int docker_own_id(const char *mountinfo, char ret_id[DOCKER_ID_SIZE]);
// FOLDER of a container with MOUNTS (of its inspection) as the daemon names it; NULL where no mount
// covers it. The caller frees it.
char *docker_map_folder(const json *mounts, const char *folder);

// ---- docker_box.c: one container, from its making to its end

struct docker_box {
    struct docker *docker;
    struct docker_need need;
    char name[DOCKER_NAME_SIZE], id[DOCKER_ID_SIZE];
    struct net_stream *output, *input; // input is NULL once the request is sent
    struct docker_frames frames;
    struct buf out, log; // the runner's standard output and error
    bool is_uncertain;   // whether it was made at all is not known
    bool was_started;    // or perhaps
    bool is_ready;       // the runner waits for its request, or has it
    bool is_ended;       // its output has ended
    bool is_dead;        // its process has ended; what it wrote may still be under way
    int process_fd;      // readable once it has; -1 where it cannot be watched
    bool has_more;       // docker_box_take() left something
};

// Makes, attaches and starts a container. ERR_ with the daemon's words and a hint; RET_BOX is set
// all the same, and is to be ended.
int docker_box_start(struct docker *docker, const struct docker_need *need, const char *run_id,
                     int cancel_fd, struct docker_box **ret_box, struct err *err);
// Takes some of what has come and looks whether it is dead, without waiting. ERR_TOO_LARGE past
// LIMIT_RUN_RESULT, ERR_UNAVAILABLE where the connection broke, ERR_CORRUPT.
int docker_box_take(struct docker_box *box, struct err *err);
// Whether its process is known to have ended; false also where that cannot be known.
bool docker_box_is_dead(struct docker_box *box);
// Kills and removes the container, and frees the box. What cannot be done now is done later.
void docker_box_end(struct docker_box *box);
// The same for one that is known to be dead, or was never started: it is removed in the background.
void docker_box_bury(struct docker_box *box);

// ---- docker_keeper.c: containers that wait, and the end of all containers

struct docker_keeper *docker_keeper_new(struct docker *docker);
void docker_keeper_free(struct docker_keeper *keeper); // removes every container of this server
// A container that stands ready for NEED, NULL where none does; the next one is then made for it.
struct docker_box *docker_keeper_take(struct docker_keeper *keeper, const struct docker_need *need);
// Containers under NAME are in use: the reaper leaves them alone.
void docker_keeper_add(struct docker_keeper *keeper, const char *name);
// NAME is to be removed in the background; false where so many are that the caller has to.
bool docker_keeper_bury(struct docker_keeper *keeper, const char *name, bool is_uncertain);
// NAME is gone.
void docker_keeper_forget(struct docker_keeper *keeper, const char *name);

// ---- docker_look.c

void docker_look(void *state, struct sandbox_report *report);
