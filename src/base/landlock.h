// SPDX-License-Identifier: Apache-2.0
//
// Landlock without a single rule (landlock(7)): from then on this thread, and what it starts, can
// open no path, bind or connect no TCP socket, reach no abstract socket, and signal nobody outside.
// What is open stays open; a socket with a path can still be connected to.
#pragma once

#include "base/err.h"

// RET_ABI is the version that is in force and was seen to hold, 0 where the kernel has none. It
// needs no_new_privs. ERR_IO where one that the kernel has cannot be put in force.
int landlock_deny_all(int *ret_abi, struct err *err);
