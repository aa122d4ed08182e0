// SPDX-License-Identifier: Apache-2.0
//
// See agent.h.
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "agent/agent_internal.h"
#include "agent/given.h"
#include "agent/provider.h"
#include "agent/turn.h"
#include "base/clock.h"
#include "base/str.h"

#define TURN_STACK_BYTES (1024 * 1024)

struct agent_follower {
    struct agent *agent;
    struct live *live; // while the turn is under way or just ended
    json *stored;      // else its events, [[name, data], …],
    json *turn;        // and the turn itself, which those events are kept without
    int64_t after;
};

const char *agent_planner_name(enum agent_planner planner) {
    static const char *const names[] = {"auto", "builtin", "model"};
    return names[planner];
}

int agent_planner_from_name(const char *name) {
    for (int i = 0; i < AGENT_PLANNERS; i++)
        if (str_is_equal(name, agent_planner_name((enum agent_planner)i)))
            return i;
    return -1;
}

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
    provider_init(agent);
    return agent;
}

void agent_stop(struct agent *agent, int64_t grace_ms) {
    registry_stop_all(&agent->registry, grace_ms);
}

void agent_free(struct agent *agent) {
    if (!agent)
        return;
    registry_done(&agent->registry);
    provider_done(agent);
    free(agent);
}

const struct agent_settings *agent_settings(const struct agent *agent) { return &agent->settings; }

struct agent_counts agent_counts(struct agent *agent) {
    struct agent_counts counts = {0};
    for (int i = 0; i < STATUS_COUNT; i++)
        counts.turns_by_status[i] = atomic_load(&agent->turns[i]);
    for (int i = 0; i < OUTCOME_COUNT; i++)
        counts.runs_by_outcome[i] = atomic_load(&agent->runs[i]);
    counts.praise = atomic_load(&agent->praise);
    for (int i = 0; i <= AGENT_FEEDBACK_REASONS; i++)
        counts.blame[i] = atomic_load(&agent->blame[i]);
    counts.input_tokens = atomic_load(&agent->input_tokens);
    counts.output_tokens = atomic_load(&agent->output_tokens);
    pthread_mutex_lock(&agent->registry.mutex);
    counts.turns_under_way = agent->registry.count;
    pthread_mutex_unlock(&agent->registry.mutex);
    return counts;
}

// ---- Turns --------------------------------------------------------------------------------------

static int check_question(const char *text, struct err *err) {
    size_t length = strlen(text);
    if (length > LIMIT_QUESTION)
        return err_set(err, ERR_TOO_LARGE, "The question has %zu bytes; at most %d are allowed.",
                       length, LIMIT_QUESTION);
    if (text[strspn(text, " \t\r\n")] == '\0')
        return err_set(err, ERR_BAD_REQUEST, "The question is empty.");
    size_t offset;
    if (!str_is_utf8(text, length, &offset))
        return err_set(err, ERR_BAD_REQUEST, "The question is no UTF-8 at byte %zu.", offset);
    return 0;
}

static void add_asked(json *turn, const struct agent_question *question) {
    if (!question->sql) {
        json_add_text(turn, "question", question->text);
        return;
    }
    cleanup_free char *title = given_title(question->sql, question->edits != NULL);
    json_add_text(turn, "question", question->text ? question->text : title);
    json_add_text(turn, "planner", GIVEN_PLANNER);
    json_add_text(turn, "sql", question->sql);
    json_add(turn, "params",
             question->params ? cJSON_Duplicate(question->params, true) : cJSON_CreateArray());
    if (question->edits)
        json_add_text(turn, "edits", question->edits);
}

static json *turn_new(const char *id, const char *conversation,
                      const struct agent_question *question, const char *dataset) {
    static const char *const later[] = {
        "ended_at", "elapsed_us", "plan_us", "understanding", "sentence",   "answer",
        "sql",      "params",     "chart",   "units",         "readings",   "suggestions",
        "plan",     "error",      "run",     "feedback",      "remembered", "pin_id"};
    char now[CLOCK_ISO_SIZE];
    json *turn = cJSON_CreateObject();
    json_add_text(turn, "id", id);
    json_add_text(turn, "conversation_id", conversation);
    add_asked(turn, question);
    json_add_text(turn, "dataset", dataset);
    json_add_text(turn, "status", agent_status_name(STATUS_RUNNING));
    json_add_text(turn, "created_at", clock_iso(clock_wall_ms(), now));
    json_add(turn, "reading", question->reading < 0 ? NULL : json_new_integer(question->reading));
    if (question->retries)
        json_add_text(turn, "retry_of", question->retries);
    for (size_t i = 0; i < ARRAY_LENGTH(later); i++)
        if (!cJSON_HasObjectItem(turn, later[i]))
            json_add_null(turn, later[i]);
    json_add_array(turn, "follow_ups");
    return turn;
}

static void *work(void *context) {
    struct turn_order order = *(struct turn_order *)context;
    free(context);
    agent_turn_work(&order);
    return NULL;
}

