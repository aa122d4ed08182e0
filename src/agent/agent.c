// SPDX-License-Identifier: Apache-2.0
//
// See agent.h.
#include <pthread.h>
#include <string.h>

#include "agent/agent_internal.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"

#define TURN_STACK_BYTES (1024 * 1024)

struct agent_follower {
    struct agent *agent;
    struct live *live; // while the turn is under way or just ended
    json *stored;      // else its events, [[name, data], …],
    json *turn;        // and the turn itself, which those events are kept without
    int64_t after;
};

const char *agent_status_name(int status) {
    static const char *const names[] = {"running", "answered",  "ambiguous",  "not_understood",
                                        "failed",  "cancelled", "interrupted"};
    return status >= 0 && status < STATUS_COUNT ? names[status] : NULL;
}

struct agent *agent_new(struct store *store, struct sandbox *sandbox,
                        const struct dataset_catalogue *catalogue,
                        const struct agent_settings *settings) {
    struct agent *agent = mem_zero(1, sizeof *agent);
    agent->store = store;
    agent->sandbox = sandbox;
    agent->catalogue = catalogue;
    agent->settings = *settings;
    registry_init(&agent->registry);
    return agent;
}

void agent_stop(struct agent *agent, int64_t grace_ms) {
    registry_stop_all(&agent->registry, grace_ms);
}

void agent_free(struct agent *agent) {
    if (!agent)
        return;
    registry_done(&agent->registry);
    free(agent);
}

struct agent_counts agent_counts(struct agent *agent) {
    struct agent_counts counts = {0};
    for (int i = 0; i < STATUS_COUNT; i++)
        counts.turns_by_status[i] = atomic_load(&agent->turns[i]);
    for (int i = 0; i < OUTCOME_COUNT; i++)
        counts.runs_by_outcome[i] = atomic_load(&agent->runs[i]);
    pthread_mutex_lock(&agent->registry.mutex);
    counts.turns_under_way = agent->registry.count;
    pthread_mutex_unlock(&agent->registry.mutex);
    return counts;
}

// ---- Runs ---------------------------------------------------------------------------------------

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

