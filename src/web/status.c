// SPDX-License-Identifier: Apache-2.0
//
// How the server is: for people (/api/v1/health), for orchestrators (/healthz, /readyz), for
// Prometheus (/metrics, exposition format 0.0.4).
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent/kept.h"
#include "agent/provider.h"
#include "base/fd.h"
#include "web/front.h"

#define SICK_FOR_US 3000000 // how long a finding is believed, where it is that nothing works
#define LOOK_FOR_US 30000000
#define ASKED_EVERY_US 2000000

// ---- How the sandboxes are ----------------------------------------------------------------------
//
// Found out by a real run, which costs a process, a container or a Job and is therefore believed
// for as long as the backend says. Meanwhile the daemon or the cluster is asked how it is, and the
// runs of users tell: where one had no sandbox, or something is missing, a run is made at once.

static bool has_missing(const struct sandbox_report *report) {
    for (size_t i = 0; i < report->count; i++)
        if (report->findings[i].state == SANDBOX_MISSING)
            return true;
    return false;
}

static void look(struct web_server *server, int64_t now_us) {
    struct web_health *health = &server->health;
    int64_t lasts_us = health->sandbox.is_healthy ? LOOK_FOR_US : SICK_FOR_US;
    if (health->looked_us && now_us - health->looked_us < lasts_us)
        return;
    health->of_look.count = 0;
    sandbox_look(server->house.sandbox, &health->of_look);
    health->looked_us = clock_monotonic_us();
    if (has_missing(&health->of_look))
        health->checked_us = 0;
}

static void check(struct web_server *server, int64_t now_us) {
    struct web_health *health = &server->health;
    struct sandbox *sandbox = server->house.sandbox;
    struct dataset *dataset cleanup(dataset_closep) =
        dataset_catalogue_first(server->house.catalogue);
    int64_t unmade = sandbox_unmade(sandbox);
    int64_t lasts_us = !health->sandbox.is_healthy ? SICK_FOR_US
                       : unmade != health->unmade  ? 0
                                                   : sandbox_check_lasts_us(sandbox);
    if (health->checked_us && now_us - health->checked_us < lasts_us)
        return;
    health->of_run.count = 0;
    if (dataset) {
        sandbox_check(sandbox, dataset_schema(dataset)->name, dataset_folder(dataset),
                      &health->sandbox, &health->of_run);
        health->checked_us = clock_monotonic_us();
        health->unmade = unmade;
    } else {
        snprintf(health->sandbox.summary, sizeof health->sandbox.summary,
                 "No data set can be used, so no sandbox was tried");
        snprintf(health->sandbox.hint, sizeof health->sandbox.hint,
                 "Name a folder of data sets with --datasets or DATASETS_PATH.");
    }
}

static struct sandbox_health sandbox_health(struct web_server *server,
                                            struct sandbox_report *ret_report) {
    pthread_mutex_lock(&server->health.mutex);
    look(server, clock_monotonic_us());
    check(server, clock_monotonic_us());
    struct sandbox_health found = server->health.sandbox;
    *ret_report = server->health.of_run;
    sandbox_report_join(ret_report, &server->health.of_look);
    pthread_mutex_unlock(&server->health.mutex);
    return found;
}

static json *planner_of(struct agent *agent) {
    const struct agent_settings *settings = agent_settings(agent);
    struct provider_state found;
    json *planner = cJSON_CreateObject(), *model = NULL;
    provider_look(agent, &found);
    if (found.is_set) {
        model = cJSON_CreateObject();
        json_add_text(model, "provider", found.title);
        json_add_text(model, "name", found.name);
        json_add_bool(model, "reachable", found.is_reachable);
        json_add_text(model, "detail", found.is_reachable ? found.sentence : found.problem.message);
        if (!found.is_reachable && *found.problem.hint)
            json_add_text(model, "hint", found.problem.hint);
        json_add_text(model, "share", found.keeps_cells ? "schema" : "full");
    }
    json_add_text(planner, "mode", agent_planner_name(settings->planner));
    json_add_bool(planner, "approve_runs", settings->approves_runs);
    json_add(planner, "model", model);
    return planner;
}

