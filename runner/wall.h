// SPDX-License-Identifier: Apache-2.0
//
// The outer wall of a local sandbox: fresh namespaces and an empty root. Under Docker and
// Kubernetes the container is the outer wall, and this file is not used.
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"

enum {
    WALL_USER,
    WALL_PID,
    WALL_NET,
    WALL_MOUNT,
    WALL_IPC,
    WALL_UTS,
    WALL_CGROUP,
    WALL_NAMESPACES
};

#define WALL_DATA "/data" // where the data folder is, behind the wall

struct wall {
    int proc_fd; // the folder /proc/self, also where nothing of /proc can be seen any more
    ino_t
        before[WALL_NAMESPACES]; // the namespaces that the program was started in; 0 where unknown
    bool was_refused;            // namespaces were asked for, and the kernel said no
    struct err refusal;          // why
};

// "user", "pid", … as in `confinement`
const char *wall_namespace_name(int index);
// The namespace's inode as /proc/self/ns shows it, 0 where the kernel has none of that kind.
ino_t wall_namespace_inode(int proc_fd, int index);

// Opens what the read-back needs and notes the present namespaces. ERR_IO.
int wall_open(struct wall *ret_wall, struct err *err);

// Goes behind the wall. It returns 0 in a new process: the first of its own pid namespace, with no
// way back, without root's identity, seeing an empty read-only root with FOLDER (may be NULL) at
// /data. The calling process never returns: it is the guard, closes its standard input and output,
// waits, and exits with the status of the one inside, or 128 + the signal that ended it. When the
// guard dies, everything inside dies.
//
// Where the kernel refuses namespaces, WALL->was_refused is set and it returns 0 in the calling
// process, which has given up root's identity all the same. Other failures: ERR_IO.
int wall_enter(struct wall *wall, const char *folder, struct err *err);
