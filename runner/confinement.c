// SPDX-License-Identifier: Apache-2.0
//
// See confinement.h. proc_pid_status(5): the file is made anew at each read from its start, so a
// descriptor that was opened before the walls still tells the truth behind them.
#include "runner/confinement.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"

// proc_pid_net(5): two heading lines, then an interface a line: "  eth0: …".
static bool sees_network(int proc_fd) {
    char text[4096], *rest;
    cleanup_fd int fd = openat(proc_fd, "net/dev", O_RDONLY | O_CLOEXEC);
    ssize_t length = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    if (length < 0 || length == sizeof text - 1)
        return true; // not known to be without
    text[length] = '\0';
    char *line = strtok_r(text, "\n", &rest);
    for (int i = 0; line; i++, line = strtok_r(NULL, "\n", &rest))
        if (i >= 2 && strncmp(line + strspn(line, " "), "lo:", 3) != 0)
            return true;
    return false;
}

void confinement_read_groups(struct confinement *confinement) {
    cgroup_read_limits(confinement->groups);
}

// The numbers of the namespaces that the kernel itself starts with (linux/nsfs.h, proc_ns.h). Those
// of the first mount namespace were given out in turn before Linux 6.18.
static bool is_kernels_own(int index, ino_t inode) {
    static const ino_t own[WALL_NAMESPACES] = {
        [WALL_USER] = 0xEFFFFFFD,   [WALL_PID] = 0xEFFFFFFC, [WALL_NET] = 0xEFFFFFF9,
        [WALL_MOUNT] = 0xEFFFFFF8,  [WALL_IPC] = 0xEFFFFFFF, [WALL_UTS] = 0xEFFFFFFE,
        [WALL_CGROUP] = 0xEFFFFFFB,
    };
    bool is_early_mount = index == WALL_MOUNT && (inode == 0xF0000000 || inode == 0xF0000001);
    return inode == own[index] || is_early_mount;
}

// Process 1 was put into namespaces by whoever made the container. Which is not the kernel's own is
// the container's; for the network, whose first number was not always known, seeing none counts.
static bool has_container_namespace(const struct confinement *confinement, int index, ino_t inode) {
    return getpid() == 1 && inode && !is_kernels_own(index, inode) &&
           (index != WALL_NET || !confinement->has_network);
}

int confinement_open(const struct wall *wall, struct confinement *confinement, struct err *err) {
    confinement->has_network = sees_network(wall->proc_fd);
    for (int i = 0; i < WALL_NAMESPACES; i++) {
        ino_t now = wall_namespace_inode(wall->proc_fd, i);
        confinement->has_namespace[i] = (now && wall->before[i] && now != wall->before[i]) ||
                                        has_container_namespace(confinement, i, now);
    }
    confinement->status_fd = openat(wall->proc_fd, "status", O_RDONLY | O_CLOEXEC);
    if (confinement->status_fd < 0)
        return err_set_errno(err, errno, "cannot open /proc/self/status");
    return 0;
}

static void add_limit(json *limits, const char *what, int64_t value, const char *by) {
    json *limit = cJSON_CreateObject();
    json_add_text(limit, "what", what);
    json_add_integer(limit, "value", value);
    json_add_text(limit, "by", by);
    cJSON_AddItemToArray(limits, limit);
}

static void add_limits(json *object, const struct confinement *confinement) {
    static const char *const what[CGROUP_CONTROLLERS] = {"memory_bytes", "processes", "cpu_millis"};
    json *limits = json_add_array(object, "limits");
    for (int i = 0; i < CGROUP_CONTROLLERS; i++)
        if (confinement->groups[i].version)
            add_limit(limits, what[i], confinement->groups[i].value,
                      confinement->groups[i].version == 2 ? "cgroup v2" : "cgroup v1");
    if (confinement->locked.address_space_bytes >= 0)
        add_limit(limits, "address_space_bytes", confinement->locked.address_space_bytes, "rlimit");
    if (confinement->locked.cpu_s >= 0)
        add_limit(limits, "cpu_time_s", confinement->locked.cpu_s, "rlimit");
    if (confinement->locked.processes >= 0)
        add_limit(limits, "more_processes", confinement->locked.processes, "rlimit");
}

static long long status_field(const char *status, const char *name, int base) {
    const char *at = strstr(status, name);
    return at ? strtoll(at + strlen(name), NULL, base) : -1;
}

json *confinement_read(const struct confinement *confinement, int64_t *ret_peak_kib) {
    char status[4096];
    ssize_t length = pread(confinement->status_fd, status, sizeof status - 1, 0);
    status[length > 0 ? length : 0] = '\0';
    json *object = cJSON_CreateObject();
    json *names = json_add_array(object, "namespaces");
    for (int i = 0; i < WALL_NAMESPACES; i++)
        if (confinement->has_namespace[i])
            cJSON_AddItemToArray(names, cJSON_CreateString(wall_namespace_name(i)));
    unsigned long long capabilities = (unsigned long long)status_field(status, "\nCapEff:", 16);
    json_add_integer(object, "landlock", confinement->locked.landlock_abi);
    json_add_bool(object, "seccomp", status_field(status, "\nSeccomp:", 10) == 2);
    json_add_bool(object, "no_new_privs", status_field(status, "\nNoNewPrivs:", 10) == 1);
    json_add_integer(object, "capabilities", __builtin_popcountll(capabilities));
    json_add_text(object, "network", confinement->has_network ? "visible" : "none");
    json_add_integer(object, "uid", status_field(status, "\nUid:", 10));
    add_limits(object, confinement);
    *ret_peak_kib = status_field(status, "\nVmHWM:", 10);
    return object;
}
