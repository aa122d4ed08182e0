// SPDX-License-Identifier: Apache-2.0
//
// Theory of operation. Below the group that the server itself is in, every run gets a group of its
// own, "sandglass-SERVER-N", which its runner enters before anything else and which is removed when
// the runner is gone.
//
// Version 1 has a hierarchy for each controller; the group is made in each that is mounted and
// writable. Version 2 has one, with two rules: a group's controllers are for its children only
// after the group says so (cgroup.subtree_control), and a group that has done so may hold no
// process itself. The server therefore first steps down into a group beside those of the runs,
// "sandglass-SERVER-server". It does that only where it is alone in its group, as a service with
// Delegate=yes is; root may fall back to the top of the hierarchy, to which that rule does not
// apply. cgroup-v2.rst, "No Internal Process Constraint", "Delegation".
//
// A group that cannot be removed yet, because the kernel has not done with its last process, is
// tried again; what a server killed by SIGKILL left behind goes when that server starts again, or
// ends.
#include "sandbox/groups.h"

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cgroup.h"
#include "base/fd.h"
#include "base/path.h"
#include "base/str.h"

#define REMOVE_TRIES 200 // a millisecond apart

struct hierarchy {
    int version;                     // 0: not one in which groups can be made
    char *base;                      // the folder that holds the groups of runs
    bool limits[CGROUP_CONTROLLERS]; // which controllers it has
    struct err refusal;              // why none can be made, where one could have been thought of
};

struct groups {
    const struct sandbox_settings *settings;
    struct hierarchy hierarchies[CGROUP_CONTROLLERS]; // version 2 uses the first alone
    char *prefix;                                     // "sandglass-SERVER-"
    char *server_folder, *server_before; // where it stepped down to, and from; version 2 only
    atomic_long next;
};

static int64_t limit_of(const struct groups *groups, enum cgroup_controller controller) {
    switch (controller) {
    case CGROUP_MEMORY: return groups->settings->memory_mb * 1024 * 1024;
    case CGROUP_PIDS: return groups->settings->pids;
    default: return groups->settings->cpu_millis;
    }
}

// One group in one hierarchy, with its limits; the caller frees the folder. A name that is taken,
// by an earlier life's, is left alone.
static int make_one(struct groups *groups, const struct hierarchy *hierarchy, char **ret_folder,
                    struct err *err) {
    char *folder = NULL;
    int status;
    do {
        free(folder);
        folder = mem_format("%s/%s%ld", hierarchy->base, groups->prefix,
                            atomic_fetch_add(&groups->next, 1));
        status = mkdir(folder, 0755) < 0 ? errno : 0;
    } while (status == EEXIST);
    if (status)
        status = err_set_errno(err, status, "cannot make the control group %s", folder);
    for (int i = 0; status == 0 && i < CGROUP_CONTROLLERS; i++) {
        enum cgroup_controller controller = (enum cgroup_controller)i;
        if (hierarchy->limits[i] && limit_of(groups, controller) > 0)
            status = cgroup_write_limit(folder, hierarchy->version, controller,
                                        limit_of(groups, controller), err);
    }
    if (status == 0) {
        *ret_folder = folder;
        return 0;
    }
    rmdir(folder);
    free(folder);
    return status;
}

static bool remove_one(const char *folder) {
    for (int i = 0; i < REMOVE_TRIES; i++) {
        if (rmdir(folder) == 0 || errno == ENOENT)
            return true;
        if (errno != EBUSY)
            return false;
        usleep(1000);
    }
    return false;
}

// ---- Where groups can be made -------------------------------------------------------------------

static int try_one(struct groups *groups, struct hierarchy *hierarchy, struct err *err) {
    char *folder;
    int status = make_one(groups, hierarchy, &folder, err);
    if (status)
        return status;
    remove_one(folder);
    free(folder);
    return 0;
}

