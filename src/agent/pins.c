// SPDX-License-Identifier: Apache-2.0
//
// Answers that are kept: made of a turn, and computed again over the data as it is now. A run that
// does not complete leaves the pin as it was, so that the last good answer stays. Runs that were
// made for a pin stand nowhere else, so that all of it is gone when the pin is.
#include "store/pins.h"
#include "agent/given.h"
#include "agent/runs.h"
#include "base/clock.h"
#include "base/str.h"

static const json *part(const json *object, const char *key) {
    return cJSON_GetObjectItemCaseSensitive(object, key);
}

static void set(json *object, const char *key, json *value) {
    cJSON_DeleteItemFromObjectCaseSensitive(object, key);
    json_add(object, key, value);
}

static void copy(json *pin, const json *turn, const char *key) {
    const json *value = part(turn, key);
    json_add(pin, key, value ? cJSON_Duplicate(value, true) : NULL);
}

// SQL that a person wrote in place of what was proposed is as if it had been given.
static const char *planner_of(const json *turn) {
    return json_text(part(turn, "run"), "proposed_sql") ? GIVEN_PLANNER
                                                        : json_text(turn, "planner");
}

static json *pin_of(const json *turn, const char *title) {
    static const char *const copied[] = {"question", "sentence", "understanding", "dataset", "sql",
                                         "params",   "chart",    "units",         "run"};
    char id[ID_SIZE], now[CLOCK_ISO_SIZE];
    json *pin = cJSON_CreateObject();
    id_make(id);
    json_add_text(pin, "id", id);
    json_add_text(pin, "turn_id", json_text(turn, "id"));
    json_add_text(pin, "title", str_is_empty(title) ? json_text(turn, "question") : title);
    json_add_text(pin, "planner", planner_of(turn));
    json_add_text(pin, "created_at", clock_iso(clock_wall_ms(), now));
    for (size_t i = 0; i < ARRAY_LENGTH(copied); i++)
        copy(pin, turn, copied[i]);
    return pin;
}

int agent_pin_add(struct agent *agent, const char *turn_id, const char *title, json **ret_pin,
                  bool *ret_is_new, struct err *err) {
    cleanup_json json *turn = NULL;
    int status = agent_turn_get(agent, turn_id, &turn, err);
    if (status)
        return status;
    if (!str_is_equal(json_text(turn, "status"), agent_status_name(STATUS_ANSWERED)) ||
        !cJSON_IsObject(part(part(turn, "run"), "result"))) {
        err_set(err, ERR_CONFLICT, "The turn %.40s has no computed answer that could be pinned.",
                turn_id);
        return err_hint(err, "Pin a turn whose status is \"answered\" and that has a run.");
    }
    cleanup_json json *pin = pin_of(turn, title);
    return store_pin_add(agent->store, pin, ret_pin, ret_is_new, err);
}

// ---- Once more ----------------------------------------------------------------------------------

static bool is_same(const json *left, const json *right) {
    return cJSON_Compare(left, right, true);
}

// States RESULT as the planner would, where it still reads the question as the pin's SQL; NULL
// where it does not: no sentence is better than one about other data.
static char *planned_sentence(struct agent *agent, const struct dataset *dataset, const json *pin,
                              const json *result) {
    cleanup_json json *turn = NULL;
    struct err ignored;
    // Without its turn the question stands alone, which it mostly does.
    bool has_turn = agent_turn_get(agent, json_text(pin, "turn_id"), &turn, &ignored) == 0;
    struct plan_answer *answer cleanup(plan_answer_freep) =
        has_turn ? agent_plan(agent->store, dataset, turn)
                 : plan_question(dataset, json_text(pin, "question"));
    for (size_t i = 0; i < answer->reading_count; i++) {
        const struct plan_reading *reading = &answer->readings[i];
        cleanup_json json *params = plan_write_params(reading);
        if (str_is_equal(reading->sql, json_text(pin, "sql")) &&
            is_same(params, part(pin, "params")))
            return plan_sentence(dataset_schema(dataset), reading, result);
    }
    return NULL;
}

static char *sentence_now(struct agent *agent, const json *pin, const json *run) {
    struct dataset *dataset cleanup(dataset_closep) = NULL;
    const json *result = part(run, "result");
    const char *planner = json_text(pin, "planner");
    struct err ignored;
    if (str_is_equal(planner, GIVEN_PLANNER))
        return given_sentence(result);
    if (!str_is_equal(planner, agent_planner_name(AGENT_BUILTIN)) ||
        dataset_catalogue_get(agent->catalogue, json_text(pin, "dataset"), &dataset, &ignored))
        return NULL;
    return planned_sentence(agent, dataset, pin, result);
}

static int keep(struct agent *agent, json *pin, const json *replay, struct err *err) {
    const json *run = part(replay, "run");
    if (!str_is_equal(json_text(run, "outcome"), outcome_name(OUTCOME_COMPLETED)))
        return 0;
    if (!json_bool(replay, "result_same", false)) {
        cleanup_free char *sentence = sentence_now(agent, pin, run);
        set(pin, "sentence", sentence ? cJSON_CreateString(sentence) : NULL);
    }
    set(pin, "run", cJSON_Duplicate(run, true));
    return store_pin_save(agent->store, pin, err);
}

int agent_pin_refresh(struct agent *agent, const char *id, json **ret_replay, struct err *err) {
    cleanup_json json *pin = NULL, *replay = NULL, *now = NULL;
    int status = store_pin_get(agent->store, id, &pin, err);
    if (status == 0)
        status = agent_replay(agent, part(pin, "run"), &replay, err);
    if (status == 0)
        status = keep(agent, pin, replay, err);
    if (status == 0)
        status = store_pin_get(agent->store, id, &now, err);
    if (status)
        return status;
    json_add(replay, "pin", mem_take(now));
    *ret_replay = mem_take(replay);
    return 0;
}
