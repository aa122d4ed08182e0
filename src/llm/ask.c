// SPDX-License-Identifier: Apache-2.0
//
// See llm.h: one step, from the request to the reply.
//
// Theory of operation. A step is a number of tries until one ends well, with one deadline for all
// of them. After a try that failed, in this order:
// - the server did not take the key, and the key's file has another one: it is tried at once;
// - the server names a part of the request that it does not take, and that part can be left out, or
//   asks for fewer tokens: it gets that at once. What a try that then went well did without, every
//   later request of this process does without;
// - the failure passes by itself, nothing of the answer was shown, and there is time: it is tried
//   after a pause, which is announced.
// Otherwise the failure is the step's. Bytes are taken by the thread that asked, so deltas arrive
// in it, and a stop is seen within the time that one piece takes.
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/id.h"
#include "base/limits.h"
#include "base/str.h"
#include "llm/client.h"
#include "llm/retry.h"
#include "llm/stream.h"

#define END_SILENCE_MS 500 // after the last event, so that the connection can be used again
#define MAX_STOP_FDS 4
#define FEWEST_TOKENS 256 // a reply of fewer is of no use
#define DIGITS "0123456789"

struct step {
    struct llm *llm;
    struct llm_asking asking;
    int64_t deadline_us;
    int tries;
    bool has_learned_max;
    char *body, *key; // of the present try, as is the rest
    struct net_call call;
    struct net_reply reply;
    struct llm_stream stream; // with its failure
};

static void step_done(struct step *step) {
    free(step->body);
    free(step->key);
    net_reply_done(&step->reply);
    llm_stream_done(&step->stream);
}

// ---- What a server does not take ----------------------------------------------------------------

static const struct {
    const char *parameter;
    enum llm_avoid avoid;
} avoidable[] = {
    {"temperature", LLM_AVOID_TEMPERATURE},
    {"max_tokens", LLM_AVOID_MAX_TOKENS},
    {"max_completion_tokens", LLM_AVOID_MAX_TOKENS},
    {"stream_options", LLM_AVOID_STREAM_OPTIONS},
    {"tool_choice", LLM_AVOID_TOOL_CHOICE},
    {"response_format", LLM_AVOID_SCHEMA},
    {"output_config", LLM_AVOID_SCHEMA},
    {"format", LLM_AVOID_SCHEMA},
    {"cache_control", LLM_AVOID_CACHE},
    {"reasoning_content", LLM_AVOID_CARRY},
    {"reasoning_details", LLM_AVOID_CARRY},
    {"reasoning", LLM_AVOID_CARRY},
    {"thinking", LLM_AVOID_CARRY},
    {"extra_content", LLM_AVOID_CARRY},
};

static bool is_in_name(char character) {
    return character == '_' || (character >= 'a' && character <= 'z') ||
           (character >= 'A' && character <= 'Z') || (character >= '0' && character <= '9');
}

// Whether WORD stands in TEXT, and not as a part of another name.
static bool has_word(const char *text, const char *word) {
    size_t length = strlen(word);
    for (const char *at = text; (at = strstr(at, word)) != NULL; at += length)
        if ((at == text || !is_in_name(at[-1])) && !is_in_name(at[length]))
            return true;
    return false;
}

static char *body_of(const struct step *step, unsigned avoid) {
    struct llm_asking asking = step->asking;
    asking.avoid = avoid;
    cleanup_json json *request = step->llm->dialect->write(&asking);
    return json_write(request);
}

// The largest number in TEXT that is below LIMIT, and no part of a name; 0 for none.
static int64_t number_below(const char *text, int64_t limit) {
    int64_t found = 0, number;
    for (const char *at = text; *at; at += strspn(at, DIGITS) ? strspn(at, DIGITS) : 1) {
        size_t length = strspn(at, DIGITS);
        bool is_apart = at == text || (!is_in_name(at[-1]) && !strchr("-.,", at[-1]));
        cleanup_free char *digits = length && is_apart ? mem_text_n(at, length) : NULL;
        if (digits && str_to_integer(digits, FEWEST_TOKENS, limit - 1, &number) == 0 &&
            number > found)
            found = number;
    }
    return found;
}

// "max_tokens: 8192 > 4096, which is the maximum allowed number of output tokens for this model".
static bool ask_for_fewer(struct step *step) {
    const struct llm_failure *failure = &step->stream.failure;
    if (!has_word(failure->message, "max_tokens") &&
        !has_word(failure->message, "max_completion_tokens"))
        return false;
    int64_t number = number_below(failure->message, step->asking.max_tokens);
    if (!number)
        return false;
    step->asking.max_tokens = number;
    step->has_learned_max = failure->kind != LLM_FAILURE_CONTEXT; // else it is only for now
    free(step->body);
    step->body = body_of(step, step->asking.avoid);
    return true;
}

