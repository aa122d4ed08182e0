// SPDX-License-Identifier: Apache-2.0
//
// Runs: SQL in a sandbox, told as events where a turn wants it, and kept however it ended; runs of
// given SQL, and runs that are made once more.
#include "agent/runs.h"

#include <string.h>

#include "agent/agent_internal.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"

struct watch {
    struct live *live;
    int64_t start_us;
};

static void tell_phase(enum sandbox_phase phase, void *context) {
    static const char *const names[] = {"run.queued", "run.starting", "run.running"};
    struct watch *watch = context;
    if (phase == SANDBOX_ENDED || !watch->live->turn)
        return; // run.ended waits for its outcome
    json *event = cJSON_CreateObject();
    json_add_text(event, "run_id", watch->live->run_id);
    if (phase != SANDBOX_QUEUED)
        json_add_integer(event, "elapsed_us", clock_monotonic_us() - watch->start_us);
    live_emit(watch->live, names[phase], event);
}

const char *agent_run_message(const json *run) { return json_text(run, "message"); }

static json *run_new(const struct live *live, const struct agent_run_request *request,
                     const char *backend) {
    char now[CLOCK_ISO_SIZE];
    json *run = cJSON_CreateObject();
    json_add_text(run, "id", live->run_id);
    json_add_text(run, "turn_id", live->turn ? live->id : NULL);
    json_add_text(run, "dataset", dataset_schema(request->dataset)->name);
    json_add_text(run, "sql", request->sql);
    json_add(run, "params",
             request->params ? cJSON_Duplicate(request->params, true) : cJSON_CreateArray());
    if (request->proposed_sql)
        json_add_text(run, "proposed_sql", request->proposed_sql);
    if (request->replay_of)
        json_add_text(run, "replay_of", request->replay_of);
    json_add_text(run, "created_at", clock_iso(clock_wall_ms(), now));
    json_add_text(run, "backend", backend);
    return run;
}

static void add_limits(json *run, const struct sandbox_request *request,
                       const struct sandbox *sandbox) {
    json *limits = json_add_object(run, "limits");
    json_add_integer(limits, "timeout_ms", request->timeout_ms);
    json_add_integer(limits, "memory_mb", sandbox_settings(sandbox)->memory_mb);
    json_add_integer(limits, "max_rows", request->max_rows);
    json_add_integer(limits, "max_result_bytes", request->max_result_bytes);
}

static void run_finish(json *run, struct sandbox_result *result) {
    const json *error = cJSON_GetObjectItemCaseSensitive(result->result, "error");
    json_add_text(run, "outcome", outcome_name(result->outcome));
    json_add_text(run, "message", cJSON_IsObject(error) ? json_text(error, "message") : NULL);
    json_add_text(run, "hint", cJSON_IsObject(error) ? json_text(error, "hint") : NULL);
    json_add_text(run, "where", result->where ? result->where : "nowhere: no sandbox was started");
    json_add_integer(run, "queued_us", result->queued_us);
    json_add_integer(run, "starting_us", result->starting_us);
    json_add_integer(run, "elapsed_us", result->elapsed_us);
    json_add(run, "result", mem_take(result->result));
}

// A run that failed on our side is for the operator, with what the runner said.
static void log_trouble(const char *run_id, const struct sandbox_result *result) {
    if (outcome_exit_status(result->outcome) < 4)
        return;
    const char *log = result->log ? result->log : "";
    log_warning("run=%s ended as %s: %.*s", run_id, outcome_name(result->outcome),
                (int)strcspn(log, "\n"), log);
}

static void tell_end(struct live *live, enum outcome outcome, int64_t elapsed_us) {
    if (!live->turn)
        return;
    json *event = cJSON_CreateObject();
    json_add_text(event, "run_id", live->run_id);
    json_add_text(event, "outcome", outcome_name(outcome));
    json_add_integer(event, "elapsed_us", elapsed_us);
    live_emit(live, "run.ended", event);
}

