// SPDX-License-Identifier: Apache-2.0
//
// How to reach a cluster, and as whom: from kubeconfig files, or from what the kubelet mounts into
// every Pod. (kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig)
#pragma once

#include <stdbool.h>

#include "base/json.h"

// All texts are owned; NULL where they are not given.
struct kube_config {
    char *server, *proxy, *tls_name, *name_space;
    char *authorities; // PEM
    bool is_insecure;
    char *certificate, *key; // PEM
    char *token, *token_file, *user, *password;
    json *exec;   // a credential plugin as the kubeconfig has it, its command made absolute
    char *source; // where this comes from, for messages
};

void kube_config_done(struct kube_config *config);

// PATHS is one file, or several parted by colons, of which the first that says something wins and
// those that are not there are left out. Empty: the Pod's service account where this is a Pod, else
// ~/.kube/config. CONTEXT may be empty: the current one. ERR_NOT_FOUND, ERR_BAD_REQUEST.
int kube_config_load(const char *paths, const char *context, struct kube_config *ret_config,
                     struct err *err);
// What the kubelet mounted at FOLDER, for the API server at HOST and PORT.
int kube_config_load_account(const char *folder, const char *host, const char *port,
                             struct kube_config *ret_config, struct err *err);
