// SPDX-License-Identifier: Apache-2.0
//
// See identity.h.
#include "cmd/identity.h"

#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"

#define USUAL_SOCKET "/var/run/docker.sock"

static int parse(const char *text, int64_t *ret_uid, int64_t *ret_gid, struct err *err) {
    const char *colon = strchr(text, ':');
    cleanup_free char *uid = mem_text_n(text, colon ? (size_t)(colon - text) : 0);
    if (!colon || str_to_integer(uid, 1, UINT32_MAX - 1, ret_uid) < 0 ||
        str_to_integer(colon + 1, 1, UINT32_MAX - 1, ret_gid) < 0) {
        err_set(err, ERR_BAD_REQUEST, "RUN_AS is \"%.100s\", which is no user other than root",
                text);
        return err_hint(err, "It looks like 65534:65534.");
    }
    return 0;
}

// The group that may use Docker's socket; the process's own one where there is no such socket.
static gid_t group_of_socket(const char *host, gid_t otherwise) {
    struct stat status;
    const char *path = str_is_empty(host)                ? USUAL_SOCKET
                       : str_has_prefix(host, "unix://") ? host + strlen("unix://")
                                                         : "";
    return stat(path, &status) == 0 && S_ISSOCK(status.st_mode) ? status.st_gid : otherwise;
}

int identity_take(const struct settings *settings, struct err *err) {
    int64_t uid, gid;
    if (str_is_empty(settings->run_as))
        return 0;
    int status = parse(settings->run_as, &uid, &gid, err);
    if (status || (int64_t)getuid() == uid)
        return status;
    if (getuid() != 0) {
        err_set(err, ERR_REFUSED, "RUN_AS is %.60s, but this process is user %ld, not root",
                settings->run_as, (long)getuid());
        return err_hint(err, "Start it as root, or leave RUN_AS out.");
    }
    gid_t group = group_of_socket(settings->docker_host, (gid_t)gid);
    if (setgroups(1, &group) < 0 || setresgid((gid_t)gid, (gid_t)gid, (gid_t)gid) < 0 ||
        setresuid((uid_t)uid, (uid_t)uid, (uid_t)uid) < 0) {
        err_set_errno(err, errno, "cannot become the user %.60s of RUN_AS", settings->run_as);
        return err_hint(err, "Give the container the capabilities SETUID and SETGID.");
    }
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    prctl(PR_SET_DUMPABLE, 1, 0, 0, 0); // as it is for a process that was never root
    return setuid(0) < 0 ? 0 : err_set(err, ERR_REFUSED, "this process cannot give up being root");
}
