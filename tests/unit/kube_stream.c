// SPDX-License-Identifier: Apache-2.0
//
// What is read of an API server piece by piece: events of a watch, channels of an attach, and when
// the breaker lets something through.
#include <string.h>

#include "base/buf.h"
#include "kube/attach.h"
#include "kube/breaker.h"
#include "kube/pod.h"
#include "kube/watch.h"
#include "tests/unit/check.h"

static struct kube_watch_event parse(const char *line) {
    struct kube_watch_event event;
    struct err err;
    CHECK_OK(kube_watch_event_parse(line, strlen(line), &event, &err), err);
    return event;
}

TEST(an_event_of_a_watch_has_its_object_and_version) {
    struct kube_watch_event event = parse("{\"type\":\"MODIFIED\",\"object\":{\"kind\":\"Pod\","
                                          "\"metadata\":{\"resourceVersion\":\"41\"}}}");
    CHECK_INT(event.kind, KUBE_SEEN);
    CHECK_TEXT(event.version, "41");
    CHECK_TEXT(json_text(event.object, "kind"), "Pod");
    kube_watch_event_done(&event);
    event = parse("{\"type\":\"BOOKMARK\",\"object\":{\"metadata\":{\"resourceVersion\":\"57\"}}}");
    CHECK_INT(event.kind, KUBE_BOOKMARK);
    CHECK_TEXT(event.version, "57");
    kube_watch_event_done(&event);
}

TEST(an_error_event_is_told_apart_from_a_version_that_is_too_old) {
    struct kube_watch_event event =
        parse("{\"type\":\"ERROR\",\"object\":{\"kind\":\"Status\",\"code\":410,"
              "\"reason\":\"Expired\",\"message\":\"too old resource version\"}}");
    CHECK_INT(event.kind, KUBE_GONE);
    event = parse("{\"type\":\"ERROR\",\"object\":{\"kind\":\"Status\",\"code\":500}}");
    CHECK_INT(event.kind, KUBE_FAILED);
}

TEST(a_line_that_is_no_event_is_refused) {
    static const char *const lines[] = {"", "{", "{}", "{\"type\":\"ADDED\"}",
                                        "{\"type\":\"GROWN\",\"object\":{}}"};
    struct kube_watch_event event;
    struct err err;
    for (size_t i = 0; i < ARRAY_LENGTH(lines); i++)
        CHECK_INT(kube_watch_event_parse(lines[i], strlen(lines[i]), &event, &err), ERR_CORRUPT);
}

TEST(the_first_byte_of_a_message_is_its_channel) {
    static const struct {
        const char *bytes;
        size_t length;
    } messages[] = {{"\1", 1}, {"\1one ", 5}, {"\2log", 4}, {"\1two", 4}, {"\377\1", 2}, {"", 0}};
    cleanup_buf struct buf out = BUF(16), log = BUF(16);
    bool has_ended = false;
    struct err err;
    for (size_t i = 0; i < ARRAY_LENGTH(messages); i++)
        CHECK_OK(
            kube_attach_take(messages[i].bytes, messages[i].length, &out, &log, &has_ended, &err),
            err);
    CHECK_TEXT(buf_text(&out), "one two");
    CHECK_TEXT(buf_text(&log), "log");
    CHECK(!has_ended);
    CHECK_OK(kube_attach_take("\3{}", 3, &out, &log, &has_ended, &err), err);
    CHECK(has_ended);
    CHECK_INT(kube_attach_take("\1more than fits", 15, &out, &log, &has_ended, &err),
              ERR_TOO_LARGE);
}

TEST(the_breaker_opens_after_three_failures_and_lets_one_through_at_a_time) {
    struct kube_breaker breaker = {0};
    kube_breaker_failed(&breaker, 0);
    kube_breaker_failed(&breaker, 0);
    kube_breaker_succeeded(&breaker);
    kube_breaker_failed(&breaker, 0);
    kube_breaker_failed(&breaker, 0);
    CHECK(kube_breaker_admits(&breaker, 1));
    kube_breaker_failed(&breaker, 1000);
    CHECK(!kube_breaker_admits(&breaker, 1999000));
    CHECK(kube_breaker_admits(&breaker, 2001000));
    CHECK(!kube_breaker_admits(&breaker, 2001000));
    kube_breaker_failed(&breaker, 2002000); // that one; the next may come after twice the delay
    CHECK(!kube_breaker_admits(&breaker, 6001000));
    CHECK(kube_breaker_admits(&breaker, 6002000));
    kube_breaker_succeeded(&breaker);
    CHECK(kube_breaker_admits(&breaker, 6002001) && kube_breaker_admits(&breaker, 6002001));
}

TEST(what_fails_while_the_breaker_is_open_does_not_keep_it_open_for_ever) {
    struct kube_breaker breaker = {0};
    for (int i = 0; i < 3; i++)
        kube_breaker_failed(&breaker, 0);
    for (int64_t now_us = 0; now_us < 1900000; now_us += 100000)
        kube_breaker_failed(&breaker, now_us);
    CHECK(!kube_breaker_admits(&breaker, 1999999));
    CHECK(kube_breaker_admits(&breaker, 2000000));
}

TEST(a_pods_state_is_read_from_what_the_kubelet_and_the_scheduler_write) {
    static const char text[] =
        "{\"metadata\":{\"name\":\"p\",\"uid\":\"u\",\"deletionTimestamp\":\"x\","
        "\"ownerReferences\":"
        "[{\"kind\":\"Job\",\"uid\":\"j\"}]},\"spec\":{\"nodeName\":\"n1\"},\"status\":{\"phase\":"
        "\"Failed\",\"reason\":\"Evicted\",\"message\":\"low on memory\",\"conditions\":[{\"type\":"
        "\"PodScheduled\",\"status\":\"True\"},{\"type\":\"DisruptionTarget\",\"status\":\"True\","
        "\"reason\":\"TerminationByKubelet\",\"message\":\"why\"}],\"containerStatuses\":[{"
        "\"state\":"
        "{\"terminated\":{\"reason\":\"OOMKilled\",\"exitCode\":137,\"message\":\"last\"}}}]}}";
    json *object = cJSON_Parse(text);
    struct kube_pod pod;
    kube_pod_read(object, &pod);
    json_free(object);
    CHECK_TEXT(pod.name, "p");
    CHECK_TEXT(pod.job_uid, "j");
    CHECK_TEXT(pod.node, "n1");
    CHECK_TEXT(pod.reason, "Evicted");
    CHECK_TEXT(pod.disruption, "TerminationByKubelet");
    CHECK_TEXT(pod.ended, "OOMKilled");
    CHECK_TEXT(pod.last_words, "last");
    CHECK_INT(pod.exit_code, 137);
    CHECK(pod.is_going && pod.is_scheduled && pod.is_terminated && !pod.is_running);
}
