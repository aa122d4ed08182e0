// SPDX-License-Identifier: Apache-2.0
//
// Probes of files: those of the host, those of /proc and /sys that Docker masks or makes read-only,
// and every place that could be written to or run from.
#include "tests/sandbox/escape/probe.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/mem.h"

// ---- Of the host

static void read_secret(const struct probe *probe, const struct aim *aim, struct finding *ret) {
    look_into(probe, aim->secret, ret);
}

// PATH is the rest of a path below the server's folder in /proc.
static void of_server(const struct probe *probe, const struct aim *aim, struct finding *ret) {
    char path[300];
    snprintf(path, sizeof path, "/proc/%ld/%s%s", aim->server_pid, probe->path,
             strcmp(probe->path, "root") == 0 ? aim->secret : "");
    look_into(probe, path, ret);
}

static void through_init(const struct probe *probe, const struct aim *aim, struct finding *ret) {
    char path[300];
    snprintf(path, sizeof path, "/proc/1/root%s", aim->secret);
    look_into(probe, path, ret);
}

static void count_processes(const struct probe *probe, const struct aim *aim, struct finding *ret) {
    (void)aim;
    char bytes[32768];
    long fd = RAW(SYS_openat, AT_FDCWD, POINTER("/proc"), O_RDONLY | O_DIRECTORY, 0);
    long got = fd < 0 ? fd : RAW(SYS_getdents64, fd, POINTER(bytes), sizeof bytes);
    int others = 0;
    if (got < 0) {
        judge(probe, got, ret);
        return;
    }
    for (long at = 0; at < got;) {
        const struct dirent *entry = (const void *)(bytes + at);
        long pid = atol(entry->d_name);
        others += pid > 0 && pid != getpid();
        at += entry->d_reclen;
    }
    if (others)
        opened(ret, "sees %s", others > 9 ? "many" : "some");
    else
        held(ret, "sees itself alone");
}

static void by_handle(const struct probe *probe, const struct aim *aim, struct finding *ret) {
    (void)aim;
    struct {
        unsigned size;
        int type;
        unsigned char bytes[8];
    } handle = {8, 1, {2}};
    judge(probe, RAW(SYS_open_by_handle_at, AT_FDCWD, POINTER(&handle), O_RDONLY), ret);
}

static void name_to_handle(const struct probe *probe, const struct aim *aim, struct finding *ret) {
    (void)aim;
    struct {
        unsigned size;
        int type;
        unsigned char bytes[128];
    } handle = {128, 0, {0}};
    int mount_id;
    judge(
        probe,
        RAW(SYS_name_to_handle_at, AT_FDCWD, POINTER("/"), POINTER(&handle), POINTER(&mount_id), 0),
        ret);
}

static void make_device(const struct probe *probe, const struct aim *aim, struct finding *ret) {
    (void)aim;
    static const char path[] = "/tmp/sandglass-probe-device"; // of /dev/null: harmless
    long result = RAW(SYS_mknodat, AT_FDCWD, POINTER(path), S_IFCHR | 0600, 1 << 8 | 3);
    if (result == 0)
        result = RAW(SYS_openat, AT_FDCWD, POINTER(path), O_RDONLY, 0);
    judge(probe, result, ret);
    RAW(SYS_unlinkat, AT_FDCWD, POINTER(path), 0);
}

