// SPDX-License-Identifier: Apache-2.0
//
// See failure.h.
#include "llm/failure.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"

#define SECRET_MIN 8 // shorter ones are no secrets ("ollama"), and occur in every second sentence

// ---- What each kind means -----------------------------------------------------------------------

static const struct {
    int code;
    bool passes;
    const char *verb; // what the server does; NULL where its status says so
    const char *hint;
} kinds[] = {
    [LLM_FAILURE_UNREACHABLE] = {ERR_UNAVAILABLE, true, "cannot be reached",
                                 "Check LLM_BASE_URL, and that the server runs."},
    [LLM_FAILURE_UNTRUSTED] = {ERR_UNAVAILABLE, false, "is not trusted",
                               "If an authority of your own signed the server's certificate, name "
                               "the authority's PEM file in LLM_CA_FILE."},
    [LLM_FAILURE_LATE] = {ERR_UNAVAILABLE, false, "takes too long",
                          "Allow more time with LLM_TIMEOUT_MS, or take a faster model."},
    [LLM_FAILURE_BROKEN] = {ERR_UNAVAILABLE, true, "breaks off",
                            "Ask again; if it happens often, look at the log of the server at "
                            "LLM_BASE_URL."},
    [LLM_FAILURE_LOADING] = {ERR_UNAVAILABLE, true, "is still loading the model",
                             "Ask again in a minute, or allow more time with LLM_TIMEOUT_MS."},
    [LLM_FAILURE_BUSY] = {ERR_BUSY, true, NULL,
                          "Ask again later; the provider limits how much it is asked."},
    [LLM_FAILURE_PASSING] = {ERR_UNAVAILABLE, true, NULL,
                             "Ask again later; the trouble is on the provider's side."},
    [LLM_FAILURE_CREDIT] = {ERR_REFUSED, false, NULL,
                            "Add credit to your account with the provider, or use another key."},
    [LLM_FAILURE_KEY] = {ERR_REFUSED, false, NULL,
                         "Check LLM_API_KEY, or what is in the file LLM_API_KEY_FILE."},
    [LLM_FAILURE_FORBIDDEN] = {ERR_REFUSED, false, NULL,
                               "Check what the API key may do, and which models it may use, with "
                               "the provider."},
    [LLM_FAILURE_MISSING] = {ERR_NOT_FOUND, false, NULL, "Check LLM_MODEL and LLM_BASE_URL."},
    [LLM_FAILURE_CONTEXT] = {ERR_TOO_LARGE, false, NULL,
                             "Begin a new conversation, or use a model, or a setting of its "
                             "server, with more context."},
    [LLM_FAILURE_FILTERED] = {ERR_REFUSED, false, NULL,
                              "The provider's filter refuses this: ask in other words."},
    [LLM_FAILURE_REQUEST] = {ERR_BAD_REQUEST, false, NULL,
                             "Check that the model LLM_MODEL can use tools, and that LLM_PROVIDER "
                             "is what the server speaks."},
    [LLM_FAILURE_GARBLED] = {ERR_CORRUPT, false, "sends what is no answer",
                             "Check that LLM_PROVIDER is what the server at LLM_BASE_URL speaks."},
    [LLM_FAILURE_LARGE] = {ERR_TOO_LARGE, false, "sends too much",
                           "Ask for less, or use another model."},
};

bool llm_failure_passes(const struct llm_failure *failure) { return kinds[failure->kind].passes; }

int llm_failure_explain(const struct llm_failure *failure, const char *title, struct err *err) {
    const char *verb = kinds[failure->kind].verb;
    cleanup_buf struct buf what = BUF(1024);
    if (verb)
        buf_add_text(&what, verb);
    else if (failure->is_mid_stream)
        buf_add_text(&what, "breaks off its answer");
    else
        buf_add_format(&what, "answers with HTTP status %ld", failure->status);
    if (*failure->code)
        buf_add_format(&what, " (%s)", failure->code);
    if (*failure->message)
        buf_add_format(&what, ": %s", failure->message);
    int code =
        err_set(err, kinds[failure->kind].code, "The model's server %s %s", title, buf_text(&what));
    err_hint(err, "%s", kinds[failure->kind].hint);
    return code;
}

// ---- Which kind it is ---------------------------------------------------------------------------

