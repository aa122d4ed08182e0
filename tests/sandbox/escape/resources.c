// SPDX-License-Identifier: Apache-2.0
//
// Probes that take more than their share: processes, memory, disk, descriptors, output, time. Each
// has a ceiling of its own above the limit that it tries, so that it also ends where nothing holds
// it.
#include "tests/sandbox/escape/probe.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/mem.h"

#define MIB (1024L * 1024)
#define PROCESSES_MAX 200      // a sandbox may have 64
#define MEMORY_MAX (512 * MIB) // 160 MiB, or 352 MiB of address space
#define FOLDER_MAX (80 * MIB)  // 64 MiB
#define FILES_MAX 20000
#define DESCRIPTORS_MAX 5000
#define OUTPUT_MAX (48 * MIB)
#define STACK_MAX (600 * MIB)

static void ignore_signals(void) {
    for (int number = 1; number < 32; number++)
        signal(number, SIG_IGN);
}

static void fork_bomb(const struct probe *probe, const struct aim *aim, struct finding *ret) {
    (void)aim;
    long child = 0;
    int count = 0;
    for (; count < PROCESSES_MAX; count++) {
        child = RAW(SYS_clone, SIGCHLD, 0, 0, 0, 0);
        if (child == 0)
            for (;;)
                pause();
        if (child < 0)
            break;
    }
    if (count == PROCESSES_MAX)
        opened(ret, "%d processes", count);
    else if (count == 0)
        judge(probe, child, ret);
    else
        held(ret, "%s at the limit", error_name((int)-child));
}

static void memory_bomb(const struct probe *probe, const struct aim *aim, struct finding *ret) {
    (void)aim;
    for (long taken = 0; taken < MEMORY_MAX; taken += 8 * MIB) {
        char *chunk =
            mmap(NULL, 8 * MIB, PROT_READ | PROT_WRITE, probe->flags | MAP_ANONYMOUS, -1, 0);
        if (chunk == MAP_FAILED) {
            held(ret, "%s", error_name(errno));
            return;
        }
        for (long at = 0; at < 8 * MIB; at += 4096)
            chunk[at] = 1;
    }
    opened(ret, "%ld MiB", MEMORY_MAX / MIB);
}

static void folder_bomb(const struct probe *probe, const struct aim *aim, struct finding *ret) {
    (void)aim;
    static char chunk[MIB];
    long fd = RAW(SYS_openat, AT_FDCWD, POINTER("/tmp/sandglass-probe-bomb"),
                  O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) {
        judge(probe, fd, ret);
        return;
    }
    memset(chunk, 1, sizeof chunk);
    for (long written = 0; written < FOLDER_MAX;) {
        long result = RAW(SYS_write, fd, POINTER(chunk), sizeof chunk);
        if (result < 0) {
            held(ret, "%s", error_name((int)-result));
            return;
        }
        written += result;
    }
    opened(ret, "%ld MiB", FOLDER_MAX / MIB);
}

