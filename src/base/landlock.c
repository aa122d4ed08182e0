// SPDX-License-Identifier: Apache-2.0
//
// See landlock.h. A ruleset names the rights it handles; each ABI adds some.
#include "base/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

// linux/landlock.h of older kernel headers stops before these; the values are the kernel's ABI.
struct landlock_ruleset {
    uint64_t handled_access_fs, handled_access_net, scoped;
};
#define LANDLOCK_VERSION_FLAG 1u

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_restrict_self 446
#endif

int landlock_deny_all(int *ret_abi, struct err *err) {
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_VERSION_FLAG);
    if (abi < 0) {
        *ret_abi = 0; // ENOSYS, EOPNOTSUPP: the kernel has none, or it is off
        return 0;
    }
    struct landlock_ruleset rules = {.handled_access_fs = 0x1FFF};
    rules.handled_access_fs |= abi >= 2 ? 1u << 13 : 0; // refer
    rules.handled_access_fs |= abi >= 3 ? 1u << 14 : 0; // truncate
    rules.handled_access_fs |= abi >= 5 ? 1u << 15 : 0; // ioctl on devices
    rules.handled_access_net = abi >= 4 ? 3 : 0;        // bind and connect TCP
    rules.scoped = abi >= 6 ? 3 : 0;                    // abstract unix sockets, signals
    size_t size = abi >= 6 ? 24 : abi >= 4 ? 16 : 8;
    long ruleset = syscall(SYS_landlock_create_ruleset, &rules, size, 0);
    if (ruleset < 0 || syscall(SYS_landlock_restrict_self, ruleset, 0) < 0)
        return err_set_errno(err, errno, "cannot put Landlock in force");
    close((int)ruleset);
    int fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0 || errno != EACCES) {
        close(fd);
        return err_set(err, ERR_IO, "Landlock is in force but does not hold");
    }
    *ret_abi = (int)abi;
    return 0;
}
