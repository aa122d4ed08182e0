// SPDX-License-Identifier: Apache-2.0
//
// See model.h. Theory of operation: a step is one reply of the model and the calls of tools in it,
// made in their order; what they give goes out with the next step. The turn ends when
//
//   - a call ends it: `answer`, `ask_user`, or a run that failed on our side or was not approved
//   of;
//   - the model speaks without a call: that is an answer where a run completed; where none did, it
//     is reminded once, and the second time its words say why there is no answer;
//   - the model refuses, is cut short, or cannot be asked;
//   - AGENT_MAX_STEPS replies or AGENT_MAX_TOKENS tokens are used up; or somebody stops it.
//
// Every step is told as events (step.started, text.delta, tool.called, tool.ended, step.ended) and
// kept in the turn.
#include "agent/model.h"

#include <stdio.h>
#include <string.h>

#include "agent/loop.h"
#include "agent/prompt.h"
#include "agent/share.h"
#include "agent/tools.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/str.h"

#define CHOICES_BEFORE 20      // turns among which an earlier question back is looked for
#define BYTES_A_TOKEN 4        // where a provider does not count
#define TOOLS_TOKENS 1200      // what the description of the tools is about
#define DELTA_BYTES 160        // text is told in pieces of about so much
#define DELTA_US 60000         // or so often
#define KEPT_BYTES (16 * 1024) // of a text or of arguments that a turn keeps
#define REPLY_TOKENS 256       // less than this is no room for a reply

static const char last_words[] = "This is your last step: call answer, or ask_user, now.";

// ---- A choice -----------------------------------------------------------------------------------

void model_choice_done(struct model_choice *choice) {
    free(choice->message);
    free(choice->title);
    free(choice->detail);
    *choice = (struct model_choice){.title = NULL};
}

static bool is_asked_back(const json *turn, const char *question) {
    return str_is_equal(json_text(turn, "status"), agent_status_name(STATUS_AMBIGUOUS)) &&
           str_is_equal(json_text(turn, "planner"), agent_planner_name(AGENT_MODEL)) &&
           str_is_equal(json_text(turn, "question"), question);
}

void model_choice_find(struct turn *turn, struct model_choice *ret_choice) {
    const json *own = turn->order.live->turn;
    cleanup_json json *turns = NULL;
    struct err err;
    if (store_turns_before(turn->order.agent->store, json_text(own, "conversation_id"),
                           json_integer(own, "ordinal", 0), CHOICES_BEFORE, &turns, &err))
        return;
    for (int i = cJSON_GetArraySize(turns) - 1; i >= 0; i--) {
        const json *earlier = cJSON_GetArrayItem(turns, i);
        if (!is_asked_back(earlier, turn_question(turn)))
            continue;
        const json *reading = cJSON_GetArrayItem(
            cJSON_GetObjectItemCaseSensitive(earlier, "readings"), (int)turn->order.reading);
        bool may_tell = !turn->order.provider->keeps_cells ||
                        str_is_equal(json_text(earlier, "share"), "schema");
        if (reading && may_tell)
            *ret_choice = (struct model_choice){mem_text(json_text(earlier, "understanding")),
                                                mem_text(json_text(reading, "title")),
                                                mem_text(json_text(reading, "detail"))};
        return;
    }
}

// ---- What was said ------------------------------------------------------------------------------

static void add_message(struct loop *loop, struct llm_message message) {
    if (loop->message_count == loop->message_room) {
        loop->message_room = loop->message_room ? 2 * loop->message_room : 16;
        loop->messages = mem_resize(loop->messages, loop->message_room, sizeof *loop->messages);
    }
    loop->messages[loop->message_count++] = message;
}

// TEXT moves in; it is borrowed by the messages.
static const char *keep_text(struct loop *loop, char *text) {
    if (loop->text_count == loop->text_room) {
        loop->text_room = loop->text_room ? 2 * loop->text_room : 16;
        loop->texts = mem_resize(loop->texts, loop->text_room, sizeof *loop->texts);
    }
    loop->texts[loop->text_count++] = text;
    return text;
}

static int64_t tokens_of(const struct loop *loop) {
    size_t bytes = 0;
    for (size_t i = 0; i < loop->message_count; i++) {
        const struct llm_message *message = &loop->messages[i];
        bytes += message->text ? strlen(message->text) : 0;
        for (size_t j = 0; j < message->call_count; j++)
            bytes += strlen(message->calls[j].arguments);
    }
    return (int64_t)(bytes / BYTES_A_TOKEN) + TOOLS_TOKENS;
}

// ---- Telling ------------------------------------------------------------------------------------

struct telling {
    struct loop *loop;
    struct buf text;
    int64_t told_us;
    bool has_shown;
};