static void file_bomb(const struct probe *probe, const struct aim *aim, struct finding *ret) {
    (void)aim;
    char path[64];
    for (int count = 0; count < FILES_MAX; count++) {
        snprintf(path, sizeof path, "/tmp/sandglass-probe-%d", count);
        long fd = RAW(SYS_openat, AT_FDCWD, POINTER(path), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        if (fd < 0 && count > 0) {
            held(ret, "%s", error_name((int)-fd));
            return;
        }
        if (fd < 0) {
            judge(probe, fd, ret);
            return;
        }
        RAW(SYS_close, fd);
    }
    opened(ret, "%d files", FILES_MAX);
}

static void descriptor_bomb(const struct probe *probe, const struct aim *aim, struct finding *ret) {
    (void)probe, (void)aim;
    for (int count = 0; count < DESCRIPTORS_MAX; count++) {
        long fd = RAW(SYS_dup, 0);
        if (fd < 0) {
            held(ret, "%s", error_name((int)-fd));
            return;
        }
    }
    opened(ret, "%d descriptors", DESCRIPTORS_MAX);
}

// FLAGS is the descriptor.
static void flood(const struct probe *probe, const struct aim *aim, struct finding *ret) {
    (void)aim;
    static char chunk[65536];
    memset(chunk, 'x', sizeof chunk);
    for (long written = 0; written < OUTPUT_MAX;) {
        long result = RAW(SYS_write, probe->flags, POINTER(chunk), sizeof chunk);
        if (result < 0) {
            judge(probe, result, ret);
            return;
        }
        written += result;
    }
    opened(ret, "%ld MiB", OUTPUT_MAX / MIB);
}

static int64_t now_s(void) {
    int64_t now[2];
    RAW(SYS_clock_gettime, 1, POINTER(now));
    return now[0];
}

static void burn(const struct probe *probe, const struct aim *aim, struct finding *ret) {
    (void)probe, (void)aim;
    ignore_signals();
    for (int64_t start_s = now_s(); now_s() - start_s < 10;)
        continue;
    opened(ret, "burnt for 10 s");
}

static void sleep_on(const struct probe *probe, const struct aim *aim, struct finding *ret) {
    (void)probe, (void)aim;
    uint32_t word = 0;
    int64_t limit[2] = {10, 0};
    ignore_signals();
    RAW(SYS_futex, POINTER(&word), FUTEX_WAIT_PRIVATE, 0, POINTER(limit), 0, 0);
    opened(ret, "slept for 10 s");
}

// ABOVE is the caller's frame: what is still needed cannot be left out.
static __attribute__((noinline)) long recurse(long depth, volatile const char *above) {
    volatile char frame[16384];
    frame[0] = (char)(depth + above[0]);
    if (depth * (long)sizeof frame > STACK_MAX)
        return depth;
    return recurse(depth + 1, frame) + (frame[0] & 0);
}

static void recurse_for_ever(const struct probe *probe, const struct aim *aim,
                             struct finding *ret) {
    (void)probe, (void)aim;
    opened(ret, "%ld frames", recurse(0, ""));
}

// A daemon, twice removed, that ignores what it is asked and keeps the standard descriptors.
static void leave_child(const struct probe *probe, const struct aim *aim, struct finding *ret) {
    (void)aim;
    long child = RAW(SYS_clone, SIGCHLD, 0, 0, 0, 0);
    if (child == 0) {
        setsid();
        if (RAW(SYS_clone, SIGCHLD, 0, 0, 0, 0) != 0)
            RAW(SYS_exit_group, 0);
        ignore_signals();
        for (int64_t start_s = now_s(); now_s() - start_s < 20;)
            usleep(100000);
        RAW(SYS_exit_group, 0);
    }
    judge(probe, child, ret);
    if (child > 0)
        usleep(20000); // for the child to become a daemon
}

#define BOMB(...) .traits = IS_BOMB __VA_ARGS__

static const struct probe resource_probes[] = {
    {"fork-bomb", "fork bomb: 200 processes",
     "Where no cgroup counts them (no right to make one, or a kubelet without `podPidsLimit`), "
     "only the inner wall forbids them.",
     .run = fork_bomb, BOMB()},
    {"memory-bomb", "memory bomb: 512 MiB where 160 are allowed",
     "Where no cgroup counts it (no right to make one), only the inner wall's rlimit does.",
     .run = memory_bomb, .flags = MAP_PRIVATE, BOMB()},
    {"memory-shared", "… in shared memory",
     "Where no cgroup counts it (no right to make one), only the inner wall's rlimit does.",
     .run = memory_bomb, .flags = MAP_SHARED, BOMB()},
    {"tmp-bomb", "fill `/tmp`: 80 MiB where 64 are allowed", .run = folder_bomb, BOMB()},
    {"file-bomb", "fill `/tmp` with 20000 empty files",
     "They count as the sandbox's memory, not towards the size of `/tmp`.", .run = file_bomb,
     BOMB()},
    {"descriptor-bomb", "open 5000 descriptors",
     "Only the inner wall's rlimit counts them; the memory they take counts as the sandbox's.",
     .run = descriptor_bomb, BOMB()},
    {"flood", "output flood: 48 MiB", .run = flood, .flags = STDOUT_FILENO, BOMB()},
    {"flood-log", "log flood: 48 MiB", .run = flood, .flags = STDERR_FILENO, BOMB(| FLOODS_LOG)},
    {"recursion", "endless recursion", .run = recurse_for_ever, BOMB()},
    {"burn", "burn the processor past the timeout, every signal ignored", .run = burn, BOMB()},
    {"sleep", "sleep past the timeout, every signal ignored", .run = sleep_on, BOMB()},
    {"child", "a daemon child that outlives the run", .run = leave_child, BOMB(| LEAVES_CHILD)},
};

const struct theme theme_resources = {"Resources and time", resource_probes,
                                      ARRAY_LENGTH(resource_probes)};
