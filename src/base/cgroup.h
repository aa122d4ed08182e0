// SPDX-License-Identifier: Apache-2.0
//
// Control groups, both versions: where this process's group is, what it is held to, and how a
// group is given limits and entered. cgroups(7); the kernel's admin-guide/cgroup-v2.rst and
// admin-guide/cgroup-v1/.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

enum cgroup_controller { CGROUP_MEMORY, CGROUP_PIDS, CGROUP_CPU, CGROUP_CONTROLLERS };

// "memory", "pids", "cpu"
const char *cgroup_name(enum cgroup_controller controller);

// Where a controller's hierarchy is mounted and this process's group in it.
struct cgroup_place {
    int version;        // 1 or 2; 0 where the controller is in neither
    char *mount, *path; // "/sys/fs/cgroup/memory", "/user.slice"; the folder is both, joined
};

struct cgroup_place cgroup_locate(enum cgroup_controller controller);
void cgroup_place_done(struct cgroup_place *place);
#define cleanup_cgroup_place cleanup(cgroup_place_done)

struct cgroup_limit {
    int version;   // 0: none is in force
    int64_t value; // bytes, processes, or thousandths of a processor
};

// What holds this process, controller by controller.
void cgroup_read_limits(struct cgroup_limit ret_limits[CGROUP_CONTROLLERS]);
// Writes a limit into FOLDER, a group of VERSION. Memory is limited together with swap. ERR_IO.
int cgroup_write_limit(const char *folder, int version, enum cgroup_controller controller,
                       int64_t value, struct err *err);
// Moves this process into the group in FOLDER. ERR_IO.
int cgroup_join(const char *folder, struct err *err);
// Whether the kernel killed something in FOLDER because its memory ran out.
bool cgroup_had_oom_kill(const char *folder, int version);
