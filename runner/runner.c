// SPDX-License-Identifier: Apache-2.0
//
// See runner.h. The order of things is the point of this file:
//   1. close every inherited descriptor but the three standard ones;
//   2. open the data sets that may be asked about (no request has been read yet);
//   3. outer wall (--unshare), then inner wall: from here on nothing can be opened;
//   4. where there is one data set only, read its schema: whoever sent the request would wait for
//   it;
//   5. say that it is ready, read the request, choose among the open data sets, run, answer, end.
#include "runner/runner.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/limits.h"
#include "base/path.h"
#include "base/str.h"
#include "runner/confinement.h"
#include "runner/lock.h"
#include "runner/protocol.h"
#include "runner/query.h"
#include "runner/vfs.h"
#include "runner/wall.h"

#define DATA_FILE "data.sqlite"
#define ADDRESS_SPACE_BESIDES_HEAP (192LL * 1024 * 1024) // program, stack, allocator's reserve

struct open_data {
    char name[LIMIT_NAME + 1];
    char path[LIMIT_NAME + 1 + sizeof DATA_FILE]; // below the data folder; "" where it is in none
    int fd;
    int64_t size_bytes;
};

struct runner {
    struct open_data data[LIMIT_DATASETS];
    size_t data_count;
    int64_t largest_bytes;
    int request_fd, outcome_fd;
    struct wall wall;
    struct confinement confinement;
    struct query_data *prepared; // of data[0]; NULL where the request has to choose
};

static void complain(const char *format, const char *what) { dprintf(STDERR_FILENO, format, what); }

static int add_data(struct runner *runner, int folder_fd, const char *file, const char *name,
                    struct err *err) {
    if (runner->data_count == LIMIT_DATASETS)
        return err_set(err, ERR_TOO_LARGE, "there are more than %d data sets", LIMIT_DATASETS);
    int fd = openat(folder_fd, file, O_RDONLY | O_CLOEXEC);
    struct stat status;
    if (fd < 0 && errno == ENOENT)
        return 0;
    if (fd < 0 || fstat(fd, &status) < 0)
        return err_set_errno(err, errno, "cannot open %s of the data set %s", DATA_FILE, name);
    struct open_data *data = &runner->data[runner->data_count++];
    snprintf(data->name, sizeof data->name, "%s", name);
    snprintf(data->path, sizeof data->path, "%s", file);
    data->fd = fd;
    data->size_bytes = status.st_size;
    if (status.st_size > runner->largest_bytes)
        runner->largest_bytes = status.st_size;
    return 0;
}

// FOLDER is a data set itself, or holds data sets.
static int open_all_data(struct runner *runner, const struct runner_options *options,
                         struct err *err) {
    const char *folder = options->data_folder;
    cleanup_fd int folder_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder_fd < 0)
        return err_set_errno(err, errno, "cannot open the data folder %s", folder);
    const char *own_name = options->dataset ? options->dataset : path_name(folder);
    int status = add_data(runner, folder_fd, DATA_FILE, own_name, err);
    if (status || runner->data_count)
        return status;
    DIR *list = opendir(folder);
    for (struct dirent *entry; status == 0 && list && (entry = readdir(list));) {
        if (*entry->d_name == '.' ||
            (options->dataset && strcmp(entry->d_name, options->dataset) != 0))
            continue;
        cleanup_free char *file = path_join(entry->d_name, DATA_FILE);
        if (strlen(entry->d_name) <= LIMIT_NAME)
            status = add_data(runner, folder_fd, file, entry->d_name, err);
    }
    if (list)
        closedir(list);
    if (status == 0 && runner->data_count == 0)
        return err_set(err, ERR_NOT_FOUND, "there is no data set in %s", folder);
    return status;
}

// Behind the outer wall: what was opened on the host's mount, which can be written, is opened again
// on /data, which cannot. One that uid 65534 may not open stays as it is: it cannot open that
// either.
static void open_read_only(struct runner *runner) {
    for (size_t i = 0; i < runner->data_count; i++) {
        const struct open_data *data = &runner->data[i];
        struct stat before, now;
        cleanup_free char *path = path_join(WALL_DATA, data->path);
        cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
        bool is_same = fd >= 0 && fstat(data->fd, &before) == 0 && fstat(fd, &now) == 0 &&
                       before.st_dev == now.st_dev && before.st_ino == now.st_ino;
        if (is_same)
            dup3(fd, data->fd, O_CLOEXEC);
    }
}

