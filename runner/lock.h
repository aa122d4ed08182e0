// SPDX-License-Identifier: Apache-2.0
//
// The inner wall, the same under every backend: the process gives up, for good, everything that it
// does not need to turn a request into a result. After lock_enter() it can read and write what is
// open, take memory, and end.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct lock_limits {
    int64_t memory_bytes; // of address space; 0 for no limit
    int64_t cpu_s;        // of processor time, 0 for no limit
};

struct lock_report {
    int landlock_abi; // in force and seen to hold; 0 where the kernel has none
    // As the kernel says they are; -1 for no limit.
    int64_t address_space_bytes, cpu_s, processes;
};

// Rlimits, capabilities, no_new_privs, Landlock, seccomp, in this order. ERR_IO where one that the
// kernel has cannot be put in force: the caller must not go on then. Landlock alone may be missing.
int lock_enter(const struct lock_limits *limits, struct lock_report *ret_report, struct err *err);

// The capabilities on their own. ERR_IO.
int lock_capabilities(struct err *err);
// The seccomp filter on its own: an allow-list; other calls fail with EPERM, another ABI's calls
// kill the process.
int lock_system_calls(struct err *err);
