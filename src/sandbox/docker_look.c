// SPDX-License-Identifier: Apache-2.0
//
// What a Docker daemon can do for a sandbox, one finding a line, from two calls: GET /info and the
// inspection of the runner's image.
#include <stdio.h>

#include "base/str.h"
#include "sandbox/docker.h"

#define LOOK_LIMIT_MS 5000

static const char *security_option(const json *info, const char *name) {
    const json *option;
    cJSON_ArrayForEach (option, cJSON_GetObjectItemCaseSensitive(info, "SecurityOptions"))
        if (cJSON_IsString(option) && str_has_prefix(option->valuestring, name))
            return option->valuestring;
    return NULL;
}

static void look_at_daemon(const struct docker *docker, const char *version, const json *info,
                           struct sandbox_report *report) {
    const char *driver = json_text(info, "Driver"), *system = json_text(info, "OperatingSystem");
    const char *its_version = json_text(info, "ServerVersion");
    sandbox_report_add(report, SANDBOX_HOLDS, "Docker daemon", NULL, "%.60s, API %s, %.60s",
                       its_version ? its_version : "unknown version", version,
                       docker_engine_title(docker->engine));
    sandbox_report_add(report, SANDBOX_HOLDS, "storage", NULL, "%.40s on %.80s",
                       driver ? driver : "unknown", system ? system : "an unknown system");
}

static void look_at_runtimes(const json *info, struct sandbox_report *report) {
    const char *usual = json_text(info, "DefaultRuntime");
    struct buf names = BUF(160);
    const json *runtime;
    cJSON_ArrayForEach (runtime, cJSON_GetObjectItemCaseSensitive(info, "Runtimes"))
        if (!strstr(runtime->string, "io.containerd."))
            buf_add_format(&names, "%s%s", names.length ? ", " : "", runtime->string);
    sandbox_report_add(report, SANDBOX_HOLDS, "runtime", NULL, "%.40s (there are: %.120s)",
                       usual ? usual : "unknown", buf_text(&names));
    buf_done(&names);
}

static void look_at_image(struct docker *docker, struct sandbox_report *report) {
    struct docker_limit limit = {LOOK_LIMIT_MS, -1};
    struct err err = {0};
    cleanup_json json *image = NULL;
    const char *name = docker->settings->image;
    if (docker_image_inspect(docker->engine, name, limit, &image, &err) == 0) {
        const char *id = json_text(image, "Id");
        sandbox_report_add(report, SANDBOX_HOLDS, "runner image", NULL, "%.100s (%.19s, %lld KiB)",
                           name, id ? id : "", (long long)json_integer(image, "Size", 0) / 1024);
    } else {
        char hint[256];
        snprintf(hint, sizeof hint, "Build it (make image), or fetch it: docker pull %.150s.",
                 name);
        sandbox_report_add(report, SANDBOX_MISSING, "runner image", hint, "%.190s", err.message);
    }
}

static void look_at_limits(const json *info, struct sandbox_report *report) {
    static const struct {
        const char *key, *what, *hint;
    } limits[] = {
        {"MemoryLimit", "memory limit",
         "Switch the memory controller on: cgroup_enable=memory on the kernel's command line; for "
         "rootless Docker delegate it to the user (systemd, Delegate=memory)."},
        {"SwapLimit", "swap limit",
         "Start the kernel with swapaccount=1, or switch swap off: a sandbox may use swap beyond "
         "its memory."},
        {"PidsLimit", "process limit",
         "Switch the pids controller on; for rootless Docker delegate it to the user (systemd, "
         "Delegate=pids)."},
        {"CpuCfsQuota", "processor limit",
         "The kernel needs CONFIG_CFS_BANDWIDTH; for rootless Docker delegate cpu to the user "
         "(systemd, Delegate=cpu)."},
    };
    const char *version = json_text(info, "CgroupVersion");
    for (size_t i = 0; i < ARRAY_LENGTH(limits); i++) {
        bool holds = json_bool(info, limits[i].key, false);
        sandbox_report_add(report, holds ? SANDBOX_HOLDS : SANDBOX_WEAKER, limits[i].what,
                           holds ? NULL : limits[i].hint, "%scgroup v%.4s",
                           holds ? "" : "not held by ", version ? version : "1");
    }
}

static void look_at_security(const json *info, struct sandbox_report *report) {
    const char *seccomp = security_option(info, "name=seccomp");
    const char *rootless = security_option(info, "name=rootless");
    const char *remap = security_option(info, "name=userns");
    bool has_module =
        security_option(info, "name=apparmor") || security_option(info, "name=selinux");
    sandbox_report_add(report, seccomp ? SANDBOX_HOLDS : SANDBOX_WEAKER, "Docker's seccomp",
                       seccomp ? NULL
                               : "Use a daemon and kernel with seccomp; the runner's own filter "
                                 "holds all the same.",
                       "%.100s", seccomp ? "its profile, beside the runner's own filter" : "none");
    sandbox_report_add(report, SANDBOX_HOLDS, "security module", NULL, "%s",
                       !has_module                              ? "none; not needed"
                       : security_option(info, "name=apparmor") ? "AppArmor"
                                                                : "SELinux");
    sandbox_report_add(report, rootless || remap ? SANDBOX_HOLDS : SANDBOX_WEAKER, "Docker's users",
                       rootless || remap
                           ? NULL
                           : "Run the daemon rootless or with userns-remap: then root in a "
                             "container is nobody outside. Runs are uid 65534 in any case.",
                       "%s",
                       rootless ? "rootless daemon"
                       : remap  ? "userns-remap"
                                : "the daemon's own: containers share its users");
}

void docker_look(void *state, struct sandbox_report *report) {
    struct docker *docker = state;
    struct docker_limit limit = {LOOK_LIMIT_MS, -1};
    struct err err = {0};
    char version[16];
    cleanup_json json *info = NULL;
    int status = docker_engine_version(docker->engine, -1, version, &err);
    if (status == 0)
        status = docker_info(docker->engine, limit, &info, &err);
    if (status) {
        sandbox_report_add(report, SANDBOX_MISSING, "Docker daemon", err.hint, "%.190s",
                           err.message);
        return;
    }
    look_at_daemon(docker, version, info, report);
    look_at_image(docker, report);
    look_at_runtimes(info, report);
    look_at_limits(info, report);
    look_at_security(info, report);
}
