// SPDX-License-Identifier: Apache-2.0
//
// See model.h. What cannot work is refused before the server starts, not at the first question.
#include "cmd/model.h"

#include "base/buf.h"
#include "base/fd.h"
#include "base/str.h"

#define REPLY_TOKENS 8192    // of one reply
#define CONTEXT_TOKENS 16384 // Ollama's own default is so small that it would drop the schema

static int check_without(const struct settings *settings, struct err *err) {
    const char *needs = str_is_equal(settings->planner, "model") ? "PLANNER=model"
                        : !str_is_empty(settings->llm_model)     ? "LLM_MODEL"
                        : !str_is_empty(settings->llm_base_url)  ? "LLM_BASE_URL"
                                                                 : NULL;
    if (!needs)
        return 0;
    err_set(err, ERR_BAD_REQUEST, "%s needs a language model, but LLM_PROVIDER is not set", needs);
    return err_hint(err, "Set LLM_PROVIDER to openai, anthropic or ollama, or leave %s out.",
                    needs);
}

static int check_key_file(const char *path, struct err *err) {
    cleanup_buf struct buf text = BUF(64 * 1024);
    int status = fd_read_file(path, &text, err);
    if (status)
        return err_set(err, ERR_BAD_REQUEST, "LLM_API_KEY_FILE: %s", err->message);
    return buf_text(&text)[strspn(buf_text(&text), " \t\r\n")]
               ? 0
               : err_set(err, ERR_BAD_REQUEST, "LLM_API_KEY_FILE names %s, which is empty", path);
}

static int check_with(const struct settings *settings, enum llm_provider provider,
                      struct err *err) {
    bool has_file = !str_is_empty(settings->llm_api_key_file);
    bool has_key = has_file || !str_is_empty(settings->llm_api_key);
    if (str_is_empty(settings->llm_model)) {
        err_set(err, ERR_BAD_REQUEST, "LLM_PROVIDER is %s, but LLM_MODEL is not set",
                settings->llm_provider);
        return err_hint(err, "Name the model as its provider calls it.");
    }
    if (provider != LLM_OLLAMA && !has_key && str_is_empty(settings->llm_base_url)) {
        err_set(err, ERR_BAD_REQUEST, "LLM_PROVIDER is %s, but there is no key for it",
                settings->llm_provider);
        return err_hint(err, "Set LLM_API_KEY_FILE or LLM_API_KEY, or LLM_BASE_URL for a server "
                             "that asks for none.");
    }
    return has_file ? check_key_file(settings->llm_api_key_file, err) : 0;
}

struct llm_settings model_base(const struct settings *settings) {
    return (struct llm_settings){
        .ca_file = str_is_empty(settings->llm_ca_file) ? NULL : settings->llm_ca_file,
        .timeout_ms = settings->llm_timeout_ms,
        .max_tokens = REPLY_TOKENS,
        .context_tokens = CONTEXT_TOKENS,
    };
}

int model_open(const struct settings *settings, struct llm **ret_llm, struct err *err) {
    *ret_llm = NULL;
    if (str_is_empty(settings->llm_provider))
        return check_without(settings, err);
    bool has_file = !str_is_empty(settings->llm_api_key_file);
    struct llm_settings llm = model_base(settings);
    llm.base_url = str_is_empty(settings->llm_base_url) ? NULL : settings->llm_base_url;
    llm.model = settings->llm_model;
    llm.api_key = has_file || str_is_empty(settings->llm_api_key) ? NULL : settings->llm_api_key;
    llm.api_key_file = has_file ? settings->llm_api_key_file : NULL;
    int status = llm_provider_parse(settings->llm_provider, &llm.provider, err);
    if (status == 0)
        status = check_with(settings, llm.provider, err);
    return status ? status : llm_new(&llm, ret_llm, err);
}
