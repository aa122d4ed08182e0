// SPDX-License-Identifier: Apache-2.0
//
// What can be reached from inside. A prober takes the runner's place behind the walls and tries,
// with raw system calls, what an attacker would; each case is tried behind both walls, and the
// outer wall is also tried alone, so that neither hides a hole in the other.
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "runner/runner.h"
#include "runner/wall.h"
#include "tests/sandbox/fixture.h"
#include "tests/unit/check.h"

// ---- Both walls ---------------------------------------------------------------------------------

static int behind_both(int (*job)(void *), void *context) {
    int status = 0;
    struct err err = {0};
    CHECK_OK(runner_confine(256, 10, job, context, &status, &err), err);
    return status;
}

struct attempt {
    const char *what;
    long call;
    long arguments[6];
};

// 0 where the call was refused with EPERM, 1 where it did anything else.
static int try_call(void *context) {
    const struct attempt *attempt = context;
    const long *a = attempt->arguments;
    long result = syscall(attempt->call, a[0], a[1], a[2], a[3], a[4], a[5]);
    return result == -1 && errno == EPERM ? 0 : 1;
}

#define PATH(text) ((long)(text))

TEST(no_system_call_reaches_files_networks_processes_or_the_kernels_inside) {
    static const char *const arguments[] = {"/bin/sh", NULL};
    static const struct attempt attempts[] = {
        {"open /etc/shadow", SYS_openat, {AT_FDCWD, PATH("/etc/shadow"), O_RDONLY}},
        {"open /", SYS_openat, {AT_FDCWD, PATH("/"), O_RDONLY | O_DIRECTORY}},
        {"open the working directory", SYS_openat, {AT_FDCWD, PATH("."), O_RDONLY}},
        {"open above the root", SYS_openat, {AT_FDCWD, PATH("../../../etc/passwd"), O_RDONLY}},
        {"make a file", SYS_openat, {AT_FDCWD, PATH("/new"), O_CREAT | O_WRONLY, 0600}},
        {"openat2", SYS_openat2, {AT_FDCWD, PATH("/"), 0, 24}},
        {"stat", SYS_newfstatat, {AT_FDCWD, PATH("/"), 0, 0}},
        {"readlink /proc/self/exe", SYS_readlinkat, {AT_FDCWD, PATH("/proc/self/exe"), 0, 0}},
        {"an IPv4 socket", SYS_socket, {AF_INET, SOCK_STREAM, 0}},
        {"an IPv6 socket", SYS_socket, {AF_INET6, SOCK_DGRAM, 0}},
        {"a unix socket", SYS_socket, {AF_UNIX, SOCK_STREAM, 0}},
        {"a netlink socket", SYS_socket, {AF_NETLINK, SOCK_RAW, 0}},
        {"a vsock", SYS_socket, {AF_VSOCK, SOCK_STREAM, 0}},
        {"the kernel's crypto socket", SYS_socket, {AF_ALG, SOCK_SEQPACKET, 0}},
        {"a socket pair", SYS_socketpair, {AF_UNIX, SOCK_STREAM, 0, 0}},
        {"clone", SYS_clone, {SIGCHLD}},
        {"clone3", SYS_clone3, {0, 88}},
#if defined(SYS_fork)
        {"fork", SYS_fork, {0}},
        {"vfork", SYS_vfork, {0}},
#endif
        {"execve", SYS_execve, {PATH("/bin/sh"), (long)arguments, 0}},
        {"execveat", SYS_execveat, {AT_FDCWD, PATH("/bin/sh"), (long)arguments, 0, 0}},
        {"kill", SYS_kill, {1, SIGKILL}},
        {"kill everybody", SYS_kill, {-1, SIGKILL}},
        {"tgkill with another signal", SYS_tgkill, {1, 1, SIGKILL}},
        {"tkill with another signal", SYS_tkill, {1, SIGKILL}},
        {"ptrace", SYS_ptrace, {16, 1}},
        {"read another process", SYS_process_vm_readv, {1, 0, 0, 0, 0, 0}},
        {"open a pidfd", SYS_pidfd_open, {1, 0}},
        {"unshare", SYS_unshare, {0x10000000}},
        {"setns", SYS_setns, {0, 0}},
        {"mount", SYS_mount, {PATH("x"), PATH("/"), PATH("tmpfs"), 0, 0}},
        {"the new mount calls", SYS_fsopen, {PATH("tmpfs"), 0}},
        {"pivot_root", SYS_pivot_root, {PATH("/"), PATH("/")}},
        {"chroot", SYS_chroot, {PATH("/")}},
        {"bpf", SYS_bpf, {0, 0, 0}},
        {"perf_event_open", SYS_perf_event_open, {0, 0, -1, -1, 0}},
        {"io_uring_setup", SYS_io_uring_setup, {1, 0}},
        {"userfaultfd", SYS_userfaultfd, {0}},
        {"keyctl", SYS_keyctl, {0, 0}},
        {"add_key", SYS_add_key, {PATH("user"), PATH("x"), 0, 0, 0}},
        {"kexec_load", SYS_kexec_load, {0, 0, 0, 0}},
        {"init_module", SYS_init_module, {0, 0, 0}},
        {"setuid", SYS_setuid, {0}},
        {"prctl", SYS_prctl, {PR_SET_DUMPABLE, 1}},
        {"seccomp", SYS_seccomp, {0, 0, 0}},
        {"a memory file", SYS_memfd_create, {PATH("x"), 0}},
        {"shared memory", SYS_shmget, {0, 4096, 01600}},
        {"executable memory",
         SYS_mmap,
         {0, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0}},
        {"making memory executable", SYS_mprotect, {0, 4096, PROT_READ | PROT_EXEC}},
        {"dup", SYS_dup, {0}},
        {"ioctl on the terminal", SYS_ioctl, {0, 0x5412, 0}},
        {"setting the clock", SYS_clock_settime, {0, 0}},
        {"reboot", SYS_reboot, {0, 0, 0, 0}},
    };
    for (size_t i = 0; i < sizeof attempts / sizeof *attempts; i++)
        if (behind_both(try_call, (void *)&attempts[i]) != 0)
            check_fail(__FILE__, __LINE__, "%s is not refused", attempts[i].what);
}

