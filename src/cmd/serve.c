// SPDX-License-Identifier: Apache-2.0
//
// `app serve`: the web UI and the API. Stopping: on SIGTERM or SIGINT it takes nothing new, lets
// what is under way end, cancels what takes longer, and leaves; a second signal leaves at once.
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "agent/provider.h"
#include "base/log.h"
#include "base/str.h"
#include "cmd/house.h"
#include "cmd/identity.h"
#include "cmd/init.h"

#define SWEEP_S 60

static void log_datasets(const struct dataset_catalogue *catalogue) {
    struct dataset_list list cleanup(dataset_list_done) = {0};
    dataset_catalogue_list(catalogue, &list);
    for (size_t i = 0; i < list.count; i++)
        if (!list.entries[i].dataset)
            log_warning("dataset=%s cannot be used: %s", list.entries[i].name,
                        list.entries[i].problem.message);
    if (list.count == 0)
        log_warning("there is no data set; name a folder of them with --datasets or DATASETS_PATH");
}

static void clean(const struct house *house) {
    size_t removed = house_clean(house);
    if (removed)
        log_info("removed %zu data set%s that had been built of tables that changed or are gone",
                 removed, removed == 1 ? "" : "s");
}

// A weaker wall, or none, is said aloud once.
static void log_sandbox(const struct house *house) {
    struct dataset *dataset cleanup(dataset_closep) = dataset_catalogue_first(house->catalogue);
    struct sandbox_health health;
    if (!dataset)
        return;
    sandbox_check(house->sandbox, dataset_schema(dataset)->name, dataset_folder(dataset), &health,
                  NULL);
    log_write(!health.is_healthy ? LOG_ERROR
              : health.is_weak   ? LOG_WARNING
                                 : LOG_INFO,
              "%s%s%s", health.summary, *health.hint ? ". " : "", health.hint);
}

// What leaves this machine is said aloud once.
static void log_model(const struct house *house) {
    enum agent_planner planner = agent_settings(house->agent)->planner;
    cleanup_json json *model = provider_describe(house->agent);
    const char *name = json_text(model, "name");
    if (!name)
        return;
    if (planner == AGENT_BUILTIN)
        log_info("the model %s is set, but PLANNER=builtin asks none", name);
    else
        log_info("%s go to the model %s of %s at %s, with %s",
                 planner == AGENT_MODEL ? "questions"
                                        : "questions that the built-in planner is not sure of",
                 name, json_text(model, "provider"), json_text(model, "base_url"),
                 str_is_equal(json_text(model, "share"), "schema")
                     ? "the schema and no cell of any table"
                     : "the schema, samples and results");
}

static _Noreturn void leave_at_once(int signal_number) { _exit(128 + signal_number); }

// Conversations that were deleted a while ago go for good.
static void sweep(const struct house *house) {
    int64_t count = 0;
    struct err err;
    if (store_sweep(house->store, &count, &err))
        log_error("conversations that were deleted cannot be taken away: %s", err.message);
    else if (count)
        log_info("%lld deleted conversation%s taken away for good", (long long)count,
                 count == 1 ? "" : "s");
}

// HOUSE is NULL for a front, which keeps nothing.
static void wait_for_end(const struct house *house, const sigset_t *signals) {
    static const struct timespec between_sweeps = {.tv_sec = SWEEP_S};
    if (house)
        sweep(house);
    while (sigtimedwait(signals, NULL, &between_sweeps) < 0)
        if (house)
            sweep(house);
    log_info("stopping: nothing new is taken, what is under way may end; a second signal leaves at "
             "once");
    signal(SIGTERM, leave_at_once);
    signal(SIGINT, leave_at_once);
    pthread_sigmask(SIG_UNBLOCK, signals, NULL);
}

static struct web_settings web_settings_of(const struct settings *settings) {
    return (struct web_settings){.listen = settings->listen,
                                 .allowed_hosts = settings->allowed_hosts,
                                 .assets_path = settings->assets_path,
                                 .version = VERSION};
}

static void say_ready(const struct web_server *server) {
    printf("Sandglass is ready: %s\n", web_url(server));
    fflush(stdout);
}

