// SPDX-License-Identifier: Apache-2.0
//
// File descriptors: closing at the end of a scope, whole reads and writes, whole small files.
#pragma once

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

// Closes *FD if it is not negative, and makes it -1.
void fd_close(int *fd);
#define cleanup_fd cleanup(fd_close)
int fd_take(int *fd);

// Reads until the end of the file into BUF. ERR_TOO_LARGE at BUF's ceiling, ERR_IO.
int fd_read_all(int fd, struct buf *buf, struct err *err);
// Writes all of it, also through signals and short writes.
int fd_write_all(int fd, const void *data, size_t length, struct err *err);
// The bytes of the file at PATH into BUF. ERR_NOT_FOUND, ERR_TOO_LARGE, ERR_IO; the message names
// the path.
int fd_read_file(const char *path, struct buf *buf, struct err *err);
// Replaces the file at PATH by LENGTH bytes so that a crash leaves the old file or the new one,
// never a part. MODE is its rights, 0600 for what is secret.
int fd_replace_file(const char *path, const void *data, size_t length, unsigned mode,
                    struct err *err);
