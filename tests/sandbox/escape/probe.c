// SPDX-License-Identifier: Apache-2.0
//
// See probe.h: judging what a call came to, the common attempts, and one request served.
#include "tests/sandbox/escape/probe.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/limits.h"
#include "runner/protocol.h"
#include "runner/runner.h"

const struct theme *const themes[] = {
    &theme_files,     &theme_masks,      &theme_writing, &theme_descriptors, &theme_network,
    &theme_processes, &theme_namespaces, &theme_kernel,  &theme_identity,    &theme_resources,
};
const size_t theme_count = ARRAY_LENGTH(themes);

const struct probe *probe_find(const char *name) {
    for (size_t i = 0; i < theme_count; i++)
        for (size_t at = 0; at < themes[i]->count; at++)
            if (strcmp(themes[i]->probes[at].name, name) == 0)
                return &themes[i]->probes[at];
    return NULL;
}

// ---- Judging

long raw(long number, const long arguments[6]) {
    long result = syscall(number, arguments[0], arguments[1], arguments[2], arguments[3],
                          arguments[4], arguments[5]);
    return result == -1 ? -errno : result;
}

static void say(struct finding *finding, enum verdict verdict, const char *format,
                va_list arguments) {
    finding->verdict = verdict;
    vsnprintf(finding->detail, sizeof finding->detail, format, arguments);
}

void held(struct finding *finding, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    say(finding, HELD, format, arguments);
    va_end(arguments);
}

void opened(struct finding *finding, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    say(finding, OPEN, format, arguments);
    va_end(arguments);
}

enum error_kind { REFUSES, MISSES, REACHES };

static const struct {
    int error;
    enum error_kind kind;
    const char *name;
} errors[] = {
    {EPERM, REFUSES, "EPERM"},
    {EACCES, REFUSES, "EACCES"},
    {EROFS, REFUSES, "EROFS"},
    {ESRCH, REFUSES, "ESRCH"},
    {ECONNREFUSED, REFUSES, "ECONNREFUSED"},
    {ENETUNREACH, REFUSES, "ENETUNREACH"},
    {EADDRNOTAVAIL, REFUSES, "EADDRNOTAVAIL"},
    {ENOENT, MISSES, "ENOENT"},
    {ENOTDIR, MISSES, "ENOTDIR"},
    {ENOSYS, MISSES, "ENOSYS"},
    {ENODEV, MISSES, "ENODEV"},
    {ENXIO, MISSES, "ENXIO"},
    {EOPNOTSUPP, MISSES, "EOPNOTSUPP"},
    {EAFNOSUPPORT, MISSES, "EAFNOSUPPORT"},
    {EPROTONOSUPPORT, MISSES, "EPROTONOSUPPORT"},
    {ESOCKTNOSUPPORT, MISSES, "ESOCKTNOSUPPORT"},
    {EINVAL, REACHES, "EINVAL"},
    {EFAULT, REACHES, "EFAULT"},
    {EBADF, REACHES, "EBADF"},
    {EBUSY, REACHES, "EBUSY"},
    {EEXIST, REACHES, "EEXIST"},
    {EAGAIN, REACHES, "EAGAIN"},
    {EMFILE, REACHES, "EMFILE"},
    {ENOMEM, REACHES, "ENOMEM"},
    {ENOSPC, REACHES, "ENOSPC"},
    {EIO, REACHES, "EIO"},
    {ENOTTY, REACHES, "ENOTTY"},
    {ENOEXEC, REACHES, "ENOEXEC"},
    {ENOKEY, REACHES, "ENOKEY"},
    {ESTALE, REACHES, "ESTALE"},
    {EISDIR, REACHES, "EISDIR"},
    {ELOOP, REACHES, "ELOOP"},
    {EUSERS, REACHES, "EUSERS"},
    {ECHILD, REACHES, "ECHILD"},
    {ENOTBLK, REACHES, "ENOTBLK"},
    {ENOTCONN, REACHES, "ENOTCONN"},
    {EXDEV, REACHES, "EXDEV"},
};

const char *error_name(int error) {
    static char number[24];
    for (size_t i = 0; i < ARRAY_LENGTH(errors); i++)
        if (errors[i].error == error)
            return errors[i].name;
    snprintf(number, sizeof number, "error %d", error);
    return number;
}

static enum error_kind kind_of(const struct probe *probe, int error) {
    for (int i = 0; i < PROBE_ERRNOS; i++) {
        if (probe->held_by[i] == error)
            return REFUSES;
        if (probe->reached_by[i] == error)
            return REACHES;
    }
    for (size_t i = 0; i < ARRAY_LENGTH(errors); i++)
        if (errors[i].error == error)
            return errors[i].kind;
    return REACHES;
}

void judge(const struct probe *probe, long result, struct finding *ret_finding) {
    if (result >= 0) {
        opened(ret_finding, "done");
        return;
    }
    int error = (int)-result;
    switch (kind_of(probe, error)) {
    case REFUSES: held(ret_finding, "%s", error_name(error)); return;
    case REACHES: opened(ret_finding, "let through (%s)", error_name(error)); return;
    case MISSES: held(ret_finding, "%s", error_name(error)); ret_finding->verdict = ABSENT;
    }
}

// ---- Common attempts

