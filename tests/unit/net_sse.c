// SPDX-License-Identifier: Apache-2.0
//
// Server-sent events, read as html.spec.whatwg.org has it, in whatever pieces they come (sse.h).
#include <string.h>

#include "base/limits.h"
#include "net/sse.h"
#include "tests/unit/check.h"

static void note(const struct net_event *event, void *context) {
    struct buf *seen = context;
    buf_add_format(seen, "[%s|%s|%s]", event->id, event->name, event->data);
}

static void feed(struct net_sse *sse, const char *bytes, size_t length) {
    char *copy = mem_text_n(bytes, length); // so that the sanitizer watches its ends
    CHECK_INT(net_sse_feed(sse, copy, length), 0);
    free(copy);
}

// The events of TEXT, cut in two behind CUT bytes.
static const char *events_of(const char *text, size_t cut) {
    static struct buf seen = BUF(10000);
    struct net_sse sse;
    buf_clear(&seen);
    net_sse_init(&sse, note, &seen);
    feed(&sse, text, cut);
    feed(&sse, text + cut, strlen(text) - cut);
    net_sse_done(&sse);
    return buf_text(&seen);
}

static const struct {
    const char *stream, *events;
} cases[] = {
    // The examples of the specification.
    {"data: YHOO\ndata: +2\ndata: 10\n\n", "[|message|YHOO\n+2\n10]"},
    {": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n",
     "[1|message|first event][|message|second event][|message| third event]"},
    {"data\n\ndata\ndata\n\ndata:", "[|message|][|message|\n]"},
    {"data:test\n\ndata: test\n\n", "[|message|test][|message|test]"},
    // Its rules.
    {"event: add\ndata: 1\n\ndata: 2\n\n", "[|add|1][|message|2]"},
    {"event: add\n\ndata: 1\n\n", "[|message|1]"},
    {"id: 7\ndata: a\n\ndata: b\n\n", "[7|message|a][7|message|b]"},
    {"data: a\r\n\r\ndata: b\r\rdata: c\n\n", "[|message|a][|message|b][|message|c]"},
    {"data: a\rdata: b\r\n\r\n", "[|message|a\nb]"},
    {"retry: 10\nnonsense: x\n:\ndata: a\n\n", "[|message|a]"},
    {"Data: a\n\n", ""},
    {" data: a\n\n", ""},
    {"data: a: b\n\n", "[|message|a: b]"},
    {"data: {\"a\":1}\nid: 3\nevent: run.ended\n\n", "[3|run.ended|{\"a\":1}]"},
    {"data: cut off\n", ""},
    {"\n\n\n\n", ""},
    {"\xEF\xBB\xBF"
     "data: marked\n\n",
     "[|message|marked]"},
};

TEST(a_stream_of_events_is_read_as_the_specification_has_it) {
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
        CHECK_TEXT(events_of(cases[i].stream, 0), cases[i].events);
}

TEST(it_does_not_matter_where_a_stream_is_cut) {
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
        for (size_t cut = 0; cut <= strlen(cases[i].stream); cut++)
            CHECK_TEXT(events_of(cases[i].stream, cut), cases[i].events);
}

TEST(a_stream_may_come_byte_by_byte) {
    struct buf seen cleanup_buf = BUF(1000);
    struct net_sse sse;
    static const char stream[] = "id: 1\r\nevent: answer\r\ndata: \xC3\xA9\r\n\r\n";
    net_sse_init(&sse, note, &seen);
    for (size_t i = 0; stream[i]; i++)
        feed(&sse, stream + i, 1);
    net_sse_done(&sse);
    CHECK_TEXT(buf_text(&seen), "[1|answer|\xC3\xA9]");
}

TEST(a_line_without_end_is_given_up_at_the_limit) {
    struct buf seen cleanup_buf = BUF(1000);
    struct net_sse sse;
    size_t length = 1024 * 1024, fed = 0;
    char *chunk = mem_zero(length, 1);
    memset(chunk, 'x', length);
    net_sse_init(&sse, note, &seen);
    while (net_sse_feed(&sse, chunk, length) == 0 && fed < 2 * (size_t)LIMIT_SSE_EVENT)
        fed += length;
    CHECK(fed >= LIMIT_SSE_EVENT - length && fed <= LIMIT_SSE_EVENT);
    net_sse_done(&sse);
    free(chunk);
}
