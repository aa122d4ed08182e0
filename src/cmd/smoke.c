// SPDX-License-Identifier: Apache-2.0
//
// `app smoke`: is everything well? Asks the prompts of every data set over HTTP, as any client
// would, and compares the answers with the values that the data set's author vouches for.
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "cmd/expect.h"
#include "cmd/house.h"
#include "net/http.h"
#include "net/sse.h"

#define REQUEST_MS 60000
#define LOOK_AGAIN_US 300000

struct smoke {
    const char *format;   // "text", "tap", "json"
    int64_t prompts_most; // of each data set
    char *url, *token;    // url: without a slash at its end
    int64_t wait_s;       // for the server to be ready
    int passed, failed;
    json *results; // for "json"
};

// ---- The client ---------------------------------------------------------------------------------

static int call(const struct smoke *smoke, const char *method, const char *path, const json *body,
                struct net_response *ret_response, struct err *err) {
    cleanup_free char *url = mem_format("%s%s", smoke->url, path),
                      *text = body ? json_write(body) : NULL;
    struct net_request request = {method, url, text, smoke->token, REQUEST_MS};
    int status = net_send(&request, ret_response, err);
    if (status || ret_response->status < 400)
        return status;
    cleanup_json json *problem = NULL;
    json_parse(buf_text(&ret_response->body), ret_response->body.length, &problem, err);
    const char *detail = problem ? json_text(problem, "detail") : buf_text(&ret_response->body);
    int length = detail ? (int)strcspn(detail, "\n") : 0; // /readyz answers in lines
    status =
        err_set(err, ERR_UNAVAILABLE, "%s %s answers %ld: %.*s", method, path, ret_response->status,
                length ? length : 15, length ? detail : "no reason given");
    net_response_done(ret_response);
    return status;
}

static int call_json(const struct smoke *smoke, const char *method, const char *path,
                     const json *body, json **ret_value, struct err *err) {
    struct net_response response;
    int status = call(smoke, method, path, body, &response, err);
    if (status)
        return status;
    status = json_parse(buf_text(&response.body), response.body.length, ret_value, err);
    net_response_done(&response);
    return status ? err_prefix(err, "%s", path) : 0;
}

static void take_end(const struct net_event *event, void *context) {
    json **turn = context, *data = NULL;
    struct err ignored;
    if (strcmp(event->name, "turn.ended") != 0 ||
        json_parse(event->data, strlen(event->data), &data, &ignored))
        return;
    json_free(*turn);
    *turn = cJSON_DetachItemFromObjectCaseSensitive(data, "turn");
    json_free(data);
}

static int ask(const struct smoke *smoke, const char *dataset, const char *question,
               json **ret_turn, struct err *err) {
    cleanup_json json *begin = cJSON_CreateObject(), *conversation = NULL,
                      *message = cJSON_CreateObject(), *turn = NULL;
    struct net_response response;
    json_add_text(begin, "dataset", dataset);
    json_add_text(message, "text", question);
    json_add_text(message, "planner", "builtin"); // whatever model is set, the answers are known
    json_add_bool(message, "approve", true);
    int status = call_json(smoke, "POST", "/api/v1/conversations", begin, &conversation, err);
    if (status)
        return status;
    cleanup_free char *path =
        mem_format("/api/v1/conversations/%s/messages", json_text(conversation, "id"));
    status = call(smoke, "POST", path, message, &response, err);
    if (status)
        return status;
    struct net_sse sse;
    net_sse_init(&sse, take_end, &turn);
    net_sse_feed(&sse, buf_text(&response.body), response.body.length);
    net_sse_done(&sse);
    net_response_done(&response);
    if (!turn)
        return err_set(err, ERR_CORRUPT, "the events broke off before turn.ended");
    *ret_turn = mem_take(turn);
    return 0;
}

// ---- The checks ---------------------------------------------------------------------------------

