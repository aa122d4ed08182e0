// SPDX-License-Identifier: Apache-2.0
//
// One container, from its making to its end. It has a name of our choosing before the daemon hears
// of it: so one whose creation was broken off, and may have happened or not, can still be removed,
// and the reaper knows it for one in use from the beginning.
//
// Containers are not made with AutoRemove: how one ended (out of memory, by a signal) can only be
// asked of a container that is still there. They are removed by name, in every way out of here.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/id.h"
#include "base/limits.h"
#include "base/path.h"
#include "base/str.h"
#include "sandbox/docker.h"

#define COPY_BYTES_PER_MS 4096 // what is expected of the slowest network to a daemon
#define CHUNKS_AT_ONCE 64 // one that writes without end must not keep its deadline from being seen

static int take_frame(void *context, int stream, const char *bytes, size_t length) {
    struct docker_box *box = context;
    if (stream == 1)
        return buf_add(&box->out, bytes, length) ? ERR_TOO_LARGE : 0;
    size_t room = box->log.limit - box->log.length; // what is past the ceiling is not kept
    buf_add(&box->log, bytes, length < room ? length : room);
    box->is_ready = box->is_ready || strstr(buf_text(&box->log), RUN_READY "\n");
    return 0;
}

static struct docker_box *make_box(struct docker *docker, const struct docker_need *need) {
    struct docker_box *box = mem_zero(1, sizeof *box);
    char id[ID_SIZE];
    id_make(id);
    snprintf(box->name, sizeof box->name, "sandglass-%s", id);
    box->docker = docker;
    box->process_fd = -1;
    box->need = docker_need_copy(need);
    box->frames = (struct docker_frames){.on_bytes = take_frame, .context = box};
    box->out = BUF(LIMIT_RUN_RESULT);
    box->log = BUF(LIMIT_RUN_LOG);
    docker_keeper_add(docker->keeper, box->name);
    return box;
}

static void free_box(struct docker_box *box) {
    net_stream_free(box->output);
    net_stream_free(box->input);
    fd_close(&box->process_fd);
    docker_need_done(&box->need);
    buf_done(&box->out);
    buf_done(&box->log);
    free(box);
}

// The daemon may have a limit it cannot hold; whether that is good enough is a setting.
static int weigh_warnings(struct docker_box *box, const char *warnings, struct err *err) {
    if (!*warnings)
        return 0;
    if (box->docker->settings->strict) {
        err_set(err, ERR_UNAVAILABLE, "%s cannot hold every limit: %.300s",
                docker_engine_title(box->docker->engine), warnings);
        return err_hint(err, "Switch the control groups on that it names, or run without "
                             "SANDBOX_STRICT.");
    }
    buf_add_format(&box->log, "weaker wall: %.1000s\n", warnings);
    return 0;
}

static int create(struct docker_box *box, const struct docker_place *place, const char *run_id,
                  struct docker_limit limit, struct err *err) {
    const struct sandbox_settings *settings = box->docker->settings;
    const char *folder = place->way == DOCKER_DATA_BAKED ? box->need.folder : "/data";
    char memory[24], cpu[24];
    snprintf(memory, sizeof memory, "%lld", (long long)settings->memory_mb);
    snprintf(cpu, sizeof cpu, "%lld", (long long)box->need.cpu_s);
    const char *const command[] = {
        "runner",      "--data", folder,    "--dataset", box->need.dataset,
        "--memory-mb", memory,   "--cpu-s", cpu,         NULL};
    struct docker_container container = {
        .name = box->name,
        .image = settings->image,
        .command = command,
        .data_source = place->source,
        .has_data_volume = place->way == DOCKER_DATA_COPIED,
        .server_label = box->docker->server_id,
        .run_label = run_id,
        .role_label = run_id ? "run" : "pool",
        .memory_bytes = settings->memory_mb * 1024 * 1024,
        .nano_cpus = settings->cpu_millis * 1000000,
        .pids = settings->pids,
    };
    cleanup_free char *warnings = NULL;
    int status =
        docker_container_create(box->docker->engine, &container, limit, box->id, &warnings, err);
    box->is_uncertain = status == ERR_UNAVAILABLE || status == ERR_CANCELLED;
    return status ? status : weigh_warnings(box, warnings, err);
}

static int64_t read_file(void *context, char *ret_bytes, size_t size) {
    return read(*(const int *)context, ret_bytes, size);
}

// A large file has more time than other calls.
static int copy_data(struct docker_box *box, struct docker_limit limit, struct err *err) {
    struct stat file_status;
    cleanup_free char *path = path_join(box->need.folder, "data.sqlite");
    cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &file_status) < 0)
        return err_set_errno(err, errno, "cannot open %.300s", path);
    struct docker_file file = {.name = "data.sqlite",
                               .size_bytes = file_status.st_size,
                               .read = read_file,
                               .context = &fd};
    limit.timeout_ms += file_status.st_size / COPY_BYTES_PER_MS;
    return docker_container_put(box->docker->engine, box->name, "/data", &file, limit, err);
}

