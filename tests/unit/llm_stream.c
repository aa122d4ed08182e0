// SPDX-License-Identifier: Apache-2.0
//
// A model's answer as bytes, whole or broken: wherever it is cut it reads the same, and whatever it
// is, reading it ends in a reply that fits together. (What good answers mean, tests/llm checks.)
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "llm/stream.h"
#include "tests/unit/check.h"

static const struct {
    const struct llm_dialect *dialect;
    const char *bytes;
} answers[] = {
    {&llm_openai,
     ": hello\r\n\r\n"
     "data: "
     "{\"model\":\"m\",\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\r\n\r\n"
     "data: {\"choices\":[{\"delta\":{\"reasoning_content\":\"Hm \\u2026\"}}]}\r\n\r\n"
     "data: {\"choices\":[{\"delta\":{\"reasoning_details\":[{\"type\":\"reasoning.text\","
     "\"index\":0,\"text\":\"Hm\",\"signature\":\"s\"}]}}]}\r\n\r\n"
     "data: {\"choices\":[{\"delta\":{\"content\":\"Caf\u00e9 \\ud83d\\ude00 "
     "\u65e5\u672c\"}}]}\r\n\r\n"
     "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"a\",\"function\":"
     "{\"name\":\"run_sql\",\"arguments\":\"{\\\"sql\\\"\"}}]}}]}\r\n\r\n"
     "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":1,\"id\":\"b\",\"function\":"
     "{\"name\":\"list\",\"arguments\":\"\"},\"extra_content\":{\"x\":[1]}}]}}]}\r\n\r\n"
     "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":"
     "{\"arguments\":\":\\\"SELECT\\\"}\"}}]}}]}\r\n\r\n"
     "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"tool_calls\"}]}\r\n\r\n"
     "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":5}}\r\n\r\n"
     "data: [DONE]\r\n\r\n"},
    {&llm_anthropic,
     "event: message_start\ndata: "
     "{\"type\":\"message_start\",\"message\":{\"model\":\"m\",\"usage\":"
     "{\"input_tokens\":5,\"cache_read_input_tokens\":4,\"output_tokens\":1}}}\n\n"
     "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,"
     "\"content_block\":{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"\"}}\n\n"
     "data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"thinking_delta\","
     "\"thinking\":\"Hm \u2026\"}}\n\n"
     "data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"signature_delta\","
     "\"signature\":\"c2ln\"}}\n\n"
     "data: {\"type\":\"content_block_stop\",\"index\":0}\n\n"
     "event: ping\ndata: {\"type\":\"ping\"}\n\n"
     "data: {\"type\":\"content_block_start\",\"index\":1,\"content_block\":{\"type\":\"tool_use\","
     "\"id\":\"a\",\"name\":\"run_sql\",\"input\":{}}}\n\n"
     "data: {\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"type\":\"input_json_delta\","
     "\"partial_json\":\"{\\\"sql\\\":\"}}\n\n"
     "data: {\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"type\":\"input_json_delta\","
     "\"partial_json\":\"\\\"SELECT\\\"}\"}}\n\n"
     "data: {\"type\":\"content_block_stop\",\"index\":1}\n\n"
     "data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"tool_use\"},\"usage\":"
     "{\"output_tokens\":7}}\n\n"
     "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"},
    {&llm_ollama,
     "{\"model\":\"m\",\"message\":{\"role\":\"assistant\",\"content\":\"\",\"thinking\":\"Hm "
     "\u2026"
     "\"},\"done\":false}\n"
     "{\"model\":\"m\",\"message\":{\"content\":\"Caf\u00e9 \\ud83d\\ude00\"},\"done\":false}\n"
     "{\"model\":\"m\",\"message\":{\"content\":\"\",\"tool_calls\":[{\"id\":\"a\",\"function\":"
     "{\"name\":\"run_sql\",\"arguments\":{\"sql\":\"SELECT\"}}},{\"id\":\"b\",\"function\":"
     "{\"name\":\"list\",\"arguments\":{}}}]},\"done\":false}\n"
     "{\"model\":\"m\",\"message\":{\"content\":\"\"},\"done\":true,\"done_reason\":\"stop\","
     "\"prompt_eval_count\":9,\"eval_count\":5}\n"},
};

static uint32_t seed = 20261121;

static uint32_t next_random(uint32_t below) {
    seed = seed * 1664525 + 1013904223;
    return (seed >> 8) % below;
}

static void feed(struct llm_stream *stream, const char *bytes, size_t length) {
    char *copy = mem_text_n(bytes, length); // so that the sanitizer watches its ends
    llm_stream_feed(stream, copy, length);
    free(copy);
}

static void describe_call(const struct llm_call *call, struct buf *out) {
    cleanup_free char *input = call->input ? json_write(call->input) : NULL;
    bool was_made = str_has_prefix(call->id, "call_"); // by chance, where there was none
    CHECK(call->id && *call->id && call->name && call->arguments);
    CHECK(!call->input != !call->trouble || (call->input && !*call->name));
    buf_add_format(out, "[%s %s %s %s %s]", was_made ? "made" : call->id, call->name,
                   call->arguments, input ? input : "", call->trouble ? call->trouble : "");
}

