// SPDX-License-Identifier: Apache-2.0
//
// Giving up root where a process was started as root only to be let in at Docker's socket. That
// socket belongs to a group with another number on every host, which no compose file can know; so
// the container starts as root with the two capabilities that changing its user takes, and the
// program looks the number up.
#pragma once

#include "cmd/settings.h"

// Becomes the user RUN_AS, with the group of Docker's socket beside its own, without capabilities
// and without a way back; nothing where RUN_AS is not set. To be called before any thread is there.
// ERR_BAD_REQUEST, ERR_REFUSED.
int identity_take(const struct settings *settings, struct err *err);
