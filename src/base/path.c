// SPDX-License-Identifier: Apache-2.0
//
// See path.h.
#include "base/path.h"

#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

char *path_join(const char *folder, const char *name) {
    size_t length = strlen(folder);
    while (length > 1 && folder[length - 1] == '/')
        length--;
    return mem_format("%.*s%s%s", (int)length, folder, length == 1 && *folder == '/' ? "" : "/",
                      name);
}

const char *path_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

bool path_is_folder(const char *path) {
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

bool path_is_file(const char *path) {
    struct stat status;
    return stat(path, &status) == 0 && S_ISREG(status.st_mode);
}

int path_make_folder(const char *path, unsigned mode, struct err *err) {
    cleanup_free char *partial = mem_text(path);
    for (char *at = partial + 1;; at++) {
        char end = *at;
        if (end != '/' && end != '\0')
            continue;
        *at = '\0';
        if (mkdir(partial, mode) < 0 && errno != EEXIST)
            return err_set_errno(err, errno, "cannot make the folder %s", partial);
        *at = end;
        if (!end)
            break;
    }
    if (!path_is_folder(path))
        return err_set(err, ERR_IO, "%s is in the way: it is not a folder", path);
    return 0;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *walk) {
    (void)status, (void)type, (void)walk;
    remove(path);
    return 0;
}

void path_remove_folder(const char *path) { nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS); }

char *path_of_program(void) {
    char path[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
    if (length <= 0)
        return mem_text(".");
    path[length] = '\0';
    char *slash = strrchr(path, '/');
    return mem_text_n(path, slash == path ? 1 : (size_t)(slash - path));
}