static void open_version_1(struct groups *groups, enum cgroup_controller controller,
                           const struct cgroup_place *place) {
    struct hierarchy *hierarchy = &groups->hierarchies[controller];
    *hierarchy = (struct hierarchy){.version = 1,
                                    .base = str_is_equal(place->path, "/")
                                                ? mem_text(place->mount)
                                                : mem_format("%s%s", place->mount, place->path)};
    hierarchy->limits[controller] = true;
    if (try_one(groups, hierarchy, &hierarchy->refusal))
        hierarchy->version = 0;
}

// Whether this process is the only one in the group.
static bool is_alone(const char *folder) {
    cleanup_buf struct buf text = BUF(65536);
    cleanup_free char *path = path_join(folder, "cgroup.procs");
    struct err ignored;
    long only = 0;
    int length = 0;
    return fd_read_file(path, &text, &ignored) == 0 &&
           sscanf(buf_text(&text), "%ld %n", &only, &length) == 1 && only == getpid() &&
           (size_t)length == text.length;
}

static int write_text(const char *folder, const char *file, const char *text, struct err *err) {
    cleanup_free char *path = path_join(folder, file);
    FILE *out = fopen(path, "we");
    bool is_done = out && fputs(text, out) >= 0;
    is_done = out && fclose(out) == 0 && is_done;
    return is_done ? 0 : err_set_errno(err, errno, "cannot write %s", path);
}

static int delegate(const char *base, struct err *err) {
    return write_text(base, "cgroup.subtree_control", "+memory +pids +cpu", err);
}

static int step_down(struct groups *groups, const char *own, struct err *err) {
    char *folder = mem_format("%s/%sserver", own, groups->prefix);
    int status = mkdir(folder, 0755) < 0 && errno != EEXIST
                     ? err_set_errno(err, errno, "cannot make the control group %s", folder)
                     : cgroup_join(folder, err);
    if (status == 0)
        status = delegate(own, err);
    if (status == 0) {
        groups->server_folder = folder;
        groups->server_before = mem_text(own);
        return 0;
    }
    struct err ignored;
    cgroup_join(own, &ignored);
    rmdir(folder);
    free(folder);
    return status;
}

static void open_version_2(struct groups *groups, const struct cgroup_place *place) {
    struct hierarchy *hierarchy = &groups->hierarchies[0];
    char *own = str_is_equal(place->path, "/") ? mem_text(place->mount)
                                               : mem_format("%s%s", place->mount, place->path);
    bool is_top = str_is_equal(place->path, "/");
    int status = 0;
    *hierarchy = (struct hierarchy){.version = 2, .base = own};
    for (int i = 0; i < CGROUP_CONTROLLERS; i++)
        hierarchy->limits[i] = true;
    if (is_top || !is_alone(own))
        status = err_set(&hierarchy->refusal, ERR_REFUSED,
                         "the control group %s is not the server's alone", own);
    else
        status = step_down(groups, own, &hierarchy->refusal);
    if (status && geteuid() == 0) {
        free(own);
        hierarchy->base = mem_text(place->mount);
        status = delegate(place->mount, &hierarchy->refusal);
    }
    if (status == 0)
        status = try_one(groups, hierarchy, &hierarchy->refusal);
    if (status)
        hierarchy->version = 0;
}

// What an earlier life of this server left in BASE.
static void sweep(const struct groups *groups, const char *base) {
    DIR *list = opendir(base);
    for (struct dirent *entry; list && (entry = readdir(list));) {
        cleanup_free char *folder = path_join(base, entry->d_name);
        if (strncmp(entry->d_name, groups->prefix, strlen(groups->prefix)) == 0 &&
            !str_is_equal(folder, groups->server_folder))
            rmdir(folder); // one that is in use stays
    }
    if (list)
        closedir(list);
}

static void sweep_all(const struct groups *groups) {
    for (int i = 0; i < CGROUP_CONTROLLERS; i++)
        if (groups->hierarchies[i].version)
            sweep(groups, groups->hierarchies[i].base);
}

