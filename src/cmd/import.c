// SPDX-License-Identifier: Apache-2.0
//
// Reading what was uploaded. The server has threads and other people's connections, so it never
// forks: it starts its own executable anew as `app dataset build`, with nothing of its environment
// and no descriptor but two pipes, and that one builds the sandbox. When the server dies it dies
// too, and so does the sandbox.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/spawn.h"
#include "cmd/house.h"

#define REPORT_BYTES (1024 * 1024)
#define SLICE_MS 200

static int spawn(const char *folder, int out, pid_t *ret_pid, struct err *err) {
    char parent[24];
    snprintf(parent, sizeof parent, "%ld", (long)getpid());
    char *const arguments[] = {"app",    "dataset",  "build", (char *)folder,
                               "--json", "--parent", parent,  NULL};
    // What it has to say is in its report, and is for whoever uploaded, not for the log.
    return spawn_self(arguments, -1, out, -1, ret_pid, err);
}

// What the process prints until its end; false once IS_OVER.
static bool listen_to(int fd, dataset_over_function *is_over, void *context, struct buf *report) {
    for (;;) {
        struct pollfd ready = {.fd = fd, .events = POLLIN};
        char chunk[16384];
        if (poll(&ready, 1, SLICE_MS) > 0) {
            ssize_t got = read(fd, chunk, sizeof chunk);
            if (got == 0 || (got < 0 && errno != EINTR))
                return true;
            if (got > 0)
                buf_add(report, chunk, (size_t)got);
        }
        if (is_over && is_over(context))
            return false;
    }
}

static int explain(const struct buf *report, int status, struct buf *problems, struct err *err) {
    cleanup_json json *object = NULL;
    struct err ignored;
    const json *line;
    if (json_parse(buf_text(report), report->length, &object, &ignored))
        return err_set(err, ERR_INTERNAL, "reading the tables ended with status %d", status);
    const json *error = cJSON_GetObjectItemCaseSensitive(object, "error");
    if (error) {
        err_set(err, err_code_from_name(json_text(error, "code")), "%s",
                json_text(error, "message"));
        return err_hint(err, "%s", json_text(error, "hint"));
    }
    cJSON_ArrayForEach (line, cJSON_GetObjectItemCaseSensitive(object, "problems"))
        buf_add_format(problems, "%s\n", line->valuestring);
    return status == 0
               ? 0
               : err_set(err, ERR_INTERNAL, "reading the tables ended with status %d", status);
}

int house_import(const char *folder, dataset_over_function *is_over, void *context,
                 struct buf *problems, struct err *err) {
    cleanup_buf struct buf report = BUF(REPORT_BYTES);
    int fds[2], status;
    pid_t pid;
    if (pipe2(fds, O_CLOEXEC) < 0)
        return err_set_errno(err, errno, "cannot make a pipe");
    status = spawn(folder, fds[1], &pid, err);
    fd_close(&fds[1]);
    bool is_ended = !status && listen_to(fds[0], is_over, context, &report);
    fd_close(&fds[0]);
    if (status)
        return status;
    if (!is_ended)
        kill(pid, SIGKILL);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    if (!is_ended)
        return err_set(err, ERR_CANCELLED, "nobody waits for the upload any more");
    return explain(&report, WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
                   problems, err);
}
