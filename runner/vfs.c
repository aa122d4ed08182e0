// SPDX-License-Identifier: Apache-2.0
//
// See vfs.h. The file says that it is immutable, so SQLite asks for no lock and looks for no
// journal; pages are handed out as pointers into the mapping (xFetch) and never copied.
#include "runner/vfs.h"

#include <errno.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/id.h"

static struct {
    const unsigned char *bytes;
    sqlite3_int64 size;
} image;

static int file_close(sqlite3_file *file) {
    (void)file;
    return SQLITE_OK;
}

static int file_read(sqlite3_file *file, void *out, int amount, sqlite3_int64 offset) {
    (void)file;
    sqlite3_int64 left = offset < image.size ? image.size - offset : 0;
    int got = left < amount ? (int)left : amount;
    if (got > 0)
        memcpy(out, image.bytes + offset, (size_t)got);
    memset((char *)out + got, 0, (size_t)(amount - got));
    return got == amount ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

static int file_write(sqlite3_file *file, const void *data, int amount, sqlite3_int64 offset) {
    (void)file, (void)data, (void)amount, (void)offset;
    return SQLITE_READONLY;
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 size) {
    (void)file, (void)size;
    return SQLITE_READONLY;
}

static int file_sync(sqlite3_file *file, int flags) {
    (void)file, (void)flags;
    return SQLITE_OK;
}

static int file_size(sqlite3_file *file, sqlite3_int64 *ret_size) {
    (void)file;
    *ret_size = image.size;
    return SQLITE_OK;
}

static int file_lock(sqlite3_file *file, int level) {
    (void)file, (void)level;
    return SQLITE_OK;
}

static int file_check_lock(sqlite3_file *file, int *ret_locked) {
    (void)file;
    *ret_locked = 0;
    return SQLITE_OK;
}

static int file_control(sqlite3_file *file, int operation, void *argument) {
    (void)file, (void)operation, (void)argument;
    return SQLITE_NOTFOUND;
}

static int file_sector(sqlite3_file *file) {
    (void)file;
    return 4096;
}

static int file_traits(sqlite3_file *file) {
    (void)file;
    return SQLITE_IOCAP_IMMUTABLE;
}

static int file_fetch(sqlite3_file *file, sqlite3_int64 offset, int amount, void **ret_page) {
    (void)file;
    bool is_inside = offset >= 0 && amount >= 0 && offset <= image.size - amount;
    *ret_page = is_inside ? (void *)(image.bytes + offset) : NULL;
    return SQLITE_OK;
}

static int file_unfetch(sqlite3_file *file, sqlite3_int64 offset, void *page) {
    (void)file, (void)offset, (void)page;
    return SQLITE_OK;
}

static const sqlite3_io_methods methods = {
    .iVersion = 3,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_lock,
    .xCheckReservedLock = file_check_lock,
    .xFileControl = file_control,
    .xSectorSize = file_sector,
    .xDeviceCharacteristics = file_traits,
    .xFetch = file_fetch,
    .xUnfetch = file_unfetch,
};

static int vfs_file_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
                         int *ret_flags) {
    (void)vfs, (void)name;
    file->pMethods = NULL;
    if (!(flags & SQLITE_OPEN_MAIN_DB) || !image.bytes)
        return SQLITE_CANTOPEN;
    file->pMethods = &methods;
    if (ret_flags)
        *ret_flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_MAIN_DB;
    return SQLITE_OK;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *name, int sync) {
    (void)vfs, (void)name, (void)sync;
    return SQLITE_READONLY;
}

static int vfs_access(sqlite3_vfs *vfs, const char *name, int flags, int *ret_result) {
    (void)vfs, (void)name, (void)flags;
    *ret_result = 0;
    return SQLITE_OK;
}

static int vfs_path(sqlite3_vfs *vfs, const char *name, int size, char *out) {
    (void)vfs;
    sqlite3_snprintf(size, out, "%s", name);
    return SQLITE_OK;
}

static int vfs_randomness(sqlite3_vfs *vfs, int size, char *out) {
    (void)vfs;
    id_random(out, (size_t)size);
    return size;
}

static int vfs_sleep(sqlite3_vfs *vfs, int microseconds) {
    (void)vfs, (void)microseconds;
    return 0;
}

static int vfs_time(sqlite3_vfs *vfs, sqlite3_int64 *ret_julian_ms) {
    (void)vfs;
    *ret_julian_ms =
        clock_wall_ms() + 210866760000000LL; // the Julian day of 1970-01-01, in milliseconds
    return SQLITE_OK;
}

static int vfs_last_error(sqlite3_vfs *vfs, int size, char *out) {
    (void)vfs, (void)size, (void)out;
    return 0;
}

static sqlite3_vfs vfs = {
    .iVersion = 2,
    .szOsFile = sizeof(sqlite3_file),
    .mxPathname = 64,
    .zName = VFS_NAME,
    .xOpen = vfs_file_open,
    .xDelete = vfs_delete,
    .xAccess = vfs_access,
    .xFullPathname = vfs_path,
    .xRandomness = vfs_randomness,
    .xSleep = vfs_sleep,
    .xGetLastError = vfs_last_error,
    .xCurrentTimeInt64 = vfs_time,
};

int vfs_open(int fd, struct err *err) {
    struct stat status;
    if (fstat(fd, &status) < 0)
        return err_set_errno(err, errno, "cannot look at the data");
    if (status.st_size == 0)
        return err_set(err, ERR_CORRUPT, "the data set's file is empty");
    void *bytes = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_SHARED, fd, 0);
    if (bytes == MAP_FAILED)
        return err_set_errno(err, errno, "cannot map the data");
    image.bytes = bytes;
    image.size = status.st_size;
    return sqlite3_vfs_register(&vfs, 0) == SQLITE_OK
               ? 0
               : err_set(err, ERR_INTERNAL, "SQLite takes no file layer");
}