// What an error's type or code is as an HTTP status, where it comes without one.
static const struct {
    const char *code;
    long status;
} statuses[] = {
    {"invalid_request_error", 400}, {"authentication_error", 401},    {"billing_error", 402},
    {"permission_error", 403},      {"not_found_error", 404},         {"request_too_large", 413},
    {"rate_limit_error", 429},      {"rate_limit_exceeded", 429},     {"api_error", 500},
    {"server_error", 500},          {"unavailable_error", 503},       {"timeout_error", 504},
    {"overloaded_error", 529},      {"insufficient_quota", 429},      {"invalid_api_key", 401},
    {"model_not_found", 404},       {"context_length_exceeded", 400},
};

static const char *const credit_codes[] = {
    "insufficient_quota", "billing_error",        "billing_hard_limit_reached",
    "billing_not_active", "insufficient_balance", "insufficient_credits",
};
static const char *const credit_words[] = {
    "credit balance is too low",
    "exceeded your current quota",
    "insufficient balance",
    "insufficient credits",
};
static const char *const context_codes[] = {"context_length_exceeded", "exceed_context_size_error",
                                            "request_too_large"};
static const char *const context_words[] = {
    "maximum context length", "context length",          "context size",
    "context window",         "prompt is too long",      "input is too long",
    "input length exceeds",   "request exceeds the max",
};

static const char *const filter_codes[] = {"content_filter", "content_policy_violation",
                                           "moderation_blocked"};
static const char *const filter_words[] = {"content management policy", "content filtering policy",
                                           "your input was flagged"};

static bool is_one_of(const char *text, const char *const *list, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (strcasecmp(text, list[i]) == 0)
            return true;
    return false;
}

static bool says_one_of(const char *text, const char *const *list, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (strcasestr(text, list[i]))
            return true;
    return false;
}

static enum llm_failure_kind kind_of_status(long status) {
    switch (status) {
    case 401: return LLM_FAILURE_KEY;
    case 402: return LLM_FAILURE_CREDIT;
    case 403: return LLM_FAILURE_FORBIDDEN;
    case 404: return LLM_FAILURE_MISSING;
    case 408:
    case 409: return LLM_FAILURE_PASSING;
    case 413: return LLM_FAILURE_CONTEXT;
    case 429: return LLM_FAILURE_BUSY;
    default:
        return status >= 500                   ? LLM_FAILURE_PASSING
               : status >= 300 && status < 400 ? LLM_FAILURE_MISSING
               : status >= 400                 ? LLM_FAILURE_REQUEST
                                               : LLM_FAILURE_GARBLED;
    }
}

// TYPE and CODE are both names of the error, of which a provider may give either or both.
static enum llm_failure_kind kind_of(long status, const char *type, const char *code,
                                     const char *message) {
    bool has_status = status == 400 || status == 403 || status == 413 || status == 422 ||
                      status == 429 || status >= 500;
    if (is_one_of(type, credit_codes, ARRAY_LENGTH(credit_codes)) ||
        is_one_of(code, credit_codes, ARRAY_LENGTH(credit_codes)) ||
        (has_status && says_one_of(message, credit_words, ARRAY_LENGTH(credit_words))))
        return LLM_FAILURE_CREDIT;
    if (is_one_of(type, context_codes, ARRAY_LENGTH(context_codes)) ||
        is_one_of(code, context_codes, ARRAY_LENGTH(context_codes)) ||
        (has_status && status != 429 &&
         says_one_of(message, context_words, ARRAY_LENGTH(context_words))))
        return LLM_FAILURE_CONTEXT;
    if (is_one_of(code, filter_codes, ARRAY_LENGTH(filter_codes)) ||
        (has_status && says_one_of(message, filter_words, ARRAY_LENGTH(filter_words))))
        return LLM_FAILURE_FILTERED;
    if (status == 503 && strcasestr(message, "loading"))
        return LLM_FAILURE_LOADING;
    return kind_of_status(status);
}

static long status_of_code(const char *code) {
    int64_t number;
    for (size_t i = 0; i < ARRAY_LENGTH(statuses); i++)
        if (strcmp(code, statuses[i].code) == 0)
            return statuses[i].status;
    return str_to_integer(code, 400, 599, &number) == 0 ? (long)number : 0;
}

// ---- Reading one --------------------------------------------------------------------------------

