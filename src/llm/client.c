// SPDX-License-Identifier: Apache-2.0
//
// See client.h and llm.h: settings, addresses, and the key.
#include "llm/client.h"

#include <stdio.h>
#include <string.h>

#include "base/fd.h"
#include "base/limits.h"
#include "base/str.h"

#define DEFAULT_MAX_TOKENS 4096

static const struct llm_dialect *const dialects[] = {
    [LLM_OPENAI] = &llm_openai, [LLM_ANTHROPIC] = &llm_anthropic, [LLM_OLLAMA] = &llm_ollama};

const char *llm_provider_name(enum llm_provider provider) { return dialects[provider]->name; }

int llm_provider_parse(const char *name, enum llm_provider *ret_provider, struct err *err) {
    for (size_t i = 0; i < ARRAY_LENGTH(dialects); i++)
        if (str_is_equal(name, dialects[i]->name)) {
            *ret_provider = (enum llm_provider)i;
            return 0;
        }
    return err_set(err, ERR_BAD_REQUEST,
                   "\"%.60s\" is no provider of language models: take openai (also for servers "
                   "that are compatible), anthropic or ollama",
                   name);
}

const char *llm_stop_name(enum llm_stop stop) {
    static const char *const names[] = {"none", "end", "tools", "length", "refused"};
    return names[stop];
}

const char *llm_title(const struct llm *llm) { return llm->title; }
const char *llm_model(const struct llm *llm) { return llm->model; }
const char *llm_url(const struct llm *llm) { return net_client_url(llm->net); }
enum llm_provider llm_provider_of(const struct llm *llm) { return llm->dialect->provider; }

bool llm_has_key(const struct llm *llm) {
    // The key itself may be read from its file at any time, the file's name never changes.
    return llm->key_file || llm->key;
}

// ---- The address --------------------------------------------------------------------------------

// The base as people write it, with what the paths begin with taken off, or the other way round: a
// bare host speaks OpenAI's protocol below /v1, and one with a path below that.
static char *address_of(const struct llm_dialect *dialect, const char *given) {
    static const char *const tails[][3] = {
        [LLM_OPENAI] = {"/chat/completions", "/models"},
        [LLM_ANTHROPIC] = {"/v1/messages", "/v1"},
        [LLM_OLLAMA] = {"/api/chat", "/api", "/v1"},
    };
    char *url = mem_text(str_is_empty(given) ? dialect->default_url : given);
    size_t length = strlen(url);
    while (length > 0 && url[length - 1] == '/')
        url[--length] = '\0';
    for (size_t i = 0; i < ARRAY_LENGTH(tails[0]); i++) {
        const char *tail = tails[dialect->provider][i];
        if (tail && str_has_suffix(url, tail)) {
            url[length - strlen(tail)] = '\0';
            break;
        }
    }
    const char *host = strstr(url, "://");
    if (dialect->provider != LLM_OPENAI || !host || strchr(host + 3, '/'))
        return url;
    char *whole = mem_format("%s/v1", url);
    free(url);
    return whole;
}

// ---- The key ------------------------------------------------------------------------------------

// It goes into a header.
static int check_key(const char *key, const char *source, struct err *err) {
    for (const char *at = key; *at; at++)
        if (*at <= ' ' || *at > '~')
            return err_set(err, ERR_BAD_REQUEST,
                           "%s holds a character that no API key has (number %zu): give the key "
                           "alone, without spaces or quotes",
                           source, (size_t)(at - key) + 1);
    return 0;
}

static int read_key(const char *path, char **ret_key, struct err *err) {
    cleanup_buf struct buf text = BUF(LIMIT_API_KEY);
    int status = fd_read_file(path, &text, err);
    if (status)
        return err_prefix(err, "LLM_API_KEY_FILE");
    const char *start = buf_text(&text) + strspn(buf_text(&text), " \t\r\n");
    cleanup_free char *key = mem_text_n(start, strcspn(start, "\r\n"));
    if (!*key)
        return err_set(err, ERR_BAD_REQUEST, "the file %.200s (LLM_API_KEY_FILE) is empty", path);
    status = check_key(key, "the file of LLM_API_KEY_FILE", err);
    if (status == 0)
        *ret_key = mem_take(key);
    return status;
}

int llm_key_get(struct llm *llm, char **ret_key, struct err *err) {
    int status = 0;
    pthread_mutex_lock(&llm->mutex);
    if (!llm->key && llm->key_file)
        status = read_key(llm->key_file, &llm->key, err);
    if (status == 0)
        *ret_key = mem_text(llm->key);
    pthread_mutex_unlock(&llm->mutex);
    return status;
}

bool llm_key_renew(struct llm *llm, const char *key) {
    cleanup_free char *read = NULL;
    if (!llm->key_file)
        return false;
    pthread_mutex_lock(&llm->mutex);
    if (read_key(llm->key_file, &read, NULL) == 0) {
        free(llm->key);
        llm->key = mem_take(read);
    }
    bool is_new = !str_is_equal(llm->key, key);
    pthread_mutex_unlock(&llm->mutex);
    return is_new;
}

