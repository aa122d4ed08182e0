// SPDX-License-Identifier: Apache-2.0
//
// Probes of the kernel's own interfaces and of identity. The arguments are such that a call which
// would be allowed ends in an error behind the check of rights, or changes nothing.
#include "tests/sandbox/escape/probe.h"

#include <errno.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/perf_event.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <sys/utsname.h>
#include <time.h>

#include "base/mem.h"

#define CALL(number, ...) .run = probe_call, .call = (number), .arguments = {__VA_ARGS__}

static void make_map(const struct probe *probe, const struct aim *aim, struct finding *ret) {
    (void)aim;
    union bpf_attr attributes = {
        .map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1};
    judge(probe, RAW(SYS_bpf, BPF_MAP_CREATE, POINTER(&attributes), sizeof attributes), ret);
}

static void count_events(const struct probe *probe, const struct aim *aim, struct finding *ret) {
    (void)aim;
    struct perf_event_attr attributes = {.type = PERF_TYPE_SOFTWARE,
                                         .size = sizeof attributes,
                                         .config = PERF_COUNT_SW_TASK_CLOCK,
                                         .exclude_kernel = 1,
                                         .exclude_hv = 1};
    judge(probe, RAW(SYS_perf_event_open, POINTER(&attributes), 0, -1, -1, 0), ret);
}

// Any change of the clock's tick is refused before, and this one after the check of rights.
static void turn_clock(const struct probe *probe, const struct aim *aim, struct finding *ret) {
    (void)aim;
    struct timex change = {.modes = 0x4000, .tick = 0}; // ADJ_TICK
    judge(probe, RAW(SYS_adjtimex, POINTER(&change)), ret);
}

static void set_clock(const struct probe *probe, const struct aim *aim, struct finding *ret) {
    (void)aim;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    judge(probe, RAW(SYS_clock_settime, CLOCK_REALTIME, POINTER(&now)), ret);
}

static void set_name(const struct probe *probe, const struct aim *aim, struct finding *ret) {
    (void)aim;
    static const char name[] = "sandglass-probe";
    judge(probe, RAW(SYS_sethostname, POINTER(name), sizeof name - 1), ret);
}

static void read_log(const struct probe *probe, const struct aim *aim, struct finding *ret) {
    (void)aim;
    char byte;
    judge(probe, RAW(SYS_syslog, 3, POINTER(&byte), 1), ret);
}

static void share_memory(const struct probe *probe, const struct aim *aim, struct finding *ret) {
    (void)aim;
    long segment = RAW(SYS_shmget, IPC_PRIVATE, 4096, IPC_CREAT | 0600);
    judge(probe, segment, ret);
    if (segment >= 0)
        RAW(SYS_shmctl, segment, IPC_RMID, 0);
}

static void type_into_terminal(const struct probe *probe, const struct aim *aim,
                               struct finding *ret) {
    (void)aim;
    judge(probe, RAW(SYS_ioctl, 0, TIOCSTI, POINTER("")), ret);
}