// The token that is set; where none is and other machines can come in, one that the server makes.
static int choose_token(const struct settings *settings, const struct house *house,
                        char **ret_token, struct err *err) {
    int status = house_token(settings, ret_token, err);
    if (status || *ret_token || !web_is_exposed(settings->listen))
        return status;
    status = house_own_token(house->state_path, true, ret_token, err);
    if (status == 0)
        log_info("other machines can reach %s and no access token was set, so the server has one "
                 "of its own: `app token` prints it, %s/" HOUSE_TOKEN_FILE " has it",
                 settings->listen, house->state_path);
    return status;
}

static int serve(const struct settings *settings, const struct house *house,
                 const sigset_t *signals, struct err *err) {
    struct web_house web_house = house_for_web(house);
    struct web_settings web = web_settings_of(settings);
    cleanup_free char *token = NULL;
    struct web_server *server;
    int status = choose_token(settings, house, &token, err);
    web.token = token;
    if (status == 0)
        status = web_start(&web, &web_house, &server, err);
    if (status)
        return status;
    say_ready(server);
    log_datasets(house->catalogue);
    clean(house);
    log_sandbox(house);
    log_model(house);
    wait_for_end(house, signals);
    web_quiesce(server);
    agent_stop(house->agent, settings->timeout_ms + 1000);
    web_stop(server);
    return 0;
}

static int serve_house(const struct settings *settings, const sigset_t *signals, struct err *err) {
    struct house house;
    int status = house_open(settings, false, &house, err);
    if (status)
        return status;
    status = serve(settings, &house, signals, err);
    house_close(&house);
    return status;
}

// A front has no data sets, no sandbox, no store and no token: those are its upstream's.
static int serve_front(const struct settings *settings, const sigset_t *signals, struct err *err) {
    struct web_settings web = web_settings_of(settings);
    struct web_server *server;
    web.upstream = settings->upstream;
    web.upstream_silence_ms = settings->upstream_timeout_ms;
    int status = web_start(&web, NULL, &server, err);
    if (status)
        return status;
    say_ready(server);
    log_info("a front: the API is passed on to %s", settings->upstream);
    if (!str_is_empty(settings->access_token) || !str_is_empty(settings->access_token_file))
        log_warning("a front asks for no access token itself; its upstream does");
    wait_for_end(NULL, signals);
    web_quiesce(server);
    for (int64_t left_ms = settings->timeout_ms + 1000; web_under_way(server) && left_ms > 0;
         left_ms -= 10)
        usleep(10 * 1000);
    web_stop(server);
    return 0;
}

static int run(const struct settings *settings) {
    struct err err = {0};
    sigset_t signals;
    if (identity_take(settings, &err))
        return house_complain("serve", &err, err.code == ERR_BAD_REQUEST ? 2 : 1);
    init_if_first();
    house_prepare(settings);
    // Threads inherit the mask, so only the one that waits for signals gets them.
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    int status = str_is_empty(settings->upstream) ? serve_house(settings, &signals, &err)
                                                  : serve_front(settings, &signals, &err);
    return status ? house_complain("serve", &err, status == ERR_BAD_REQUEST ? 2 : 1) : 0;
}

const struct command command_serve = {
    .name = "serve",
    .mask = FOR_SERVE,
    .synopsis = "[OPTION]…",
    .summary = "the web UI and the HTTP API",
    .description = "Serves the web UI and the API of /api/openapi.json. Each question is answered "
                   "by SQL that runs in a sandbox of its "
                   "own; conversations are kept in the state folder. It prints its address on "
                   "standard output once it is ready, logs to "
                   "standard error, and stops gracefully on SIGTERM and SIGINT.\n\n"
                   "On a loopback address it answers to its own names only, so that no other web "
                   "page can use it. On any other address it asks for the access token, and makes "
                   "one in the state folder where none is set.\n\n"
                   "With --upstream it is a front: it serves the web UI, passes the API on to the "
                   "agent server there, and keeps nothing itself.",
    .statuses =
        "0 stopped by a signal; 1 it could not start; 2 the command line or a setting is wrong.",
    .examples = "app serve\napp serve --listen 127.0.0.1:9000 --datasets ~/tables\n"
                "ACCESS_TOKEN_FILE=token app serve --listen 0.0.0.0:8080\n"
                "app serve --listen 0.0.0.0:8080 --upstream http://10.0.0.5:8080",
    .run = run,
};
