// SPDX-License-Identifier: Apache-2.0
//
// What really holds, read back from the kernel: the proof beside every answer. Nothing here is
// copied from what was asked for.
#pragma once

#include "base/cgroup.h"
#include "base/json.h"
#include "runner/lock.h"
#include "runner/wall.h"

struct confinement {
    int status_fd;                       // /proc/self/status, opened before it became unreachable
    bool has_namespace[WALL_NAMESPACES]; // one of its own or its container's, not the machine's
    bool has_network;                    // an interface other than lo can be seen
    struct cgroup_limit groups[CGROUP_CONTROLLERS];
    struct lock_report locked;
};

// Before the walls, while the groups' files can be read: what control groups hold this process.
void confinement_read_groups(struct confinement *confinement);
// Before lock_enter(): reads what cannot be read later and keeps the status file open. ERR_IO.
int confinement_open(const struct wall *wall, struct confinement *confinement, struct err *err);
// After it: the `confinement` object of the result. RET_PEAK_KIB is the most memory the process had
// (VmHWM).
json *confinement_read(const struct confinement *confinement, int64_t *ret_peak_kib);
