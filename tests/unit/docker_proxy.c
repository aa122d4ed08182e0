// SPDX-License-Identifier: Apache-2.0
//
// What the Docker proxy reads and lets through, without a daemon. tests/docker/proxy.mjs asks the
// real one, at length.
#include <stdio.h>
#include <string.h>

#include "docker/proxy_policy.h"
#include "tests/unit/check.h"

#define NAME "sandglass-01K0000000000000000000000A"

static const struct docker_proxy_rules rules = {.image = "sandglass:test",
                                                .bind_folders = "/srv/data:/more/",
                                                .memory_bytes = 1 << 29,
                                                .nano_cpus = 500000000,
                                                .pids = 64};

static const char *const command[] = {"runner",      "--data", "/data",   "--dataset", "weather",
                                      "--memory-mb", "64",     "--cpu-s", "7",         NULL};

static struct docker_container container(void) {
    return (struct docker_container){.name = NAME,
                                     .image = "sandglass:test",
                                     .command = command,
                                     .server_label = "SERVER",
                                     .run_label = "RUN",
                                     .role_label = "run",
                                     .memory_bytes = 1 << 26,
                                     .nano_cpus = 250000000,
                                     .pids = 16};
}

static int parse(const char *text, struct docker_proxy_head *ret_head) {
    struct err err = {0};
    return docker_proxy_head_parse(text, strlen(text), ret_head, &err);
}

// What METHOD and TARGET are judged to be; negative where they are refused.
static int judge(const char *method, const char *target) {
    struct docker_proxy_head head;
    struct docker_proxy_call call;
    struct err err = {0};
    cleanup_free char *text = mem_format("%s %s HTTP/1.1\r\nHost: d\r\n\r\n", method, target);
    CHECK_INT(parse(text, &head), 0);
    int status = docker_proxy_judge(&rules, &head, &call, &err);
    return status ? status : (int)call.verb;
}

static int read_order(const json *body, struct docker_proxy_order *ret_order) {
    struct err err = {0};
    int status = docker_proxy_read_order(&rules, NAME, body, ret_order, &err);
    if (status)
        CHECK(*err.message);
    return status;
}

static int order_of(const struct docker_container *wanted) {
    struct docker_proxy_order order;
    cleanup_json json *body = docker_container_json(wanted);
    return read_order(body, &order);
}

TEST(a_head_is_read_whole) {
    struct docker_proxy_head head;
    CHECK_INT(
        parse("PUT /a/b?c=d HTTP/1.1\r\nHost: x\r\nContent-Length: 42\r\nContent-Type: a/b\r\n"
              "connection:  close \r\n\r\n",
              &head),
        0);
    CHECK_TEXT(head.method, "PUT");
    CHECK_TEXT(head.path, "/a/b");
    CHECK_TEXT(head.query, "c=d");
    CHECK_TEXT(head.content_type, "a/b");
    CHECK_INT(head.content_bytes, 42);
    CHECK(head.wants_close && !head.wants_upgrade);
    CHECK_INT(
        parse("POST /a HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n", &head),
        0);
    CHECK(head.wants_upgrade);
    CHECK_TEXT(head.query, "");
}

TEST(a_head_that_could_be_read_in_two_ways_is_refused) {
    static const char *const heads[] = {
        "",
        "\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nhost: y\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\n\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\n\r\n",
        "GET /?  HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /? HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /a%62 HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET a HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET  HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET HTTP/1.1\r\nHost: x\r\n\r\n",
        " HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET / HTTP/1.1 \r\nHost: x\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\n: y\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: \r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1 1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: tcp\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nConnection: close, upgrade\r\n\r\n",
        "GET /a/../b HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /a/.. HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /a//b HTTP/1.1\r\nHost: x\r\n\r\n",
    };
    struct docker_proxy_head head;
    for (size_t i = 0; i < ARRAY_LENGTH(heads); i++)
        if (parse(heads[i], &head) != ERR_BAD_REQUEST)
            check_fail(__FILE__, __LINE__, "read: %s", heads[i]);
}

