// SPDX-License-Identifier: Apache-2.0
//
// What process 1 of a container owes to the others.
#pragma once

// Where this process is process 1: goes on in a child, and stays behind itself to pass signals on
// to it and to wait for whatever is orphaned, until the child ends; then it ends the same way.
// Elsewhere it does nothing. Before any thread is started.
void init_if_first(void);