static const struct probe file_probes[] = {
    {"shadow", "read `/etc/shadow`", .run = probe_read, .path = "/etc/shadow", .traits = SEEN_BARE},
    {"root-home", "list `/root`", .run = probe_read, .path = "/root"},
    {"list-root", "list `/`", "The root is empty but for what the sandbox was given.",
     .run = probe_read, .path = "/", .traits = SEEN_BARE},
    {"list-etc", "list `/etc`",
     "Docker puts hosts, hostname and resolv.conf there; nothing of the host's own.",
     .run = probe_read, .path = "/etc", .traits = SEEN_BARE},
    {"state", "read the server's state, by a file open to all", .run = read_secret,
     .traits = SEEN_BARE},
    {"processes", "see other processes in `/proc`", .run = count_processes, .traits = SEEN_BARE},
    {"server-environ", "read the server's environment", .run = of_server, .path = "environ",
     .traits = SEEN_BARE},
    {"server-root", "the host's root through `/proc/SERVER/root`", .run = of_server, .path = "root",
     .traits = SEEN_BARE},
    {"server-cwd", "the server's folder through `/proc/SERVER/cwd`", .run = of_server,
     .path = "cwd", .traits = SEEN_BARE},
    {"server-fd", "the server's descriptors in `/proc/SERVER/fd`", .run = of_server, .path = "fd",
     .traits = SEEN_BARE},
    {"server-maps", "the server's memory map", .run = of_server, .path = "maps",
     .traits = SEEN_BARE},
    {"init-root", "the host's root through `/proc/1/root`", .run = through_init},
    {"handle-name", "`name_to_handle_at`", "A handle cannot be opened (the next row).",
     .run = name_to_handle, .traits = SEEN_BARE},
    {"handle-open", "`open_by_handle_at` (the shocker)",
     "Only on file systems that were mounted in the sandbox's own user namespace.",
     .run = by_handle, .reached_by = {EOPNOTSUPP}},
    {"device", "make a device with `mknod` and open it", .run = make_device, .traits = SEEN_BARE},
    {"dev-mem", "open `/dev/mem`", .run = probe_open, .path = "/dev/mem", .flags = O_RDONLY},
    {"dev-kmsg", "open `/dev/kmsg`", .run = probe_open, .path = "/dev/kmsg", .flags = O_RDONLY},
    {"dev-disk", "open the disk `/dev/vda`", .run = probe_open, .path = "/dev/vda",
     .flags = O_RDONLY},
    {"dev-tty", "open the terminal, `/dev/tty`", .run = probe_open, .path = "/dev/tty",
     .flags = O_RDWR | O_NOCTTY},
    {"docker-socket", "see `/var/run/docker.sock`", .run = probe_open,
     .path = "/var/run/docker.sock", .flags = O_PATH},
};

const struct theme theme_files = {"Files and processes of the host", file_probes,
                                  ARRAY_LENGTH(file_probes)};

// ---- Masked and read-only paths

static void may_write(const struct probe *probe, const struct aim *aim, struct finding *ret) {
    (void)aim;
    judge(probe, RAW(SYS_faccessat, AT_FDCWD, POINTER(probe->path), W_OK), ret);
}

// PATH is the other name of a masked path.
static void through_symlink(const struct probe *probe, const struct aim *aim, struct finding *ret) {
    (void)aim;
    static const char link[] = "/tmp/sandglass-probe-link";
    long result = RAW(SYS_symlinkat, POINTER(probe->path), AT_FDCWD, POINTER(link));
    if (result == 0) {
        result = RAW(SYS_openat, AT_FDCWD, POINTER(link), probe->flags, 0);
        if (result >= 0 && probe->flags == O_RDONLY) {
            look_into(probe, link, ret);
            RAW(SYS_unlinkat, AT_FDCWD, POINTER(link), 0);
            return;
        }
        RAW(SYS_unlinkat, AT_FDCWD, POINTER(link), 0);
    }
    judge(probe, result, ret);
}

// runc before 1.2.8 masked with whatever stood at /dev/null; who puts a link there unmasks.
static void replace_null(const struct probe *probe, const struct aim *aim, struct finding *ret) {
    (void)aim;
    static const char link[] = "/dev/sandglass-probe-null";
    long result =
        RAW(SYS_symlinkat, POINTER("/proc/sys/kernel/core_pattern"), AT_FDCWD, POINTER(link));
    judge(probe, result, ret);
    RAW(SYS_unlinkat, AT_FDCWD, POINTER(link), 0);
}

static void null_is_null(const struct probe *probe, const struct aim *aim, struct finding *ret) {
    (void)aim;
    struct stat status;
    long result =
        RAW(SYS_newfstatat, AT_FDCWD, POINTER(probe->path), POINTER(&status), AT_SYMLINK_NOFOLLOW);
    if (result < 0)
        judge(probe, result, ret);
    else if (S_ISCHR(status.st_mode) && status.st_rdev == (1 << 8 | 3))
        held(ret, "the real device");
    else
        opened(ret, "something else");
}

#define MASKED(name, where)                                                                        \
    { name, "read `" where "`", .run = probe_read, .path = where }
