// SPDX-License-Identifier: Apache-2.0
//
// Server-sent events out of a stream of bytes, in whatever pieces they come (html.spec.whatwg.org,
// "Interpreting an event stream").
#pragma once

#include "base/buf.h"

struct net_event {
    const char *id, *name, *data; // "" where the event has none; name is "message" then
};

typedef void net_event_function(const struct net_event *event, void *context);

struct net_sse {
    struct buf line, id, name, data;
    bool had_return; // the last byte was a CR, whose LF would be no line of its own
    bool had_line;   // only the first line may begin with a byte order mark
    // A field that some server sends in place of `event: FIELD` and `data: …`; NULL for none.
    const char *odd_field;
    net_event_function *on_event;
    void *context;
};

void net_sse_init(struct net_sse *sse, net_event_function *on_event, void *context);
void net_sse_done(struct net_sse *sse);
// -1 once a line or an event is larger than LIMIT_SSE_EVENT.
int net_sse_feed(struct net_sse *sse, const char *bytes, size_t length);
