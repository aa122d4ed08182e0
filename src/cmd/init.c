// SPDX-License-Identifier: Apache-2.0
//
// See init.h. Orphans become children of process 1, and stay as zombies unless it waits for them.
// The server cannot: it has threads that each wait for a child of their own. pid_namespaces(7).
#include "cmd/init.h"

#include <signal.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static _Noreturn void be_init(pid_t child, const sigset_t *signals) {
    int status, signal_number;
    for (;;) {
        for (pid_t ended; (ended = waitpid(-1, &status, WNOHANG)) > 0;)
            if (ended == child)
                _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
        if (sigwait(signals, &signal_number) == 0 && signal_number != SIGCHLD)
            kill(child, signal_number);
    }
}

void init_if_first(void) {
    sigset_t signals, before;
    if (getpid() != 1)
        return;
    sigfillset(&signals);
    sigprocmask(SIG_BLOCK, &signals, &before);
    pid_t child = fork();
    if (child > 0)
        be_init(child, &signals);
    if (child == 0)
        prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    sigprocmask(SIG_SETMASK, &before, NULL);
}