static json *run_new(const char *id, const char *turn, const char *dataset, const char *sql,
                     const json *params, const char *backend) {
    char now[CLOCK_ISO_SIZE];
    json *run = cJSON_CreateObject();
    json_add_text(run, "id", id);
    json_add_text(run, "turn_id", turn);
    json_add_text(run, "dataset", dataset);
    json_add_text(run, "sql", sql);
    json_add(run, "params", params ? cJSON_Duplicate(params, true) : cJSON_CreateArray());
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

enum outcome agent_run_sandboxed(struct agent *agent, struct live *live,
                                 const struct dataset *dataset, const char *sql, const json *params,
                                 int64_t max_rows, json **ret_run) {
    struct watch watch = {live, clock_monotonic_us()};
    struct sandbox_result result;
    const char *name = dataset_schema(dataset)->name;
    json *run = run_new(live->run_id, live->turn ? live->id : NULL, name, sql, params,
                        sandbox_backend(agent->sandbox));
    struct sandbox_request request = {
        .run_id = live->run_id,
        .dataset = name,
        .data_folder = dataset_folder(dataset),
        .party = live->conversation,
        .sql = sql,
        .params = params,
        .max_rows = max_rows > 0 ? max_rows : agent->settings.max_rows,
        .timeout_ms = agent->settings.timeout_ms,
        .max_result_bytes = agent->settings.max_result_bytes,
    };
    sandbox_run(agent->sandbox, &request, tell_phase, &watch, live->cancel, &result);
    enum outcome outcome = result.outcome;
    log_trouble(live->run_id, &result);
    add_limits(run, &request, agent->sandbox);
    run_finish(run, &result);
    if (live->turn) {
        json *event = cJSON_CreateObject();
        json_add_text(event, "run_id", live->run_id);
        json_add_text(event, "outcome", outcome_name(outcome));
        json_add_integer(event, "elapsed_us", result.elapsed_us);
        live_emit(live, "run.ended", event);
    }
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

int agent_run(struct agent *agent, const char *given_id, const char *dataset_name, const char *sql,
              const json *params, int64_t max_rows, json **ret_run, struct err *err) {
    const struct dataset *dataset;
    char id[ID_SIZE];
    int status = run_params_check(params, err);
    if (status == 0)
        status = choose_id(agent, given_id, id, err);
    if (status == 0)
        status = dataset_catalogue_get(agent->catalogue, dataset_name, &dataset, err);
    if (status)
        return status;
    struct live *live = registry_add(&agent->registry, id, "", NULL);
    if (!live)
        return err_set(err, ERR_BUSY, "%d turns and runs are under way, as many as may be.",
                       LIMIT_TURNS_AT_ONCE);
    memcpy(live->run_id, id, ID_SIZE);
    cleanup_json json *run = NULL;
    enum outcome outcome = agent_run_sandboxed(agent, live, dataset, sql, params, max_rows, &run);
    registry_remove(&agent->registry, live);
    registry_release(&agent->registry, live);
    if (outcome == OUTCOME_QUEUE_FULL || outcome == OUTCOME_SANDBOX_UNAVAILABLE) {
        err_set(err, outcome == OUTCOME_QUEUE_FULL ? ERR_BUSY : ERR_UNAVAILABLE, "%s",
                agent_run_message(run));
        return err_hint(err, "%s", outcome_hint(outcome));
    }
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
        sandbox_cancel_request(live->cancel);
        registry_release(&agent->registry, live);
        return 0;
    }
    cleanup_json json *stored = NULL;
    int status = store_run_get(agent->store, run, &stored, err);
    return status ? status : err_set(err, ERR_CONFLICT, "The run %.40s has ended already.", run);
}

// ---- Turns --------------------------------------------------------------------------------------

static int check_question(const char *text, struct err *err) {
    size_t length = strlen(text);
    if (length > LIMIT_QUESTION)
        return err_set(err, ERR_TOO_LARGE, "The question has %zu bytes; at most %d are allowed.",
                       length, LIMIT_QUESTION);
    if (text[strspn(text, " \t\r\n")] == '\0')
        return err_set(err, ERR_BAD_REQUEST, "The question is empty.");
    return 0;
}

static json *turn_new(const char *id, const char *conversation, const char *question,
                      int64_t reading, const char *dataset) {
    static const char *const later[] = {
        "ended_at", "elapsed_us", "plan_us",     "understanding", "sentence", "sql", "params",
        "chart",    "readings",   "suggestions", "plan",          "error",    "run"};
    char now[CLOCK_ISO_SIZE];
    json *turn = cJSON_CreateObject();
    json_add_text(turn, "id", id);
    json_add_text(turn, "conversation_id", conversation);
    json_add_text(turn, "question", question);
    json_add_text(turn, "dataset", dataset);
    json_add_text(turn, "status", agent_status_name(STATUS_RUNNING));
    json_add_text(turn, "created_at", clock_iso(clock_wall_ms(), now));
    json_add(turn, "reading", reading < 0 ? NULL : json_new_integer(reading));
    for (size_t i = 0; i < ARRAY_LENGTH(later); i++)
        json_add_null(turn, later[i]);
    return turn;
}

struct job {
    struct agent *agent;
    struct live *live;
    const struct dataset *dataset;
    int64_t reading;
};

static void *work(void *context) {
    struct job job = *(struct job *)context;
    free(context);
    agent_turn_work(job.agent, job.live, job.dataset, job.reading);
    return NULL;
}

static int start_thread(const struct job *job, struct err *err) {
    pthread_attr_t attributes;
    pthread_t thread;
    struct job *copy = mem_zero(1, sizeof *copy);
    *copy = *job;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, TURN_STACK_BYTES);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    int status = pthread_create(&thread, &attributes, work, copy);
    pthread_attr_destroy(&attributes);
    if (status) {
        free(copy);
        return err_set_errno(err, status, "cannot start a thread for the turn");
    }
    return 0;
}

static int begin_turn(struct agent *agent, const char *conversation, const char *text,
                      int64_t reading, const struct dataset *dataset, char ret_turn[ID_SIZE],
                      struct err *err) {
    char id[ID_SIZE];
    id_make(id);
    cleanup_json json *turn =
        turn_new(id, conversation, text, reading, dataset_schema(dataset)->name);
    struct live *live = registry_add(&agent->registry, id, conversation, turn);
    if (!live) {
        err_set(err, ERR_BUSY, "%d questions are being answered, as many as may be at a time.",
                LIMIT_TURNS_AT_ONCE);
        return err_hint(err, "Try again in a few seconds.");
    }
    turn = NULL; // the live turn's now
    id_make(live->run_id);
    int status = store_turn_add(agent->store, live->turn, err);
    if (status == 0) {
        struct job job = {agent, live, dataset, reading};
        memcpy(ret_turn, id, ID_SIZE);
        status = start_thread(&job, err);
    }
    if (status) {
        registry_remove(&agent->registry, live);
        registry_release(&agent->registry, live);
    }
    return status;
}

int agent_ask(struct agent *agent, const char *conversation, const char *text, int64_t reading,
              char ret_turn[ID_SIZE], struct err *err) {
    cleanup_json json *object = NULL;
    const struct dataset *dataset;
    int status = check_question(text, err);
    if (status == 0)
        status = store_conversation_get(agent->store, conversation, false, &object, err);
    if (status == 0)
        status =
            dataset_catalogue_get(agent->catalogue, json_text(object, "dataset"), &dataset, err);
    return status ? status : begin_turn(agent, conversation, text, reading, dataset, ret_turn, err);
}