static const struct probe kernel_probes[] = {
    {"bpf", "`bpf`: make a map", .run = make_map, .traits = SEEN_BARE},
    {"perf", "`perf_event_open`", "Counts its own time.", .run = count_events, .traits = SEEN_BARE},
    {"add-key", "`add_key`", "To a keyring of the process's own.",
     CALL(SYS_add_key, POINTER("user"), POINTER("probe"), POINTER("x"), 1, -2),
     .traits = SEEN_BARE},
    {"keyctl", "`keyctl`: take the session keyring", "Keyrings are of a user namespace.",
     CALL(SYS_keyctl, 0, -3, 1), .traits = SEEN_BARE},
    {"request-key", "`request_key`", "It finds its own keys, of which there are none.",
     CALL(SYS_request_key, POINTER("user"), POINTER("probe"), 0, 0), .traits = SEEN_BARE},
    {"userfaultfd", "`userfaultfd`", "For faults in user mode alone.", CALL(SYS_userfaultfd, 1),
     .traits = SEEN_BARE},
    {"kexec-load", "`kexec_load`", CALL(SYS_kexec_load, 0, 0, 0, -1)},
    {"kexec-file", "`kexec_file_load`", CALL(SYS_kexec_file_load, -1, -1, 0, 0, -1)},
    {"init-module", "`init_module`", CALL(SYS_init_module, 0, 0, POINTER(""))},
    {"finit-module", "`finit_module`", CALL(SYS_finit_module, -1, POINTER(""), 0)},
    {"delete-module", "`delete_module`", CALL(SYS_delete_module, POINTER("sandglass_probe"), 0x800),
     .reached_by = {ENOENT}},
    {"reboot", "`reboot`", "It would end its own pid namespace, and so itself.",
     CALL(SYS_reboot, 0, 0, 0, 0), .traits = SEEN_BARE},
    {"swapon", "`swapon`", CALL(SYS_swapon, POINTER("/sandglass-probe"), 0), .reached_by = {ENOENT},
     .traits = SEEN_BARE},
    {"acct", "`acct`", CALL(SYS_acct, POINTER("/sandglass-probe")), .reached_by = {ENOENT},
     .traits = 0},
    {"quotactl", "`quotactl`", "To write quotas back to the disk, which anybody may ask for.",
     CALL(SYS_quotactl, 0x800001 << 8, 0, 0, 0)},
    {"syslog", "`syslog`: read the kernel's log", .run = read_log, .traits = SEEN_BARE},
#if defined(SYS_iopl)
    {"iopl", "`iopl`", CALL(SYS_iopl, 3)},
    {"ioperm", "`ioperm`", CALL(SYS_ioperm, 0x80, 1, 1)},
#endif
    {"settimeofday", "`settimeofday`", CALL(SYS_settimeofday, 0, 0), .traits = SEEN_BARE},
    {"clock-settime", "`clock_settime`", .run = set_clock, .traits = NOT_BARE},
    {"adjtimex", "`adjtimex`", .run = turn_clock, .traits = SEEN_BARE},
    {"sethostname", "`sethostname`", "Its own, in its own UTS namespace.", .run = set_name,
     .traits = SEEN_BARE},
    {"shared-memory", "System V shared memory", "In an IPC namespace of its own.",
     .run = share_memory, .traits = SEEN_BARE},
    {"tiocsti", "type into the terminal (`TIOCSTI`)", .run = type_into_terminal,
     .held_by = {ENOTTY}},
    {"fanotify", "`fanotify_init`", "For files that it could open anyway.",
     CALL(SYS_fanotify_init, 0x200, 0), .traits = 0},
    {"memfd-secret", "`memfd_secret`", "Memory that the kernel itself does not map.",
     CALL(SYS_memfd_secret, 0), .traits = 0},
};

const struct theme theme_kernel = {"The kernel's interfaces", kernel_probes,
                                   ARRAY_LENGTH(kernel_probes)};

// ---- Identity

static void take_capabilities(const struct probe *probe, const struct aim *aim,
                              struct finding *ret) {
    (void)aim;
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct all[2] = {{1u << CAP_SYS_ADMIN, 1u << CAP_SYS_ADMIN, 0}};
    judge(probe, RAW(SYS_capset, POINTER(&header), POINTER(all)), ret);
}

static void join_group(const struct probe *probe, const struct aim *aim, struct finding *ret) {
    (void)aim;
    unsigned group = 0;
    judge(probe, RAW(SYS_setgroups, 1, POINTER(&group)), ret);
}

// The call gives the id before, and never an error of its own.
static void become_for_files(const struct probe *probe, const struct aim *aim,
                             struct finding *ret) {
    (void)aim;
    long result = RAW(SYS_setfsuid, 0);
    if (result >= 0 && RAW(SYS_setfsuid, -1) != 0)
        result = -EPERM;
    judge(probe, result, ret);
}

static const struct probe identity_probes[] = {
    {"setuid", "become root (`setuid`)", CALL(SYS_setuid, 0), .held_by = {EINVAL},
     .traits = SEEN_BARE},
    {"setresuid", "become root (`setresuid`)", CALL(SYS_setresuid, 0, 0, 0), .held_by = {EINVAL},
     .traits = SEEN_BARE},
    {"setfsuid", "be root for files (`setfsuid`)", .run = become_for_files, .traits = SEEN_BARE},
    {"setgid", "become root's group (`setgid`)", CALL(SYS_setgid, 0), .held_by = {EINVAL},
     .traits = SEEN_BARE},
    {"setgroups", "join root's group (`setgroups`)", .run = join_group, .held_by = {EINVAL},
     .traits = SEEN_BARE},
    {"capset", "take CAP_SYS_ADMIN (`capset`)",
     "Over its own namespaces: it has none over the host's.", .run = take_capabilities,
     .traits = SEEN_BARE},
    {"keep-capabilities", "undo `no_new_privs` (`prctl`)", CALL(SYS_prctl, PR_SET_NO_NEW_PRIVS, 0),
     .held_by = {EINVAL}},
};

const struct theme theme_identity = {"Identity", identity_probes, ARRAY_LENGTH(identity_probes)};