static int open_request(struct runner *runner, const struct runner_options *options,
                        struct err *err) {
    runner->request_fd = STDIN_FILENO;
    if (!options->request_file)
        return 0;
    runner->request_fd = open(options->request_file, O_RDONLY | O_CLOEXEC);
    if (runner->request_fd < 0)
        return err_set_errno(err, errno, "cannot open the request %s", options->request_file);
    return 0;
}

// A little less than the sandbox may have as a whole, so that SQLite, which can say what happened,
// reaches its ceiling before the kernel does.
static int64_t heap_bytes(int64_t memory_mb) {
    int64_t besides_heap_mb = memory_mb / 8 < 16 ? memory_mb / 8 : 16;
    return (memory_mb - besides_heap_mb) * 1024 * 1024;
}

// The second way to say how it ended; a run goes on without it.
static void open_outcome(struct runner *runner, const struct runner_options *options) {
    if (!options->outcome_file)
        return;
    runner->outcome_fd = open(options->outcome_file, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (runner->outcome_fd < 0)
        complain("cannot open %s\n", options->outcome_file);
}

static int build_walls(struct runner *runner, const struct runner_options *options,
                       bool with_inner_wall, struct err *err) {
    int status = wall_open(&runner->wall, err);
    if (status == 0 && options->unshare)
        status = wall_enter(&runner->wall, options->data_folder, err);
    if (status == 0 && options->unshare && !runner->wall.was_refused)
        open_read_only(runner);
    if (status == 0 && runner->wall.was_refused && options->strict) {
        *err = runner->wall.refusal;
        return err_hint(err, "Allow unprivileged user namespaces, or run without SANDBOX_STRICT.");
    }
    if (status == 0)
        status = confinement_open(&runner->wall, &runner->confinement, err);
    if (status)
        return status;
    if (runner->wall.was_refused)
        complain("weaker wall: %s\n", runner->wall.refusal.message);
    // Not before the fork in wall_enter(): every page written before it is copied after it.
    status = query_prepare(heap_bytes(options->memory_mb), err);
    if (status)
        return status;
    close(runner->wall.proc_fd);
    if (!with_inner_wall)
        return 0;
    struct lock_limits limits = {.cpu_s = options->cpu_s};
    if (options->memory_mb)
        limits.memory_bytes =
            options->memory_mb * 1024 * 1024 + runner->largest_bytes + ADDRESS_SPACE_BESIDES_HEAP;
    return lock_enter(&limits, &runner->confinement.locked, err);
}

static struct query_data *open_query(const struct open_data *data, struct err *err) {
    return vfs_open(data->fd, err) ? NULL : query_open_data();
}

// Up to the end of its line, or of the input: whoever sends it need not close it.
static int read_line(int fd, struct buf *text, struct err *err) {
    for (;;) {
        char chunk[16384], *end;
        ssize_t got = read(fd, chunk, sizeof chunk);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return err_set_errno(err, errno, "cannot read");
        end = memchr(chunk, '\n', (size_t)got);
        buf_add(text, chunk, end ? (size_t)(end - chunk) : (size_t)got);
        if (got == 0 || end || text->overflowed)
            return 0;
    }
}

static int read_request(const struct runner *runner, const struct runner_options *options,
                        json **ret_object, struct run_request *ret_request, struct err *err) {
    cleanup_buf struct buf text = BUF(LIMIT_RUN_REQUEST);
    int status = 0;
    if (options->request_text)
        buf_add_text(&text, options->request_text);
    else
        status = options->framed ? read_line(runner->request_fd, &text, err)
                                 : fd_read_all(runner->request_fd, &text, err);
    if (status)
        return err_prefix(err, "the request");
    if (text.overflowed)
        return err_set(err, ERR_TOO_LARGE, "the request has more than %zu bytes", text.limit);
    status = json_parse(buf_text(&text), text.length, ret_object, err);
    if (status == 0 && options->framed)
        complain("%s\n", RUN_TAKEN);
    return status ? status : run_request_read(*ret_object, ret_request, err);
}

static const struct open_data *find_data(const struct runner *runner, const char *name,
                                         struct err *err) {
    for (size_t i = 0; i < runner->data_count; i++)
        if (strcmp(runner->data[i].name, name) == 0)
            return &runner->data[i];
    err_set(err, ERR_NOT_FOUND, "there is no data set \"%s\" here", name);
    return NULL;
}

static int64_t processor_time_us(void) {
    struct rusage usage;
    if (getrusage(RUSAGE_SELF, &usage) < 0)
        return 0;
    return (int64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 +
           usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
}

// Every result has the same keys; what only a finished query knows is empty in the others.
static enum outcome answer(const struct runner *runner, const struct runner_options *options,
                           json **ret_result, int64_t *ret_vm_steps, int64_t *ret_start_us) {
    struct run_request request = {.run_id = ""};
    struct query_stats stats = {0};
    struct err err = {0};
    cleanup_json json *object = NULL, *result = cJSON_CreateObject();
    enum outcome outcome = OUTCOME_REQUEST_REFUSED;
    int status = read_request(runner, options, &object, &request, &err);
    *ret_start_us = clock_monotonic_us(); // a sandbox that was started ahead may have waited long
                                          // for its request
    const struct open_data *data = status ? NULL : find_data(runner, request.dataset, &err);
    json_add_integer(result, "version", RUN_VERSION);
    json_add_text(result, "run_id", request.run_id);
    json_add_text(result, "outcome", outcome_name(OUTCOME_COMPLETED));
    if (data) {
        struct query_data *query = runner->prepared ? runner->prepared : open_query(data, &err);
        outcome = query ? query_run(query, &request, result, &stats, &err) : OUTCOME_INTERNAL_ERROR;
    }
    if (outcome == OUTCOME_COMPLETED) {
        json_add_null(result, "error");
        *ret_result = mem_take(result);
    } else {
        *ret_result = run_result_failed(request.run_id, outcome, err.message,
                                        *err.hint ? err.hint : outcome_hint(outcome));
        if (json_text(result, "data_sha256"))
            cJSON_ReplaceItemInObjectCaseSensitive(
                *ret_result, "data_sha256",
                cJSON_DetachItemFromObjectCaseSensitive(result, "data_sha256"));
    }
    *ret_vm_steps = stats.vm_steps;
    return outcome;
}

static int send_result(const struct runner *runner, const struct runner_options *options,
                       const json *result, struct err *err) {
    cleanup_free char *text = json_write(result), *summary = run_result_summary(result),
                      *line = options->framed ? run_result_frame(text) : mem_format("%s\n", text);
    if (runner->outcome_fd >= 0)
        fd_write_all(runner->outcome_fd, summary, strlen(summary), err);
    return fd_write_all(STDOUT_FILENO, line, strlen(line), err);
}

// The whole result: how the query ended, with what it cost and what held.
static enum outcome make_result(const struct runner *runner, const struct runner_options *options,
                                json **ret_result) {
    cleanup_json json *result = NULL;
    int64_t vm_steps, peak_kib, start_us;
    enum outcome outcome = answer(runner, options, &result, &vm_steps, &start_us);
    json *stats = cJSON_CreateObject();
    json *confinement = confinement_read(&runner->confinement, &peak_kib);
    json_add_integer(stats, "elapsed_us", clock_monotonic_us() - start_us);
    json_add_integer(stats, "cpu_us", processor_time_us());
    json_add_integer(stats, "peak_kib", peak_kib);
    json_add_integer(stats, "vm_steps", vm_steps);
    cJSON_DeleteItemFromObjectCaseSensitive(result, "stats");
    cJSON_DeleteItemFromObjectCaseSensitive(result, "confinement");
    json_add(result, "stats", stats);
    json_add(result, "confinement", confinement);
    *ret_result = mem_take(result);
    return outcome;
}

static enum outcome serve(const struct runner *runner, const struct runner_options *options) {
    cleanup_json json *result = NULL;
    enum outcome outcome = make_result(runner, options, &result);
    struct err err;
    return send_result(runner, options, result, &err) ? OUTCOME_INTERNAL_ERROR : outcome;
}

static int fail_to_start(const struct runner *runner, const struct runner_options *options,
                         const struct err *err, enum outcome outcome) {
    cleanup_json json *result = run_result_failed("", outcome, err->message,
                                                  *err->hint ? err->hint : outcome_hint(outcome));
    struct err sending;
    send_result(runner, options, result, &sending);
    complain("%s\n", err->message);
    return outcome_exit_status(outcome);
}

static void end_at_once(int signal_number) { _exit(128 + signal_number); }

// The groups are joined and read before everything else: behind the walls nobody can. Process 1 of
// a container gets no SIGTERM that it does not handle, and whoever sends one would then wait some
// seconds (kubelet: two at least) before it kills.
static int begin(struct runner *runner, const struct runner_options *options, struct err *err) {
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    if (options->parent_pid && getppid() != options->parent_pid)
        _exit(128 + SIGKILL); // it died before the line above
    if (getpid() == 1)
        signal(SIGTERM, end_at_once);
    cleanup_free char *groups = mem_text(options->groups);
    for (char *rest, *folder = groups ? strtok_r(groups, ":", &rest) : NULL; folder;
         folder = strtok_r(NULL, ":", &rest)) {
        int status = cgroup_join(folder, err);
        if (status)
            return status;
    }
    confinement_read_groups(&runner->confinement);
    return 0;
}

static void close_inherited(void) { syscall(SYS_close_range, 3u, ~0u, 0u); }

// All that comes before the request. 0, or the exit status where it cannot be done.
static int go_inside(struct runner *runner, const struct runner_options *options,
                     bool with_inner_wall) {
    struct err err = {0};
    if (begin(runner, options, &err))
        return fail_to_start(runner, options, &err, OUTCOME_SANDBOX_UNAVAILABLE);
    open_outcome(runner, options);
    int status = runner->data_count ? 0 : open_all_data(runner, options, &err);
    if (status == 0)
        status = open_request(runner, options, &err);
    if (status)
        return fail_to_start(runner, options, &err, OUTCOME_INTERNAL_ERROR);
    if (build_walls(runner, options, with_inner_wall, &err))
        return fail_to_start(runner, options, &err, OUTCOME_SANDBOX_UNAVAILABLE);
    if (runner->data_count == 1)
        runner->prepared = open_query(&runner->data[0], &err);
    return 0;
}

int runner_serve(const struct runner_options *options) {
    static struct runner runner = {.outcome_fd = -1};
    close_inherited();
    int status = go_inside(&runner, options, true);
    if (status)
        return status;
    complain("%s\n", RUN_READY);
    return outcome_exit_status(serve(&runner, options));
}

int runner_inside(const struct runner_options *options, bool with_inner_wall,
                  int (*job)(void *context), void *context) {
    static struct runner runner = {.outcome_fd = -1};
    close_inherited();
    int status = go_inside(&runner, options, with_inner_wall);
    if (status)
        return status;
    complain("%s\n", RUN_READY);
    return job(context);
}

int runner_check(const struct runner_options *given, void (*tell)(const json *result)) {
    static struct runner runner = {.outcome_fd = -1};
    struct err err = {0};
    struct runner_options options = *given;
    options.request_text =
        "{\"version\":1,\"run_id\":\"check\",\"dataset\":\"none\",\"sql\":\"SELECT 1\"}";
    close_inherited();
    int fd = memfd_create("data", MFD_CLOEXEC);
    if (fd < 0)
        err_set_errno(&err, errno, "cannot make a memory file");
    if (fd < 0 || query_write_empty(fd, &err))
        return fail_to_start(&runner, &options, &err, OUTCOME_INTERNAL_ERROR);
    runner.data[runner.data_count++] = (struct open_data){.name = "none", .fd = fd};
    int status = go_inside(&runner, &options, true);
    if (status)
        return status;
    cleanup_json json *result = NULL;
    enum outcome outcome = make_result(&runner, &options, &result);
    tell(result);
    return outcome_exit_status(outcome);
}

static int confined(int64_t memory_mb, int64_t cpu_s, int (*job)(void *context), void *context) {
    struct err err = {0};
    struct wall wall;
    struct lock_report report;
    struct lock_limits limits = {.memory_bytes = memory_mb * 1024 * 1024, .cpu_s = cpu_s};
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    int status = wall_open(&wall, &err);
    if (status == 0)
        status = wall_enter(&wall, NULL, &err);
    if (status == 0) {
        close(wall.proc_fd);
        status = lock_enter(&limits, &report, &err);
    }
    if (status == 0)
        return job(context);
    complain("%s\n", err.message);
    return 101;
}

int runner_confine(int64_t memory_mb, int64_t cpu_s, int (*job)(void *context), void *context,
                   int *ret_status, struct err *err) {
    pid_t child = fork();
    if (child < 0)
        return err_set_errno(err, errno, "cannot fork");
    if (child == 0)
        _exit(confined(memory_mb, cpu_s, job, context));
    int status;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return err_set_errno(err, errno, "cannot wait for the sandbox");
    *ret_status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return *ret_status == 101 ? err_set(err, ERR_IO, "the sandbox's walls cannot be built") : 0;
}