#define PROTECTED(name, where)                                                                     \
    { name, "open `" where "` to write", .run = probe_open, .path = where, .flags = O_WRONLY }

static const struct probe mask_probes[] = {
    MASKED("acpi", "/proc/acpi"),
    MASKED("asound", "/proc/asound"),
    {"interrupts", "read `/proc/interrupts`",
     "Docker masks it since 28.1; here the counts of interrupts can be read.", .run = probe_read,
     .path = "/proc/interrupts", .traits = SEEN_BARE},
    {"kcore", "read `/proc/kcore`", .run = probe_read, .path = "/proc/kcore"},
    {"keys", "read `/proc/keys`", .run = probe_read, .path = "/proc/keys"},
    MASKED("latency-stats", "/proc/latency_stats"),
    {"timer-list", "read `/proc/timer_list`", .run = probe_read, .path = "/proc/timer_list",
     .traits = SEEN_BARE},
    MASKED("timer-stats", "/proc/timer_stats"),
    MASKED("sched-debug", "/proc/sched_debug"),
    MASKED("scsi", "/proc/scsi"),
    MASKED("firmware", "/sys/firmware"),
    MASKED("powercap", "/sys/devices/virtual/powercap"),
    MASKED("throttle", "/sys/devices/system/cpu/cpu0/thermal_throttle"),
    {"kcore-root", "a masked path by another name: `/proc/self/root/proc/timer_list`",
     .run = probe_read, .path = "/proc/self/root/proc/timer_list", .traits = SEEN_BARE},
    {"kcore-thread", "… and `/proc/thread-self/root/proc/timer_list`", .run = probe_read,
     .path = "/proc/thread-self/root/proc/timer_list", .traits = SEEN_BARE},
    {"mask-link", "a masked path through a symlink in `/tmp`", .run = through_symlink,
     .path = "/proc/timer_list", .traits = SEEN_BARE},
    {"mask-link-write", "a read-only path through a symlink in `/tmp`", .run = through_symlink,
     .path = "/proc/sys/kernel/core_pattern", .flags = O_WRONLY, .traits = SEEN_BARE},
    {"mask-null", "a symlink in `/dev`, where masks come from (CVE-2025-31133)",
     .run = replace_null, .traits = NOT_BARE},
    {"mask-real", "`/dev/null` is not the real device (CVE-2025-31133)", .run = null_is_null,
     .path = "/dev/null"},
    {"rw-bus", "write below `/proc/bus`", .run = may_write, .path = "/proc/bus"},
    {"rw-fs", "write below `/proc/fs`", .run = may_write, .path = "/proc/fs"},
    PROTECTED("rw-irq", "/proc/irq/default_smp_affinity"),
    {"rw-core", "open `/proc/sys/kernel/core_pattern` to write", .run = probe_open,
     .path = "/proc/sys/kernel/core_pattern", .flags = O_WRONLY, .traits = SEEN_BARE},
    {"rw-userns", "open `/proc/sys/user/max_user_namespaces` to write",
     "It is the limit inside the sandbox's own user namespace.", .run = probe_open,
     .path = "/proc/sys/user/max_user_namespaces", .flags = O_WRONLY},
    {"rw-sysrq", "open `/proc/sysrq-trigger` to write", .run = probe_open,
     .path = "/proc/sysrq-trigger", .flags = O_WRONLY},
    {"kallsyms", "read `/proc/kallsyms`", "Without CAP_SYSLOG the kernel shows every address as 0.",
     .run = probe_read, .path = "/proc/kallsyms", .traits = SEEN_BARE},
    MASKED("kmsg", "/proc/kmsg"),
    {"sys", "list `/sys`", "Docker shows it read-only.", .run = probe_read, .path = "/sys",
     .traits = SEEN_BARE},
    PROTECTED("uevent-helper", "/sys/kernel/uevent_helper"),
    {"release-agent", "write below `/sys/fs/cgroup` (CVE-2022-0492)", .run = may_write,
     .path = "/sys/fs/cgroup", .traits = SEEN_BARE},
    {"debugfs", "list `/sys/kernel/debug`", .run = probe_read, .path = "/sys/kernel/debug"},
};

const struct theme theme_masks = {"Masked and read-only paths of `/proc` and `/sys`", mask_probes,
                                  ARRAY_LENGTH(mask_probes)};