int agent_turn_get(struct agent *agent, const char *turn, json **ret_turn, struct err *err) {
    struct live *live = registry_find(&agent->registry, turn);
    if (!live || !live->turn) {
        if (live)
            registry_release(&agent->registry, live);
        return store_turn_get(agent->store, turn, ret_turn, err);
    }
    *ret_turn = live_turn(live);
    registry_release(&agent->registry, live);
    return 0;
}

int agent_conversation_get(struct agent *agent, const char *conversation, json **ret_conversation,
                           struct err *err) {
    cleanup_json json *object = NULL;
    int status = store_conversation_get(agent->store, conversation, true, &object, err);
    if (status)
        return status;
    json *turns = cJSON_GetObjectItemCaseSensitive(object, "turns");
    for (int i = 0; i < cJSON_GetArraySize(turns); i++) {
        const json *stored = cJSON_GetArrayItem(turns, i);
        const char *id = json_text(stored, "id");
        struct live *live = id && str_is_equal(json_text(stored, "status"), "running")
                                ? registry_find(&agent->registry, id)
                                : NULL;
        if (!live)
            continue;
        cJSON_ReplaceItemInArray(turns, i, live_turn(live));
        registry_release(&agent->registry, live);
    }
    *ret_conversation = mem_take(object);
    return 0;
}

int agent_turn_cancel(struct agent *agent, const char *turn, struct err *err) {
    struct live *live = registry_find(&agent->registry, turn);
    if (live) {
        sandbox_cancel_request(live->cancel);
        registry_release(&agent->registry, live);
        return 0;
    }
    cleanup_json json *stored = NULL;
    return store_turn_get(agent->store, turn, &stored, err);
}

// ---- Following ----------------------------------------------------------------------------------

void agent_event_done(struct agent_event *event) {
    free(event->name);
    free(event->data);
    *event = (struct agent_event){0};
}

// A turn that was interrupted has lost its events; what there is to tell is that it has ended.
static json *events_of_interrupted(const json *turn, int64_t after) {
    json *events = cJSON_CreateArray(), *pair = cJSON_CreateArray(), *data = cJSON_CreateObject();
    json_add_text(data, "status", json_text(turn, "status"));
    json_add_integer(data, "elapsed_us", 0);
    cJSON_AddItemToArray(pair, cJSON_CreateString("turn.ended"));
    cJSON_AddItemToArray(pair, data);
    for (int64_t i = 0; i < after && i < LIMIT_TURN_EVENTS - 1; i++)
        cJSON_AddItemToArray(events, cJSON_CreateNull()); // those that the listener has seen
    cJSON_AddItemToArray(events, pair);
    return events;
}

int agent_follow(struct agent *agent, const char *turn, int64_t after,
                 struct agent_follower **ret_follower, struct err *err) {
    struct agent_follower *follower cleanup(agent_follower_freep) = mem_zero(1, sizeof *follower);
    follower->agent = agent;
    follower->after = after < 0 ? 0 : after;
    follower->live = registry_find(&agent->registry, turn);
    if (follower->live && !follower->live->turn) { // a run without a turn
        registry_release(&agent->registry, follower->live);
        follower->live = NULL;
    }
    if (!follower->live) {
        int status = store_turn_events(agent->store, turn, &follower->stored, err);
        if (status == 0)
            status = store_turn_get(agent->store, turn, &follower->turn, err);
        if (status)
            return status;
        if (cJSON_GetArraySize(follower->stored) == 0) {
            json_free(follower->stored);
            follower->stored = events_of_interrupted(follower->turn, follower->after);
        }
    }
    *ret_follower = mem_take(follower);
    return 0;
}

void agent_follower_free(struct agent_follower *follower) {
    if (!follower)
        return;
    if (follower->live)
        registry_release(&follower->agent->registry, follower->live);
    json_free(follower->stored);
    json_free(follower->turn);
    free(follower);
}

static int next_stored(const struct agent_follower *follower, struct agent_event *ret_event) {
    const json *pair = follower->after < LIMIT_TURN_EVENTS
                           ? cJSON_GetArrayItem(follower->stored, (int)follower->after)
                           : NULL;
    const json *name = cJSON_GetArrayItem(pair, 0);
    json *data = cJSON_GetArrayItem(pair, 1);
    if (!cJSON_IsString(name) || !cJSON_IsObject(data))
        return -1;
    if (live_event_has_turn(name->valuestring))
        cJSON_AddItemReferenceToObject(data, "turn", follower->turn);
    *ret_event =
        (struct agent_event){follower->after + 1, mem_text(name->valuestring), json_write(data)};
    return 1;
}

int agent_follower_next(struct agent_follower *follower, int64_t timeout_ms,
                        struct agent_event *ret_event) {
    int status = follower->live ? live_next(follower->live, follower->after, timeout_ms, ret_event)
                                : next_stored(follower, ret_event);
    follower->after += status == 1;
    return status;
}