static json *health_of(struct web_server *server) {
    struct sandbox_report report;
    struct sandbox_health health = sandbox_health(server, &report);
    struct sandbox_load load = sandbox_load(server->house.sandbox);
    struct dataset_list list cleanup(dataset_list_done) = {0};
    int64_t ready = 0;
    dataset_catalogue_list(server->house.catalogue, &list);
    for (size_t i = 0; i < list.count; i++)
        ready += list.entries[i].dataset != NULL;
    json *body = cJSON_CreateObject();
    json_add_text(body, "status", health.is_healthy && ready ? "ok" : "degraded");
    json_add_text(body, "version", server->settings.version);
    json_add_integer(body, "uptime_s", (clock_monotonic_us() - server->started_us) / 1000000);
    json *sandbox = json_add_object(body, "sandbox");
    json_add_text(sandbox, "backend", sandbox_backend(server->house.sandbox));
    json_add_bool(sandbox, "healthy", health.is_healthy);
    json_add_text(sandbox, "summary", health.summary);
    if (*health.hint)
        json_add_text(sandbox, "hint", health.hint);
    json_add_integer(sandbox, "last_start_us", health.starting_us);
    json_add(sandbox, "findings", sandbox_report_json(&report));
    json *datasets = json_add_object(body, "datasets");
    json_add_integer(datasets, "ready", ready);
    json_add_integer(datasets, "failed", (int64_t)list.count - ready);
    json_add(body, "planner", planner_of(server->house.agent));
    json *runs = json_add_object(body, "runs");
    json_add_integer(runs, "running", load.running);
    json_add_integer(runs, "queued", load.queued);
    return body;
}

enum MHD_Result web_get_health(struct web_request *request) {
    return web_reply_json(request, MHD_HTTP_OK, health_of(request->server));
}

// Looks anew, whatever is believed, but not more often than every few seconds: a check is a run.
enum MHD_Result web_check_health(struct web_request *request) {
    struct web_server *server = request->server;
    struct web_health *health = &server->health;
    int64_t now_us = clock_monotonic_us();
    pthread_mutex_lock(&health->mutex);
    bool is_too_soon = health->asked_us && now_us - health->asked_us < ASKED_EVERY_US;
    if (!is_too_soon) {
        health->asked_us = now_us;
        health->checked_us = health->looked_us = 0;
    }
    pthread_mutex_unlock(&health->mutex);
    if (is_too_soon) {
        struct err err = {0};
        err_set(&err, ERR_BUSY, "It was checked a moment ago.");
        err_hint(&err, "Ask again in a few seconds.");
        return web_reply_error(request, &err);
    }
    provider_forget(server->house.agent);
    return web_reply_json(request, MHD_HTTP_OK, health_of(server));
}

enum MHD_Result web_is_alive(struct web_request *request) {
    return web_reply_text(request, MHD_HTTP_OK, "text/plain; charset=utf-8", "ok\n");
}

enum MHD_Result web_is_ready(struct web_request *request) {
    struct sandbox_report report;
    struct sandbox_health health = sandbox_health(request->server, &report);
    cleanup_buf struct buf text = BUF(64 * 1024);
    if (health.is_healthy)
        buf_add_text(&text, "ready\n");
    else
        buf_add_format(&text, "%s\n%s\n", health.summary, health.hint);
    sandbox_report_write(&report, 100, false, &text);
    return web_reply_text(request, health.is_healthy ? MHD_HTTP_OK : MHD_HTTP_SERVICE_UNAVAILABLE,
                          "text/plain; charset=utf-8", buf_text(&text));
}

