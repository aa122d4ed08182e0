// SPDX-License-Identifier: Apache-2.0
//
// An answer while it comes: bytes in whatever pieces, which become events (SSE) or lines (NDJSON),
// which a dialect reads into text, reasoning and calls. No I/O. For files of src/llm alone.
#pragma once

#include <stdbool.h>

#include "llm/dialect.h"
#include "llm/failure.h"
#include "llm/llm.h"
#include "net/sse.h"

// A call while it is written.
struct llm_slot {
    int64_t index; // as the provider counts
    char *id, *name;
    struct buf arguments; // a text of JSON, maybe
    json *given;          // the arguments where they come as a value; NULL else
    json *extra;          // what has to go back with the call, as it came; NULL for nothing
};

struct llm_stream {
    const struct llm_dialect *dialect;
    const char *secret; // is blotted out of errors
    llm_delta_function *on_delta;
    void *context;

    struct net_sse sse;
    struct buf head; // what came before the first event: of an answer that is no stream, all of it
    struct buf line; // for NDJSON
    size_t event_count;

    struct buf text, reasoning;
    struct llm_slot *slots;
    size_t slot_count;
    const char *reasoning_name;     // what the field is called that the reasoning comes in
    json *kept;                     // parts that have to go back as they came; NULL for none
    struct buf piece, signature;    // of the last of them, while it is written
    size_t kept_bytes, event_bytes; // of all of them, and of the event that is read now
    enum llm_stop stop;
    struct llm_usage usage;
    char *model;
    bool was_refused; // the text is the reason for a refusal
    bool is_done;     // the provider has said that this is all
    bool has_shown;   // somebody has seen a part of it
    struct llm_failure failure;
};

// TEXTS are borrowed.
void llm_stream_init(struct llm_stream *stream, const struct llm_dialect *dialect,
                     const char *secret, llm_delta_function *on_delta, void *context);
void llm_stream_done(struct llm_stream *stream);

// false once there is no use in more: stream->failure says what is wrong. What comes behind the end
// is passed over.
bool llm_stream_feed(struct llm_stream *stream, const char *bytes, size_t length);
// No more bytes will come: a failure where the answer is not whole.
void llm_stream_finish(struct llm_stream *stream);
// Moves what was understood so far into REPLY, whose other members stay as they are. MODEL is the
// one that was asked.
void llm_stream_take(struct llm_stream *stream, const char *model, struct llm_reply *reply);

// For dialects. Each does nothing once the stream has failed.
void llm_stream_text(struct llm_stream *stream, const char *text);
void llm_stream_reason(struct llm_stream *stream, const char *text);
// The call number INDEX (negative: not told) with ID and NAME (may be NULL): the one that there is,
// or a new one. NULL where there are too many.
struct llm_slot *llm_stream_slot(struct llm_stream *stream, int64_t index, const char *id,
                                 const char *name);
// More of its arguments: a text, or the value whole.
void llm_stream_arguments(struct llm_stream *stream, struct llm_slot *slot, const json *value);
// VALUE at the end of `kept`. NULL where there is too much.
json *llm_stream_keep(struct llm_stream *stream, const json *value);
// TEXT (may be NULL) behind BUF, one of `piece` and `signature`.
void llm_stream_keep_text(struct llm_stream *stream, struct buf *buf, const char *text);
// Whether the parts that are kept may grow by so many bytes.
bool llm_stream_may_keep(struct llm_stream *stream, size_t bytes);
void llm_stream_name_model(struct llm_stream *stream, const char *model);
void llm_stream_fail(struct llm_stream *stream, enum llm_failure_kind kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
