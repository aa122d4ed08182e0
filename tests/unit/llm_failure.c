// SPDX-License-Identifier: Apache-2.0
//
// How a provider's errors are quoted, and how long is waited after them.
#include <string.h>

#include "base/str.h"
#include "llm/failure.h"
#include "llm/llm.h"
#include "llm/retry.h"
#include "tests/unit/check.h"

static const char *quote(const char *text, const char *secret, size_t size) {
    static char out[200];
    llm_quote(text, secret, out, size);
    return out;
}

TEST(a_quotation_is_on_one_line_and_ends_with_a_whole_character) {
    CHECK_TEXT(quote("  a\n\tb\x01\x7f c  ", NULL, 100), "a b c");
    CHECK_TEXT(quote("", NULL, 100), "");
    CHECK_TEXT(quote("caf\u00e9s", NULL, 5), "caf");
    CHECK_TEXT(quote("caf\u00e9s", NULL, 6), "caf\u00e9");
    CHECK_TEXT(quote("ab\U0001F600", NULL, 6), "ab");
    CHECK_TEXT(quote("\u00e9", NULL, 2), "");
    CHECK_TEXT(quote("a b", NULL, 3), "a");
}

TEST(a_secret_is_blotted_out_of_a_quotation_also_where_that_is_cut) {
    CHECK_TEXT(quote("key 12345678, 1234567812345678.", "12345678", 100),
               "key [API key], [API key][API key].");
    for (size_t size = 1; size < 40; size++)
        CHECK(!strstr(quote("0123456789 secret-secret 0123456789", "secret-secret", size), "sec"));
    CHECK_TEXT(quote("ollama is no secret", "ollama", 100), "ollama is no secret");
}

TEST(a_failure_is_explained_in_a_sentence_with_its_server_and_what_to_do) {
    struct llm_failure failure;
    struct err err;
    const char body[] =
        "{\"error\":{\"message\":\"Slow\\ndown\",\"type\":\"requests\",\"code\":null}}";
    llm_failure_read_body(body, strlen(body), 429, NULL, &failure);
    CHECK_INT(llm_failure_explain(&failure, "openai at http://host", &err), ERR_BUSY);
    CHECK_TEXT(err.message, "The model's server openai at http://host answers with HTTP status 429 "
                            "(requests): Slow down");
    CHECK(*err.hint);
}

TEST(every_kind_of_failure_has_a_code_and_a_hint) {
    for (int kind = LLM_FAILURE_NONE + 1; kind <= LLM_FAILURE_LARGE; kind++) {
        struct llm_failure failure = {.kind = (enum llm_failure_kind)kind, .status = 400};
        struct err err;
        CHECK(llm_failure_explain(&failure, "x", &err) < 0);
        CHECK(*err.message && *err.hint);
    }
}

static int64_t wait_of(enum llm_failure_kind kind, int tries, unsigned char chance) {
    struct llm_failure failure = {.kind = kind};
    struct llm_retry_advice advice = {0};
    return llm_retry_wait_ms(&failure, &advice, tries, chance);
}

TEST(pauses_double_up_to_a_ceiling_and_chance_shortens_them_by_a_quarter_at_most) {
    static const int64_t pauses_ms[] = {500, 1000, 2000, 4000, 8000, 8000, 8000};
    for (int i = 0; i < (int)ARRAY_LENGTH(pauses_ms); i++) {
        CHECK_INT(wait_of(LLM_FAILURE_PASSING, i + 1, 0), pauses_ms[i]);
        CHECK(wait_of(LLM_FAILURE_PASSING, i + 1, 255) >= pauses_ms[i] * 3 / 4);
    }
    CHECK_INT(wait_of(LLM_FAILURE_LOADING, 1, 0), 1000);
    CHECK_INT(wait_of(LLM_FAILURE_LOADING, 1000000, 0), 5000);
}

TEST(what_the_server_asks_for_is_waited_for_and_nonsense_is_not) {
    static const struct {
        struct llm_retry_advice advice;
        int64_t wait_ms;
    } cases[] = {
        {{.after_ms = "120", .after = "9"}, 120},
        {{.after = "9"}, 9000},
        {{.after = "0.5"}, 500},
        {{.after = "x", .after_date_ms = 3000}, 3000},
        {{.after = "-3"}, 500},
        {{.after = ""}, 500},
        {{.after_ms = "1e99"}, 1000000000000},
        {{.after = "0"}, 500},
        {{.after_ms = "nan", .after = "inf"}, 500},
    };
    struct llm_failure failure = {.kind = LLM_FAILURE_BUSY};
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
        CHECK_INT(llm_retry_wait_ms(&failure, &cases[i].advice, 1, 0), cases[i].wait_ms);
}

TEST(credit_that_is_used_up_is_never_asked_for_again_and_loading_always) {
    struct llm_retry_advice yes = {.should_retry = "true"}, no = {.should_retry = "false"},
                            none = {0};
    struct llm_failure credit = {.kind = LLM_FAILURE_CREDIT}, busy = {.kind = LLM_FAILURE_BUSY},
                       loading = {.kind = LLM_FAILURE_LOADING},
                       wrong = {.kind = LLM_FAILURE_REQUEST};
    CHECK(!llm_retry_is_due(&credit, &yes, 1));
    CHECK(llm_retry_is_due(&busy, &none, 1) && !llm_retry_is_due(&busy, &no, 1));
    CHECK(!llm_retry_is_due(&busy, &yes, LLM_RETRY_TRIES));
    CHECK(llm_retry_is_due(&loading, &none, 1000));
    CHECK(llm_retry_is_due(&wrong, &yes, 1) && !llm_retry_is_due(&wrong, &none, 1));
}

TEST(providers_are_called_by_their_names) {
    enum llm_provider provider;
    struct err err;
    CHECK_OK(llm_provider_parse("anthropic", &provider, &err), err);
    CHECK_INT(provider, LLM_ANTHROPIC);
    CHECK_TEXT(llm_provider_name(LLM_OLLAMA), "ollama");
    CHECK_INT(llm_provider_parse("OpenAI", &provider, &err), ERR_BAD_REQUEST);
    CHECK(strstr(err.message, "openai"));
}