// Whether the request can do without what the server's error names; it does so then.
static bool leave_out(struct step *step) {
    const struct llm_failure *failure = &step->stream.failure;
    if (failure->status != 400 && failure->status != 404 && failure->status != 422)
        return false;
    if (ask_for_fewer(step))
        return true;
    for (size_t i = 0; i < ARRAY_LENGTH(avoidable); i++) {
        unsigned avoid = step->asking.avoid | avoidable[i].avoid;
        if (!has_word(failure->parameter, avoidable[i].parameter) &&
            !has_word(failure->message, avoidable[i].parameter))
            continue;
        cleanup_free char *body = body_of(step, avoid);
        if (strcmp(body, step->body) == 0)
            continue; // it was not in there
        free(step->body);
        step->body = mem_take(body);
        step->asking.avoid = avoid;
        return true;
    }
    return false;
}

// ---- One try ------------------------------------------------------------------------------------

enum { AFTER_MS, AFTER, SHOULD_RETRY, X_REQUEST_ID, REQUEST_ID };

static const char *const wanted[] = {[AFTER_MS] = "retry-after-ms",
                                     [AFTER] = "retry-after",
                                     [SHOULD_RETRY] = "x-should-retry",
                                     [X_REQUEST_ID] = "x-request-id",
                                     [REQUEST_ID] = "request-id"};

static bool take_bytes(const char *bytes, size_t length, void *context) {
    struct step *step = context;
    bool goes_on = llm_stream_feed(&step->stream, bytes, length);
    if (step->stream.is_done)
        step->call.silence_ms = END_SILENCE_MS;
    return goes_on;
}

static int64_t left_ms(const struct step *step) {
    int64_t left_us = step->deadline_us - clock_monotonic_us();
    return left_us > 0 ? left_us / 1000 + 1 : 1; // libcurl takes 0 for no limit
}

static void begin_try(struct step *step) {
    const struct llm_step *asked = step->asking.step;
    net_reply_done(&step->reply);
    step->reply = (struct net_reply){0};
    llm_stream_done(&step->stream);
    llm_stream_init(&step->stream, step->llm->dialect, step->key, asked->on_delta, asked->context);
    step->tries++;
}

// 0 also for a failure, which is in the stream then; ERR_CANCELLED, or what is wrong with the key.
static int try_once(struct step *step, struct err *err) {
    const struct llm_step *asked = step->asking.step;
    struct llm_headers headers cleanup(llm_headers_done) = {0};
    free(step->key);
    step->key = NULL;
    int status = llm_key_get(step->llm, &step->key, err);
    begin_try(step);
    if (status)
        return status;
    llm_headers_init(&headers, step->llm, step->key);
    step->call = (struct net_call){.method = "POST",
                                   .path = step->llm->dialect->ask_path,
                                   .credential = {.authorization = headers.authorization},
                                   .body = step->body,
                                   .body_type = "application/json",
                                   .headers = (const char *const *)headers.lines,
                                   .header_count = headers.count,
                                   .wanted = wanted,
                                   .wanted_count = ARRAY_LENGTH(wanted),
                                   .timeout_ms = left_ms(step),
                                   .silence_ms = step->llm->silence_ms,
                                   .stop_fds = asked->stop_fds,
                                   .stop_count = asked->stop_count,
                                   .on_bytes = take_bytes,
                                   .context = step};
    status = net_client_call(step->llm->net, &step->call, &step->reply, err);
    if (status == ERR_CANCELLED)
        return status;
    if (step->stream.is_done || step->stream.failure.kind)
        return 0;
    if (status || step->reply.status < 200 || step->reply.status >= 300)
        llm_failure_of_call(step->llm, &step->reply, status, err, step->key, &step->stream.failure);
    else
        llm_stream_finish(&step->stream);
    return 0;
}

// ---- From try to try ----------------------------------------------------------------------------

// false where a stop was asked for.
static bool pause_for(const struct llm_step *asked, int64_t wait_ms) {
    struct pollfd fds[MAX_STOP_FDS];
    size_t count = asked->stop_count < MAX_STOP_FDS ? asked->stop_count : MAX_STOP_FDS;
    for (size_t i = 0; i < count; i++)
        fds[i] = (struct pollfd){.fd = asked->stop_fds[i], .events = POLLIN};
    int64_t end_us = clock_monotonic_us() + wait_ms * 1000;
    for (;;) {
        int64_t left_us = end_us - clock_monotonic_us();
        int ready = poll(fds, count, left_us > 0 ? (int)(left_us / 1000 + 1) : 0);
        if (ready >= 0 || errno != EINTR)
            return ready == 0;
    }
}