enum outcome agent_run_sandboxed(struct agent *agent, struct live *live,
                                 const struct agent_run_request *wanted, json **ret_run) {
    struct watch watch = {live, clock_monotonic_us()};
    struct sandbox_result result;
    json *run = run_new(live, wanted, sandbox_backend(agent->sandbox));
    bool is_short = wanted->timeout_ms > 0 && wanted->timeout_ms < agent->settings.timeout_ms;
    struct sandbox_request request = {
        .run_id = live->run_id,
        .dataset = dataset_schema(wanted->dataset)->name,
        .data_folder = dataset_folder(wanted->dataset),
        .party = live->conversation,
        .sql = wanted->sql,
        .params = wanted->params,
        .alternatives = wanted->alternatives,
        .max_rows = wanted->max_rows > 0 ? wanted->max_rows : agent->settings.max_rows,
        .timeout_ms = is_short ? wanted->timeout_ms : agent->settings.timeout_ms,
        .max_result_bytes = agent->settings.max_result_bytes,
    };
    sandbox_run(agent->sandbox, &request, tell_phase, &watch, live->cancel, &result);
    enum outcome outcome = result.outcome;
    log_trouble(live->run_id, &result);
    add_limits(run, &request, agent->sandbox);
    run_finish(run, &result);
    tell_end(live, outcome, result.elapsed_us);
    sandbox_result_done(&result);
    atomic_fetch_add(&agent->runs[outcome], 1);
    *ret_run = run;
    return outcome;
}

// The id of a new run: GIVEN, or one made here.
static int choose_id(struct agent *agent, const char *given, char ret_id[ID_SIZE],
                     struct err *err) {
    cleanup_json json *taken = NULL;
    struct err ignored;
    if (!given) {
        id_make(ret_id);
        return 0;
    }
    if (!id_is_valid(given))
        return err_set(err, ERR_BAD_REQUEST, "\"%.40s\" is no id for a run: it must be a ULID",
                       given);
    struct live *live = registry_find(&agent->registry, given);
    if (live)
        registry_release(&agent->registry, live);
    if (live || store_run_get(agent->store, given, &taken, &ignored) == 0)
        return err_set(err, ERR_CONFLICT, "There is a run with the id %s already.", given);
    memcpy(ret_id, given, ID_SIZE);
    return 0;
}

// Makes one run that belongs to no turn, as ID. It is the caller's to store.
static int run_alone(struct agent *agent, const char id[ID_SIZE],
                     const struct agent_run_request *request, json **ret_run, struct err *err) {
    struct live *live = registry_add(&agent->registry, id, "", NULL);
    if (!live)
        return err_set(err, ERR_BUSY, "%d turns and runs are under way, as many as may be.",
                       LIMIT_TURNS_AT_ONCE);
    registry_set_run(&agent->registry, live, id);
    cleanup_json json *run = NULL;
    enum outcome outcome = agent_run_sandboxed(agent, live, request, &run);
    registry_remove(&agent->registry, live);
    registry_release(&agent->registry, live);
    if (outcome == OUTCOME_QUEUE_FULL || outcome == OUTCOME_SANDBOX_UNAVAILABLE) {
        err_set(err, outcome == OUTCOME_QUEUE_FULL ? ERR_BUSY : ERR_UNAVAILABLE, "%s",
                agent_run_message(run));
        return err_hint(err, "%s", outcome_hint(outcome));
    }
    *ret_run = mem_take(run);
    return 0;
}