TEST(each_call_of_the_executor_is_known_and_its_neighbours_are_not) {
    CHECK_INT(judge("GET", "/version"), PROXY_VERSION);
    CHECK_INT(judge("GET", "/v1.40/info"), PROXY_INFO);
    CHECK_INT(judge("GET", "/v1.51/images/sandglass:test/json"), PROXY_INSPECT_IMAGE);
    CHECK_INT(judge("POST", "/v1.41/containers/" NAME "/start"), PROXY_START);
    CHECK_INT(judge("DELETE", "/v1.41/containers/" NAME "?force=1&v=1"), PROXY_REMOVE);
    static const char *const targets[] = {
        "/v1.39/info",
        "/v1.52/info",
        "/v1.411/info",
        "/v1.4/info",
        "/info",
        "/v1.41/version",
        "/v1.41/info?a",
        "/v1.41/info/",
        "/v1.41/images/sandglass:test2/json",
        "/v1.41/containers/" NAME,
        "/v1.41/containers/" NAME "x/json",
        "/v1.41/containers/sandglass-x/json",
        "/v1.41/containers//json",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(targets); i++) {
        struct docker_proxy_head head;
        cleanup_free char *text = mem_format("GET %s HTTP/1.1\r\nHost: d\r\n\r\n", targets[i]);
        if (parse(text, &head) == 0 && judge("GET", targets[i]) != ERR_REFUSED)
            check_fail(__FILE__, __LINE__, "let through: %s", targets[i]);
    }
}

TEST(what_the_executor_sends_is_an_order_with_data_in_each_way) {
    struct docker_container wanted = container();
    CHECK_INT(order_of(&wanted), 0);
    wanted.has_data_volume = true;
    CHECK_INT(order_of(&wanted), 0);
    wanted.has_data_volume = false;
    wanted.data_source = "/srv/data/weather";
    CHECK_INT(order_of(&wanted), 0);
    wanted.data_source = "/more/a/b";
    CHECK_INT(order_of(&wanted), 0);
    wanted.run_label = NULL;
    wanted.role_label = "pool";
    CHECK_INT(order_of(&wanted), 0);
}

TEST(an_order_outside_of_the_rules_is_refused) {
    static const char *const sources[] = {
        "/",          "/srv",         "/srv/database", "/srv/data/..",
        "/more/../x", "/srv/data//x", "relative",      "/srv/data/./x"};
    for (size_t i = 0; i < ARRAY_LENGTH(sources); i++) {
        struct docker_container wanted = container();
        wanted.data_source = sources[i];
        if (order_of(&wanted) != ERR_REFUSED)
            check_fail(__FILE__, __LINE__, "let through: %s", sources[i]);
    }
    struct docker_container image = container(), memory = container(), pids = container(),
                            role = container();
    image.image = "sandglass:other";
    memory.memory_bytes = (1 << 29) + 1;
    pids.pids = 65;
    role.role_label = "server";
    CHECK_INT(order_of(&image), ERR_REFUSED);
    CHECK_INT(order_of(&memory), ERR_REFUSED);
    CHECK_INT(order_of(&pids), ERR_REFUSED);
    CHECK_INT(order_of(&role), ERR_REFUSED);
}

// A mistake in one byte is either refused, or it is in a value that may vary: then what would be
// sent for it is what came.
TEST(an_order_with_any_byte_changed_is_refused_or_is_one_of_the_executors) {
    static const char changes[] = "\"{}[],:0aA\\ -";
    struct docker_container wanted = container();
    cleanup_json json *first = docker_container_json(&wanted);
    cleanup_free char *text = json_write(first);
    size_t length = strlen(text), taken = 0;
    for (size_t at = 0; at < length; at++)
        for (const char *change = changes; *change; change++) {
            cleanup_free char *changed = mem_text(text);
            cleanup_json json *body = NULL;
            struct docker_proxy_order order;
            struct err err;
            changed[at] = *change;
            if (json_parse(changed, length, &body, &err) || read_order(body, &order))
                continue;
            cleanup_json json *made = docker_container_json(&order.container);
            CHECK(cJSON_Compare(made, body, true));
            taken++;
        }
    CHECK(taken > length / 2); // each byte that is the same, at least where the set has it
}
