// SPDX-License-Identifier: Apache-2.0
//
// What the Docker proxy lets through: a request is either one of the calls of container.h, with the
// options that a sandbox's container has, or it is refused in a sentence. No I/O.
#pragma once

#include "docker/container.h"
#include "docker/proxy_head.h"

#define DOCKER_PROXY_NAME_SIZE 80 // of a container, or its id

// The most that a container may be given. Texts are borrowed.
struct docker_proxy_rules {
    const char *image;        // the only one
    const char *bind_folders; // folders that may be mounted from, parted by colons; "" is none
    int64_t memory_bytes, nano_cpus, pids;
};

enum docker_proxy_verb {
    PROXY_VERSION,
    PROXY_INFO,
    PROXY_INSPECT_IMAGE,
    PROXY_LIST,
    PROXY_CREATE,
    PROXY_INSPECT,
    PROXY_ATTACH_OUTPUT,
    PROXY_ATTACH_INPUT,
    PROXY_START,
    PROXY_WAIT,
    PROXY_REMOVE,
    PROXY_PUT,
};

struct docker_proxy_call {
    enum docker_proxy_verb verb;
    char name[DOCKER_PROXY_NAME_SIZE]; // the container; of PROXY_LIST the server
};

// Finds out which call the request is. ERR_REFUSED.
int docker_proxy_judge(const struct docker_proxy_rules *rules, const struct docker_proxy_head *head,
                       struct docker_proxy_call *ret_call, struct err *err);

// A container to be made, as it was asked for. It borrows from the request's JSON.
struct docker_proxy_order {
    struct docker_container container;
    const char *command[16];
};

// Reads the BODY of a PROXY_CREATE for the container NAME. ERR_REFUSED where it is not to the last
// member what container.h makes of a container within the rules.
int docker_proxy_read_order(const struct docker_proxy_rules *rules, const char *name,
                            const json *body, struct docker_proxy_order *ret_order,
                            struct err *err);