static int create_with_data(struct docker_box *box, const char *run_id, struct docker_limit limit,
                            struct err *err) {
    struct docker_place place = {0};
    int status = docker_data_find(box->docker, box->need.folder, limit.cancel_fd, &place, err);
    if (status == 0)
        status = create(box, &place, run_id, limit, err);
    // A daemon with another view of the files, such as one in a container of its own; or one behind
    // a proxy that lets nothing be mounted.
    bool is_unseen = status == ERR_BAD_REQUEST &&
                     strstr(err->message, "bind source path does not exist") != NULL;
    if (place.way == DOCKER_DATA_MOUNTED && (is_unseen || status == ERR_REFUSED)) {
        docker_data_doubt(box->docker);
        free(mem_take(place.source));
        place.way = DOCKER_DATA_COPIED;
        status = create(box, &place, run_id, limit, err);
    }
    if (status == 0 && place.way == DOCKER_DATA_COPIED)
        status = copy_data(box, limit, err);
    free(place.source);
    return status;
}

// What the daemon's words mean where they are known, and what to do about it.
static int explain(const struct docker_box *box, struct err *err) {
    const char *image = box->docker->settings->image;
    if (strstr(err->message, "No such image")) {
        err_set(err, ERR_NOT_FOUND, "%s has no image %.100s",
                docker_engine_title(box->docker->engine), image);
        return err_hint(err,
                        "Build it (make image), or fetch it: docker pull %.100s. RUNNER_IMAGE "
                        "names it.",
                        image);
    }
    if (strstr(err->message, "no space left on device"))
        return err_hint(err, "Docker's disk is full: docker system df shows what takes the room, "
                             "docker system prune frees some.");
    if (strstr(err->message, "OCI runtime create failed"))
        return err_hint(err,
                        "Check that the image %.100s is one of this program's (make image), "
                        "and the daemon's log.",
                        image);
    return err->code;
}

// The daemon tells of a container's end some 30 ms late, after it has cleaned up behind it. Where
// it is on this machine its process can be watched: /proc says whether a number is that
// container's.
static void watch_process(struct docker_box *box, struct docker_limit limit) {
    int64_t pid = 0;
    char path[64];
    struct err err;
    cleanup_buf struct buf groups = BUF(LIMIT_MOUNTINFO);
    if (!docker_sees_processes(box->docker) ||
        docker_container_process(box->docker->engine, box->name, limit, &pid, &err) || pid <= 0)
        return;
    cleanup_fd int fd = (int)syscall(SYS_pidfd_open, (pid_t)pid, 0);
    snprintf(path, sizeof path, "/proc/%lld/cgroup", (long long)pid);
    if (fd >= 0 && fd_read_file(path, &groups, &err) == 0 && strstr(buf_text(&groups), box->id))
        box->process_fd = fd_take(&fd);
}

static void look_for_death(struct docker_box *box) {
    struct pollfd poll_fd = {.fd = box->process_fd, .events = POLLIN};
    if (box->process_fd >= 0 && poll(&poll_fd, 1, 0) > 0) {
        box->is_dead = true;
        fd_close(&box->process_fd);
    }
}

int docker_box_start(struct docker *docker, const struct docker_need *need, const char *run_id,
                     int cancel_fd, struct docker_box **ret_box, struct err *err) {
    struct docker_limit limit = {DOCKER_CALL_LIMIT_MS, cancel_fd};
    struct docker_box *box = *ret_box = make_box(docker, need);
    int status = create_with_data(box, run_id, limit, err);
    if (status == 0)
        status =
            docker_container_attach_output(docker->engine, box->name, limit, &box->output, err);
    if (status == 0)
        status = docker_container_attach_input(docker->engine, box->name, limit, &box->input, err);
    if (status == 0) {
        box->was_started = true;
        status = docker_container_start(docker->engine, box->name, limit, err);
    }
    if (status)
        return explain(box, err);
    watch_process(box, limit);
    return 0;
}

int docker_box_take(struct docker_box *box, struct err *err) {
    char bytes[16384];
    size_t got;
    box->has_more = false;
    look_for_death(box);
    for (int i = 0; i < CHUNKS_AT_ONCE && !box->is_ended; i++) {
        int status = net_stream_read(box->output, bytes, sizeof bytes, &got, err);
        if (status == ERR_BUSY)
            return 0;
        if (status == 0 && got == 0)
            box->is_ended = true;
        else if (status == 0)
            status = docker_frames_feed(&box->frames, bytes, got, err);
        if (status)
            return status;
    }
    box->has_more = !box->is_ended;
    return 0;
}

bool docker_box_is_dead(struct docker_box *box) {
    look_for_death(box);
    return box->is_dead || !box->was_started;
}

void docker_box_end(struct docker_box *box) {
    struct docker_limit limit = {DOCKER_END_LIMIT_MS, -1};
    struct docker_keeper *keeper = box->docker->keeper;
    struct err err;
    bool is_gone = docker_container_remove(box->docker->engine, box->name, limit, &err) == 0;
    if (is_gone && !box->is_uncertain)
        docker_keeper_forget(keeper, box->name);
    else if (!docker_keeper_bury(keeper, box->name, box->is_uncertain))
        docker_keeper_forget(keeper, box->name); // the reaper will find it
    free_box(box);
}

void docker_box_bury(struct docker_box *box) {
    if (docker_keeper_bury(box->docker->keeper, box->name, box->is_uncertain))
        free_box(box);
    else
        docker_box_end(box);
}
