// SPDX-License-Identifier: Apache-2.0
//
// See fd.h.
#include "base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

void fd_close(int *fd) {
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

int fd_take(int *fd) {
    int taken = *fd;
    *fd = -1;
    return taken;
}

int fd_read_all(int fd, struct buf *buf, struct err *err) {
    for (;;) {
        // At the ceiling one more byte is asked for, into a spare place: only then is the file
        // known to be too large.
        char spare[1];
        size_t left = buf->limit - buf->length, chunk = left == 0 ? 1 : left < 65536 ? left : 65536;
        char *end = left == 0 ? spare : buf_reserve(buf, chunk);
        ssize_t got = read(fd, end, chunk);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return err_set_errno(err, errno, "cannot read");
        if (got == 0)
            return 0;
        if (end == spare)
            return err_set(err, ERR_TOO_LARGE, "more than %zu bytes", buf->limit);
        buf_grew(buf, (size_t)got);
    }
}

int fd_write_all(int fd, const void *data, size_t length, struct err *err) {
    for (size_t done = 0; done < length;) {
        ssize_t wrote = write(fd, (const char *)data + done, length - done);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0)
            return err_set_errno(err, errno, "cannot write");
        done += (size_t)wrote;
    }
    return 0;
}

int fd_read_file(const char *path, struct buf *buf, struct err *err) {
    cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return err_set(err, ERR_NOT_FOUND, "%s is not there", path);
    if (fd < 0)
        return err_set_errno(err, errno, "cannot open %s", path);
    int status = fd_read_all(fd, buf, err);
    return status ? err_prefix(err, "%s", path) : 0;
}

int fd_replace_file(const char *path, const void *data, size_t length, unsigned mode,
                    struct err *err) {
    cleanup_free char *temporary = mem_format("%s.%ld.new", path, (long)getpid());
    cleanup_fd int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (fd < 0)
        return err_set_errno(err, errno, "cannot make %s", temporary);
    int status = fd_write_all(fd, data, length, err);
    if (status)
        err_prefix(err, "%s", temporary);
    else if (fsync(fd) < 0)
        status = err_set_errno(err, errno, "cannot write %s", temporary);
    else if (rename(temporary, path) < 0)
        status = err_set_errno(err, errno, "cannot rename %s to %s", temporary, path);
    if (status)
        unlink(temporary);
    return status;
}
