// SPDX-License-Identifier: Apache-2.0
//
// A proxy in front of a Docker daemon's socket: whoever connects to it can make, start, follow and
// remove sandboxes, and nothing else. proxy.c has the theory of operation.
#pragma once

#include "docker/proxy_policy.h"

struct docker_proxy_settings {
    const char *socket_path; // made anew, for this process's own user alone
    struct docker_proxy_rules rules;
    // Told of what was refused, and why, from many threads.
    void (*on_refusal)(const char *sentence);
};

struct docker_proxy;

// Listens, but answers nobody yet. ENGINE and what SETTINGS points to outlive the proxy.
// ERR_CONFLICT where another proxy listens there, ERR_IO.
int docker_proxy_open(struct docker_engine *engine, const struct docker_proxy_settings *settings,
                      struct docker_proxy **ret_proxy, struct err *err);
// Answers until STOP_FD is readable, and ends every connection then. ERR_IO.
int docker_proxy_serve(struct docker_proxy *proxy, int stop_fd, struct err *err);
void docker_proxy_close(struct docker_proxy *proxy);
MEM_CLEANUP(struct docker_proxy *, docker_proxy_close);