// The reply, or the failure, in one text; the caller frees it.
static char *outcome_of(struct llm_stream *stream) {
    struct buf out = BUF(10 * 1024 * 1024);
    struct llm_reply reply = {0};
    llm_stream_finish(stream);
    llm_stream_take(stream, "m", &reply);
    CHECK(str_is_utf8(reply.text, strlen(reply.text), NULL));
    CHECK(!stream->failure.kind || !reply.carry);
    CHECK(stream->failure.kind || reply.stop != LLM_STOP_NONE);
    buf_add_format(&out, "%d|%ld|%s|%s|%s|%s|%s|", stream->failure.kind, stream->failure.status,
                   stream->failure.message, reply.text, reply.reasoning, llm_stop_name(reply.stop),
                   reply.model);
    buf_add_format(&out, "%lld/%lld/%lld|", (long long)reply.usage.input_tokens,
                   (long long)reply.usage.cached_tokens, (long long)reply.usage.output_tokens);
    for (size_t i = 0; i < reply.call_count; i++)
        describe_call(&reply.calls[i], &out);
    if (reply.carry) {
        cleanup_free char *carry = json_write(reply.carry);
        buf_add_text(&out, strstr(carry, "call_") ? "" : carry);
    }
    llm_reply_done(&reply);
    llm_stream_done(stream);
    return buf_take(&out);
}

static char *read_cut_at(const struct llm_dialect *dialect, const char *bytes, size_t length,
                         size_t cut) {
    struct llm_stream stream;
    llm_stream_init(&stream, dialect, NULL, NULL, NULL);
    feed(&stream, bytes, cut);
    feed(&stream, bytes + cut, length - cut);
    return outcome_of(&stream);
}

static char *read_in_pieces(const struct llm_dialect *dialect, const char *bytes, size_t length,
                            uint32_t largest) {
    struct llm_stream stream;
    llm_stream_init(&stream, dialect, NULL, NULL, NULL);
    for (size_t at = 0, piece; at < length; at += piece) {
        piece = 1 + next_random(largest);
        piece = piece < length - at ? piece : length - at;
        feed(&stream, bytes + at, piece);
    }
    return outcome_of(&stream);
}

TEST(an_answer_reads_the_same_wherever_it_is_cut) {
    for (size_t i = 0; i < ARRAY_LENGTH(answers); i++) {
        const char *bytes = answers[i].bytes;
        size_t length = strlen(bytes);
        cleanup_free char *whole = read_cut_at(answers[i].dialect, bytes, length, length);
        CHECK(str_has_prefix(whole, "0|0|") && strstr(whole, "Hm …") &&
              strstr(whole, "|tools|m|") && strstr(whole, "|9/") &&
              strstr(whole, "[a run_sql {\"sql\":\"SELECT\"}"));
        for (size_t cut = 0; cut < length; cut++) {
            cleanup_free char *again = read_cut_at(answers[i].dialect, bytes, length, cut);
            CHECK_TEXT(again, whole);
        }
    }
}

TEST(an_answer_that_ends_early_is_whole_or_a_failure_and_never_another_answer) {
    for (size_t i = 0; i < ARRAY_LENGTH(answers); i++) {
        const char *bytes = answers[i].bytes, *stop = strstr(bytes, i == 2   ? "\"done\":true"
                                                                    : i == 1 ? "stop_reason"
                                                                             : "finish_reason");
        for (size_t length = 1; length < strlen(bytes); length++) {
            cleanup_free char *outcome = read_cut_at(answers[i].dialect, bytes, length, length / 2);
            bool is_good = str_has_prefix(outcome, "0|");
            CHECK(!is_good || bytes + length > stop);
            CHECK(is_good || atoi(outcome) == LLM_FAILURE_BROKEN ||
                  (length < 8 && atoi(outcome) == LLM_FAILURE_GARBLED));
        }
    }
}

// A mutation of one of the answers, or of pieces of several; the caller frees it.
static char *break_answer(size_t *ret_length) {
    static const char *const bits[] = {
        "\n",   "\r",        "\n\n",  "data: ",      "data: [DONE]\n\n", "null",     "{}",
        "[",    "\"",        "\\u",   "\\ud83d",     "\\u0000",          "\xff",     "1e999",
        "true", "\"index\"", "error", "{\"error\":", "\"type\"",         "tool_use", "-1",
    };
    struct buf out = BUF(1024 * 1024);
    size_t which = next_random(ARRAY_LENGTH(answers));
    buf_add_text(&out, answers[which].bytes);
    for (uint32_t i = next_random(8); i > 0 && out.length > 2; i--) {
        size_t at = next_random((uint32_t)out.length), length = 1 + next_random(40);
        const char *bit = bits[next_random(ARRAY_LENGTH(bits))];
        length = length < out.length - at ? length : out.length - at;
        switch (next_random(4)) {
        case 0: out.data[at] = (char)next_random(256); break;
        case 1: memcpy(out.data + at, bit, strlen(bit) < length ? strlen(bit) : length); break;
        case 2:
            memmove(out.data + at, out.data + at + length, out.length - at - length);
            out.length -= length;
            break;
        default: {
            cleanup_free char *tail = mem_text_n(out.data + at, out.length - at);
            size_t tail_length = out.length - at;
            buf_add_text(&out, bit);
            buf_add(&out, tail, tail_length);
        }
        }
    }
    *ret_length = out.length;
    return out.data;
}

TEST(whatever_comes_reading_it_ends_and_the_cuts_make_no_difference) {
    size_t good = 0, bad = 0;
    for (int round = 0; round < 6000; round++) {
        size_t length;
        cleanup_free char *bytes = break_answer(&length);
        const struct llm_dialect *dialect = answers[next_random(ARRAY_LENGTH(answers))].dialect;
        cleanup_free char *one = read_in_pieces(dialect, bytes, length, 1 + next_random(60));
        cleanup_free char *other = read_in_pieces(dialect, bytes, length, 5000);
        CHECK_TEXT(one, other);
        *(str_has_prefix(one, "0|") ? &good : &bad) += 1;
    }
    CHECK(good > 500 && bad > 500); // or it has tried one kind only
}