static json *event_of(const struct loop *loop) {
    json *event = cJSON_CreateObject();
    json_add_integer(event, "step", loop->step);
    return event;
}

static void emit(const struct loop *loop, const char *name, json *event) {
    live_emit(loop->turn->order.live, name, event);
}

static void flush(struct telling *telling) {
    if (telling->text.length == 0)
        return;
    json *event = event_of(telling->loop);
    json_add_text(event, "text", buf_text(&telling->text));
    emit(telling->loop, "text.delta", event);
    buf_clear(&telling->text);
    telling->told_us = clock_monotonic_us();
}

static void take_delta(const struct llm_delta *delta, void *context) {
    struct telling *telling = context;
    telling->has_shown = telling->has_shown || delta->kind != LLM_DELTA_WAIT;
    if (delta->kind == LLM_DELTA_WAIT) {
        json *event = event_of(telling->loop);
        json_add_text(event, "message", delta->text);
        json_add_integer(event, "wait_ms", delta->wait_ms);
        emit(telling->loop, "model.waiting", event);
    }
    if (delta->kind != LLM_DELTA_TEXT)
        return;
    buf_add_text(&telling->text, delta->text);
    if (telling->text.length >= DELTA_BYTES || clock_monotonic_us() - telling->told_us >= DELTA_US)
        flush(telling);
}

static json *tokens_json(const struct llm_usage *usage) {
    json *tokens = cJSON_CreateObject();
    json_add_integer(tokens, "input", usage->input_tokens);
    json_add_integer(tokens, "output", usage->output_tokens);
    json_add_bool(tokens, "estimated", !usage->is_known);
    return tokens;
}

// The step as the turn keeps it; it is told with the turn from now on, too.
static void keep_steps(struct loop *loop) {
    turn_set(loop->turn, "steps", cJSON_Duplicate(loop->steps, true));
    turn_set(loop->turn, "tokens_used", json_new_integer(loop->used_tokens));
}

// ---- Calls --------------------------------------------------------------------------------------

// As they are told and kept: the SQL of a run is kept whole with the run.
static json *arguments_of(const struct llm_call *call) {
    if (call->input && strlen(call->arguments) <= KEPT_BYTES)
        return cJSON_Duplicate(call->input, true);
    return share_cut(call->arguments, KEPT_BYTES);
}

static void make_call(struct loop *loop, const struct llm_call *call, json *step) {
    struct tool_result result;
    int64_t start_us = clock_monotonic_us();
    json *event = event_of(loop);
    json_add_text(event, "tool", call->name);
    json_add(event, "arguments", arguments_of(call));
    emit(loop, "tool.called", cJSON_Duplicate(event, true));
    tools_call(loop, call, &result);
    json_add_bool(event, "ok", !result.is_error);
    json_add_text(event, "summary", result.summary);
    json_add_text(event, "run_id", *result.run_id ? result.run_id : NULL);
    json_add_integer(event, "elapsed_us", clock_monotonic_us() - start_us);
    json *kept = cJSON_Duplicate(event, true);
    cJSON_DeleteItemFromObjectCaseSensitive(kept, "step");
    cJSON_AddItemToArray(cJSON_GetObjectItemCaseSensitive(step, "tools"), kept);
    cJSON_DeleteItemFromObjectCaseSensitive(event, "arguments");
    emit(loop, "tool.ended", event);
    const char *text = keep_text(loop, mem_take(result.text));
    add_message(loop, (struct llm_message){.role = LLM_TOOL,
                                           .text = text,
                                           .call_id = call->id,
                                           .call_name = call->name,
                                           .is_error = result.is_error});
    tool_result_done(&result);
}

static void make_calls(struct loop *loop, const struct llm_reply *reply, json *step) {
    for (size_t i = 0; i < reply->call_count && !loop->has_ended; i++) {
        if (i < LIMIT_AGENT_CALLS) {
            make_call(loop, &reply->calls[i], step);
            continue;
        }
        add_message(loop, (struct llm_message){.role = LLM_TOOL,
                                               .text = "{\"error\":\"Too many calls at once; this "
                                                       "one was not made.\"}",
                                               .call_id = reply->calls[i].id,
                                               .call_name = reply->calls[i].name,
                                               .is_error = true});
    }
}

// ---- Ends ---------------------------------------------------------------------------------------

static void fail(struct loop *loop, const char *code, const char *message, const char *hint) {
    struct turn *turn = loop->turn;
    // The last run is shown with the failure: it may be what was wanted.
    for (size_t i = loop->run_count; i > 0 && !turn->run; i--)
        turn->run = cJSON_Duplicate(loop->runs[i - 1].run, true);
    turn_set(turn, "run", cJSON_Duplicate(turn->run, true));
    turn_fail(turn, STATUS_FAILED, code, message, hint, NULL);
    loop->has_ended = true;
}

