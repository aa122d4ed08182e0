// SPDX-License-Identifier: Apache-2.0
//
// Probes of processes: making them, reaching into others', and leaving for other namespaces.
#include "tests/sandbox/escape/probe.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/mem.h"

// ---- Processes

#define COUNTED "Processes are counted and end with the sandbox: see the fork bomb."

static void finish_child(const struct probe *probe, long result, struct finding *ret) {
    if (result == 0)
        RAW(SYS_exit_group, 0); // the child
    judge(probe, result, ret);
}

#if defined(SYS_fork)
static void call_fork(const struct probe *probe, const struct aim *aim, struct finding *ret) {
    (void)aim;
    finish_child(probe, RAW(SYS_fork, 0), ret);
}

static void call_vfork(const struct probe *probe, const struct aim *aim, struct finding *ret) {
    (void)aim;
    // The library's, which keeps the stack whole; it makes the same call.
    long result = vfork();
    if (result == 0)
        _exit(0);
    judge(probe, result < 0 ? -errno : result, ret);
}
#endif

static void call_clone(const struct probe *probe, const struct aim *aim, struct finding *ret) {
    (void)aim;
    finish_child(probe, RAW(SYS_clone, probe->flags | SIGCHLD, 0, 0, 0, 0), ret);
}

static void call_clone3(const struct probe *probe, const struct aim *aim, struct finding *ret) {
    (void)aim;
    struct clone_args arguments = {.flags = (unsigned)probe->flags, .exit_signal = SIGCHLD};
    finish_child(probe, RAW(SYS_clone3, POINTER(&arguments), sizeof arguments), ret);
}

#if defined(__x86_64__)
static void call_32_bit(const struct probe *probe, const struct aim *aim, struct finding *ret) {
    (void)aim;
    long result = 20; // getpid of the 32-bit ABI
    __asm__ volatile("int $0x80" : "+a"(result) : : "memory", "r8", "r9", "r10", "r11");
    judge(probe, result, ret);
}
#endif

// The call's first argument is the server's process id.
static void at_server(const struct probe *probe, const struct aim *aim, struct finding *ret) {
    long arguments[6];
    memcpy(arguments, probe->arguments, sizeof arguments);
    arguments[0] = aim->server_pid;
    judge(probe, raw(probe->call, arguments), ret);
}

static void seize_server(const struct probe *probe, const struct aim *aim, struct finding *ret) {
    // Unlike attaching, seizing does not stop the server; it is let go of when the prober ends.
    judge(probe, RAW(SYS_ptrace, PTRACE_SEIZE, aim->server_pid, 0, 0), ret);
}

static void read_server(const struct probe *probe, const struct aim *aim, struct finding *ret) {
    char byte;
    struct iovec here = {&byte, 1}, there = {&byte, 1};
    judge(probe,
          RAW(SYS_process_vm_readv, aim->server_pid, POINTER(&here), 1, POINTER(&there), 1, 0),
          ret);
}

static void take_descriptor(const struct probe *probe, const struct aim *aim, struct finding *ret) {
    long pidfd = RAW(SYS_pidfd_open, aim->server_pid, 0);
    judge(probe, pidfd < 0 ? pidfd : RAW(SYS_pidfd_getfd, pidfd, 2, 0), ret);
}

static void signal_parent(const struct probe *probe, const struct aim *aim, struct finding *ret) {
    (void)aim;
    long parent = RAW(SYS_getppid, 0);
    if (parent == 0)
        held(ret, "sees no parent");
    else
        judge(probe, parent < 0 ? parent : RAW(SYS_kill, parent, 0), ret);
}

static void signal_thread(const struct probe *probe, const struct aim *aim, struct finding *ret) {
    judge(probe, RAW(SYS_tgkill, aim->server_pid, aim->server_pid, 0), ret);
}

// FLAGS is the resource.
static void raise_limits(const struct probe *probe, const struct aim *aim, struct finding *ret) {
    (void)aim;
    uint64_t limits[2] = {UINT64_MAX, UINT64_MAX}; // none
    judge(probe, RAW(SYS_prlimit64, 0, probe->flags, POINTER(limits), 0), ret);
}

static void take_real_time(const struct probe *probe, const struct aim *aim, struct finding *ret) {
    (void)aim;
    int priority = 1;
    judge(probe, RAW(SYS_sched_setscheduler, 0, SCHED_FIFO, POINTER(&priority)), ret);
}