// ---- Writing and running

// PATH is a folder.
static void make_file(const struct probe *probe, const struct aim *aim, struct finding *ret) {
    (void)aim;
    char path[200];
    snprintf(path, sizeof path, "%s/sandglass-probe", probe->path);
    judge(probe,
          RAW(SYS_openat, AT_FDCWD, POINTER(path), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600),
          ret);
    RAW(SYS_unlinkat, AT_FDCWD, POINTER(path), 0);
}

#if defined(__x86_64__)
#define MACHINE 62
// write(1, line, length); exit(0). The line follows the code.
static const unsigned char code[] = {
    0xBF, 1,    0,    0,  0,       // mov edi, 1
    0x48, 0x8D, 0x35, 21, 0, 0, 0, // lea rsi, [rip + 21]: behind the code
    0xBA, 0,    0,    0,  0,       // mov edx, length
    0xB8, 1,    0,    0,  0,       // mov eax, SYS_write
    0x0F, 0x05,                    // syscall
    0x31, 0xFF,                    // xor edi, edi
    0xB8, 60,   0,    0,  0,       // mov eax, SYS_exit
    0x0F, 0x05,                    // syscall
};
#define LENGTH_AT 13
#else
#define MACHINE 183
// The same: mov x0, 1; adr x1, +32; ldr w2, +24; mov x8, 64; svc 0; mov x0, 0; mov x8, 93; svc 0;
// and the length.
static const uint32_t code[] = {
    0xD2800020, 0x10000101, 0x180000C2, 0xD2800808, 0xD4000001,
    0xD2800000, 0xD2800BA8, 0xD4000001, 0,
};
#define LENGTH_AT 32
#endif

struct program {
    unsigned char identity[16];
    uint16_t type, machine;
    uint32_t version;
    uint64_t entry, segments, sections;
    uint32_t flags;
    uint16_t header_size, segment_size, segment_count, section_size, section_count, names;
    struct {
        uint32_t type, flags;
        uint64_t offset, address, physical, file_size, memory_size, alignment;
    } segment;
    unsigned char bytes[1024];
};

// The smallest program that, run in place of this one, answers that it was.
static struct program make_program(void) {
    struct program program = {
        .identity = {0x7F, 'E', 'L', 'F', 2, 1, 1},
        .type = 2,
        .machine = MACHINE,
        .version = 1,
        .entry = 0x400000 + offsetof(struct program, bytes),
        .segments = offsetof(struct program, segment),
        .header_size = 64,
        .segment_size = 56,
        .segment_count = 1,
        .segment = {.type = 1,
                    .flags = 5,
                    .address = 0x400000,
                    .file_size = sizeof program,
                    .memory_size = sizeof program,
                    .alignment = 4096},
    };
    cleanup_free char *line = probe_open_line("ran a program");
    uint32_t length = (uint32_t)strlen(line);
    memcpy(program.bytes, code, sizeof code);
    memcpy(program.bytes + LENGTH_AT, &length, sizeof length);
    memcpy(program.bytes + sizeof code, line, length);
    return program;
}

static long write_program(long fd) {
    struct program program = make_program();
    return fd < 0 ? fd : RAW(SYS_write, fd, POINTER(&program), sizeof program);
}

static const char program_path[] = "/tmp/sandglass-probe-program";

static long make_program_file(void) {
    long fd = RAW(SYS_openat, AT_FDCWD, POINTER(program_path),
                  O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0700);
    long result = write_program(fd);
    if (fd >= 0)
        RAW(SYS_close, fd);
    return result;
}

static void run_from_tmp(const struct probe *probe, const struct aim *aim, struct finding *ret) {
    (void)aim;
    char *const arguments[] = {"program", NULL};
    long result = make_program_file();
    if (result >= 0)
        result = RAW(SYS_execve, POINTER(program_path), POINTER(arguments), POINTER(arguments + 1));
    judge(probe, result, ret);
    RAW(SYS_unlinkat, AT_FDCWD, POINTER(program_path), 0);
}

static void run_from_memory(const struct probe *probe, const struct aim *aim, struct finding *ret) {
    (void)aim;
    char *const arguments[] = {"program", NULL};
    long fd = RAW(SYS_memfd_create, POINTER("probe"), 1); // MFD_CLOEXEC
    long result = write_program(fd);
    if (result >= 0)
        result = RAW(SYS_execveat, fd, POINTER(""), POINTER(arguments), POINTER(arguments + 1),
                     AT_EMPTY_PATH);
    judge(probe, result, ret);
}

