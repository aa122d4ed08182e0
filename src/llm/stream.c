// SPDX-License-Identifier: Apache-2.0
//
// See stream.h.
//
// Theory of operation. The bytes are cut into events or lines, each of which is one JSON object; a
// dialect reads it and calls back to add text, reasoning or a call's arguments, which are shown and
// kept at once. The first thing that goes wrong is remembered in `failure` and ends it; what came
// before stays and is part of the reply. An answer is whole when the provider has said so, by its
// end mark or by naming why the model stopped: a connection that merely closes is no end.
//
// A server that does not stream, or that answers an error with status 200, sends one JSON object
// and no event. So what comes before the first event is kept aside, and read as one event if the
// end comes before any other.
#include "llm/stream.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/id.h"
#include "base/limits.h"
#include "base/str.h"

static void on_event(const struct net_event *event, void *context);

void llm_stream_init(struct llm_stream *stream, const struct llm_dialect *dialect,
                     const char *secret, llm_delta_function *on_delta, void *context) {
    *stream = (struct llm_stream){.dialect = dialect,
                                  .secret = secret,
                                  .on_delta = on_delta,
                                  .context = context,
                                  .head = BUF(LIMIT_LLM_EVENT),
                                  .line = BUF(LIMIT_LLM_EVENT),
                                  .text = BUF(LIMIT_LLM_TEXT),
                                  .reasoning = BUF(LIMIT_LLM_REASONING),
                                  .piece = BUF(LIMIT_LLM_REASONING),
                                  .signature = BUF(LIMIT_LLM_REASONING)};
    net_sse_init(&stream->sse, on_event, stream);
    stream->sse.line.limit = stream->sse.data.limit = LIMIT_LLM_EVENT;
    stream->sse.odd_field = "error"; // llama.cpp until the autumn of 2025
}

void llm_stream_done(struct llm_stream *stream) {
    for (size_t i = 0; i < stream->slot_count; i++) {
        struct llm_slot *slot = &stream->slots[i];
        free(slot->id);
        free(slot->name);
        buf_done(&slot->arguments);
        json_free(slot->given);
        json_free(slot->extra);
    }
    free(stream->slots);
    net_sse_done(&stream->sse);
    buf_done(&stream->head);
    buf_done(&stream->line);
    buf_done(&stream->text);
    buf_done(&stream->reasoning);
    buf_done(&stream->piece);
    buf_done(&stream->signature);
    json_free(stream->kept);
    free(stream->model);
}

void llm_stream_fail(struct llm_stream *stream, enum llm_failure_kind kind, const char *format,
                     ...) {
    if (stream->failure.kind)
        return;
    struct llm_failure failure = {.kind = kind, .is_mid_stream = true};
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(failure.message, sizeof failure.message, format, arguments);
    va_end(arguments);
    stream->failure = failure;
}

// ---- What dialects add --------------------------------------------------------------------------

static void show(struct llm_stream *stream, const struct llm_delta *delta) {
    if (!stream->on_delta)
        return;
    stream->has_shown = true;
    stream->on_delta(delta, stream->context);
}

static void add(struct llm_stream *stream, struct buf *buf, enum llm_delta_kind kind,
                const char *text) {
    if (str_is_empty(text) || stream->failure.kind)
        return;
    if (buf_add_text(buf, text)) {
        llm_stream_fail(stream, LLM_FAILURE_LARGE, "the %s is above the limit of %zu bytes",
                        kind == LLM_DELTA_TEXT ? "text" : "reasoning", buf->limit);
        return;
    }
    show(stream, &(struct llm_delta){.kind = kind, .text = text});
}

void llm_stream_text(struct llm_stream *stream, const char *text) {
    add(stream, &stream->text, LLM_DELTA_TEXT, text);
}

void llm_stream_reason(struct llm_stream *stream, const char *text) {
    add(stream, &stream->reasoning, LLM_DELTA_REASONING, text);
}

void llm_stream_name_model(struct llm_stream *stream, const char *model) {
    if (!stream->model && !str_is_empty(model))
        stream->model = mem_text_n(model, strnlen(model, LIMIT_NAME));
}

