// SPDX-License-Identifier: Apache-2.0
//
// See lock.h. The order matters: capabilities and rlimits need calls that the filter forbids,
// Landlock must be in force before the check that it holds, and the filter comes last because it
// forbids everything above it.
#include "runner/lock.h"

#include <errno.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/landlock.h"
#include "base/mem.h"

static int set_limit(int resource, int64_t value, const char *what, struct err *err) {
    struct rlimit limit = {(rlim_t)value, (rlim_t)value}, present;
    // A lower limit that somebody set before stays.
    if (getrlimit(resource, &present) == 0 && present.rlim_max < limit.rlim_max)
        limit.rlim_cur = limit.rlim_max = present.rlim_max;
    if (setrlimit(resource, &limit) < 0)
        return err_set_errno(err, errno, "cannot limit %s", what);
    return 0;
}

static int limit_resources(const struct lock_limits *limits, struct err *err) {
    const struct {
        int resource;
        int64_t value;
        const char *what;
    } table[] = {
        {RLIMIT_CORE, 0, "core dumps"},
        {RLIMIT_NPROC, 0, "processes"},
        {RLIMIT_NOFILE, 256, "open files"},
        {RLIMIT_MEMLOCK, 0, "locked memory"},
        {RLIMIT_MSGQUEUE, 0, "message queues"},
        {RLIMIT_AS, limits->memory_bytes, "memory"},
        {RLIMIT_CPU, limits->cpu_s, "processor time"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(table); i++) {
        bool is_unset = (table[i].resource == RLIMIT_AS || table[i].resource == RLIMIT_CPU) &&
                        table[i].value == 0;
        int status =
            is_unset ? 0 : set_limit(table[i].resource, table[i].value, table[i].what, err);
        if (status)
            return status;
    }
    return 0;
}

static int64_t read_limit(int resource) {
    struct rlimit limit;
    if (getrlimit(resource, &limit) < 0 || limit.rlim_cur == RLIM_INFINITY)
        return -1;
    return (int64_t)limit.rlim_cur;
}

int lock_capabilities(struct err *err) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[2] = {{0}};
    // The bounding set is left: it only matters to execve(), which is refused from now on.
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    if (syscall(SYS_capset, &header, none) < 0)
        return err_set_errno(err, errno, "cannot drop the capabilities");
    return 0;
}

int lock_enter(const struct lock_limits *limits, struct lock_report *ret_report, struct err *err) {
    struct lock_report report = {0};
    int status = lock_capabilities(err);
    if (status == 0)
        status = limit_resources(limits, err);
    if (status == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        status = err_set_errno(err, errno, "cannot set no_new_privs");
    if (status == 0)
        status = landlock_deny_all(&report.landlock_abi, err);
    report.address_space_bytes = read_limit(RLIMIT_AS);
    report.cpu_s = read_limit(RLIMIT_CPU);
    report.processes = read_limit(RLIMIT_NPROC);
    if (status == 0 && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
        status = err_set_errno(err, errno, "cannot hide from debuggers");
    if (status == 0)
        status = lock_system_calls(err);
    if (status == 0)
        *ret_report = report;
    return status;
}
