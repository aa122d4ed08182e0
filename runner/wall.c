// SPDX-License-Identifier: Apache-2.0
//
// Theory of operation. Two processes: the guard, which the server spawned, and the inmate, which
// does the work.
//
// The guard gives up root if it has it (kernel uid 65534 then), unshares every namespace at once,
// maps uid 65534 inside to its own uid outside, forks the inmate, and from then on only waits: for
// the inmate's end, which it passes on, and for SIGTERM, on which it ends the inmate.
//
// The inmate is pid 1 of the new pid namespace. It hangs its life on the guard's
// (PR_SET_PDEATHSIG), builds a tmpfs root, pivots into it, and detaches the old root. In the new
// root there is /data, the data folder bound read-only; /tmp, 64 MiB from which nothing can be
// executed; and /proc, which shows the processes of the new pid namespace and nothing else
// (subset=pid: of what Docker masks or makes read-only there, nothing exists).
//
// Then it gives up the capabilities that its user namespace gave it, and the right to make others.
//
// Invariants. Nothing of the host's file system can be named after the pivot, and no mount can be
// changed. However the guard ends, the kernel ends the inmate, and with pid 1 its whole pid
// namespace; and the guard ends with its parent. The window between fork and PR_SET_PDEATHSIG is
// closed by a pipe whose other end only the guard holds, and for the guard by looking at its
// parent.
//
// Giving up root before unsharing means that not even the owner of the host's files is behind the
// wall. The data folder may lie where uid 65534 cannot reach it: the guard stands in it (chdir)
// before, and binds ".".
#include "runner/wall.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "runner/lock.h"

#define NOBODY 65534

static const struct {
    const char *name, *file;
    int flag;
} namespaces[WALL_NAMESPACES] = {
    [WALL_USER] = {"user", "ns/user", CLONE_NEWUSER},
    [WALL_PID] = {"pid", "ns/pid", CLONE_NEWPID},
    [WALL_NET] = {"net", "ns/net", CLONE_NEWNET},
    [WALL_MOUNT] = {"mount", "ns/mnt", CLONE_NEWNS},
    [WALL_IPC] = {"ipc", "ns/ipc", CLONE_NEWIPC},
    [WALL_UTS] = {"uts", "ns/uts", CLONE_NEWUTS},
    [WALL_CGROUP] = {"cgroup", "ns/cgroup", CLONE_NEWCGROUP},
};

const char *wall_namespace_name(int index) { return namespaces[index].name; }

// The link's text is "net:[4026531840]". Reading it is cheaper than stat(), for which the kernel
// makes the inode first.
ino_t wall_namespace_inode(int proc_fd, int index) {
    char text[64];
    ssize_t length = readlinkat(proc_fd, namespaces[index].file, text, sizeof text - 1);
    text[length > 0 ? length : 0] = '\0';
    const char *number = strchr(text, '[');
    return number ? (ino_t)strtoul(number + 1, NULL, 10) : 0;
}

static int open_proc(struct err *err) {
    int fd = open("/proc/self", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd < 0 ? err_set_errno(err, errno, "cannot open /proc/self") : fd;
}

int wall_open(struct wall *ret_wall, struct err *err) {
    struct wall wall = {.proc_fd = open_proc(err)};
    if (wall.proc_fd < 0)
        return wall.proc_fd;
    for (int i = 0; i < WALL_NAMESPACES; i++)
        wall.before[i] = wall_namespace_inode(wall.proc_fd, i);
    *ret_wall = wall;
    return 0;
}

// Root of a user namespace in which no other id exists (a rootless container) has nobody to become:
// it stays what it is, and the proof shows its uid.
static int give_up_root(struct err *err) {
    if (geteuid() != 0)
        return 0;
    bool is_done = setgroups(0, NULL) == 0 && setresgid(NOBODY, NOBODY, NOBODY) == 0 &&
                   setresuid(NOBODY, NOBODY, NOBODY) == 0;
    if (!is_done && errno != EPERM && errno != EINVAL)
        return err_set_errno(err, errno, "cannot give up root's identity");
    // Changing the uid made the process undumpable, and so its own /proc files root's; the uid map
    // is one of them.
    if (prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) < 0)
        return err_set_errno(err, errno, "cannot own /proc/self again");
    return 0;
}