#define CALL(number, ...) .run = probe_call, .call = (number), .arguments = {__VA_ARGS__}

static const struct probe process_probes[] = {
#if defined(SYS_fork)
    {"fork", "`fork`", COUNTED, .run = call_fork, .traits = SEEN_BARE},
    {"vfork", "`vfork`", COUNTED, .run = call_vfork, .traits = SEEN_BARE},
#endif
    {"clone", "`clone`", COUNTED, .run = call_clone, .traits = SEEN_BARE},
    {"clone3", "`clone3`", COUNTED, .run = call_clone3, .traits = SEEN_BARE},
#if defined(__x86_64__)
    {"abi-32", "a call of the 32-bit ABI (`int 0x80`)", "The same kernel by another door.",
     .run = call_32_bit},
    {"abi-x32", "a call of the x32 ABI", CALL(0x40000000 | 39)},
#endif
    {"trace-me", "`ptrace(PTRACE_TRACEME)`",
     "Its parent may trace it, which is the guard; it may not trace anybody.",
     CALL(SYS_ptrace, PTRACE_TRACEME), .traits = SEEN_BARE},
    {"seize", "`ptrace` the server", .run = seize_server, .traits = SEEN_BARE},
    {"vm-read", "`process_vm_readv` the server", .run = read_server, .traits = SEEN_BARE},
    {"pidfd", "`pidfd_open` the server", .run = at_server, .call = SYS_pidfd_open,
     .traits = SEEN_BARE},
    {"pidfd-take", "`pidfd_getfd` from the server", .run = take_descriptor, .traits = SEEN_BARE},
    {"kill-server", "signal the server", .run = at_server, .call = SYS_kill, .traits = SEEN_BARE},
    {"kill-parent", "signal the parent", .run = signal_parent, .traits = SEEN_BARE},
    {"kill-all", "signal everybody (`kill(-1)`)", CALL(SYS_kill, -1, 0), .traits = SEEN_BARE},
    {"kill-thread", "signal a thread of the server (`tgkill`)", .run = signal_thread,
     .traits = SEEN_BARE},
    {"limits-server", "change the server's limits (`prlimit64`)", .run = at_server,
     .call = SYS_prlimit64, .arguments = {0, 7, 0, 0}, .traits = SEEN_BARE},
    {"limits-processes", "lift its own limit of processes",
     "Without rlimits of its own; the cgroup counts.", .run = raise_limits, .flags = 6},
    {"limits-memory", "lift its own limit of memory",
     "Without rlimits of its own; the cgroup counts.", .run = raise_limits, .flags = 9,
     .traits = SEEN_BARE},
    {"real-time", "take real-time priority", .run = take_real_time, .traits = SEEN_BARE},
    {"nice", "raise its priority (`setpriority`)", CALL(SYS_setpriority, 0, 0, -5),
     .traits = SEEN_BARE},
    {"death-signal", "outlive its guard (`PR_SET_PDEATHSIG`)",
     "The guard ends what is inside before itself, and the container's engine watches it.",
     CALL(SYS_prctl, PR_SET_PDEATHSIG, 0), .traits = SEEN_BARE},
    {"dumpable", "become open to debuggers (`PR_SET_DUMPABLE`)",
     "There is nobody in the sandbox to debug it.", CALL(SYS_prctl, PR_SET_DUMPABLE, 1),
     .traits = SEEN_BARE},
    {"personality", "`personality`", "Less random addresses for itself.",
     CALL(SYS_personality, 0x0040000), .traits = SEEN_BARE},
    {"filter", "install a system call filter of its own (`seccomp`)",
     "A filter can only take away.", CALL(SYS_seccomp, 1, 0, 0)},
};

const struct theme theme_processes = {"Processes", process_probes, ARRAY_LENGTH(process_probes)};

// ---- Namespaces and mounts

#define NESTED "A namespace inside its own: it gains rights over what it makes there, no more."
#define OWN_MOUNTS "In its own mount namespace: nobody else sees it."

static void join(const struct probe *probe, const struct aim *aim, struct finding *ret) {
    char path[64];
    long result = RAW(SYS_setns, -1, 0);
    if (result == -EBADF || result == -EINVAL) { // so it is not refused outright
        snprintf(path, sizeof path, "/proc/%ld/ns/%s", aim->server_pid, probe->path);
        long fd = RAW(SYS_openat, AT_FDCWD, POINTER(path), O_RDONLY | O_CLOEXEC, 0);
        result = fd < 0 ? fd : RAW(SYS_setns, fd, 0);
    }
    judge(probe, result, ret);
}