int agent_run(struct agent *agent, const char *given_id, const char *dataset_name, const char *sql,
              const json *params, int64_t max_rows, json **ret_run, struct err *err) {
    struct dataset *dataset cleanup(dataset_closep) = NULL;
    struct agent_run_request request = {.sql = sql, .params = params, .max_rows = max_rows};
    char id[ID_SIZE];
    int status = run_params_check(params, err);
    if (status == 0)
        status = choose_id(agent, given_id, id, err);
    if (status == 0)
        status = dataset_catalogue_get(agent->catalogue, dataset_name, &dataset, err);
    request.dataset = dataset;
    cleanup_json json *run = NULL;
    if (status == 0)
        status = run_alone(agent, id, &request, &run, err);
    if (status == 0)
        status = store_run_save(agent->store, run, err);
    if (status == 0)
        *ret_run = mem_take(run);
    return status;
}

int agent_run_get(struct agent *agent, const char *run, json **ret_run, struct err *err) {
    return store_run_get(agent->store, run, ret_run, err);
}

int agent_run_cancel(struct agent *agent, const char *run, struct err *err) {
    struct live *live = registry_find(&agent->registry, run);
    if (live) {
        live_cancel(live);
        registry_release(&agent->registry, live);
        return 0;
    }
    cleanup_json json *stored = NULL;
    int status = store_run_get(agent->store, run, &stored, err);
    return status ? status : err_set(err, ERR_CONFLICT, "The run %.40s has ended already.", run);
}

// ---- Once more ----------------------------------------------------------------------------------

static const json *part_of(const json *run, const char *key) {
    return cJSON_GetObjectItemCaseSensitive(cJSON_GetObjectItemCaseSensitive(run, "result"), key);
}

static bool is_completed(const json *run) {
    return str_is_equal(json_text(run, "outcome"), outcome_name(OUTCOME_COMPLETED));
}

static bool is_same_part(const json *left, const json *right, const char *key) {
    cleanup_free char *one = json_write(part_of(left, key)),
                      *other = json_write(part_of(right, key));
    return strcmp(one, other) == 0;
}

static json *replay_of(const json *before, json *after) {
    const char *hash_before = cJSON_GetStringValue(part_of(before, "data_sha256")),
               *hash_after = cJSON_GetStringValue(part_of(after, "data_sha256"));
    json *replay = cJSON_CreateObject();
    json_add_text(replay, "replay_of", json_text(before, "id"));
    json_add(replay, "data_changed",
             hash_before && hash_after ? cJSON_CreateBool(strcmp(hash_before, hash_after) != 0)
                                       : NULL);
    bool is_told = is_completed(before) && is_completed(after);
    json_add(replay, "result_same",
             is_told ? cJSON_CreateBool(is_same_part(before, after, "columns") &&
                                        is_same_part(before, after, "rows") &&
                                        is_same_part(before, after, "truncated"))
                     : NULL);
    json_add(replay, "run", after);
    return replay;
}

int agent_replay(struct agent *agent, const json *before, json **ret_replay, struct err *err) {
    json *after;
    char id[ID_SIZE];
    const json *limits = cJSON_GetObjectItemCaseSensitive(before, "limits");
    struct agent_run_request request = {
        .sql = json_text(before, "sql"),
        .params = cJSON_GetObjectItemCaseSensitive(before, "params"),
        .max_rows = json_integer(limits, "max_rows", 0),
        .replay_of = json_text(before, "id"),
    };
    id_make(id);
    struct dataset *dataset cleanup(dataset_closep) = NULL;
    int status =
        dataset_catalogue_get(agent->catalogue, json_text(before, "dataset"), &dataset, err);
    request.dataset = dataset;
    if (status == 0)
        status = run_alone(agent, id, &request, &after, err);
    if (status == 0)
        *ret_replay = replay_of(before, after);
    return status;
}

int agent_run_replay(struct agent *agent, const char *run, json **ret_replay, struct err *err) {
    cleanup_json json *before = NULL, *replay = NULL;
    int status = store_run_get(agent->store, run, &before, err);
    if (status == 0)
        status = agent_replay(agent, before, &replay, err);
    if (status == 0)
        status = store_run_save(agent->store, cJSON_GetObjectItemCaseSensitive(replay, "run"), err);
    if (status == 0)
        *ret_replay = mem_take(replay);
    return status;
}
