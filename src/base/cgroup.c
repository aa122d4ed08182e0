// SPDX-License-Identifier: Apache-2.0
//
// See cgroup.h.
#include "base/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/path.h"

#define OWN_SIZE 8192 // of /proc/self/cgroup
#define CPU_PERIOD_US 100000
#define NO_LIMIT (INT64_C(1) << 60) // version 1 writes "none" as the largest page-aligned number

static const char *const names[CGROUP_CONTROLLERS] = {"memory", "pids", "cpu"};

const char *cgroup_name(enum cgroup_controller controller) { return names[controller]; }

void cgroup_place_done(struct cgroup_place *place) {
    free(place->mount);
    free(place->path);
    *place = (struct cgroup_place){0};
}

// Whether LIST, parted by commas, has WORD.
static bool has_word(const char *list, size_t length, const char *word) {
    size_t size = strlen(word);
    for (const char *at = list; at + size <= list + length; at++)
        if (strncmp(at, word, size) == 0 && (at == list || at[-1] == ',') &&
            (at + size == list + length || at[size] == ','))
            return true;
    return false;
}

// A line of /proc/self/cgroup is "number:controllers:path"; version 2's has number 0 and no
// controllers.
static char *own_path(const char *text, int version, const char *controller) {
    for (const char *line = text; line && *line; line = strchr(line, '\n')) {
        line += *line == '\n';
        const char *list = strchr(line, ':'), *path = list ? strchr(list + 1, ':') : NULL;
        if (!path)
            break;
        size_t length = (size_t)(path - list - 1);
        bool is_it =
            version == 2 ? strncmp(line, "0::", 3) == 0 : has_word(list + 1, length, controller);
        if (is_it)
            return mem_text_n(path + 1, strcspn(path + 1, "\n"));
    }
    return NULL;
}

static int read_file(const char *folder, const char *file, char *ret_text, size_t size) {
    cleanup_free char *path = path_join(folder, file);
    cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = fd < 0 ? -1 : read(fd, ret_text, size - 1);
    if (length < 0)
        return -1;
    ret_text[length] = '\0';
    return 0;
}

static int write_file(const char *folder, const char *file, const char *text, struct err *err) {
    cleanup_free char *path = path_join(folder, file);
    cleanup_fd int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0 || write(fd, text, strlen(text)) < 0)
        return err_set_errno(err, errno, "cannot write %s", path);
    return 0;
}

