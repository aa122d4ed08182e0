// SPDX-License-Identifier: Apache-2.0
//
// The system calls that are left after lock_enter(): reading and writing what is open, memory,
// time, ending. The list was made by tracing the runner and taking out what it can do without.
// seccomp(2).
//
// The program is a search by halves over the sorted list. That is not for the few calls a query
// makes: when a filter is installed, the kernel runs it once for every call number there is, to
// learn which are always allowed, and a list searched from the top made that the dearest step of
// the inner wall.
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "base/mem.h"
#include "runner/lock.h"

#if defined(__x86_64__)
#define OUR_ARCHITECTURE AUDIT_ARCH_X86_64
#define FIRST_FOREIGN_CALL 0x40000000u // the x32 ABI's calls have this bit
#elif defined(__aarch64__)
#define OUR_ARCHITECTURE AUDIT_ARCH_AARCH64
#define FIRST_FOREIGN_CALL 0xFFFFFFFFu
#else
#error "no system call filter for this architecture yet: add its AUDIT_ARCH here"
#endif

enum rule {
    ALWAYS,
    UNLESS_EXECUTABLE, // as long as no memory becomes executable
    ONLY_ABORT_SECOND, // abort() signals its own thread; the signal is the second argument,
    ONLY_ABORT_THIRD,  // or the third
};

struct entry {
    int call;
    enum rule rule;
};

static const struct entry allowed[] = {
    {SYS_read, ALWAYS},
    {SYS_write, ALWAYS},
    {SYS_readv, ALWAYS},
    {SYS_writev, ALWAYS},
    {SYS_pread64, ALWAYS},
    {SYS_lseek, ALWAYS},
    {SYS_close, ALWAYS},
    {SYS_fstat, ALWAYS},
    {SYS_mmap, UNLESS_EXECUTABLE},
    {SYS_mprotect, UNLESS_EXECUTABLE},
    {SYS_munmap, ALWAYS},
    {SYS_mremap, ALWAYS},
    {SYS_madvise, ALWAYS},
    {SYS_brk, ALWAYS},
    {SYS_futex, ALWAYS},
    {SYS_clock_gettime, ALWAYS},
    {SYS_getpid, ALWAYS},
    {SYS_gettid, ALWAYS},
    {SYS_getrandom, ALWAYS},
    {SYS_getrusage, ALWAYS},
    {SYS_sched_yield, ALWAYS},
    {SYS_rt_sigprocmask, ALWAYS},
    {SYS_rt_sigaction, ALWAYS},
    {SYS_rt_sigreturn, ALWAYS},
    {SYS_restart_syscall, ALWAYS},
    {SYS_tkill, ONLY_ABORT_SECOND},
    {SYS_tgkill, ONLY_ABORT_THIRD},
    {SYS_exit, ALWAYS},
    {SYS_exit_group, ALWAYS},
};

// Per entry at most: a branch of the search, a test for equality, and a rule of four.
#define PROGRAM_MAX (8 + 6 * ARRAY_LENGTH(allowed))

struct program {
    struct sock_filter at[PROGRAM_MAX];
    unsigned short length;
};

static void add(struct program *program, int code, unsigned value, int if_true, int if_false) {
    program->at[program->length++] = (struct sock_filter)BPF_JUMP(
        (unsigned short)code, value, (unsigned char)if_true, (unsigned char)if_false);
}

static void add_load(struct program *program, size_t offset) {
    add(program, BPF_LD | BPF_W | BPF_ABS, (unsigned)offset, 0, 0);
}

static void add_return(struct program *program, unsigned action) {
    add(program, BPF_RET | BPF_K, action, 0, 0);
}

static void add_rule(struct program *program, enum rule rule) {
    static const size_t argument[] = {
        [UNLESS_EXECUTABLE] = offsetof(struct seccomp_data, args[2]),
        [ONLY_ABORT_SECOND] = offsetof(struct seccomp_data, args[1]),
        [ONLY_ABORT_THIRD] = offsetof(struct seccomp_data, args[2]),
    };
    if (rule != ALWAYS) {
        add_load(program, argument[rule]);
        if (rule == UNLESS_EXECUTABLE)
            add(program, BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 0, 1);
        else
            add(program, BPF_JMP | BPF_JEQ | BPF_K, SIGABRT, 1, 0);
        add_return(program, SECCOMP_RET_ERRNO | EPERM);
    }
    add_return(program, SECCOMP_RET_ALLOW);
}

// The search among COUNT entries, of which every path ends in a return.
static void add_search(struct program *program, const struct entry *entries, size_t count) {
    if (count == 1) {
        unsigned short test = program->length;
        add(program, BPF_JMP | BPF_JEQ | BPF_K, (unsigned)entries->call, 0, 0);
        add_rule(program, entries->rule);
        program->at[test].jf = (unsigned char)(program->length - test - 1);
        add_return(program, SECCOMP_RET_ERRNO | EPERM);
        return;
    }
    size_t half = count / 2;
    unsigned short branch = program->length;
    add(program, BPF_JMP | BPF_JGE | BPF_K, (unsigned)entries[half].call, 0, 0);
    add_search(program, entries, half);
    program->at[branch].jt = (unsigned char)(program->length - branch - 1);
    add_search(program, entries + half, count - half);
}

static void sort(struct entry *entries, size_t count) {
    for (size_t i = 1; i < count; i++) {
        struct entry entry = entries[i];
        size_t at = i;
        for (; at > 0 && entries[at - 1].call > entry.call; at--)
            entries[at] = entries[at - 1];
        entries[at] = entry;
    }
}

int lock_system_calls(struct err *err) {
    struct entry sorted[ARRAY_LENGTH(allowed)];
    struct program program = {.length = 0};
    memcpy(sorted, allowed, sizeof allowed);
    sort(sorted, ARRAY_LENGTH(sorted));
    add_load(&program, offsetof(struct seccomp_data, arch));
    add(&program, BPF_JMP | BPF_JEQ | BPF_K, OUR_ARCHITECTURE, 1, 0);
    add_return(&program, SECCOMP_RET_KILL_PROCESS);
    add_load(&program, offsetof(struct seccomp_data, nr));
    add(&program, BPF_JMP | BPF_JGE | BPF_K, FIRST_FOREIGN_CALL, 0, 1);
    add_return(&program, SECCOMP_RET_KILL_PROCESS);
    add_search(&program, sorted, ARRAY_LENGTH(sorted));
    struct sock_fprog filter = {.len = program.length, .filter = program.at};
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) < 0)
        return err_set_errno(err, errno, "cannot install the system call filter");
    return 0;
}
