// SPDX-License-Identifier: Apache-2.0
//
// The system calls that are left after lock_enter(): reading and writing what is open, memory,
// time, ending. The list was made by tracing the runner over the whole test suite and taking out
// what it can do without. seccomp(2).
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
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

// The ones that a query makes most often come first: the filter looks from the top.
static const int allowed[] = {
    SYS_read,         SYS_write,           SYS_pread64,     SYS_madvise,        SYS_munmap,
    SYS_brk,          SYS_mremap,          SYS_futex,       SYS_clock_gettime,  SYS_lseek,
    SYS_readv,        SYS_writev,          SYS_close,       SYS_fstat,          SYS_getpid,
    SYS_gettid,       SYS_getrandom,       SYS_getrusage,   SYS_rt_sigprocmask, SYS_rt_sigaction,
    SYS_rt_sigreturn, SYS_restart_syscall, SYS_sched_yield, SYS_exit,           SYS_exit_group,
};
// Allowed as long as no memory becomes executable.
static const int memory_calls[] = {SYS_mmap, SYS_mprotect};
// abort() signals its own thread; in a pid namespace of one there is nobody else to signal.
static const int signal_calls[] = {SYS_tkill, SYS_tgkill};

#define LOAD(field)                                                                                \
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (unsigned)offsetof(struct seccomp_data, field))
#define RETURN(action) BPF_STMT(BPF_RET | BPF_K, action)
#define UNLESS_EQUAL(value, skip) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)(value), 0, skip)

// The program: six instructions of preface, two per plain call, five per memory call, five per
// signal call, the refusal.
#define PROGRAM_MAX                                                                                \
    (8 + 2 * ARRAY_LENGTH(allowed) + 6 * ARRAY_LENGTH(memory_calls) +                              \
     6 * ARRAY_LENGTH(signal_calls))

int lock_system_calls(struct err *err) {
    struct sock_filter program[PROGRAM_MAX] = {
        LOAD(arch),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OUR_ARCHITECTURE, 1, 0),
        RETURN(SECCOMP_RET_KILL_PROCESS),
        LOAD(nr),
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, FIRST_FOREIGN_CALL, 0, 1),
        RETURN(SECCOMP_RET_KILL_PROCESS),
    };
    unsigned short length = 6;
    for (size_t i = 0; i < ARRAY_LENGTH(allowed); i++) {
        program[length++] = (struct sock_filter)UNLESS_EQUAL(allowed[i], 1);
        program[length++] = (struct sock_filter)RETURN(SECCOMP_RET_ALLOW);
    }
    for (size_t i = 0; i < ARRAY_LENGTH(memory_calls); i++) {
        program[length++] = (struct sock_filter)UNLESS_EQUAL(memory_calls[i], 4);
        program[length++] = (struct sock_filter)LOAD(args[2]);
        program[length++] =
            (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 1, 0);
        program[length++] = (struct sock_filter)RETURN(SECCOMP_RET_ALLOW);
        program[length++] = (struct sock_filter)RETURN(SECCOMP_RET_ERRNO | EPERM);
    }
    // Only signal 6, SIGABRT: its number is the second argument of tkill() and the third of
    // tgkill().
    for (size_t i = 0; i < ARRAY_LENGTH(signal_calls); i++) {
        size_t argument = signal_calls[i] == SYS_tkill ? offsetof(struct seccomp_data, args[1])
                                                       : offsetof(struct seccomp_data, args[2]);
        program[length++] = (struct sock_filter)UNLESS_EQUAL(signal_calls[i], 4);
        program[length++] =
            (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (unsigned)argument);
        program[length++] = (struct sock_filter)UNLESS_EQUAL(6, 1);
        program[length++] = (struct sock_filter)RETURN(SECCOMP_RET_ALLOW);
        program[length++] = (struct sock_filter)RETURN(SECCOMP_RET_ERRNO | EPERM);
    }
    program[length++] = (struct sock_filter)RETURN(SECCOMP_RET_ERRNO | EPERM);
    struct sock_fprog filter = {.len = length, .filter = program};
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) < 0)
        return err_set_errno(err, errno, "cannot install the system call filter");
    return 0;
}