static int start_thread(const struct turn_order *order, struct err *err) {
    pthread_attr_t attributes;
    pthread_t thread;
    struct turn_order *copy = mem_zero(1, sizeof *copy);
    *copy = *order;
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

// A request may do without the model, never with one that the settings shut out.
static enum agent_planner planner_of(const struct agent *agent, int wanted) {
    bool is_shut_out = agent->settings.planner == AGENT_BUILTIN;
    return wanted < 0 || is_shut_out ? agent->settings.planner : (enum agent_planner)wanted;
}

// The turn keeps a reference of its own to PROVIDER.
static int begin_turn(struct agent *agent, const char *conversation,
                      const struct agent_question *question, struct dataset *dataset,
                      struct provider *provider, char ret_turn[ID_SIZE], struct err *err) {
    char id[ID_SIZE], run_id[ID_SIZE];
    id_make(id);
    id_make(run_id);
    cleanup_json json *turn = turn_new(id, conversation, question, dataset_schema(dataset)->name);
    struct live *live = registry_add(&agent->registry, id, conversation, turn);
    if (!live) {
        err_set(err, ERR_BUSY, "%d questions are being answered, as many as may be at a time.",
                LIMIT_TURNS_AT_ONCE);
        return err_hint(err, "Try again in a few seconds.");
    }
    turn = NULL; // the live turn's now
    registry_set_run(&agent->registry, live, run_id);
    int status = store_turn_add(agent->store, live->turn, err);
    if (status == 0) {
        struct turn_order order = {.agent = agent,
                                   .live = live,
                                   .dataset = dataset_keep(dataset),
                                   .provider = provider_share(provider),
                                   .reading = question->reading,
                                   .approves = question->approves,
                                   .planner = planner_of(agent, question->planner)};
        memcpy(ret_turn, id, ID_SIZE);
        status = start_thread(&order, err);
        if (status) {
            dataset_close(order.dataset);
            provider_release(provider);
        }
    }
    if (status) {
        registry_remove(&agent->registry, live);
        registry_release(&agent->registry, live);
    }
    return status;
}

int agent_ask(struct agent *agent, const char *conversation, const struct agent_question *question,
              char ret_turn[ID_SIZE], struct err *err) {
    cleanup_json json *object = NULL;
    struct dataset *dataset cleanup(dataset_closep) = NULL;
    int status = question->text ? check_question(question->text, err) : 0;
    if (status == 0 && question->sql)
        status = given_check(agent, conversation, question, err);
    struct provider *provider cleanup(provider_releasep) = provider_take(agent);
    bool has_model = provider && agent->settings.planner != AGENT_BUILTIN;
    if (status == 0 && question->planner == AGENT_MODEL && !has_model) {
        err_set(err, ERR_CONFLICT, "No language model is asked here.");
        return err_hint(err, "Set one on the settings page or by LLM_PROVIDER and LLM_MODEL, or "
                             "leave \"planner\" out.");
    }
    if (status == 0)
        status = store_conversation_get(agent->store, conversation, false, &object, err);
    if (status == 0)
        status =
            dataset_catalogue_get(agent->catalogue, json_text(object, "dataset"), &dataset, err);
    return status ? status
                  : begin_turn(agent, conversation, question, dataset, provider, ret_turn, err);
}

int agent_retry(struct agent *agent, const char *turn, bool approves, char ret_turn[ID_SIZE],
                struct err *err) {
    cleanup_json json *object = NULL;
    int status = agent_turn_get(agent, turn, &object, err);
    if (status)
        return status;
    if (str_is_equal(json_text(object, "status"), agent_status_name(STATUS_RUNNING)))
        return err_set(err, ERR_CONFLICT, "The turn %.40s is still under way.", turn);
    struct agent_question question = {.text = json_text(object, "question"),
                                      .reading = json_integer(object, "reading", -1),
                                      .planner = -1,
                                      .approves = approves,
                                      .retries = turn};
    if (given_is(object)) {
        question.sql = json_text(object, "sql");
        question.params = cJSON_GetObjectItemCaseSensitive(object, "params");
        question.edits = json_text(object, "edits");
    }
    return agent_ask(agent, json_text(object, "conversation_id"), &question, ret_turn, err);
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
        live_cancel(live);
        registry_release(&agent->registry, live);
        return 0;
    }
    cleanup_json json *stored = NULL;
    return store_turn_get(agent->store, turn, &stored, err);
}

int agent_turn_decide(struct agent *agent, const char *turn, const struct agent_decision *decision,
                      struct err *err) {
    cleanup_json json *stored = NULL;
    struct live *live = registry_find(&agent->registry, turn);
    if (!live) {
        int status = store_turn_get(agent->store, turn, &stored, err);
        return status ? status
                      : err_set(err, ERR_CONFLICT, "The turn %.40s has ended already.", turn);
    }
    struct live_approval taken = {
        .state = decision->approves ? APPROVAL_GRANTED : APPROVAL_REFUSED,
        .sql = mem_text(decision->sql),
        .reason = mem_text(decision->reason),
        .params = decision->params ? cJSON_Duplicate(decision->params, true) : NULL};
    int status = run_params_check(decision->params, err);
    if (status == 0)
        status = live_decide(live, decision->run, &taken, err);
    live_approval_done(&taken);
    registry_release(&agent->registry, live);
    return status;
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
