// SPDX-License-Identifier: Apache-2.0
//
// Importing a data set. Parsing what strangers wrote happens in a sandbox: this process opens the
// tables and the output, and a confined child, which can open nothing, turns the one into the
// other. What it has to say comes back through a memory file.
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/path.h"
#include "base/str.h"
#include "cmd/house.h"
#include "dataset/import.h"
#include "runner/runner.h"

#define IMPORT_MEMORY_MB 3072
#define IMPORT_CPU_S 300
#define IMPORT_FAILED 1 // the child's status: the message is in the report

struct import {
    const struct dataset_sources *sources;
    int output_fd, report_fd;
};

// In the sandbox. The report is the error's message, its hint, and the problems, each on lines of
// their own.
static int import_in_sandbox(void *context) {
    const struct import *import = context;
    cleanup_buf struct buf problems = BUF(64 * 1024);
    struct err err = {0}, ignored;
    int status = dataset_import(import->sources, import->output_fd, &problems, &err);
    cleanup_free char *head = mem_format("%s\n%s\n", err.message, err.hint);
    fd_write_all(import->report_fd, head, strlen(head), &ignored);
    fd_write_all(import->report_fd, buf_text(&problems), problems.length, &ignored);
    return status ? IMPORT_FAILED : 0;
}

static int explain(int status, const char *source, const char *message, const char *hint,
                   struct err *err) {
    if (status == IMPORT_FAILED) {
        err_set(err, ERR_BAD_REQUEST, "%s", message);
        return *hint ? err_hint(err, "%s", hint) : err->code;
    }
    if (status == 128 + 24) // SIGXCPU
        return err_set(err, ERR_TOO_LARGE, "%s took more than %d s to import", source,
                       IMPORT_CPU_S);
    if (status == 128 + SIGKILL)
        return err_set(err, ERR_TOO_LARGE, "%s needs more memory to import than this machine has",
                       source);
    if (status == MEM_EXHAUSTED_STATUS)
        return err_set(err, ERR_TOO_LARGE, "%s needs more than %d MB to import", source,
                       IMPORT_MEMORY_MB);
    return err_set(err, ERR_INTERNAL, "importing %s ended with status %d", source, status);
}

static int confine(struct import *import, const char *source, struct buf *problems,
                   struct err *err) {
    cleanup_buf struct buf report = BUF(256 * 1024);
    int child = 0, status = runner_confine(IMPORT_MEMORY_MB, IMPORT_CPU_S, import_in_sandbox,
                                           import, &child, err);
    if (status)
        return status;
    lseek(import->report_fd, 0, SEEK_SET);
    status = fd_read_all(import->report_fd, &report, err);
    if (status)
        return status;
    char *message = report.length ? report.data : "", *hint = strchr(message, '\n'), *rest;
    if (!hint)
        return child ? explain(child, source, "", "", err) : 0;
    *hint++ = '\0';
    rest = strchr(hint, '\n');
    *rest++ = '\0';
    if (child)
        return explain(child, source, message, hint, err);
    if (problems)
        buf_add_text(problems, rest);
    return 0;
}

int house_build_dataset(const char *source, const char *target, void *context, struct err *err) {
    struct dataset_sources *sources cleanup(dataset_sources_closep) = NULL;
    int status = dataset_sources_open(source, &sources, err);
    if (status == 0)
        status = path_make_folder(target, 0755, err);
    if (status)
        return status;
    cleanup_free char *path = path_join(target, "data.sqlite"),
                      *fresh = mem_format("%s.%ld.new", path, (long)getpid());
    cleanup_fd int output = open(fresh, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    cleanup_fd int report = memfd_create("report", MFD_CLOEXEC);
    if (output < 0)
        return err_set_errno(err, errno, "cannot write %s", fresh);
    if (report < 0)
        status = err_set_errno(err, errno, "cannot make a memory file");
    struct import import = {sources, output, report};
    if (status == 0)
        status = confine(&import, source, context, err);
    if (status == 0 && (fsync(output) < 0 || rename(fresh, path) < 0))
        status = err_set_errno(err, errno, "cannot write %s", path);
    if (status)
        unlink(fresh);
    return status;
}