static void run_shell(const struct probe *probe, const struct aim *aim, struct finding *ret) {
    (void)aim;
    cleanup_free char *line = probe_open_line("ran it");
    char *const arguments[] = {"sh", "-c", "printf '%s' \"$0\"", line, NULL};
    judge(probe, RAW(SYS_execve, POINTER(probe->path), POINTER(arguments), POINTER(arguments + 4)),
          ret);
}

static void map_from_tmp(const struct probe *probe, const struct aim *aim, struct finding *ret) {
    (void)aim;
    long result = make_program_file();
    long fd = result < 0
                  ? result
                  : RAW(SYS_openat, AT_FDCWD, POINTER(program_path), O_RDONLY | O_CLOEXEC, 0);
    if (fd >= 0)
        fd = RAW(SYS_mmap, 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
    judge(probe, fd, ret);
    RAW(SYS_unlinkat, AT_FDCWD, POINTER(program_path), 0);
}

static void make_executable(const struct probe *probe, const struct aim *aim, struct finding *ret) {
    (void)aim;
    long page = RAW(SYS_mmap, 0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    judge(probe,
          page < 0 && page > -4096 ? page : RAW(SYS_mprotect, page, 4096, PROT_READ | PROT_EXEC),
          ret);
}

static void map_all(const struct probe *probe, const struct aim *aim, struct finding *ret) {
    (void)aim;
    judge(probe,
          RAW(SYS_mmap, 0, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS,
              -1, 0),
          ret);
}

#define WRITING(name, where)                                                                       \
    { name, "make a file in `" where "`", .run = make_file, .path = where, .traits = NOT_BARE }
#define TMP_NOTE                                                                                   \
    "A Pod's volumes cannot be mounted without programs; the inner wall forbids to start one."
#define CODE_NOTE                                                                                  \
    "Code that runs already may make more of itself; it is held by the other walls, as it was."

static const struct probe writing_probes[] = {
    WRITING("make-root", "/"),
    WRITING("make-data", "/data"),
    WRITING("make-dev", "/dev"),
    {"make-shm", "make a file in `/dev/shm`",
     "A memory file system of the container's own; what is in it counts as its memory.",
     .run = make_file, .path = "/dev/shm", .traits = NOT_BARE},
    {"make-mqueue", "make a file in `/dev/mqueue`",
     "Message queues of the container's own IPC namespace.", .run = make_file,
     .path = "/dev/mqueue", .traits = NOT_BARE},
    WRITING("make-etc", "/etc"),
    WRITING("make-proc", "/proc"),
    WRITING("make-run", "/run"),
    WRITING("make-var-tmp", "/var/tmp"),
    {"make-tmp", "make a file in `/tmp`",
     "That is what `/tmp` is for: in memory, limited in size, without programs.", .run = make_file,
     .path = "/tmp", .traits = SEEN_BARE},
    {"proc-mem", "open `/proc/self/mem` to write over code", CODE_NOTE, .run = probe_open,
     .path = "/proc/self/mem", .flags = O_RDWR, .traits = SEEN_BARE},
    {"run-tmp", "run a program from `/tmp`", TMP_NOTE, .run = run_from_tmp, .traits = SEEN_BARE},
    {"map-tmp", "map a file of `/tmp` as code", TMP_NOTE, .run = map_from_tmp, .traits = SEEN_BARE},
    {"run-memfd", "run a program from a memory file", CODE_NOTE, .run = run_from_memory,
     .traits = SEEN_BARE},
    {"run-shell", "run `/bin/sh`", .run = run_shell, .path = "/bin/sh", .traits = SEEN_BARE},
    {"memory-code", "make memory executable (`mprotect`)", CODE_NOTE, .run = make_executable,
     .traits = SEEN_BARE},
    {"memory-all", "map memory to write and execute", CODE_NOTE, .run = map_all,
     .traits = SEEN_BARE},
};

const struct theme theme_writing = {"Writing, and running what was written", writing_probes,
                                    ARRAY_LENGTH(writing_probes)};