static int write_proc(const char *path, const char *text, struct err *err) {
    cleanup_fd int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0 || write(fd, text, strlen(text)) < 0)
        return err_set_errno(err, errno, "cannot write %s", path);
    return 0;
}

// user_namespaces(7): an unprivileged process may map one uid, its own, and one gid after denying
// setgroups().
static int map_identity(uid_t uid, gid_t gid, struct err *err) {
    char uid_map[48], gid_map[48];
    snprintf(uid_map, sizeof uid_map, "%d %u 1\n", NOBODY, uid);
    snprintf(gid_map, sizeof gid_map, "%d %u 1\n", NOBODY, gid);
    int status = write_proc("/proc/self/setgroups", "deny", err);
    if (status == 0)
        status = write_proc("/proc/self/uid_map", uid_map, err);
    if (status == 0)
        status = write_proc("/proc/self/gid_map", gid_map, err);
    return status;
}

static int step(int result, const char *what, struct err *err) {
    return result < 0 ? err_set_errno(err, errno, "cannot %s", what) : 0;
}

// Inside a container whose own /proc is masked the kernel lets nobody mount a fresh one, and before
// Linux 5.8 there is no subset=pid: the folder stays empty then. Nothing in a run needs it.
static int mount_proc(unsigned long still, struct err *err) {
    if (mount("proc", "/proc/proc", "proc", still, "subset=pid") == 0 || errno == EPERM ||
        errno == EINVAL)
        return 0;
    return err_set_errno(err, errno, "cannot mount /proc");
}

// The root is mounted over /proc, the one folder that is sure to be there, also in an image without
// any other.
static int build_root(bool has_folder, struct err *err) {
    const unsigned long still = MS_NOSUID | MS_NODEV | MS_NOEXEC;
    int status =
        step(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "make the mounts private", err);
    if (status == 0)
        status = step(mount("sandbox", "/proc", "tmpfs", still, "mode=0555,size=16k,nr_inodes=8"),
                      "mount the root", err);
    if (status == 0)
        status =
            step(mkdir("/proc/data", 0555) | mkdir("/proc/proc", 0555) | mkdir("/proc/tmp", 0555),
                 "make the root's folders", err);
    if (status == 0)
        status = mount_proc(still, err);
    if (status == 0)
        status = step(mount("tmp", "/proc/tmp", "tmpfs", still, "mode=1777,size=64m,nr_inodes=16k"),
                      "mount /tmp", err);
    // A folder that uid 65534 may not enter is left out: the data set itself is open already.
    if (status == 0 && has_folder && mount(".", "/proc/data", NULL, MS_BIND, NULL) == 0)
        status =
            step(mount(NULL, "/proc/data", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | still, NULL),
                 "make /data read-only", err);
    if (status == 0)
        status = step(chdir("/proc"), "enter the root", err);
    if (status == 0)
        status = step((int)syscall(SYS_pivot_root, ".", "."), "change the root", err);
    if (status == 0)
        status = step(umount2(".", MNT_DETACH), "let go of the old root", err);
    if (status == 0)
        status = step(mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | still, NULL),
                      "make the root read-only", err);
    if (status == 0)
        status = step(chdir("/"), "stand in the root", err);
    return status;
}

static int hang_on_guard(int guard_pipe, struct err *err) {
    char byte;
    int status = step(prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0), "die with the guard", err);
    fcntl(guard_pipe, F_SETFL, O_NONBLOCK);
    if (status == 0 && read(guard_pipe, &byte, 1) == 0)
        _exit(128 + SIGKILL); // the guard died before the line above
    return status;
}