void llm_headers_init(struct llm_headers *headers, const struct llm *llm, const char *key) {
    bool is_anthropic = llm->dialect->provider == LLM_ANTHROPIC;
    *headers = (struct llm_headers){0};
    if (is_anthropic)
        headers->lines[headers->count++] = mem_text("anthropic-version: 2023-06-01");
    if (key && is_anthropic)
        headers->lines[headers->count++] = mem_format("x-api-key: %s", key);
    else if (key)
        headers->authorization = mem_format("Bearer %s", key);
}

void llm_headers_done(struct llm_headers *headers) {
    free(headers->authorization);
    for (size_t i = 0; i < headers->count; i++)
        free(headers->lines[i]);
}

// ---- Beginning and end --------------------------------------------------------------------------

static int connect(struct llm *llm, const struct llm_settings *settings, struct err *err) {
    cleanup_buf struct buf authorities = BUF(LIMIT_CA_FILE);
    cleanup_free char *url = address_of(llm->dialect, settings->base_url);
    struct net_client_settings client = {.url = url, .proxy = settings->proxy};
    int status = 0;
    if (strchr(url, '@'))
        return err_set(err, ERR_BAD_REQUEST,
                       "LLM_BASE_URL holds a user or a password before an @: give the key in "
                       "LLM_API_KEY_FILE or LLM_API_KEY");
    if (!str_is_empty(settings->ca_file)) {
        status = fd_read_file(settings->ca_file, &authorities, err);
        if (status)
            return err_prefix(err, "LLM_CA_FILE");
        client.authorities_pem = buf_text(&authorities);
    }
    status = net_client_new(&client, &llm->net, err);
    if (status)
        return err_prefix(err, "LLM_BASE_URL");
    llm->title = mem_format("%s at %s", llm->dialect->name, net_client_url(llm->net));
    llm->is_openai_itself = strstr(url, "://api.openai.com") || strstr(url, ".openai.azure.com");
    return 0;
}

int llm_new(const struct llm_settings *settings, struct llm **ret_llm, struct err *err) {
    if (str_is_empty(settings->model))
        return err_set(err, ERR_BAD_REQUEST, "LLM_MODEL is not set: name the model to ask");
    int status =
        str_is_empty(settings->api_key) ? 0 : check_key(settings->api_key, "LLM_API_KEY", err);
    if (status)
        return status;
    struct llm *llm cleanup(llm_freep) = mem_zero(1, sizeof *llm);
    pthread_mutex_init(&llm->mutex, NULL);
    llm->dialect = dialects[settings->provider];
    llm->model = mem_text(settings->model);
    if (!str_is_empty(settings->api_key_file))
        llm->key_file = mem_text(settings->api_key_file);
    else if (!str_is_empty(settings->api_key))
        llm->key = mem_text(settings->api_key);
    llm->timeout_ms = settings->timeout_ms;
    llm->silence_ms = settings->silence_ms;
    llm->max_tokens = settings->max_tokens > 0 ? settings->max_tokens : DEFAULT_MAX_TOKENS;
    llm->context_tokens = settings->context_tokens;
    status = connect(llm, settings, err);
    if (status == 0)
        *ret_llm = mem_take(llm);
    return status;
}

void llm_free(struct llm *llm) {
    if (!llm)
        return;
    net_client_free(llm->net);
    pthread_mutex_destroy(&llm->mutex);
    free(llm->key);
    free(llm->key_file);
    free(llm->model);
    free(llm->title);
    free(llm);
}

// ---- What went wrong with a call ----------------------------------------------------------------

void llm_failure_of_call(const struct llm *llm, const struct net_reply *reply, int status,
                         const struct err *err, const char *secret,
                         struct llm_failure *ret_failure) {
    static const enum llm_failure_kind kinds[] = {
        [NET_TROUBLE_NONE] = LLM_FAILURE_BROKEN,
        [NET_TROUBLE_CONNECT] = LLM_FAILURE_UNREACHABLE,
        [NET_TROUBLE_TRUST] = LLM_FAILURE_UNTRUSTED,
        [NET_TROUBLE_LATE] = LLM_FAILURE_LATE,
        [NET_TROUBLE_BROKEN] = LLM_FAILURE_BROKEN,
    };
    if (status == 0) {
        llm_failure_read_body(buf_text(&reply->body), reply->body.length, reply->status, secret,
                              ret_failure);
        return;
    }
    *ret_failure = (struct llm_failure){.kind = status == ERR_TOO_LARGE ? LLM_FAILURE_LARGE
                                                                        : kinds[reply->trouble],
                                        .is_mid_stream = reply->status != 0};
    const char *words = err->message, *url = net_client_url(llm->net); // the title has it
    if (str_has_prefix(words, url) && str_has_prefix(words + strlen(url), ": "))
        words += strlen(url) + 2;
    llm_quote(words, secret, ret_failure->message, sizeof ret_failure->message);
}