static void report(struct smoke *smoke, const char *dataset, const char *question,
                   int64_t elapsed_us, const struct err *err) {
    bool is_good = err->code == 0;
    smoke->passed += is_good;
    smoke->failed += !is_good;
    if (strcmp(smoke->format, "json") == 0) {
        json *result = cJSON_CreateObject();
        json_add_text(result, "dataset", dataset);
        json_add_text(result, "question", question);
        json_add_bool(result, "passed", is_good);
        json_add_real(result, "elapsed_ms", (double)elapsed_us / 1000);
        json_add_text(result, "message", is_good ? NULL : err->message);
        cJSON_AddItemToArray(smoke->results, result);
    } else if (strcmp(smoke->format, "tap") == 0) {
        printf("%sok %d - %s: %s\n", is_good ? "" : "not ", smoke->passed + smoke->failed, dataset,
               question);
        if (!is_good)
            printf("# %s\n", err->message);
    } else {
        printf("%s %7.1f ms  %s: %s\n", is_good ? "✓" : "✗", (double)elapsed_us / 1000, dataset,
               question);
        if (!is_good)
            printf("             %s\n", err->message);
    }
    fflush(stdout);
}

static int check_answer(const json *turn, const json *expect, struct err *err) {
    const json *run = cJSON_GetObjectItemCaseSensitive(turn, "run"),
               *error = cJSON_GetObjectItemCaseSensitive(turn, "error");
    if (!str_is_equal(json_text(turn, "status"), "answered"))
        return err_set(err, ERR_CONFLICT, "it ended as %s: %s", json_text(turn, "status"),
                       cJSON_IsObject(error) ? json_text(error, "message") : "no reason given");
    return expect_match(expect, cJSON_GetObjectItemCaseSensitive(run, "result"), err);
}

static void check(struct smoke *smoke, const char *dataset, const json *check) {
    struct err err = {0};
    cleanup_json json *turn = NULL;
    const char *question = json_text(check, "question");
    int64_t start_us = clock_monotonic_us();
    if (ask(smoke, dataset, question, &turn, &err) == 0)
        check_answer(turn, cJSON_GetObjectItemCaseSensitive(check, "expect"), &err);
    report(smoke, dataset, question, clock_monotonic_us() - start_us, &err);
}

static void check_dataset(struct smoke *smoke, const json *summary) {
    struct err err = {0};
    const char *name = json_text(summary, "name");
    cleanup_json json *dataset = NULL;
    if (!str_is_equal(json_text(summary, "status"), "ready")) {
        err_set(&err, ERR_UNAVAILABLE, "%s", json_text(summary, "problem"));
        report(smoke, name, "is it ready?", 0, &err);
        return;
    }
    cleanup_free char *path = mem_format("/api/v1/datasets/%s", name);
    if (call_json(smoke, "GET", path, NULL, &dataset, &err)) {
        report(smoke, name, "is it there?", 0, &err);
        return;
    }
    const json *item;
    int64_t count = 0;
    cJSON_ArrayForEach (item, cJSON_GetObjectItemCaseSensitive(dataset, "checks"))
        if (count++ < smoke->prompts_most)
            check(smoke, name, item);
}

// The model, where one is set, without spending a token on it.
static int check_model(struct smoke *smoke, struct err *err) {
    cleanup_json json *health = NULL;
    struct err found = {0};
    int64_t start_us = clock_monotonic_us();
    int status = call_json(smoke, "GET", "/api/v1/health", NULL, &health, err);
    if (status)
        return status;
    const json *planner = cJSON_GetObjectItemCaseSensitive(health, "planner");
    const json *model = cJSON_GetObjectItemCaseSensitive(planner, "model");
    if (cJSON_IsObject(model)) {
        if (!json_bool(model, "reachable", false))
            err_set(&found, ERR_UNAVAILABLE, "%s", json_text(model, "detail"));
        report(smoke, "model", "can it be reached?", clock_monotonic_us() - start_us, &found);
    } else if (strcmp(smoke->format, "json") != 0) {
        puts(strcmp(smoke->format, "tap") == 0 ? "# skipped: the language model, as none is set"
                                               : "- skipped     the language model: none is set");
    }
    return 0;
}

static int wait_until_ready(const struct smoke *smoke, struct err *err) {
    int64_t end_us = clock_monotonic_us() + smoke->wait_s * 1000000;
    struct net_response ready;
    int status;
    while ((status = call(smoke, "GET", "/readyz", NULL, &ready, err)) &&
           clock_monotonic_us() < end_us)
        usleep(LOOK_AGAIN_US);
    if (status == 0)
        net_response_done(&ready);
    return status;
}