static void fail_by_error(struct loop *loop, const struct err *err) {
    if (err->code == ERR_CANCELLED) {
        turn_fail_stopped(loop->turn);
        loop->has_ended = true;
    } else {
        fail(loop,
             err->code == ERR_UNAVAILABLE || err->code == ERR_BUSY ? "model_unavailable"
                                                                   : "model_failed",
             err->message, err->hint);
    }
}

static void fail_by_tokens(struct loop *loop) {
    cleanup_free char *message = mem_format(
        "The model had not answered within %lld tokens, as many as AGENT_MAX_TOKENS allows.",
        (long long)loop_settings(loop)->max_tokens);
    fail(loop, "token_limit", message, "Ask for something smaller, or raise AGENT_MAX_TOKENS.");
}

static void fail_by_steps(struct loop *loop) {
    cleanup_free char *message = mem_format(
        "The model had not answered after %lld steps, as many as AGENT_MAX_STEPS allows.",
        (long long)loop_settings(loop)->max_steps);
    fail(loop, "step_limit", message, "Ask for something smaller, or raise AGENT_MAX_STEPS.");
}

static size_t last_good_run(const struct loop *loop) {
    size_t number = loop->run_count;
    while (number > 0 && !str_is_equal(json_text(loop->runs[number - 1].run, "outcome"),
                                       outcome_name(OUTCOME_COMPLETED)))
        number--;
    return number;
}

// A reply without a call.
static void take_words(struct loop *loop, const struct llm_reply *reply) {
    struct err err = {0};
    size_t run = last_good_run(loop);
    size_t length = strlen(reply->text);
    if (reply->stop == LLM_STOP_REFUSED) {
        fail(loop, "model_refused",
             length && length < LIMIT_AGENT_SENTENCE ? reply->text
                                                     : "The model refuses to answer this.",
             "Ask it in other words.");
    } else if (reply->stop == LLM_STOP_LENGTH) {
        fail(loop, "model_failed", "The model's reply was cut short before it was an answer.",
             "Ask for something smaller, or take a model with a longer reply.");
    } else if (length && length <= LIMIT_AGENT_SENTENCE && run > 0 &&
               tools_conclude(loop, reply->text, run, NULL, &err) == 0) {
        return;
    } else if (!loop->was_reminded) {
        loop->was_reminded = true;
        add_message(loop,
                    (struct llm_message){
                        .role = LLM_USER,
                        .text = "Go on with a call of a tool: run_sql to compute, ask_user to ask "
                                "back, or answer, with run 0 where the data cannot answer."});
    } else {
        turn_fail(loop->turn, STATUS_NOT_UNDERSTOOD, "not_answerable",
                  length && length <= LIMIT_AGENT_SENTENCE
                      ? reply->text
                      : "The model gave no answer, and no reason.",
                  NULL, NULL);
        loop->has_ended = true;
    }
}

// ---- Steps --------------------------------------------------------------------------------------

static void count_tokens(struct loop *loop, struct llm_reply *reply, int64_t sent) {
    struct llm_usage *usage = &reply->usage;
    if (!usage->is_known) {
        size_t bytes = strlen(reply->text) + strlen(reply->reasoning);
        for (size_t i = 0; i < reply->call_count; i++)
            bytes += strlen(reply->calls[i].arguments);
        usage->input_tokens = sent;
        usage->output_tokens = (int64_t)(bytes / BYTES_A_TOKEN);
    }
    loop->used_tokens += usage->input_tokens + usage->output_tokens;
    atomic_fetch_add(&loop->turn->order.agent->input_tokens, usage->input_tokens);
    atomic_fetch_add(&loop->turn->order.agent->output_tokens, usage->output_tokens);
}

static int ask_model(struct loop *loop, int64_t room, struct telling *telling,
                     struct llm_reply *reply, struct err *err) {
    int stop_fd = sandbox_cancel_fd(loop->turn->order.live->cancel);
    struct llm_step step = {.messages = loop->messages,
                            .message_count = loop->message_count,
                            .tools = loop->tools,
                            .tool_count = loop->tool_count,
                            .choice = LLM_CHOICE_AUTO,
                            .max_tokens = room,
                            .on_delta = take_delta,
                            .context = telling,
                            .stop_fds = &stop_fd,
                            .stop_count = 1};
    int status = llm_ask(loop->llm, &step, reply, err);
    flush(telling);
    return status;
}

