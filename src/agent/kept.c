// SPDX-License-Identifier: Apache-2.0
//
// See kept.h.
#include "agent/kept.h"

#include "agent/agent_internal.h"
#include "base/clock.h"
#include "base/str.h"

static const char *const reasons[AGENT_FEEDBACK_REASONS] = {"wrong_answer", "misunderstood",
                                                            "too_slow", "hard_to_read", "other"};

const char *agent_feedback_reason(int reason) {
    return reason >= 0 && reason < AGENT_FEEDBACK_REASONS ? reasons[reason] : NULL;
}

// The store first: who then asks anew is refused, and whoever was before that is in the registry.
int agent_conversation_delete(struct agent *agent, const char *conversation, struct err *err) {
    int status = store_conversation_delete(agent->store, conversation, err);
    if (status == 0)
        registry_hide(&agent->registry, conversation);
    return status;
}

int agent_conversation_restore(struct agent *agent, const char *conversation, struct err *err) {
    int status = store_conversation_restore(agent->store, conversation, err);
    if (status == 0)
        registry_show(&agent->registry, conversation);
    return status;
}

// ---- Feedback -----------------------------------------------------------------------------------

static int reason_of(const struct agent_feedback *feedback, int *ret_reason, struct err *err) {
    *ret_reason = -1;
    if (!feedback->reason)
        return 0;
    if (!str_is_equal(feedback->value, "down"))
        return err_set(err, ERR_BAD_REQUEST, "\"reason\" goes with \"down\" alone");
    for (int i = 0; i < AGENT_FEEDBACK_REASONS; i++)
        if (str_is_equal(feedback->reason, reasons[i]))
            *ret_reason = i;
    if (*ret_reason >= 0)
        return 0;
    err_set(err, ERR_BAD_REQUEST, "\"reason\" is \"%.40s\", which is none", feedback->reason);
    return err_hint(err, "It is wrong_answer, misunderstood, too_slow, hard_to_read or other.");
}

static int check_ended(struct agent *agent, const char *turn, struct err *err) {
    cleanup_json json *object = NULL;
    int status = agent_turn_get(agent, turn, &object, err);
    if (status == 0 && str_is_equal(json_text(object, "status"), agent_status_name(STATUS_RUNNING)))
        return err_set(err, ERR_CONFLICT, "The turn %.40s is still under way.", turn);
    return status;
}

static json *feedback_json(const struct agent_feedback *feedback) {
    char now[CLOCK_ISO_SIZE];
    json *object = cJSON_CreateObject();
    json_add_text(object, "value", feedback->value);
    if (feedback->reason)
        json_add_text(object, "reason", feedback->reason);
    if (!str_is_empty(feedback->comment))
        json_add_text(object, "comment", feedback->comment);
    json_add_text(object, "created_at", clock_iso(clock_wall_ms(), now));
    return object;
}

int agent_feedback_give(struct agent *agent, const char *turn,
                        const struct agent_feedback *feedback, json **ret_turn, struct err *err) {
    bool is_up = str_is_equal(feedback->value, "up");
    int reason;
    if (!is_up && !str_is_equal(feedback->value, "down"))
        return err_set(err, ERR_BAD_REQUEST, "\"value\" must be \"up\" or \"down\"");
    int status = reason_of(feedback, &reason, err);
    if (status == 0)
        status = check_ended(agent, turn, err);
    if (status)
        return status;
    cleanup_json json *object = feedback_json(feedback);
    status = store_turn_feedback(agent->store, turn, object, err);
    if (status == 0)
        atomic_fetch_add(is_up ? &agent->praise : &agent->blame[reason + 1], 1);
    return status ? status : store_turn_get(agent->store, turn, ret_turn, err);
}

int agent_feedback_remove(struct agent *agent, const char *turn, json **ret_turn, struct err *err) {
    int status = check_ended(agent, turn, err);
    if (status == 0)
        status = store_turn_feedback(agent->store, turn, NULL, err);
    return status ? status : store_turn_get(agent->store, turn, ret_turn, err);
}