struct groups *groups_new(const struct sandbox_settings *settings) {
    struct groups *groups = mem_zero(1, sizeof *groups);
    groups->settings = settings;
    groups->prefix = str_is_empty(settings->server_id)
                         ? mem_format("sandglass-%ld-", (long)getpid())
                         : mem_format("sandglass-%s-", settings->server_id);
    for (int i = 0; i < CGROUP_CONTROLLERS; i++) {
        cleanup_cgroup_place struct cgroup_place place = cgroup_locate((enum cgroup_controller)i);
        if (place.version == 1)
            open_version_1(groups, (enum cgroup_controller)i, &place);
        else if (place.version == 2 && !groups->hierarchies[0].base)
            open_version_2(groups, &place);
    }
    sweep_all(groups);
    return groups;
}

void groups_free(struct groups *groups) {
    struct err ignored;
    if (!groups)
        return;
    sweep_all(groups);
    if (groups->server_folder) {
        // Back to where it was, which may hold a process again once it hands nothing down.
        write_text(groups->server_before, "cgroup.subtree_control", "-memory -pids -cpu", &ignored);
        if (cgroup_join(groups->server_before, &ignored) == 0)
            remove_one(groups->server_folder);
    }
    for (int i = 0; i < CGROUP_CONTROLLERS; i++)
        free(groups->hierarchies[i].base);
    free(groups->server_folder);
    free(groups->server_before);
    free(groups->prefix);
    free(groups);
}

// ---- A run's groups -----------------------------------------------------------------------------

int groups_make(struct groups *groups, char **ret_folders, struct err *err) {
    cleanup_buf struct buf folders = BUF(CGROUP_CONTROLLERS * 4096);
    for (int i = 0; i < CGROUP_CONTROLLERS; i++) {
        cleanup_free char *folder = NULL;
        if (!groups->hierarchies[i].version)
            continue;
        int status = make_one(groups, &groups->hierarchies[i], &folder, err);
        if (status) {
            groups_remove(groups, buf_take(&folders));
            return status;
        }
        buf_add_format(&folders, "%s%s", folders.length ? ":" : "", folder);
    }
    *ret_folders = folders.length ? buf_take(&folders) : NULL;
    return 0;
}

static int version_of(const struct groups *groups, const char *folder) {
    for (int i = 0; i < CGROUP_CONTROLLERS; i++) {
        const struct hierarchy *hierarchy = &groups->hierarchies[i];
        if (hierarchy->version && hierarchy->limits[CGROUP_MEMORY] &&
            strncmp(folder, hierarchy->base, strlen(hierarchy->base)) == 0)
            return hierarchy->version;
    }
    return 0;
}

bool groups_remove(struct groups *groups, char *folders) {
    bool had_oom_kill = false;
    for (char *rest, *folder = folders ? strtok_r(folders, ":", &rest) : NULL; folder;
         folder = strtok_r(NULL, ":", &rest)) {
        int version = version_of(groups, folder);
        had_oom_kill |= version && cgroup_had_oom_kill(folder, version);
        remove_one(folder);
    }
    free(folders);
    return had_oom_kill;
}

void groups_look(const struct groups *groups, struct sandbox_report *report) {
    static const char *const instead[CGROUP_CONTROLLERS] = {
        "memory is held by an rlimit and by SQLite's own ceiling", "processes by an rlimit",
        "a run may take a whole processor"};
    static const char hint[] = "Run the server as a systemd service with Delegate=yes, or as root "
                               "where control groups are mounted writable.";
    cleanup_buf struct buf missing = BUF(1024);
    const char *refusal = "no controller is mounted";
    for (int i = 0; i < CGROUP_CONTROLLERS; i++) {
        bool is_held = false;
        for (int j = 0; j < CGROUP_CONTROLLERS; j++) {
            const struct hierarchy *hierarchy = &groups->hierarchies[j];
            is_held |= hierarchy->limits[i] && hierarchy->version;
            if (hierarchy->limits[i] && !hierarchy->version)
                refusal = hierarchy->refusal.message;
        }
        if (!is_held)
            buf_add_format(&missing, "%s%s", missing.length ? ", " : "", instead[i]);
    }
    if (missing.length)
        sandbox_report_add(report, SANDBOX_WEAKER, "control groups", hint, "%s (%s)",
                           buf_text(&missing), refusal);
}
