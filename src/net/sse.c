// SPDX-License-Identifier: Apache-2.0
//
// See sse.h.
#include "net/sse.h"

#include "base/limits.h"

void net_sse_init(struct net_sse *sse, net_event_function *on_event, void *context) {
    *sse = (struct net_sse){.line = BUF(LIMIT_SSE_EVENT),
                            .id = BUF(4096),
                            .name = BUF(4096),
                            .data = BUF(LIMIT_SSE_EVENT),
                            .on_event = on_event,
                            .context = context};
}

void net_sse_done(struct net_sse *sse) {
    buf_done(&sse->line);
    buf_done(&sse->id);
    buf_done(&sse->name);
    buf_done(&sse->data);
}

static void dispatch(struct net_sse *sse) {
    if (sse->data.length) {
        sse->data.data[--sse->data.length] = '\0'; // the line end behind the last line of data
        struct net_event event = {buf_text(&sse->id), sse->name.length ? sse->name.data : "message",
                                  buf_text(&sse->data)};
        sse->on_event(&event, sse->context);
    }
    buf_clear(&sse->name);
    buf_clear(&sse->data);
}

static void take_line(struct net_sse *sse) {
    if (sse->line.length == 0) {
        dispatch(sse);
        return;
    }
    bool has_mark = !sse->had_line && strncmp(sse->line.data, "\xEF\xBB\xBF", 3) == 0;
    char *field = sse->line.data + (has_mark ? 3 : 0), *colon = strchr(field, ':'),
         *value = colon ? colon + 1 : sse->line.data + sse->line.length;
    if (colon)
        *colon = '\0';
    value += *value == ' ';
    if (strcmp(field, "data") == 0) {
        buf_add_text(&sse->data, value);
        buf_add_char(&sse->data, '\n');
    } else if (strcmp(field, "event") == 0 || strcmp(field, "id") == 0) {
        struct buf *buf = *field == 'e' ? &sse->name : &sse->id;
        buf_clear(buf);
        buf_add_text(buf, value);
    } else if (sse->odd_field && strcmp(field, sse->odd_field) == 0) {
        buf_clear(&sse->name);
        buf_add_text(&sse->name, field);
        buf_add_text(&sse->data, value);
        buf_add_char(&sse->data, '\n');
    }
}

int net_sse_feed(struct net_sse *sse, const char *bytes, size_t length) {
    for (size_t i = 0; i < length; i++) {
        bool is_end = bytes[i] == '\n' || bytes[i] == '\r',
             is_second = bytes[i] == '\n' && sse->had_return;
        sse->had_return = bytes[i] == '\r';
        if (!is_end) {
            buf_add_char(&sse->line, bytes[i]);
        } else if (!is_second) {
            take_line(sse);
            sse->had_line = true;
            buf_clear(&sse->line);
        }
        if (sse->line.overflowed || sse->data.overflowed)
            return -1;
    }
    return 0;
}