static int64_t resident_bytes(void) {
    cleanup_buf struct buf text = BUF(256);
    struct err ignored;
    long long total, resident;
    if (fd_read_file("/proc/self/statm", &text, &ignored) ||
        sscanf(buf_text(&text), "%lld %lld", &total, &resident) != 2)
        return 0;
    return resident * sysconf(_SC_PAGESIZE);
}

void web_add_metric(struct buf *text, const char *name, const char *kind, const char *help) {
    buf_add_format(text, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind);
}

void web_add_process_metrics(struct buf *text, const struct web_server *server) {
    web_add_metric(text, "sandglass_build_info", "gauge", "The version in a label.");
    buf_add_format(text, "sandglass_build_info{version=\"%s\"} 1\n", server->settings.version);
    web_add_metric(text, "sandglass_http_responses_total", "counter",
                   "Responses, by the first digit of their status.");
    for (int i = 2; i <= 5; i++)
        buf_add_format(text, "sandglass_http_responses_total{class=\"%dxx\"} %lld\n", i,
                       (long long)atomic_load(&server->responses[i]));
    web_add_metric(text, "process_resident_memory_bytes", "gauge", "Memory of the server itself.");
    buf_add_format(text, "process_resident_memory_bytes %lld\n", (long long)resident_bytes());
}

static void add_feedback(struct buf *text, const struct agent_counts *counts) {
    web_add_metric(text, "sandglass_feedback_total", "counter", "What people said of answers.");
    buf_add_format(text, "sandglass_feedback_total{value=\"up\",reason=\"\"} %lld\n",
                   (long long)counts->praise);
    for (int i = 0; i <= AGENT_FEEDBACK_REASONS; i++)
        buf_add_format(text, "sandglass_feedback_total{value=\"down\",reason=\"%s\"} %lld\n",
                       i ? agent_feedback_reason(i - 1) : "", (long long)counts->blame[i]);
}

enum MHD_Result web_get_metrics(struct web_request *request) {
    struct web_server *server = request->server;
    struct agent_counts counts = agent_counts(server->house.agent);
    struct sandbox_load load = sandbox_load(server->house.sandbox);
    cleanup_buf struct buf text = BUF(65536);
    web_add_metric(&text, "sandglass_turns_total", "counter",
                   "Questions answered, by how they ended.");
    for (int i = 1; agent_status_name(i); i++)
        buf_add_format(&text, "sandglass_turns_total{status=\"%s\"} %lld\n", agent_status_name(i),
                       (long long)counts.turns_by_status[i]);
    web_add_metric(&text, "sandglass_runs_total", "counter", "Sandbox runs, by how they ended.");
    for (int i = 0; i < OUTCOME_COUNT; i++)
        buf_add_format(&text, "sandglass_runs_total{outcome=\"%s\"} %lld\n",
                       outcome_name((enum outcome)i), (long long)counts.runs_by_outcome[i]);
    web_add_metric(&text, "sandglass_runs_running", "gauge", "Sandboxes now.");
    buf_add_format(&text, "sandglass_runs_running %lld\n", (long long)load.running);
    web_add_metric(&text, "sandglass_runs_queued", "gauge", "Runs waiting for a place.");
    buf_add_format(&text, "sandglass_runs_queued %lld\n", (long long)load.queued);
    web_add_metric(&text, "sandglass_model_tokens_total", "counter",
                   "Tokens of the language model, as its provider counts them.");
    buf_add_format(&text, "sandglass_model_tokens_total{direction=\"input\"} %lld\n",
                   (long long)counts.input_tokens);
    buf_add_format(&text, "sandglass_model_tokens_total{direction=\"output\"} %lld\n",
                   (long long)counts.output_tokens);
    add_feedback(&text, &counts);
    web_add_process_metrics(&text, server);
    return web_reply_text(request, MHD_HTTP_OK, "text/plain; version=0.0.4; charset=utf-8",
                          buf_text(&text));
}