// What to do after a failure that ERR explains: 0 to try again, else the step's end.
static int wait_for_next(struct step *step, struct err *err) {
    char *const *headers = step->reply.headers;
    const struct llm_step *asked = step->asking.step;
    const struct llm_failure *failure = &step->stream.failure;
    struct llm_retry_advice advice = {.after_ms = headers[AFTER_MS],
                                      .after = headers[AFTER],
                                      .should_retry = headers[SHOULD_RETRY],
                                      .after_date_ms = step->reply.retry_after_ms};
    unsigned char chance;
    id_random(&chance, 1);
    if (step->stream.has_shown || !llm_retry_is_due(failure, &advice, step->tries))
        return err->code;
    int64_t wait_ms = llm_retry_wait_ms(failure, &advice, step->tries, chance);
    if (wait_ms > LLM_RETRY_LONGEST_MS)
        return err_hint(err, "The provider asks for a pause of %lld s: ask again after it.",
                        (long long)(wait_ms / 1000));
    if (wait_ms >= left_ms(step))
        return err->code;
    if (asked->on_delta)
        asked->on_delta(&(struct llm_delta){.kind = LLM_DELTA_WAIT,
                                            .text = err->message,
                                            .wait_ms = wait_ms,
                                            .tries = step->tries},
                        asked->context);
    return pause_for(asked, wait_ms)
               ? 0
               : err_set(err, ERR_CANCELLED, "the question to the model was stopped");
}

static int ask(struct step *step, struct err *err) {
    const struct llm_failure *failure = &step->stream.failure;
    bool was_renewed = false;
    for (;;) {
        int status = try_once(step, err);
        if (status)
            return status;
        if (failure->kind == LLM_FAILURE_NONE) {
            atomic_fetch_or(&step->llm->avoid, step->asking.avoid);
            if (step->has_learned_max)
                atomic_store(&step->llm->max_tokens, step->asking.max_tokens);
            return 0;
        }
        bool is_fresh = !step->stream.has_shown;
        if (is_fresh && failure->kind == LLM_FAILURE_KEY && !was_renewed &&
            llm_key_renew(step->llm, step->key)) {
            was_renewed = true;
            continue;
        }
        if (is_fresh && leave_out(step))
            continue;
        llm_failure_explain(failure, step->llm->title, err);
        status = wait_for_next(step, err);
        if (status)
            return status;
    }
}

// ---- The step -----------------------------------------------------------------------------------

void llm_reply_done(struct llm_reply *reply) {
    for (size_t i = 0; i < reply->call_count; i++) {
        free(reply->calls[i].id);
        free(reply->calls[i].name);
        free(reply->calls[i].arguments);
        free(reply->calls[i].trouble);
        json_free(reply->calls[i].input);
    }
    free(reply->calls);
    free(reply->text);
    free(reply->reasoning);
    free(reply->model);
    free(reply->request_id);
    json_free(reply->carry);
    *reply = (struct llm_reply){0};
}

struct llm_message llm_reply_message(const struct llm_reply *reply) {
    return (struct llm_message){.role = LLM_ASSISTANT,
                                .text = reply->text,
                                .calls = reply->calls,
                                .call_count = reply->call_count,
                                .carry = reply->carry};
}

static void fill(struct step *step, int64_t start_us, struct llm_reply *reply) {
    char *const *headers = step->reply.headers;
    const char *id = headers[X_REQUEST_ID] ? headers[X_REQUEST_ID] : headers[REQUEST_ID];
    char quoted[128];
    llm_quote(id ? id : "", step->key, quoted, sizeof quoted);
    *reply = (struct llm_reply){
        .request_id = mem_text(quoted), .tries = step->tries, .http_status = step->reply.status};
    llm_stream_take(&step->stream, step->llm->model, reply);
    reply->elapsed_ms = (clock_monotonic_us() - start_us) / 1000;
}

int llm_ask(struct llm *llm, const struct llm_step *step, struct llm_reply *ret_reply,
            struct err *err) {
    int64_t start_us = clock_monotonic_us(), most = atomic_load(&llm->max_tokens);
    struct err own;
    struct step work cleanup(step_done) = {
        .llm = llm,
        .asking = {.model = llm->model,
                   .max_tokens =
                       step->max_tokens > 0 && step->max_tokens < most ? step->max_tokens : most,
                   .context_tokens = llm->context_tokens,
                   .step = step,
                   .is_openai_itself = llm->is_openai_itself,
                   .avoid = atomic_load(&llm->avoid)},
        .deadline_us = start_us + llm->timeout_ms * 1000};
    err = err ? err : &own;
    llm_stream_init(&work.stream, llm->dialect, NULL, NULL, NULL);
    work.body = body_of(&work, work.asking.avoid);
    int status = strlen(work.body) <= LIMIT_LLM_REQUEST
                     ? ask(&work, err)
                     : err_set(err, ERR_TOO_LARGE,
                               "the messages for the model are above the limit of %d bytes",
                               LIMIT_LLM_REQUEST);
    fill(&work, start_us, ret_reply);
    return status;
}
