// SPDX-License-Identifier: Apache-2.0
//
// See mode.h.
#include "sandbox/mode.h"

#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "sandbox/local_process.h"

#define TOKEN_FILE "/var/run/secrets/kubernetes.io/serviceaccount/token"

static const struct backend *const backends[] = {&backend_local, &backend_docker, &backend_kube};

// A Pod with a service account; kubernetes.io/docs/tasks/run-application/access-api-from-pod
static bool is_in_cluster(void) {
    return !str_is_empty(getenv("KUBERNETES_SERVICE_HOST")) && access(TOKEN_FILE, R_OK) == 0;
}

static bool has_docker(const struct sandbox_settings *settings) {
    const char *host =
        str_is_empty(settings->docker.host) ? "unix:///var/run/docker.sock" : settings->docker.host;
    if (strncmp(host, "unix://", 7) != 0)
        return true; // somebody named it
    return access(host + 7, R_OK | W_OK) == 0;
}

int mode_choose(const struct sandbox_settings *settings, const struct backend **ret_backend,
                struct err *err) {
    if (strcmp(settings->mode, "auto") == 0) {
        // A sandbox is made to find out only where there is something to choose.
        *ret_backend = is_in_cluster()                                           ? &backend_kube
                       : has_docker(settings) && !local_process_has_namespaces() ? &backend_docker
                                                                                 : &backend_local;
        return 0;
    }
    for (size_t i = 0; i < ARRAY_LENGTH(backends); i++)
        if (strcmp(backends[i]->name, settings->mode) == 0) {
            *ret_backend = backends[i];
            return 0;
        }
    return err_set(err, ERR_BAD_REQUEST, "there is no execution mode \"%s\"", settings->mode);
}
