// SPDX-License-Identifier: Apache-2.0
//
// See llm_check() in llm.h: the server's own list of its models is asked for, which costs nothing.
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "llm/client.h"

#define NAMES_MAX 1000 // of a longer list the rest is not searched for a near name

// Gets PATH, or sends BODY to it where there is one.
static int call(struct llm *llm, const char *path, const char *body, int64_t timeout_ms,
                json **ret_answer, struct llm_failure *ret_failure, struct err *err) {
    cleanup_free char *key = NULL;
    struct llm_headers headers cleanup(llm_headers_done) = {0};
    struct net_reply reply cleanup(net_reply_done) = {0};
    int status = llm_key_get(llm, &key, err);
    if (status)
        return status;
    llm_headers_init(&headers, llm, key);
    struct net_call plain = {.method = body ? "POST" : "GET",
                             .path = path,
                             .credential = {.authorization = headers.authorization},
                             .body = body,
                             .body_type = "application/json",
                             .headers = (const char *const *)headers.lines,
                             .header_count = headers.count,
                             .timeout_ms = timeout_ms};
    status = net_client_call(llm->net, &plain, &reply, err);
    if (status || reply.status < 200 || reply.status >= 300) {
        llm_failure_of_call(llm, &reply, status, err, key, ret_failure);
        if (ret_failure->kind == LLM_FAILURE_KEY && llm_key_renew(llm, key))
            return call(llm, path, body, timeout_ms, ret_answer, ret_failure, err);
        return llm_failure_explain(ret_failure, llm->title, err);
    }
    if (json_parse(buf_text(&reply.body), reply.body.length, ret_answer, NULL) == 0)
        return 0;
    *ret_failure = (struct llm_failure){.kind = LLM_FAILURE_GARBLED};
    llm_quote(buf_text(&reply.body), key, ret_failure->message, 100);
    return llm_failure_explain(ret_failure, llm->title, err);
}

// {"data": [{"id": …}]}, or {"models": [{"name": …}]}.
static const json *list_in(const json *answer) {
    const json *data = cJSON_GetObjectItemCaseSensitive(answer, "data");
    return data ? data : cJSON_GetObjectItemCaseSensitive(answer, "models");
}

static const char *name_in(const json *entry) {
    const char *id = json_text(entry, "id");
    return id ? id : json_text(entry, "name");
}

// Ollama takes a name without a tag for the latest, OpenRouter adds ":free" and the like to names
// that it lists without.
static bool is_model(const struct llm *llm, const char *name) {
    size_t length = strlen(name), asked = strcspn(llm->model, ":");
    if (strcmp(name, llm->model) == 0)
        return true;
    if (llm->dialect->provider == LLM_OLLAMA)
        return !llm->model[asked] && length == asked + 7 && strncmp(name, llm->model, asked) == 0 &&
               strcmp(name + asked, ":latest") == 0;
    return llm->dialect->provider == LLM_OPENAI && llm->model[asked] && length == asked &&
           strncmp(name, llm->model, asked) == 0;
}

// llama.cpp serves the one model it has, whatever it is asked for.
static bool takes_any_name(const json *list) {
    return cJSON_GetArraySize(list) == 1 &&
           str_is_equal(json_text(list->child, "owned_by"), "llamacpp");
}

static int miss(const struct llm *llm, const json *list, struct err *err) {
    const char *names[NAMES_MAX], *first = name_in(list->child);
    size_t count = 0;
    const json *entry;
    cJSON_ArrayForEach (entry, list)
        if (count < NAMES_MAX && name_in(entry))
            names[count++] = name_in(entry);
    const char *near = str_closest(llm->model, names, count);
    err_set(err, ERR_NOT_FOUND, "The model's server %s has no model \"%.100s\"", llm->title,
            llm->model);
    if (near)
        return err_hint(err, "Did you mean LLM_MODEL=%.100s?", near);
    if (llm->dialect->provider == LLM_OLLAMA)
        return err_hint(err,
                        "Get it by `ollama pull %.100s`, or set LLM_MODEL to one that is there.",
                        llm->model);
    return first ? err_hint(err, "Set LLM_MODEL to one of its %zu models, such as %.100s.", count,
                            first)
                 : err_hint(err, "It lists no model at all: load one there.");
}

// Anthropic lists models by their dated names, and knows more names for them.
static bool is_known_by_another_name(struct llm *llm, int64_t timeout_ms) {
    cleanup_json json *answer = NULL;
    struct llm_failure failure;
    struct err err;
    if (llm->dialect->provider != LLM_ANTHROPIC)
        return false;
    cleanup_free char *escaped = net_escape(llm->model);
    cleanup_free char *path = mem_format("/v1/models/%s", escaped);
    return call(llm, path, NULL, timeout_ms, &answer, &failure, &err) == 0;
}

// A server without a list of models: it is at the right address if it looks at an empty request, of
// which nothing can come, and finds fault with it.
static int probe(struct llm *llm, int64_t timeout_ms, char **ret_sentence, struct err *err) {
    cleanup_json json *answer = NULL;
    struct llm_failure failure = {0};
    int status = call(llm, llm->dialect->ask_path, "{}", timeout_ms, &answer, &failure, err);
    if (status && failure.status != 400 && failure.status != 422)
        return status;
    *ret_sentence = mem_format("The model's server %s answers; it lists no models", llm->title);
    return 0;
}

static bool is_listed(const struct llm *llm, const json *list) {
    const json *entry;
    cJSON_ArrayForEach (entry, list)
        if (name_in(entry) && is_model(llm, name_in(entry)))
            return true;
    return false;
}

int llm_check(struct llm *llm, int64_t timeout_ms, char **ret_sentence, struct err *err) {
    cleanup_json json *answer = NULL;
    struct llm_failure failure = {0};
    struct err own;
    err = err ? err : &own;
    int status = call(llm, llm->dialect->list_path, NULL, timeout_ms, &answer, &failure, err);
    if (failure.status == 404 || failure.status == 405 || failure.status == 501)
        return probe(llm, timeout_ms, ret_sentence, err);
    if (status)
        return status;
    const json *list = list_in(answer);
    if (!cJSON_IsArray(list)) {
        failure = (struct llm_failure){.kind = LLM_FAILURE_GARBLED,
                                       .message = "it has no list of models"};
        return llm_failure_explain(&failure, llm->title, err);
    }
    if (is_listed(llm, list) || is_known_by_another_name(llm, timeout_ms))
        *ret_sentence =
            mem_format("The model's server %s has the model %s", llm->title, llm->model);
    else if (takes_any_name(list))
        *ret_sentence = mem_format("The model's server %s serves %s, whatever name it is asked for",
                                   llm->title, name_in(list->child));
    else
        return miss(llm, list, err);
    return 0;
}

int llm_list(struct llm *llm, int64_t timeout_ms, json **ret_names, struct err *err) {
    cleanup_json json *answer = NULL;
    struct llm_failure failure = {0};
    const json *entry;
    int status = call(llm, llm->dialect->list_path, NULL, timeout_ms, &answer, &failure, err);
    bool has_none = failure.status == 404 || failure.status == 405 || failure.status == 501;
    if (status && !has_none)
        return status;
    json *names = cJSON_CreateArray();
    cJSON_ArrayForEach (entry, list_in(answer))
        if (cJSON_GetArraySize(names) < LIMIT_LLM_NAMES && name_in(entry))
            cJSON_AddItemToArray(names, cJSON_CreateString(name_in(entry)));
    *ret_names = names;
    return 0;
}