static void remount_data(const struct probe *probe, const struct aim *aim, struct finding *ret) {
    (void)aim;
    long result = RAW(SYS_mount, 0, POINTER("/data"), 0, 0x1020, 0); // MS_REMOUNT | MS_BIND
    if (result == 0)
        result = RAW(SYS_openat, AT_FDCWD, POINTER("/data/data.sqlite"), O_RDWR | O_CLOEXEC, 0);
    judge(probe, result, ret);
}

static void set_mount(const struct probe *probe, const struct aim *aim, struct finding *ret) {
    (void)aim;
    uint64_t attributes[4] = {0};
    judge(probe,
          RAW(SYS_mount_setattr, AT_FDCWD, POINTER("/"), 0, POINTER(attributes), sizeof attributes),
          ret);
}

// Also the limit on how many namespaces there may be refuses.
#define UNSHARE(name, which, flag)                                                                 \
    {                                                                                              \
        "unshare-" name, "`unshare` " which " namespace", NESTED, CALL(SYS_unshare, flag),         \
            .held_by = {ENOSPC, EUSERS}, .traits = SEEN_BARE                                       \
    }

static const struct probe namespace_probes[] = {
    UNSHARE("user", "a user", CLONE_NEWUSER),
    UNSHARE("mount", "a mount", CLONE_NEWNS),
    UNSHARE("pid", "a pid", CLONE_NEWPID),
    UNSHARE("net", "a network", CLONE_NEWNET),
    UNSHARE("ipc", "an ipc", CLONE_NEWIPC),
    UNSHARE("uts", "a uts", CLONE_NEWUTS),
    UNSHARE("cgroup", "a cgroup", CLONE_NEWCGROUP),
    UNSHARE("time", "a time", 0x80),
    {"clone-user", "`clone` into a user namespace", NESTED, .run = call_clone,
     .flags = CLONE_NEWUSER, .held_by = {ENOSPC, EUSERS}, .traits = SEEN_BARE},
    {"clone3-user", "`clone3` into a user namespace", NESTED, .run = call_clone3,
     .flags = CLONE_NEWUSER, .held_by = {ENOSPC, EUSERS}, .traits = SEEN_BARE},
    {"join-mount", "`setns` to the server's mount namespace", .run = join, .path = "mnt",
     .traits = SEEN_BARE},
    {"join-net", "`setns` to the server's network namespace", .run = join, .path = "net",
     .traits = SEEN_BARE},
    {"mount", "`mount` a tmpfs", OWN_MOUNTS,
     CALL(SYS_mount, POINTER("probe"), POINTER("/"), POINTER("tmpfs"), 0, 0), .traits = SEEN_BARE},
    {"remount", "make the root writable again (`mount`)", OWN_MOUNTS,
     CALL(SYS_mount, 0, POINTER("/"), 0, 0x1020, 0), .traits = NOT_BARE},
    {"remount-data", "make `/data` writable again and open the data set to write",
     .run = remount_data, .traits = NOT_BARE},
    {"umount", "`umount2`", OWN_MOUNTS, CALL(SYS_umount2, POINTER("/"), 2), .traits = SEEN_BARE},
    {"fsopen", "`fsopen`", OWN_MOUNTS, CALL(SYS_fsopen, POINTER("tmpfs"), 0), .traits = SEEN_BARE},
    {"open-tree", "`open_tree` a copy of the root", OWN_MOUNTS,
     CALL(SYS_open_tree, AT_FDCWD, POINTER("/"), 1), .traits = SEEN_BARE},
    {"move-mount", "`move_mount`", OWN_MOUNTS,
     CALL(SYS_move_mount, -1, POINTER(""), -1, POINTER(""), 0), .reached_by = {ENOENT},
     .traits = SEEN_BARE},
    {"mount-setattr", "`mount_setattr`", OWN_MOUNTS, .run = set_mount, .traits = SEEN_BARE},
    {"pivot-root", "`pivot_root`", OWN_MOUNTS, CALL(SYS_pivot_root, POINTER("."), POINTER(".")),
     .traits = SEEN_BARE},
    {"chroot", "`chroot`", "To where it is: the root holds nothing else.",
     CALL(SYS_chroot, POINTER("/")), .traits = SEEN_BARE},
};

const struct theme theme_namespaces = {"Namespaces and mounts", namespace_probes,
                                       ARRAY_LENGTH(namespace_probes)};