bool llm_stream_may_keep(struct llm_stream *stream, size_t bytes) {
    if (stream->failure.kind)
        return false;
    stream->kept_bytes += bytes;
    if (stream->kept_bytes > LIMIT_LLM_REASONING)
        llm_stream_fail(stream, LLM_FAILURE_LARGE, "the reasoning is above the limit of %d bytes",
                        LIMIT_LLM_REASONING);
    return stream->kept_bytes <= LIMIT_LLM_REASONING;
}

json *llm_stream_keep(struct llm_stream *stream, const json *value) {
    if (!stream->kept)
        stream->kept = cJSON_CreateArray();
    if (!llm_stream_may_keep(stream, stream->event_bytes))
        return NULL;
    if (cJSON_GetArraySize(stream->kept) == LIMIT_LLM_BLOCKS) {
        llm_stream_fail(stream, LLM_FAILURE_LARGE, "the answer has more than %d parts",
                        LIMIT_LLM_BLOCKS);
        return NULL;
    }
    json *copy = cJSON_Duplicate(value, true);
    cJSON_AddItemToArray(stream->kept, copy);
    return copy;
}

void llm_stream_keep_text(struct llm_stream *stream, struct buf *buf, const char *text) {
    if (text && llm_stream_may_keep(stream, strlen(text)))
        buf_add_text(buf, text);
}

static struct llm_slot *find_slot(const struct llm_stream *stream, int64_t index, const char *id,
                                  const char *name) {
    bool has_id = !str_is_empty(id);
    for (size_t i = stream->slot_count; i > 0; i--) {
        struct llm_slot *slot = &stream->slots[i - 1];
        bool is_other = has_id && *slot->id && strcmp(slot->id, id) != 0;
        if (is_other || (index >= 0 && slot->index != index))
            continue;
        if (index >= 0 || has_id)
            return slot;
        return str_is_empty(name) ? slot : NULL; // neither: a name begins a call, the rest goes on
    }
    return NULL;
}

// Some servers count every call as number 0, or do not count; the id tells those apart.
struct llm_slot *llm_stream_slot(struct llm_stream *stream, int64_t index, const char *id,
                                 const char *name) {
    if (stream->failure.kind)
        return NULL;
    struct llm_slot *slot = find_slot(stream, index, id, name);
    bool is_new = !slot;
    if (is_new && stream->slot_count == LIMIT_LLM_CALLS) {
        llm_stream_fail(stream, LLM_FAILURE_LARGE, "there are more than %d calls of tools",
                        LIMIT_LLM_CALLS);
        return NULL;
    }
    if (is_new) {
        stream->slots = mem_resize(stream->slots, stream->slot_count + 1, sizeof stream->slots[0]);
        slot = &stream->slots[stream->slot_count++];
        *slot = (struct llm_slot){.index = index,
                                  .id = mem_text(""),
                                  .name = mem_text(""),
                                  .arguments = BUF(LIMIT_LLM_ARGUMENTS)};
    }
    bool is_named = !*slot->name && !str_is_empty(name);
    if (!*slot->id && !str_is_empty(id)) {
        free(slot->id);
        slot->id = mem_text(id);
    }
    if (is_named) {
        free(slot->name);
        slot->name = mem_text(name);
    }
    if (is_new || is_named)
        show(stream, &(struct llm_delta){.kind = LLM_DELTA_CALL,
                                         .text = "",
                                         .name = slot->name,
                                         .index = (size_t)(slot - stream->slots)});
    return slot;
}

void llm_stream_arguments(struct llm_stream *stream, struct llm_slot *slot, const json *value) {
    if (!slot || !value || cJSON_IsNull(value) || stream->failure.kind)
        return;
    bool is_text = cJSON_IsString(value);
    cleanup_free char *written = is_text ? NULL : json_write(value);
    const char *text = is_text ? value->valuestring : written;
    if (!*text)
        return;
    if (buf_add_text(&slot->arguments, text)) {
        llm_stream_fail(stream, LLM_FAILURE_LARGE,
                        "the arguments of %.60s are above the limit of %d bytes", slot->name,
                        LIMIT_LLM_ARGUMENTS);
        return;
    }
    show(stream, &(struct llm_delta){.kind = LLM_DELTA_CALL,
                                     .text = text,
                                     .name = slot->name,
                                     .index = (size_t)(slot - stream->slots)});
}