#if defined(__x86_64__)
static int call_32_bit(void *context) {
    long result = 20; // getpid of the 32-bit ABI
    (void)context;
    __asm__ volatile("int $0x80" : "+a"(result) : : "memory");
    return result > 0 ? 1 : 2;
}

static int call_x32(void *context) {
    (void)context;
    return syscall(0x40000000 | 39) > 0 ? 1 : 2;
}

TEST(system_calls_of_another_abi_kill_the_process) {
    CHECK_INT(behind_both(call_32_bit, NULL), 128 + SIGSYS);
    CHECK_INT(behind_both(call_x32, NULL), 128 + SIGSYS);
}
#endif

static int take_memory(void *context) {
    (void)context;
    for (int i = 0; i < 64; i++)
        if (mmap(NULL, 16 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
            MAP_FAILED)
            return errno == ENOMEM ? 7 : 8;
    return 9;
}

TEST(memory_ends_where_its_limit_is) { CHECK_INT(behind_both(take_memory, NULL), 7); }

static int burn(void *context) {
    (void)context;
    for (volatile long i = 0;; i++)
        continue;
    return 0;
}

TEST(processor_time_ends_where_its_limit_is) {
    int status = 0;
    struct err err = {0};
    CHECK_OK(runner_confine(256, 1, burn, NULL, &status, &err), err);
    CHECK(status == 128 + SIGXCPU || status == 128 + SIGKILL);
}

static int exhaust(void *context) {
    (void)context;
    for (;;)
        mem_zero(1 << 20, 16);
    return 0;
}

TEST(a_process_whose_memory_runs_out_says_so_by_its_status) {
    CHECK_INT(behind_both(exhaust, NULL), MEM_EXHAUSTED_STATUS);
}

// ---- The outer wall alone -----------------------------------------------------------------------

// Runs CASE_ behind namespaces only; what it gives is the exit status.
static int behind_outer(const char *folder, int (*job)(void)) {
    if (!fixture_may_make_namespaces())
        check_skip("this kernel gives no namespaces to this user");
    pid_t guard = fork();
    if (guard == 0) {
        struct err err;
        struct wall wall;
        if (wall_open(&wall, &err) || wall_enter(&wall, folder, &err))
            _exit(99);
        _exit(wall.was_refused ? 98 : job());
    }
    int status;
    waitpid(guard, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int is_missing(const char *path) { return access(path, F_OK) < 0 && errno == ENOENT; }

static int look_at_files(void) {
    static const char *const paths[] = {"/etc",
                                        "/etc/shadow",
                                        "/sys",
                                        "/dev",
                                        "/root",
                                        "/home",
                                        "/bin",
                                        "/proc/acpi",
                                        "/proc/asound",
                                        "/proc/bus",
                                        "/proc/fs",
                                        "/proc/interrupts",
                                        "/proc/irq",
                                        "/proc/kcore",
                                        "/proc/keys",
                                        "/proc/scsi",
                                        "/proc/sched_debug",
                                        "/proc/sys",
                                        "/proc/kmsg",
                                        "/proc/sysrq-trigger",
                                        "/proc/config",
                                        "/proc/timer_list",
                                        "/proc/cmdline",
                                        "/proc/2",
                                        "/proc/mounts/..",
                                        "/proc/net",
                                        "/proc/modules",
                                        "/proc/kallsyms",
                                        "/proc/version"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        if (!is_missing(paths[i]))
            return (int)i + 1;
    if (chdir("..") < 0 || !is_missing("etc"))
        return 20;
    if (open("/new", O_CREAT | O_WRONLY, 0600) >= 0 || errno != EROFS)
        return 21;
    return 0;
}

static int look_at_tmp(void) {
    static char block[1 << 20];
    char *const arguments[] = {"file", NULL};
    int fd = open("/tmp/file", O_CREAT | O_RDWR | O_CLOEXEC, 0755), written = 0;
    if (fd < 0)
        return 1;
    while (written < 100 && write(fd, block, sizeof block) == sizeof block)
        written++;
    if (written < 60 || written > 64)
        return 2;
    if (execv("/tmp/file", arguments) == 0 || errno != EACCES)
        return 3;
    if (mmap(NULL, 4096, PROT_EXEC | PROT_READ, MAP_PRIVATE, fd, 0) != MAP_FAILED)
        return 4;
    return 0;
}

TEST(behind_the_outer_wall_tmp_takes_64_mib_and_lets_nothing_of_it_be_executed) {
    CHECK_INT(behind_outer(NULL, look_at_tmp), 0);
}

TEST(behind_the_outer_wall_there_is_no_file_of_the_host) {
    CHECK_INT(behind_outer(NULL, look_at_files), 0);
}

static int look_at_data(void) {
    if (access("/data/hello.txt", R_OK) < 0)
        return 1;
    if (open("/data/hello.txt", O_WRONLY) >= 0 || errno != EROFS)
        return 2;
    if (open("/data/new.txt", O_CREAT | O_WRONLY, 0600) >= 0 || errno != EROFS)
        return 3;
    return 0;
}

TEST(behind_the_outer_wall_the_data_folder_can_be_read_and_not_written) {
    chmod(check_file("hello.txt", "hello"),
          0666); // so that only the mount is in the way of writing
    chmod(check_folder(), 0755);
    CHECK_INT(behind_outer(check_folder(), look_at_data), 0);
}

static int look_at_processes(void) {
    if (getpid() != 1 || getppid() != 0)
        return 1;
    for (pid_t other = 2; other < 40000; other++)
        if (kill(other, 0) == 0 || errno != ESRCH)
            return 2;
    return 0;
}

TEST(behind_the_outer_wall_there_is_no_other_process) {
    CHECK_INT(behind_outer(NULL, look_at_processes), 0);
}

static int look_at_network(void) {
    struct ifreq interfaces[16];
    struct ifconf list = {.ifc_len = sizeof interfaces, .ifc_req = interfaces};
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    if (fd < 0)
        return 1;
    // SIOCGIFCONF lists interfaces that are up with an address: here not even lo is.
    if (ioctl(fd, SIOCGIFCONF, &list) < 0 || list.ifc_len != 0)
        return 2;
    struct sockaddr address = {.sa_family = AF_INET, .sa_data = {0, 53, 127, 0, 0, 1}};
    if (connect(fd, &address, sizeof address) == 0 || errno != ENETUNREACH)
        return 3;
    return 0;
}

TEST(behind_the_outer_wall_there_is_no_network_not_even_this_machine) {
    CHECK_INT(behind_outer(NULL, look_at_network), 0);
}

static int look_at_identity(void) {
    struct utsname name;
    if (getuid() != 65534 || geteuid() != 65534 || getgid() != 65534)
        return 1;
    uname(&name);
    if (strcmp(name.nodename, "sandbox") != 0)
        return 2;
    return getsid(0) == getpid() ? 0 : 3;
}

TEST(behind_the_outer_wall_one_is_nobody_on_a_host_without_a_name) {
    CHECK_INT(behind_outer(NULL, look_at_identity), 0);
}

static int fault(void) {
    // A real fault: a signal that pid 1 sends to itself would be ignored.
    volatile int *nowhere = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return *nowhere;
}

TEST(the_guard_gives_the_signal_that_ended_the_one_inside) {
    CHECK_INT(behind_outer(NULL, fault), 128 + SIGSEGV);
}