// The step as it is kept, once the model has replied.
static json *begin_step(struct loop *loop, const struct llm_reply *reply, int64_t start_us) {
    json *step = event_of(loop);
    json_add(step, "text", *reply->text ? share_cut(reply->text, KEPT_BYTES) : NULL);
    json_add_integer(step, "model_us", clock_monotonic_us() - start_us);
    json_add(step, "tokens", tokens_json(&reply->usage));
    json_add_array(step, "tools");
    cJSON_AddItemToArray(loop->steps, step);
    return step;
}

static void end_step(struct loop *loop, json *step, int64_t start_us) {
    json *event = event_of(loop);
    json_add_integer(step, "elapsed_us", clock_monotonic_us() - start_us);
    json_add(event, "tokens",
             cJSON_Duplicate(cJSON_GetObjectItemCaseSensitive(step, "tokens"), true));
    json_add_integer(event, "elapsed_us", json_integer(step, "elapsed_us", 0));
    emit(loop, "step.ended", event);
    keep_steps(loop);
}

// One step. An error is the model's; whether anything was shown of the reply until then is in
// RET_HAS_SHOWN.
static int make_step(struct loop *loop, bool *ret_has_shown, struct err *err) {
    struct telling telling = {.loop = loop, .text = BUF(LIMIT_AGENT_TEXT)};
    struct llm_reply *reply = &loop->replies[loop->reply_count++];
    int64_t start_us = clock_monotonic_us(), sent = tokens_of(loop);
    int64_t room = loop_settings(loop)->max_tokens - loop->used_tokens - sent;
    if (room < REPLY_TOKENS) {
        fail_by_tokens(loop);
        return 0;
    }
    emit(loop, "step.started", event_of(loop));
    int status = ask_model(loop, room, &telling, reply, err);
    *ret_has_shown = telling.has_shown;
    buf_done(&telling.text);
    count_tokens(loop, reply, sent);
    json *step = begin_step(loop, reply, start_us);
    if (status) {
        json_add_text(step, "error", err->message);
        end_step(loop, step, start_us);
        return status;
    }
    add_message(loop, llm_reply_message(reply));
    make_calls(loop, reply, step);
    if (reply->call_count == 0)
        take_words(loop, reply);
    end_step(loop, step, start_us);
    return 0;
}

static void loop_done(struct loop *loop) {
    for (size_t i = 0; i < loop->reply_count; i++)
        llm_reply_done(&loop->replies[i]);
    for (size_t i = 0; i < loop->text_count; i++)
        free(loop->texts[i]);
    for (size_t i = 0; i < loop->run_count; i++)
        json_free(loop->runs[i].run);
    for (size_t i = 0; i < loop->value_count; i++)
        free(loop->values[i]);
    json_free(loop->tool_parameters);
    json_free(loop->steps);
    free(loop->tools);
    free(loop->texts);
    free(loop->messages);
    free(loop);
}
MEM_CLEANUP(struct loop *, loop_done);

static struct loop *loop_new(struct turn *turn) {
    struct loop *loop = mem_zero(1, sizeof *loop);
    loop->turn = turn;
    loop->schema = dataset_schema(turn->order.dataset);
    loop->llm = turn->order.provider->llm;
    loop->keeps_cells = turn->order.provider->keeps_cells;
    loop->steps = cJSON_CreateArray();
    tools_prepare(loop);
    return loop;
}

static void tell_planner(struct turn *turn) {
    const struct provider *provider = turn->order.provider;
    json *model = cJSON_CreateObject();
    json_add_text(model, "provider", llm_title(provider->llm));
    json_add_text(model, "name", llm_model(provider->llm));
    turn_set_text(turn, "planner", agent_planner_name(AGENT_MODEL));
    turn_set_text(turn, "share", provider->keeps_cells ? "schema" : "full");
    turn_set(turn, "model", model);
}

bool model_answer(struct turn *turn, const struct plan_answer *hint,
                  const struct model_choice *choice, struct err *err) {
    struct loop *loop cleanup(loop_donep) = loop_new(turn);
    tell_planner(turn);
    add_message(loop, (struct llm_message){.role = LLM_SYSTEM,
                                           .text = keep_text(loop, prompt_rules(loop))});
    add_message(loop,
                (struct llm_message){.role = LLM_USER,
                                     .text = keep_text(loop, prompt_question(loop, hint, choice))});
    while (!loop->has_ended) {
        bool has_shown = false;
        if (loop->step > 0 && loop->step + 1 == loop_settings(loop)->max_steps)
            add_message(loop, (struct llm_message){.role = LLM_USER, .text = last_words});
        if (loop->step++ == loop_settings(loop)->max_steps) {
            fail_by_steps(loop);
        } else if (make_step(loop, &has_shown, err)) {
            if (loop->step == 1 && !has_shown && err->code != ERR_CANCELLED)
                return false;
            fail_by_error(loop, err);
        }
    }
    return true;
}