// ---- Events and lines ---------------------------------------------------------------------------

static bool is_hexadecimal(const char *text, size_t count) {
    return strspn(text, "0123456789abcdefABCDEF") >= count;
}

// The code unit of the escape at AT, -1 where there is none.
static long escape_at(const char *at) {
    if (at[0] != '\\' || at[1] != 'u' || !is_hexadecimal(at + 2, 4))
        return -1;
    char digits[5] = {at[2], at[3], at[4], at[5], '\0'};
    return strtol(digits, NULL, 16);
}

// A model writes characters in parts, and a server that passes these on one by one sends halves of
// surrogate pairs, which are no characters; nor may a text hold NUL. Each becomes U+FFFD, in place.
static void mend_escapes(char *text) {
    for (char *at = text; *at; at++) {
        if (*at != '\\')
            continue;
        long unit = escape_at(at), next = unit < 0 ? -1 : escape_at(at + 6);
        bool is_high = unit >= 0xD800 && unit < 0xDC00, is_low = unit >= 0xDC00 && unit < 0xE000;
        if (is_high && next >= 0xDC00 && next < 0xE000) {
            at += 11;
            continue;
        }
        if (is_high || is_low || unit == 0)
            memcpy(at + 2, "FFFD", 4);
        at += unit >= 0 ? 5 : at[1] != '\0';
    }
}

static int parse(const char *text, size_t length, json **ret_object, struct err *err) {
    int status = json_parse(text, length, ret_object, err);
    if (status == 0 || !memmem(text, length, "\\u", 2))
        return status;
    cleanup_free char *mended = mem_text_n(text, length);
    mend_escapes(mended);
    return json_parse(mended, length, ret_object, err);
}

static void take_object(struct llm_stream *stream, const char *text, size_t length) {
    cleanup_json json *object = NULL;
    struct err err;
    char beginning[120];
    int status = parse(text, length, &object, &err);
    if (status || !cJSON_IsObject(object)) {
        llm_quote(text, stream->secret, beginning, sizeof beginning);
        llm_stream_fail(stream, LLM_FAILURE_GARBLED, "%s: %s",
                        status ? err.message : "an object was expected", beginning);
    } else if (llm_is_failure(object)) {
        llm_failure_read(object, 200, stream->secret, &stream->failure);
    } else {
        stream->dialect->read(stream, object);
    }
}

static void take_event(struct llm_stream *stream, const char *data, size_t length) {
    stream->event_count++;
    stream->event_bytes = length;
    if (stream->is_done || stream->failure.kind)
        return;
    if (stream->dialect->end && strcmp(data, stream->dialect->end) == 0)
        stream->is_done = true;
    else
        take_object(stream, data, length);
}

static void on_event(const struct net_event *event, void *context) {
    size_t length = strlen(event->data);
    if (length)
        take_event(context, event->data, length);
}

static void take_lines(struct llm_stream *stream, const char *bytes, size_t length) {
    while (length && !stream->failure.kind) {
        const char *end = memchr(bytes, '\n', length);
        size_t part = end ? (size_t)(end - bytes) : length;
        if (buf_add(&stream->line, bytes, part))
            return;
        bytes += part + (end != NULL);
        length -= part + (end != NULL);
        const char *line = buf_text(&stream->line);
        if (!end)
            return;
        if (line[strspn(line, " \t\r")])
            take_event(stream, line, stream->line.length);
        buf_clear(&stream->line);
    }
}

bool llm_stream_feed(struct llm_stream *stream, const char *bytes, size_t length) {
    if (stream->event_count == 0)
        buf_add(&stream->head, bytes, length); // what does not fit is no answer of one object
    if (stream->dialect->is_lines)
        take_lines(stream, bytes, length);
    else
        net_sse_feed(&stream->sse, bytes, length);
    if (stream->line.overflowed || stream->sse.line.overflowed || stream->sse.data.overflowed)
        llm_stream_fail(stream, LLM_FAILURE_LARGE, "one event is above the limit of %d bytes",
                        LIMIT_LLM_EVENT);
    return !stream->failure.kind;
}

// ---- The end ------------------------------------------------------------------------------------

