// SPDX-License-Identifier: Apache-2.0
//
// The result out of a Pod's log or stream. Standard output and standard error come mixed; the
// result is the one framed line among them (runner/protocol.h).
#include <stdio.h>

#include "base/limits.h"
#include "base/str.h"
#include "sandbox/kube_backend.h"

#define FRAME_BYTES 128 // before the result itself

void kube_output_done(struct kube_output *output) {
    json_free(output->result);
    buf_done(&output->log);
}

bool kube_output_take(struct kube_output *output, const char *line, size_t length) {
    const char *text;
    size_t text_length;
    if (!run_result_is_framed(line, length)) {
        buf_add(&output->log, line, length);
        buf_add_char(&output->log, '\n');
        return false;
    }
    if (run_result_unframe(line, length, &text, &text_length, &output->defect))
        return false;
    // The parser wants the line's end, which the frame stands for.
    cleanup_free char *whole = mem_format("%.*s\n", (int)text_length, text);
    if (run_result_parse(whole, text_length + 1, output->run_id, &output->result, &output->outcome,
                         &output->defect))
        return false;
    output->defect = (struct err){0};
    return true;
}

static bool take_line(const char *line, size_t length, void *context) {
    return !kube_output_take(context, line, length);
}

int kube_log_read(struct kube *kube, const char *pod, bool follows, const int *stop_fds,
                  size_t stop_count, int64_t timeout_ms, struct kube_output *output,
                  struct err *err) {
    struct kube_answer answer cleanup(kube_answer_done) = {0};
    cleanup_free char *tail =
        mem_format("/log?container=" KUBE_CONTAINER "&follow=%s", follows ? "true" : "false");
    cleanup_free char *path = kube_path(kube->client, "/api/v1", "pods", pod, tail);
    struct kube_call call = {.method = "GET",
                             .path = path,
                             .timeout_ms = timeout_ms,
                             .is_once = true,
                             .stop_fds = stop_fds,
                             .stop_count = stop_count,
                             .on_line = take_line,
                             .context = output,
                             .line_limit = LIMIT_RUN_RESULT + FRAME_BYTES};
    buf_clear(&output->log); // from its beginning, again
    int status = kube_send(kube->client, &call, &answer, err);
    output->is_too_large = status == ERR_TOO_LARGE;
    if (status == 0 && !output->result && answer.was_cut)
        err_set(&output->defect, ERR_CORRUPT, "the runner's result is cut off");
    return status;
}

bool kube_output_from_last_words(const struct kube_pod *pod, const struct sandbox_request *request,
                                 const struct kube_output *output, struct sandbox_result *result) {
    cleanup_json json *words = NULL;
    cleanup_free char *line = mem_format("%s\n", pod->last_words);
    enum outcome outcome;
    struct err err;
    char message[640];
    if (!*pod->last_words ||
        run_result_parse(line, strlen(line), request->run_id, &words, &outcome, &err))
        return false;
    const json *error = cJSON_GetObjectItemCaseSensitive(words, "error");
    if (outcome == OUTCOME_COMPLETED) {
        snprintf(message, sizeof message,
                 "The query completed, but its result did not come through the log of the Pod %s: "
                 "%.300s.",
                 pod->name, output->defect.code ? output->defect.message : "it is not there");
        backend_fail(request, result, OUTCOME_INTERNAL_ERROR, message, "Try again.");
    } else {
        backend_fail(request, result, outcome, json_text(error, "message"),
                     json_text(error, "hint"));
    }
    return true;
}