// The usual mounts: version 2 on /sys/fs/cgroup (or beside version 1 on …/unified), version 1's
// controllers each on /sys/fs/cgroup/NAME.
static struct cgroup_place locate(enum cgroup_controller controller, const char *text) {
    static const char *const mounts[] = {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"};
    char offered[512];
    struct cgroup_place place = {0};
    char *path = own_path(text, 1, names[controller]);
    cleanup_free char *first = mem_format("/sys/fs/cgroup/%s", names[controller]);
    if (path && path_is_folder(first))
        return (struct cgroup_place){1, mem_take(first), path};
    free(path);
    path = own_path(text, 2, NULL);
    for (size_t i = 0; path && i < ARRAY_LENGTH(mounts); i++)
        if (read_file(mounts[i], "cgroup.controllers", offered, sizeof offered) == 0) {
            for (char *at = offered; *at; at++)
                *at = *at == ' ' ? ',' : *at == '\n' ? '\0' : *at;
            if (has_word(offered, strlen(offered), names[controller]))
                return (struct cgroup_place){2, mem_text(mounts[i]), path};
        }
    free(path);
    return place;
}

struct cgroup_place cgroup_locate(enum cgroup_controller controller) {
    char text[OWN_SIZE];
    bool is_read = read_file("/proc/self", "cgroup", text, sizeof text) == 0;
    return locate(controller, is_read ? text : "");
}

static int64_t limit_of(const char *text) {
    return strncmp(text, "max", 3) == 0 ? 0 : strtoll(text, NULL, 10);
}

static int64_t read_limit(const char *folder, int version, enum cgroup_controller controller) {
    static const char *const files[3][CGROUP_CONTROLLERS] = {
        [1] = {"memory.limit_in_bytes", "pids.max", "cpu.cfs_quota_us"},
        [2] = {"memory.max", "pids.max", "cpu.max"},
    };
    char text[64];
    if (read_file(folder, files[version][controller], text, sizeof text) < 0)
        return 0;
    int64_t value = limit_of(text), period_us = CPU_PERIOD_US;
    if (controller != CGROUP_CPU)
        return value < NO_LIMIT && value > 0 ? value : 0;
    if (version == 2 && strchr(text, ' '))
        period_us = strtoll(strchr(text, ' '), NULL, 10);
    else if (read_file(folder, "cpu.cfs_period_us", text, sizeof text) == 0)
        period_us = strtoll(text, NULL, 10);
    return value > 0 && period_us > 0 ? value * 1000 / period_us : 0;
}

// In a container the group's own folder may be what is mounted, while /proc names the host's path.
void cgroup_read_limits(struct cgroup_limit ret_limits[CGROUP_CONTROLLERS]) {
    char text[OWN_SIZE];
    bool is_read = read_file("/proc/self", "cgroup", text, sizeof text) == 0;
    for (int i = 0; i < CGROUP_CONTROLLERS; i++) {
        enum cgroup_controller controller = (enum cgroup_controller)i;
        cleanup_cgroup_place struct cgroup_place place = locate(controller, is_read ? text : "");
        ret_limits[i] = (struct cgroup_limit){0};
        if (!place.version)
            continue;
        cleanup_free char *folder = mem_format("%s%s", place.mount, place.path);
        int64_t value =
            read_limit(path_is_folder(folder) ? folder : place.mount, place.version, controller);
        if (value)
            ret_limits[i] = (struct cgroup_limit){place.version, value};
    }
}

static int write_number(const char *folder, const char *file, int64_t value, struct err *err) {
    char text[32];
    snprintf(text, sizeof text, "%lld", (long long)value);
    return write_file(folder, file, text, err);
}

// A kernel without swap accounting has no file for it.
static int forbid_swap(const char *folder, int version, int64_t value, struct err *err) {
    const char *file = version == 2 ? "memory.swap.max" : "memory.memsw.limit_in_bytes";
    cleanup_free char *path = path_join(folder, file);
    if (access(path, F_OK) < 0)
        return 0;
    return write_number(folder, file, version == 2 ? 0 : value, err);
}

int cgroup_write_limit(const char *folder, int version, enum cgroup_controller controller,
                       int64_t value, struct err *err) {
    char text[64];
    switch (controller) {
    case CGROUP_PIDS: return write_number(folder, "pids.max", value, err);
    case CGROUP_CPU:
        if (version == 1)
            return write_number(folder, "cpu.cfs_quota_us", value * CPU_PERIOD_US / 1000, err);
        snprintf(text, sizeof text, "%lld %d", (long long)(value * CPU_PERIOD_US / 1000),
                 CPU_PERIOD_US);
        return write_file(folder, "cpu.max", text, err);
    default: break;
    }
    int status =
        write_number(folder, version == 2 ? "memory.max" : "memory.limit_in_bytes", value, err);
    return status ? status : forbid_swap(folder, version, value, err);
}

int cgroup_join(const char *folder, struct err *err) {
    return write_file(folder, "cgroup.procs", "0", err);
}

bool cgroup_had_oom_kill(const char *folder, int version) {
    char text[1024];
    const char *file = version == 2 ? "memory.events" : "memory.oom_control";
    const char *at =
        read_file(folder, file, text, sizeof text) < 0 ? NULL : strstr(text, "oom_kill ");
    return at && strtoll(at + strlen("oom_kill "), NULL, 10) > 0;
}