void probe_call(const struct probe *probe, const struct aim *aim, struct finding *ret_finding) {
    (void)aim;
    judge(probe, raw(probe->call, probe->arguments), ret_finding);
}

static long open_path(const char *path, int flags) {
    return RAW(SYS_openat, AT_FDCWD, POINTER(path), flags | O_CLOEXEC, 0600);
}

void look_into(const struct probe *probe, const char *path, struct finding *ret_finding) {
    char bytes[4096];
    long fd = open_path(path, O_RDONLY | O_NONBLOCK), got;
    if (fd < 0) {
        judge(probe, fd, ret_finding);
        return;
    }
    got = RAW(SYS_read, fd, POINTER(bytes), 1);
    bool is_folder = got == -EISDIR;
    if (is_folder)
        got = RAW(SYS_getdents64, fd, POINTER(bytes), sizeof bytes);
    // An empty folder has two entries of 24 bytes, "." and "..".
    if (got == 0 || (is_folder && got > 0 && got <= 48)) {
        held(ret_finding, "empty");
        ret_finding->verdict = ABSENT;
    } else if (got < 0) {
        judge(probe, got, ret_finding);
    } else {
        opened(ret_finding, is_folder ? "listed" : "read");
    }
    RAW(SYS_close, fd);
}

void probe_read(const struct probe *probe, const struct aim *aim, struct finding *ret_finding) {
    (void)aim;
    look_into(probe, probe->path, ret_finding);
}

void probe_open(const struct probe *probe, const struct aim *aim, struct finding *ret_finding) {
    (void)aim;
    long fd = open_path(probe->path, probe->flags);
    judge(probe, fd, ret_finding);
    if (fd >= 0)
        RAW(SYS_close, fd);
}

// ---- One request

static const char *const verdict_names[] = {"held", "open", "absent", "untried"};
static char served_id[LIMIT_NAME + 1];
static bool is_framed;

static char *result_line(const struct finding *finding) {
    cleanup_json json *result = cJSON_CreateObject();
    static const char *const columns[] = {"verdict", "detail"};
    json_add_integer(result, "version", RUN_VERSION);
    json_add_text(result, "run_id", served_id);
    json_add_text(result, "outcome", outcome_name(OUTCOME_COMPLETED));
    json *list = json_add_array(result, "columns");
    for (size_t i = 0; i < ARRAY_LENGTH(columns); i++) {
        json *column = cJSON_CreateObject();
        json_add_text(column, "name", columns[i]);
        json_add_text(column, "type", "text");
        cJSON_AddItemToArray(list, column);
    }
    json *row = cJSON_CreateArray();
    cJSON_AddItemToArray(row, cJSON_CreateString(verdict_names[finding->verdict]));
    cJSON_AddItemToArray(row, cJSON_CreateString(finding->detail));
    cJSON_AddItemToArray(json_add_array(result, "rows"), row);
    json_add_integer(result, "row_count", 1);
    json_add_bool(result, "truncated", false);
    json_add_null(result, "data_sha256");
    json_add_object(result, "stats");
    json_add_object(result, "confinement");
    json_add_null(result, "error");
    cleanup_free char *text = json_write(result);
    return is_framed ? run_result_frame(text) : mem_format("%s\n", text);
}

char *probe_open_line(const char *detail) {
    struct finding finding;
    opened(&finding, "%s", detail);
    return result_line(&finding);
}

static const char *param_text(const json *params, int index) {
    const json *param = cJSON_GetArrayItem(params, index);
    return cJSON_IsString(param) ? param->valuestring : "";
}

static int read_request(const struct runner_options *options, struct buf *text, json **ret_object,
                        struct run_request *ret_request, struct err *err) {
    int status = 0;
    if (options->request_text)
        buf_add_text(text, options->request_text);
    else
        status = fd_read_all(STDIN_FILENO, text, err);
    if (status == 0)
        status = json_parse(buf_text(text), text->length, ret_object, err);
    return status ? status : run_request_read(*ret_object, ret_request, err);
}

int probe_serve(void *context) {
    cleanup_buf struct buf text = BUF(LIMIT_RUN_REQUEST);
    cleanup_json json *object = NULL;
    struct run_request request;
    struct finding finding = {.verdict = UNTRIED};
    struct err err = {0};
    const struct runner_options *options = context;
    is_framed = options->framed;
    if (read_request(options, &text, &object, &request, &err)) {
        dprintf(STDERR_FILENO, "%s\n", err.message);
        return outcome_exit_status(OUTCOME_REQUEST_REFUSED);
    }
    snprintf(served_id, sizeof served_id, "%s", request.run_id);
    const json *pid = cJSON_GetArrayItem(request.params, 0);
    struct aim aim = {.server_pid = cJSON_IsNumber(pid) ? (long)pid->valuedouble : 0};
    aim.secret = param_text(request.params, 1);
    aim.abstract_name = param_text(request.params, 2);
    const struct probe *probe = probe_find(request.sql);
    if (probe)
        probe->run(probe, &aim, &finding);
    else
        snprintf(finding.detail, sizeof finding.detail, "there is no probe \"%.100s\"",
                 request.sql);
    cleanup_free char *line = result_line(&finding);
    return fd_write_all(STDOUT_FILENO, line, strlen(line), &err) ? 4 : 0;
}
