// SPDX-License-Identifier: Apache-2.0
//
// Probes of what a process has without opening it: inherited descriptors, the working directory,
// and the data set that it was given to read.
#include "tests/sandbox/escape/probe.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/mem.h"
#include "tests/sandbox/escape/matrix.h"

#define DESCRIPTORS_MAX 1024

static bool get_status(int fd, struct stat *ret_status) {
    return RAW(SYS_fstat, fd, POINTER(ret_status)) == 0;
}

static bool is_data(int fd) {
    struct stat status;
    char bytes[sizeof MATRIX_DATA - 1];
    return get_status(fd, &status) && S_ISREG(status.st_mode) &&
           status.st_size == (off_t)sizeof MATRIX_DATA - 1 &&
           RAW(SYS_pread64, fd, POINTER(bytes), sizeof bytes, 0) == (long)sizeof bytes &&
           memcmp(bytes, MATRIX_DATA, sizeof bytes) == 0;
}

static bool is_own_status(int fd) {
    char bytes[6];
    return RAW(SYS_pread64, fd, POINTER(bytes), sizeof bytes, 0) == (long)sizeof bytes &&
           memcmp(bytes, "Name:\t", sizeof bytes) == 0;
}

static const char *kind_of(mode_t mode) {
    return S_ISDIR(mode)    ? "a folder"
           : S_ISREG(mode)  ? "a file"
           : S_ISSOCK(mode) ? "a socket"
           : S_ISFIFO(mode) ? "a pipe"
           : S_ISCHR(mode)  ? "a device"
                            : "something";
}

// Those that the runner keeps on purpose are its data set and its own status file.
static void list_descriptors(const struct probe *probe, const struct aim *aim,
                             struct finding *ret) {
    (void)probe, (void)aim;
    int data = 0, own = 0;
    for (int fd = 3; fd < DESCRIPTORS_MAX; fd++) {
        struct stat status;
        if (!get_status(fd, &status))
            continue;
        if (is_data(fd)) {
            data++;
        } else if (is_own_status(fd)) {
            own++;
        } else {
            opened(ret, "%d is %s", fd, kind_of(status.st_mode));
            return;
        }
    }
    held(ret, "%s%s%s", data ? "the data set" : "", data && own ? ", " : "",
         own ? "its own status" : "");
    if (!data && !own)
        held(ret, "none");
}

static void list_standard(const struct probe *probe, const struct aim *aim, struct finding *ret) {
    (void)probe, (void)aim;
    for (int fd = 0; fd < 3; fd++) {
        struct stat status;
        if (get_status(fd, &status) && !S_ISFIFO(status.st_mode) && !S_ISSOCK(status.st_mode) &&
            !(S_ISCHR(status.st_mode) && status.st_rdev == (1 << 8 | 3))) {
            opened(ret, "%d is %s", fd, kind_of(status.st_mode));
            return;
        }
    }
    held(ret, "pipes");
}

// From the folder FD up to its root and down to the secret.
static long climb(int fd, const struct aim *aim) {
    char path[400];
    snprintf(path, sizeof path, "../../../../../../../..%s", aim->secret);
    return RAW(SYS_openat, fd, POINTER(path), O_RDONLY | O_CLOEXEC, 0);
}

static void climb_from_here(const struct probe *probe, const struct aim *aim, struct finding *ret) {
    judge(probe, climb(AT_FDCWD, aim), ret);
}

static void climb_from_all(const struct probe *probe, const struct aim *aim, struct finding *ret) {
    long worst = -EBADF;
    for (int fd = 0; fd < DESCRIPTORS_MAX; fd++) {
        long result = climb(fd, aim);
        if (result >= 0) {
            opened(ret, "through %d", fd);
            return;
        }
        worst = result == -EBADF ? worst : result;
    }
    judge(probe, worst, ret);
}

// CVE-2024-21626: the working directory by its name in /proc.
static void climb_from_proc(const struct probe *probe, const struct aim *aim, struct finding *ret) {
    long worst = -ENOENT;
    for (int fd = -1; fd < 32; fd++) {
        char path[400];
        if (fd < 0)
            snprintf(path, sizeof path, "/proc/self/cwd/../../../../../..%s", aim->secret);
        else
            snprintf(path, sizeof path, "/proc/self/fd/%d/../../../../../..%s", fd, aim->secret);
        long result = RAW(SYS_openat, AT_FDCWD, POINTER(path), O_RDONLY | O_CLOEXEC, 0);
        if (result >= 0) {
            opened(ret, "through %s", fd < 0 ? "cwd" : "a descriptor");
            return;
        }
        worst = result == -ENOENT || result == -ENOTDIR ? worst : result;
    }
    judge(probe, worst, ret);
}

