// SPDX-License-Identifier: Apache-2.0
//
// Exec credential plugins: a program that prints who the caller is
// (kubernetes.io/docs/reference/access-authn-authz/authentication, client-go credential plugins).
#pragma once

#include <stdint.h>

#include "kube/config.h"

struct kube_plugin_answer {
    char *token, *certificate, *key; // owned; NULL where it gives none
    int64_t expires_ms;              // wall clock; 0: it does not say
};

void kube_plugin_answer_done(struct kube_plugin_answer *answer);

// Runs the plugin of CONFIG and reads what it prints. It gets no terminal. ERR_BAD_REQUEST for a
// plugin that wants one, ERR_UNAVAILABLE where it fails or takes longer than a minute: the message
// has the end of what it wrote to standard error.
int kube_plugin_run(const struct kube_config *config, struct kube_plugin_answer *ret_answer,
                    struct err *err);
// An RFC 3339 time as milliseconds since 1970; 0 where it is none.
int64_t kube_time_ms(const char *text);
