// SPDX-License-Identifier: Apache-2.0
//
// An HTTP client: one request, one whole response, through libcurl.
#pragma once

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct net_request {
    const char *method, *url;
    const char *body;  // JSON; NULL is none
    const char *token; // sent as a bearer token; NULL is none
    int64_t timeout_ms;
};

struct net_response {
    long status;
    struct buf body;
};

void net_response_done(struct net_response *response);

// 0 for any response that came whole, whatever its status. ERR_UNAVAILABLE where none came: the
// message says why in libcurl's words. ERR_TOO_LARGE above LIMIT_HTTP_RESPONSE.
int net_send(const struct net_request *request, struct net_response *ret_response, struct err *err);
// "curl 8.14.1"
const char *net_library(void);
