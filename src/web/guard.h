// SPDX-License-Identifier: Apache-2.0
//
// Who may talk to the server. Without a token that is whoever sits at this machine, and no web page
// but our own: the Host header must be one of ours (DNS rebinding), and an Origin header must be
// the same host (cross-site requests). With a token it is whoever has it. A front that others can
// reach leaves the token to its upstream.
#pragma once

#include "web/routes.h"

// 0; ERR_REFUSED; or ERR_UNAVAILABLE for a missing or wrong token (answered as 401).
int web_guard(const struct web_request *request, const struct web_route *route, struct err *err);
// Whether ADDRESS ("127.0.0.1", "::1", "localhost") can only be reached from this machine.
bool web_is_loopback(const char *address);