static int check_all(struct smoke *smoke, struct err *err) {
    cleanup_json json *datasets = NULL;
    const json *summary;
    int status = wait_until_ready(smoke, err);
    if (status)
        return status;
    status = call_json(smoke, "GET", "/api/v1/datasets", NULL, &datasets, err);
    if (status)
        return status;
    if (strcmp(smoke->format, "tap") == 0)
        puts("TAP version 14");
    cJSON_ArrayForEach (summary, cJSON_GetObjectItemCaseSensitive(datasets, "datasets"))
        check_dataset(smoke, summary);
    if (smoke->passed + smoke->failed == 0)
        return err_set(err, ERR_NOT_FOUND, "%s has no data set with prompts to check", smoke->url);
    return check_model(smoke, err);
}

static void conclude(struct smoke *smoke, int64_t elapsed_us) {
    if (strcmp(smoke->format, "json") == 0) {
        cleanup_json json *report = cJSON_CreateObject();
        json_add_text(report, "url", smoke->url);
        json_add_integer(report, "passed", smoke->passed);
        json_add_integer(report, "failed", smoke->failed);
        json_add(report, "results", mem_take(smoke->results));
        cleanup_free char *text = json_write(report);
        puts(text);
    } else if (strcmp(smoke->format, "tap") == 0) {
        printf("1..%d\n", smoke->passed + smoke->failed);
    } else {
        printf("\n%d passed, %d failed in %.2f s: %s\n", smoke->passed, smoke->failed,
               (double)elapsed_us / 1e6, smoke->url);
    }
}

// ---- The command --------------------------------------------------------------------------------

static int check_own_server(const struct settings *settings, struct smoke *smoke, struct err *err) {
    struct house house;
    struct web_server *server;
    int status = house_open(settings, true, &house, err);
    if (status)
        return status;
    struct web_house web_house = house_for_web(&house);
    struct web_settings web = {.listen = "127.0.0.1:0", .token = smoke->token, .version = VERSION};
    status = web_start(&web, &web_house, &server, err);
    if (status == 0) {
        smoke->url = mem_text_n(web_url(server), strlen(web_url(server)) - 1);
        status = check_all(smoke, err);
        web_quiesce(server);
        agent_stop(house.agent, 1000);
        web_stop(server);
    }
    house_close(&house);
    return status;
}

static int run(const struct settings *settings) {
    struct err err = {0};
    struct smoke smoke = {.format = settings->format,
                          .prompts_most = settings->prompts ? settings->prompts : INT64_MAX,
                          .wait_s = settings->wait_s,
                          .results = cJSON_CreateArray()};
    int64_t start_us = clock_monotonic_us();
    house_prepare(settings);
    int status = house_token(settings, &smoke.token, &err);
    if (status == 0 && str_is_empty(settings->url)) {
        status = check_own_server(settings, &smoke, &err);
    } else if (status == 0) {
        size_t length = strlen(settings->url);
        smoke.url = mem_text_n(settings->url, length - (settings->url[length - 1] == '/'));
        status = check_all(&smoke, &err);
    }
    if (status == 0)
        conclude(&smoke, clock_monotonic_us() - start_us);
    json_free(smoke.results);
    free(smoke.url);
    free(smoke.token);
    return status ? house_complain("smoke", &err, status == ERR_BAD_REQUEST ? 2 : 1)
                  : smoke.failed > 0;
}

const struct command command_smoke = {
    .name = "smoke",
    .mask = FOR_SMOKE,
    .synopsis = "[OPTION]…",
    .summary = "ask every data set's prompts over HTTP and check the answers",
    .description = "Asks the canonical prompts of every data set through the HTTP API as a client "
                   "would, and checks that each answer has "
                   "the values that the data set vouches for (`prompts` in its dataset.json). "
                   "The built-in planner answers them; of a language model, where one is set, it "
                   "is only checked that it can be reached. "
                   "Without --url it starts a server of its own "
                   "on a free port, with a temporary state folder, and stops it at the end.",
    .statuses = "0 only if every check holds; 1 otherwise; 2 the command line is wrong.",
    .examples = "app smoke\napp smoke --url http://127.0.0.1:8080 --wait-s 30 --format tap",
    .run = run,
};
