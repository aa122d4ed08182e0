// SPDX-License-Identifier: Apache-2.0
//
// One local sandbox: the guard that was spawned, its three pipes, its control groups. It serves one
// run, or none.
#pragma once

#include <sys/types.h>

#include "base/buf.h"
#include "sandbox/groups.h"

struct local_process {
    pid_t pid;                 // the guard's; 0 for none
    int in_fd, out_fd, log_fd; // of the runner's standard input, output and error; -1 once closed
    struct buf out, log;
    int64_t start_us, ready_us; // ready_us 0: the walls do not stand yet
    char *folders;              // of its control groups
    struct groups *groups;
};

struct local_purpose {
    const char *dataset, *data_folder;
    int64_t cpu_s; // processor time that it may use
};

// Spawns a runner for PURPOSE. ERR_IO; the message says what is missing.
int local_process_start(const struct sandbox_settings *settings, struct groups *groups,
                        const struct local_purpose *purpose, struct local_process *ret_process,
                        struct err *err);
// Reads what is there; closes *FD at its end. False when BUF's ceiling was reached.
bool local_process_take(int *fd, struct buf *buf);
// Whether the runner has said that its walls stand, as far as its log was read.
bool local_process_is_ready(struct local_process *process);
// Waits for its end, or, unless IT_ENDS by itself and soon, makes it end; nothing of it is left
// then. The guard's exit status (see runner/wall.h), or 128 + the signal that ended it;
// MEM_EXHAUSTED_STATUS where its memory ran out. Its output and log stay until _done().
int local_process_end(struct local_process *process, bool it_ends);
void local_process_done(struct local_process *process);

// Whether the kernel gives local sandboxes their namespaces, found by making one.
bool local_process_has_namespaces(void);