static void stand_outside(const struct probe *probe, const struct aim *aim, struct finding *ret) {
    (void)aim;
    char path[4096];
    long length = RAW(SYS_getcwd, POINTER(path), sizeof path);
    if (length < 0)
        judge(probe, length, ret);
    else if (*path == '/')
        held(ret, "inside");
    else
        opened(ret, "outside of the root");
}

// ---- The data set

static int data_descriptor(void) {
    for (int fd = 3; fd < DESCRIPTORS_MAX; fd++)
        if (is_data(fd))
            return fd;
    return -1;
}

#define WITHOUT_DATA(fd, ret)                                                                      \
    if ((fd) < 0) {                                                                                \
        held(ret, "no data set is open");                                                          \
        return;                                                                                    \
    }

static void write_data(const struct probe *probe, const struct aim *aim, struct finding *ret) {
    (void)aim;
    int fd = data_descriptor();
    WITHOUT_DATA(fd, ret);
    judge(probe, RAW(SYS_write, fd, POINTER(MATRIX_DATA), 1), ret);
}

static void cut_data(const struct probe *probe, const struct aim *aim, struct finding *ret) {
    (void)aim;
    int fd = data_descriptor();
    WITHOUT_DATA(fd, ret);
    judge(probe, RAW(SYS_ftruncate, fd, sizeof MATRIX_DATA - 1), ret);
}

static void map_data(const struct probe *probe, const struct aim *aim, struct finding *ret) {
    (void)aim;
    int fd = data_descriptor();
    WITHOUT_DATA(fd, ret);
    judge(probe, RAW(SYS_mmap, 0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0), ret);
}

static void reopen_data(const struct probe *probe, const struct aim *aim, struct finding *ret) {
    (void)aim;
    char path[64];
    int fd = data_descriptor();
    WITHOUT_DATA(fd, ret);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    judge(probe, RAW(SYS_openat, AT_FDCWD, POINTER(path), O_RDWR | O_CLOEXEC, 0), ret);
}

static void change_mode(const struct probe *probe, const struct aim *aim, struct finding *ret) {
    (void)aim;
    int fd = data_descriptor();
    WITHOUT_DATA(fd, ret);
    judge(probe, RAW(SYS_fchmod, fd, 0666), ret);
}

static void open_data(const struct probe *probe, const struct aim *aim, struct finding *ret) {
    (void)aim;
    judge(probe, RAW(SYS_openat, AT_FDCWD, POINTER("/data/data.sqlite"), O_RDWR | O_CLOEXEC, 0),
          ret);
}

static void rename_data(const struct probe *probe, const struct aim *aim, struct finding *ret) {
    (void)aim;
    judge(probe,
          RAW(SYS_renameat2, AT_FDCWD, POINTER("/data/data.sqlite"), AT_FDCWD,
              POINTER("/data/other.sqlite"), 0),
          ret);
}

static const struct probe descriptor_probes[] = {
    {"descriptors", "inherit a descriptor that it was not given", .run = list_descriptors},
    {"standard", "inherit a terminal, a file or a folder as 0, 1 or 2", .run = list_standard},
    {"climb", "climb out of the working directory with `..`", .run = climb_from_here,
     .traits = SEEN_BARE},
    {"climb-all", "climb out of an inherited folder (CVE-2024-21626)", .run = climb_from_all,
     .held_by = {ENOTDIR, EBADF}},
    {"climb-proc", "climb out through `/proc/self/cwd` and `/proc/self/fd`", .run = climb_from_proc,
     .traits = SEEN_BARE},
    {"outside", "stand outside of the root", .run = stand_outside},
    {"data-write", "write to the data set's descriptor", .run = write_data, .held_by = {EBADF}},
    {"data-cut", "truncate the data set", .run = cut_data, .held_by = {EINVAL, EBADF}},
    {"data-map", "map the data set to write", .run = map_data},
    {"data-reopen", "open the data set's descriptor again to write, by `/proc/self/fd`",
     .run = reopen_data, .traits = SEEN_BARE},
    {"data-mode", "change the data set's mode", .run = change_mode, .traits = SEEN_BARE},
    {"data-open", "open `/data/data.sqlite` to write", .run = open_data, .traits = NOT_BARE},
    {"data-rename", "rename `/data/data.sqlite`", .run = rename_data, .traits = NOT_BARE},
};

const struct theme theme_descriptors = {"What it was given: descriptors, folder, data",
                                        descriptor_probes, ARRAY_LENGTH(descriptor_probes)};
