// SPDX-License-Identifier: Apache-2.0
//
// This program once more, as another process. A server has threads and other people's connections,
// so it never forks.
#pragma once

#include <sys/types.h>

#include "base/err.h"

// Starts /proc/self/exe with ARGUMENTS, which end with NULL: an empty environment, a process group
// of its own, every signal as by default, and IN, OUT and LOG as its standard input, output and
// error; -1 is /dev/null. All else that this process has open must be closed on exec. ERR_IO.
int spawn_self(char *const arguments[], int in, int out, int log, pid_t *ret_pid, struct err *err);