// A user namespace inside this one would give back every right. Where /proc/sys cannot be written,
// the inner wall alone forbids it.
static void forbid_namespaces(void) {
    struct err ignored;
    write_proc("/proc/sys/user/max_user_namespaces", "0", &ignored);
}

static int become_inmate(struct wall *wall, int guard_pipe, bool has_folder, struct err *err) {
    int status = hang_on_guard(guard_pipe, err);
    close(guard_pipe);
    // The guard's /proc/self is another process's now.
    close(wall->proc_fd);
    if (status == 0)
        status = wall->proc_fd = open_proc(err);
    status = status < 0 ? status : 0;
    if (status == 0 && setsid() < 0 && errno != EPERM)
        status = err_set_errno(err, errno, "cannot begin a session");
    if (status == 0)
        status = step(sethostname("sandbox", 7), "set the host name", err);
    if (status == 0)
        forbid_namespaces();
    if (status == 0)
        status = build_root(has_folder, err);
    return status == 0 ? lock_capabilities(err) : status;
}

// What the guard waits for; blocked before the fork, so that none is missed.
static void guard_signals(sigset_t *ret_signals) {
    sigemptyset(ret_signals);
    sigaddset(ret_signals, SIGCHLD);
    sigaddset(ret_signals, SIGTERM);
}

// SIGTERM ends the inmate and is answered by its end, so that the server need not kill the guard:
// an inmate whose guard is gone would become a child of process 1, which in a container is the
// server, and stay there as a zombie.
static _Noreturn void be_guard(pid_t inmate, const sigset_t *signals) {
    int status = 0, signal_number;
    close(STDIN_FILENO);
    close(STDOUT_FILENO);
    while (waitpid(inmate, &status, WNOHANG) == 0) {
        if (sigwait(signals, &signal_number) == 0 && signal_number == SIGTERM)
            kill(inmate, SIGKILL);
    }
    _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

// Every change of identity takes back that this process dies with its parent, prctl(2).
static void die_with(pid_t parent) {
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    if (getppid() != parent)
        _exit(128 + SIGKILL);
}

static int refuse(struct wall *wall, pid_t parent, struct err *err) {
    die_with(parent);
    wall->was_refused = true;
    wall->refusal = *err;
    return 0;
}

int wall_enter(struct wall *wall, const char *folder, struct err *err) {
    bool has_folder = folder && chdir(folder) == 0;
    pid_t parent = getppid();
    int status = give_up_root(err), flags = 0, pipe_fds[2];
    if (status)
        return status;
    uid_t uid = geteuid();
    gid_t gid = getegid();
    for (int i = 0; i < WALL_NAMESPACES; i++)
        flags |= wall->before[i] ? namespaces[i].flag : 0;
    if (unshare(flags) < 0) {
        err_set_errno(err, errno, "the kernel refuses new namespaces");
        return refuse(wall, parent, err);
    }
    status = map_identity(uid, gid, err);
    // Ubuntu's AppArmor lets the namespaces be made but gives no capability in them: the first
    // mount tells.
    if (status == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
        status = err_set_errno(err, errno, "the kernel gives no rights in new namespaces");
    if (status)
        return refuse(wall, parent, err);
    if (pipe2(pipe_fds, O_CLOEXEC) < 0)
        return err_set_errno(err, errno, "cannot make a pipe");
    die_with(parent);
    sigset_t signals, before;
    guard_signals(&signals);
    sigprocmask(SIG_BLOCK, &signals, &before);
    pid_t inmate = fork();
    if (inmate < 0)
        return err_set_errno(err, errno, "cannot fork");
    if (inmate > 0)
        be_guard(inmate, &signals); // holds the pipe's writing end until it dies
    sigprocmask(SIG_SETMASK, &before, NULL);
    close(pipe_fds[1]);
    return become_inmate(wall, pipe_fds[0], has_folder, err);
}
