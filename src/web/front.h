// SPDX-License-Identifier: Apache-2.0
//
// A front: it serves the web UI and passes the API on to an agent server, its upstream. It keeps
// nothing and knows no token; docs/front.md says what it passes on.
#pragma once

#include "web/routes.h"

struct web_front;

// IS_EXPOSED: other machines can reach the front, so the upstream must ask for a token. Asks the
// upstream nothing yet. ERR_BAD_REQUEST for a URL that is none.
int web_front_new(const struct web_settings *settings, bool is_exposed,
                  struct web_front **ret_front, struct err *err);
void web_front_free(struct web_front *front);
// Answers a request that the guard let in, here or by the upstream.
enum MHD_Result web_front_answer(struct web_request *request, const struct web_route *route);
// A file on its way to the upstream: as in upload.h.
enum MHD_Result web_front_begin(struct web_request *request);
enum MHD_Result web_front_take(struct web_request *request, const char *bytes, size_t length);
void web_front_drop(struct web_request *request);

// In the Prometheus text format: a metric's head, and those that every server has.
void web_add_metric(struct buf *text, const char *name, const char *kind, const char *help);
void web_add_process_metrics(struct buf *text, const struct web_server *server);
