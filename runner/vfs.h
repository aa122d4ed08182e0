// SPDX-License-Identifier: Apache-2.0
//
// SQLite's file layer for a process that cannot open files: one database, read-only, mapped into
// memory beforehand. sqlite.org/vfs.html
#pragma once

#include "base/err.h"

#define VFS_NAME "sandglass"

// Maps the file behind FD and makes it the one database that VFS_NAME opens, under any name.
// Temporary files are refused; SQLite keeps them in memory. ERR_IO; ERR_CORRUPT for an empty file.
// Called once, before any connection.
int vfs_open(int fd, struct err *err);