static bool is_event_stream(const char *head) {
    static const char *const fields[] = {":", "data", "event", "id", "retry"};
    for (size_t i = 0; i < ARRAY_LENGTH(fields); i++)
        if (str_has_prefix(head, fields[i]))
            return true;
    return false;
}

void llm_stream_finish(struct llm_stream *stream) {
    if (stream->is_done || stream->failure.kind)
        return;
    size_t before = stream->event_count;
    llm_stream_feed(stream, "\n\n", 2); // the last event may lack its end
    if (stream->event_count > before && stream->failure.kind == LLM_FAILURE_GARBLED)
        stream->failure = (struct llm_failure){0}; // it was cut, not wrong
    const char *head = buf_text(&stream->head);
    head += strspn(head, " \t\r\n");
    if (stream->event_count == 0 && *head && !is_event_stream(head))
        take_object(stream, head, strlen(head));
    if (!stream->is_done && stream->stop == LLM_STOP_NONE)
        llm_stream_fail(stream, LLM_FAILURE_BROKEN, "%s",
                        stream->event_count ? "the stream ends in the middle"
                                            : "the answer is empty");
}

// Arguments are an object, or the text of one, or the text of such a text; nothing stands for {}.
static void read_arguments(struct llm_call *call, bool was_cut) {
    struct err err;
    cleanup_json json *value = NULL;
    const char *text = call->arguments + strspn(call->arguments, " \t\r\n");
    int status = *text ? parse(text, strlen(text), &value, &err) : 0;
    for (int depth = 0; status == 0 && cJSON_IsString(value) && depth < 2; depth++) {
        json *inner = NULL;
        const char *quoted = value->valuestring;
        status = *quoted ? parse(quoted, strlen(quoted), &inner, &err) : 0;
        json_free(value);
        value = inner;
    }
    if (status == 0 && (!value || cJSON_IsNull(value)))
        call->input = cJSON_CreateObject();
    else if (status == 0 && cJSON_IsObject(value))
        call->input = mem_take(value);
    else if (was_cut)
        call->trouble = mem_text("the arguments are cut, because the answer became too long");
    else
        call->trouble = status ? mem_format("the arguments cannot be read: %s", err.message)
                               : mem_text("the arguments are JSON, but no object");
    if (!*call->name && !call->trouble)
        call->trouble = mem_text("the call names no tool");
}

static void take_calls(struct llm_stream *stream, struct llm_reply *reply) {
    reply->calls = mem_zero(stream->slot_count + 1, sizeof reply->calls[0]);
    reply->call_count = stream->slot_count;
    for (size_t i = 0; i < stream->slot_count; i++) {
        struct llm_slot *slot = &stream->slots[i];
        struct llm_call *call = &reply->calls[i];
        bool is_whole = slot->arguments.length == 0 && slot->given;
        if (!*slot->id) {
            char made[ID_SIZE];
            free(slot->id);
            id_make(made);
            slot->id = mem_format("call_%s", made);
        }
        call->id = mem_text(slot->id);
        call->name = mem_text(slot->name);
        call->arguments = is_whole ? json_write(slot->given) : mem_text(buf_text(&slot->arguments));
        read_arguments(call, reply->stop == LLM_STOP_LENGTH || reply->stop == LLM_STOP_NONE);
    }
}

void llm_stream_take(struct llm_stream *stream, const char *model, struct llm_reply *reply) {
    enum llm_stop stop = stream->stop;
    if (stop == LLM_STOP_NONE && stream->is_done && !stream->failure.kind)
        stop = LLM_STOP_END;
    if (stop == LLM_STOP_END || stop == LLM_STOP_TOOLS)
        stop = stream->was_refused  ? LLM_STOP_REFUSED
               : stream->slot_count ? LLM_STOP_TOOLS
                                    : LLM_STOP_END;
    reply->stop = stop;
    reply->usage = stream->usage;
    reply->text = mem_text(buf_text(&stream->text));
    reply->reasoning = mem_text(buf_text(&stream->reasoning));
    reply->model = mem_text(stream->model ? stream->model : "");
    take_calls(stream, reply);
    json *carry = stream->failure.kind ? NULL : stream->dialect->carry(stream, reply);
    if (carry) {
        json_add_text(carry, "provider", stream->dialect->name);
        json_add_text(carry, "model", model);
    }
    reply->carry = carry;
}