void llm_quote(const char *text, const char *secret, char *out, size_t size) {
    size_t length = 0, secret_length = secret ? strlen(secret) : 0;
    bool is_blotted = secret_length >= SECRET_MIN;
    for (; *text && length + 1 < size; text++) {
        bool is_space = (unsigned char)*text <= ' ' || *text == 0x7f;
        if (is_blotted && strncmp(text, secret, secret_length) == 0) {
            static const char blot[] = "[API key]";
            for (size_t i = 0; blot[i] && length + 1 < size; i++)
                out[length++] = blot[i];
            text += secret_length - 1;
        } else if (!is_space) {
            out[length++] = *text;
        } else if (length > 0 && out[length - 1] != ' ') {
            out[length++] = ' ';
        }
    }
    // Where the cut goes through a character, its beginning goes too.
    if (((unsigned char)*text & 0xC0) == 0x80) {
        while (length > 0 && ((unsigned char)out[length - 1] & 0xC0) == 0x80)
            length--;
        length -= length > 0;
    }
    while (length > 0 && out[length - 1] == ' ')
        length--;
    out[length] = '\0';
}

static const json *member(const json *object, const char *key) {
    const json *found = cJSON_GetObjectItemCaseSensitive(object, key);
    return cJSON_IsNull(found) ? NULL : found;
}

// {"error": …}, or the error itself as llama.cpp and vLLM have sent it: {"code": …, "message": …}.
bool llm_is_failure(const json *object) {
    return member(object, "error") || str_is_equal(json_text(object, "type"), "error") ||
           str_is_equal(json_text(object, "object"), "error") ||
           (json_text(object, "message") && member(object, "code") && !member(object, "choices"));
}

static void read_name(const json *value, const char *secret, char *out, size_t size) {
    if (cJSON_IsNumber(value))
        snprintf(out, size, "%.0f", value->valuedouble);
    else
        llm_quote(cJSON_IsString(value) ? value->valuestring : "", secret, out, size);
}

// The words, wherever they stand: {"error": "text"}, {"message": "text"}, {"detail": "text"} or
// {"detail": [{"msg": "text"}]}; OpenRouter has the true ones in metadata.raw.
static void read_words(const json *error, const char *secret, char *out, size_t size) {
    const json *detail = member(error, "detail"),
               *first = cJSON_IsArray(detail) ? detail->child : NULL;
    const char *said = cJSON_IsString(error)         ? error->valuestring
                       : json_text(error, "message") ? json_text(error, "message")
                       : first                       ? json_text(first, "msg")
                       : cJSON_IsString(detail)      ? detail->valuestring
                                                     : NULL;
    const char *raw = json_text(member(error, "metadata"), "raw");
    cleanup_free char *whole = said && raw ? mem_format("%s: %s", said, raw) : NULL;
    cleanup_free char *written = said ? NULL : json_write(error);
    llm_quote(whole ? whole : said ? said : written, secret, out, size);
}

void llm_failure_read(const json *object, long status, const char *secret,
                      struct llm_failure *ret_failure) {
    const json *inner = member(object, "error"), *error = inner ? inner : object;
    struct llm_failure failure = {.status = status};
    char type[sizeof failure.code];
    read_name(member(error, "type"), secret, type, sizeof type);
    read_name(member(error, "code"), secret, failure.code, sizeof failure.code);
    read_name(member(error, "param"), secret, failure.parameter, sizeof failure.parameter);
    read_words(error, secret, failure.message, sizeof failure.message);
    if (status >= 200 && status < 300) {
        failure.is_mid_stream = true;
        failure.status = status_of_code(failure.code);
        if (!failure.status)
            failure.status = status_of_code(type);
        if (!failure.status)
            failure.status = 500;
    }
    failure.kind = kind_of(failure.status, type, failure.code, failure.message);
    int64_t number;
    if (*type && (!*failure.code || str_to_integer(failure.code, 0, 999, &number) == 0))
        memcpy(failure.code, type, sizeof type);
    *ret_failure = failure;
}

void llm_failure_read_body(const char *body, size_t length, long status, const char *secret,
                           struct llm_failure *ret_failure) {
    cleanup_json json *value = NULL;
    int parsed = json_parse(body, length, &value, NULL);
    const json *object = cJSON_IsArray(value) ? value->child : value; // Gemini puts it into a list
    if (parsed == 0 && cJSON_IsObject(object)) {
        llm_failure_read(object, status, secret, ret_failure);
        return;
    }
    struct llm_failure failure = {.status = status};
    llm_quote(body, secret, failure.message, sizeof failure.message / 2); // a proxy's page, perhaps
    failure.kind = kind_of(status, "", "", failure.message);
    *ret_failure = failure;
}
