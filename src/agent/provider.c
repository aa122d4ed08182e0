// SPDX-License-Identifier: Apache-2.0
//
// See provider.h and agent.h.
//
// Theory of operation. The agent points to one provider, which never changes; another one takes its
// place under the mutex, and whoever took a reference before goes on with the old. What flags or
// environment set stays as long as the server runs. Else people set it, and it is kept in a file
// that only the server's user can read: written first, then put in place, so that what is asked is
// what a restart would ask. A key leaves the file for the provider's server alone: it is in no
// reply, and once the address changes the key has to be given again, as otherwise whoever may set
// the address could have it sent to himself.
#include "agent/provider.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "agent/agent_internal.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/limits.h"
#include "base/str.h"

#define CHECK_MS 5000 // that somebody waits for
#define LOOK_MS 2000
#define LOOK_LASTS_US 30000000
#define FILE_BYTES (16 * 1024)

// ---- References ---------------------------------------------------------------------------------

struct provider *provider_share(struct provider *provider) {
    if (provider)
        atomic_fetch_add(&provider->references, 1);
    return provider;
}

struct provider *provider_take(struct agent *agent) {
    pthread_mutex_lock(&agent->provider_mutex);
    struct provider *provider = provider_share(agent->provider);
    pthread_mutex_unlock(&agent->provider_mutex);
    return provider;
}

void provider_release(struct provider *provider) {
    if (!provider || atomic_fetch_sub(&provider->references, 1) != 1)
        return;
    if (provider->is_stored)
        llm_free(provider->llm);
    free(provider->key);
    free(provider);
}

static void put(struct agent *agent, struct provider *provider) {
    pthread_mutex_lock(&agent->provider_mutex);
    struct provider *old = agent->provider;
    agent->provider = provider;
    pthread_mutex_unlock(&agent->provider_mutex);
    provider_release(old);
    provider_forget(agent);
}

void provider_init(struct agent *agent) {
    pthread_mutex_init(&agent->provider_mutex, NULL);
    pthread_mutex_init(&agent->storing_mutex, NULL);
    pthread_mutex_init(&agent->looking_mutex, NULL);
    if (!agent->settings.llm)
        return;
    agent->provider = mem_zero(1, sizeof *agent->provider);
    *agent->provider = (struct provider){
        .references = 1, .llm = agent->settings.llm, .keeps_cells = agent->settings.keeps_cells};
}

void provider_done(struct agent *agent) {
    provider_release(agent->provider);
    pthread_mutex_destroy(&agent->provider_mutex);
    pthread_mutex_destroy(&agent->storing_mutex);
    pthread_mutex_destroy(&agent->looking_mutex);
}

// ---- What people ask for ------------------------------------------------------------------------

static int check_share(const char *share, struct err *err) {
    if (!share || str_is_equal(share, "full") || str_is_equal(share, "schema"))
        return 0;
    return err_set(err, ERR_BAD_REQUEST, "\"share\" must be \"full\" or \"schema\"");
}

// Whether HOST, "[fe80::1]:80" or "169.254.169.254/", is an address of the link alone: there the
// machines of clouds keep what is meant for nobody else.
static bool is_link_local(const char *host) {
    return strncmp(host, "169.254.", 8) == 0 || strncasecmp(host, "[fe8", 4) == 0 ||
           strncasecmp(host, "[fe9", 4) == 0 || strncasecmp(host, "[fea", 4) == 0 ||
           strncasecmp(host, "[feb", 4) == 0 || strncasecmp(host, "[::ffff:169.254.", 16) == 0;
}

static int check_address(const char *url, struct err *err) {
    const char *host = strstr(url, "://");
    if (!str_has_prefix(url, "http://") && !str_has_prefix(url, "https://"))
        return err_set(err, ERR_BAD_REQUEST,
                       "\"base_url\" must begin with https:// or http://, like "
                       "https://models.example/v1");
    if (strchr(url, '@'))
        return err_set(err, ERR_BAD_REQUEST,
                       "\"base_url\" holds a user or a password before an @: give the key in "
                       "\"key\"");
    for (const char *at = url; *at; at++)
        if (*at <= ' ' || *at > '~' || strchr("?#\"\\<>", *at))
            return err_set(err, ERR_BAD_REQUEST,
                           "\"base_url\" holds a character that no address has (number %zu)",
                           (size_t)(at - url) + 1);
    host += 3;
    if (!*host || strchr("/:", *host))
        return err_set(err, ERR_BAD_REQUEST, "\"base_url\" names no server");
    if (is_link_local(host))
        return err_set(err, ERR_BAD_REQUEST,
                       "\"base_url\" is an address of the link alone, where no model is");
    return 0;
}

static int check_key(const char *key, struct err *err) {
    for (const char *at = key; *at; at++)
        if (*at <= ' ' || *at > '~')
            return err_set(err, ERR_BAD_REQUEST,
                           "\"key\" holds a character that no API key has: give the key alone, "
                           "without spaces or quotes");
    return 0;
}

static int check_wish(const struct provider_wish *wish, enum llm_provider *ret_kind,
                      struct err *err) {
    if (llm_provider_parse(wish->provider, ret_kind, NULL))
        return err_set(err, ERR_BAD_REQUEST,
                       "\"provider\" must be \"openai\" (also for servers that are compatible), "
                       "\"anthropic\" or \"ollama\"");
    int status = str_is_empty(wish->base_url) ? 0 : check_address(wish->base_url, err);
    if (status == 0 && wish->key)
        status = check_key(wish->key, err);
    return status ? status : check_share(wish->share, err);
}

static int make_llm(const struct agent *agent, enum llm_provider kind,
                    const struct provider_wish *wish, const char *key, struct llm **ret_llm,
                    struct err *err) {
    struct llm_settings settings = agent->settings.llm_base;
    settings.provider = kind;
    settings.base_url = str_is_empty(wish->base_url) ? NULL : wish->base_url;
    settings.model = wish->name;
    settings.api_key = str_is_empty(key) ? NULL : key;
    settings.api_key_file = NULL;
    return llm_new(&settings, ret_llm, err);
}

// The provider that WISH describes. A key that is not given is that of the one before, where it
// goes to the same server.
static int make_provider(struct agent *agent, const struct provider_wish *wish,
                         struct provider **ret_provider, struct err *err) {
    struct provider *provider cleanup(provider_releasep) = mem_zero(1, sizeof *provider);
    struct provider *before cleanup(provider_releasep) = provider_take(agent);
    enum llm_provider kind;
    provider->references = 1;
    provider->is_stored = true;
    provider->keeps_cells = str_is_equal(wish->share, "schema");
    int status = check_wish(wish, &kind, err);
    if (status == 0)
        status = make_llm(agent, kind, wish, wish->key, &provider->llm, err);
    if (status)
        return status;
    bool is_same_server = before && before->is_stored && llm_provider_of(before->llm) == kind &&
                          str_is_equal(llm_url(before->llm), llm_url(provider->llm));
    provider->key = mem_text(wish->key ? wish->key : is_same_server ? before->key : "");
    if (!wish->key && *provider->key) {
        llm_free(provider->llm);
        provider->llm = NULL;
        status = make_llm(agent, kind, wish, provider->key, &provider->llm, err);
    }
    if (status == 0 && kind != LLM_OLLAMA && !*provider->key && str_is_empty(wish->base_url))
        status = err_set(err, ERR_BAD_REQUEST,
                         "%s's own server wants a key: give it in \"key\", or name another server "
                         "in \"base_url\"",
                         llm_provider_name(kind));
    if (status == 0)
        *ret_provider = mem_take(provider);
    return status;
}

// ---- The file -----------------------------------------------------------------------------------

static int read_wish(const json *object, struct provider_wish *ret_wish, struct err *err) {
    static const struct json_field fields[] = {
        {"provider", JSON_TEXT, true, offsetof(struct provider_wish, provider), 1, 0},
        {"base_url", JSON_TEXT, false, offsetof(struct provider_wish, base_url), 0, 0},
        {"name", JSON_TEXT, true, offsetof(struct provider_wish, name), 1, 0},
        {"key", JSON_TEXT, false, offsetof(struct provider_wish, key), 0, 0},
        {"share", JSON_TEXT, false, offsetof(struct provider_wish, share), 0, 0},
    };
    return json_read(object, "", fields, ARRAY_LENGTH(fields), ret_wish, err);
}

static int save(const struct agent *agent, const struct provider *provider, struct err *err) {
    cleanup_json json *object = cJSON_CreateObject();
    json_add_text(object, "provider", llm_provider_name(llm_provider_of(provider->llm)));
    json_add_text(object, "base_url", llm_url(provider->llm));
    json_add_text(object, "name", llm_model(provider->llm));
    json_add_text(object, "key", provider->key);
    json_add_text(object, "share", provider->keeps_cells ? "schema" : "full");
    cleanup_free char *text = json_write(object);
    return fd_replace_file(agent->settings.model_path, text, strlen(text), 0600, err);
}

int provider_load(struct agent *agent, struct err *err) {
    cleanup_buf struct buf text = BUF(FILE_BYTES);
    cleanup_json json *object = NULL;
    struct provider_wish wish = {.provider = NULL};
    struct provider *provider;
    if (agent->settings.llm || !agent->settings.model_path)
        return 0;
    int status = fd_read_file(agent->settings.model_path, &text, err);
    if (status == ERR_NOT_FOUND)
        return 0;
    if (status == 0)
        status = json_parse(buf_text(&text), text.length, &object, err);
    if (status == 0)
        status = read_wish(object, &wish, err);
    if (status == 0)
        status = make_provider(agent, &wish, &provider, err);
    if (status)
        return err_prefix(err, "the language model in %s", agent->settings.model_path);
    put(agent, provider);
    return 0;
}

// ---- Setting ------------------------------------------------------------------------------------

// Why it cannot be set by people, NULL where it can.
static const char *fixed_by(const struct agent *agent) {
    if (agent->settings.llm)
        return "LLM_PROVIDER is set in the server's environment, so the model is set there.";
    if (agent->settings.planner == AGENT_BUILTIN)
        return "PLANNER=builtin is set for this server, so no model is asked.";
    return agent->settings.model_path ? NULL : "This server has no folder to keep it in.";
}

static int check_editable(const struct agent *agent, struct err *err) {
    const char *why = fixed_by(agent);
    return why ? err_set(err, ERR_CONFLICT, "%s", why) : 0;
}

int provider_set(struct agent *agent, const struct provider_wish *wish, struct err *err) {
    struct provider *provider cleanup(provider_releasep) = NULL;
    int status = check_editable(agent, err);
    if (status)
        return status;
    pthread_mutex_lock(&agent->storing_mutex);
    status = make_provider(agent, wish, &provider, err);
    if (status == 0)
        status = save(agent, provider, err);
    if (status == 0)
        put(agent, mem_take(provider));
    pthread_mutex_unlock(&agent->storing_mutex);
    return status;
}

int provider_clear(struct agent *agent, struct err *err) {
    int status = check_editable(agent, err);
    if (status)
        return status;
    pthread_mutex_lock(&agent->storing_mutex);
    if (unlink(agent->settings.model_path) && errno != ENOENT)
        status = err_set_errno(err, errno, "cannot remove %s", agent->settings.model_path);
    else
        put(agent, NULL);
    pthread_mutex_unlock(&agent->storing_mutex);
    return status;
}

// ---- Looking ------------------------------------------------------------------------------------

static void replace_names(const char *text, char *ret_text, size_t size) {
    static const char *const names[][2] = {
        {"LLM_API_KEY, or what is in the file LLM_API_KEY_FILE", "the key"},
        {"LLM_API_KEY_FILE or LLM_API_KEY", "the key"},
        {"LLM_API_KEY_FILE", "the key"},
        {"LLM_API_KEY", "the key"},
        {"LLM_BASE_URL", "the address"},
        {"LLM_PROVIDER", "the provider"},
        {"LLM_MODEL=", ""},
        {"the model LLM_MODEL", "the model"},
        {"LLM_MODEL", "the model's name"}};
    struct buf out cleanup_buf = BUF(sizeof((struct err *)NULL)->message * 2);
    while (*text) {
        size_t i = 0;
        while (i < ARRAY_LENGTH(names) && !str_has_prefix(text, names[i][0]))
            i++;
        if (i < ARRAY_LENGTH(names)) {
            buf_add_text(&out, names[i][1]);
            text += strlen(names[i][0]);
        } else {
            buf_add_char(&out, *text++);
        }
    }
    snprintf(ret_text, size, "%s", buf_text(&out));
}

// What src/llm calls by a setting's name is a field of a page to people who set it there.
static void put_in_words(struct err *problem) {
    const struct err given = *problem;
    replace_names(given.message, problem->message, sizeof problem->message);
    replace_names(given.hint, problem->hint, sizeof problem->hint);
}

static struct provider_state look(const struct provider *provider) {
    struct provider_state state = {.is_set = true, .keeps_cells = provider->keeps_cells};
    cleanup_free char *sentence = NULL;
    snprintf(state.title, sizeof state.title, "%s", llm_title(provider->llm));
    snprintf(state.name, sizeof state.name, "%s", llm_model(provider->llm));
    state.is_reachable = llm_check(provider->llm, LOOK_MS, &sentence, &state.problem) == 0;
    if (state.is_reachable)
        snprintf(state.sentence, sizeof state.sentence, "%s", sentence);
    else if (provider->is_stored)
        put_in_words(&state.problem);
    return state;
}

void provider_look(struct agent *agent, struct provider_state *ret_state) {
    pthread_mutex_lock(&agent->looking_mutex);
    struct provider *provider cleanup(provider_releasep) = provider_take(agent);
    bool is_old = !agent->provider_looked_us ||
                  clock_monotonic_us() - agent->provider_looked_us > LOOK_LASTS_US;
    if (!provider) {
        agent->provider_state = (struct provider_state){.is_set = false};
    } else if (is_old) {
        agent->provider_state = look(provider);
        agent->provider_looked_us = clock_monotonic_us();
    }
    *ret_state = agent->provider_state;
    pthread_mutex_unlock(&agent->looking_mutex);
}

void provider_forget(struct agent *agent) {
    pthread_mutex_lock(&agent->looking_mutex);
    agent->provider_looked_us = 0;
    pthread_mutex_unlock(&agent->looking_mutex);
}

// ---- Telling ------------------------------------------------------------------------------------

static bool is_loopback(const char *url) {
    const char *host = strstr(url, "://") + 3;
    size_t length = strcspn(host, ":/");
    bool is_v4 = strncmp(host, "127.", 4) == 0 && strspn(host, "0123456789.") == length;
    return is_v4 || strncmp(host, "[::1]", 5) == 0 ||
           (length == 9 && strncasecmp(host, "localhost", 9) == 0);
}

static void add_warning(json *model, const struct provider *provider) {
    const char *url = llm_url(provider->llm);
    if (str_has_prefix(url, "http://") && !is_loopback(url) && llm_has_key(provider->llm))
        json_add_text(model, "warning",
                      "The address begins with http://, so the key and all questions travel in "
                      "clear text.");
}

json *provider_describe(struct agent *agent) {
    struct provider *provider cleanup(provider_releasep) = provider_take(agent);
    const char *why = fixed_by(agent);
    const struct llm *llm = provider ? provider->llm : NULL;
    json *model = cJSON_CreateObject();
    json_add_text(model, "provider", llm ? llm_provider_name(llm_provider_of(llm)) : NULL);
    json_add_text(model, "base_url", llm ? llm_url(llm) : NULL);
    json_add_text(model, "name", llm ? llm_model(llm) : NULL);
    json_add_bool(model, "has_key", llm && llm_has_key(llm));
    json_add_text(model, "share", provider && provider->keeps_cells ? "schema" : "full");
    json_add_text(model, "source",
                  !provider             ? "none"
                  : provider->is_stored ? "stored"
                                        : "settings");
    json_add_bool(model, "editable", !why);
    if (why)
        json_add_text(model, "why", why);
    if (llm)
        add_warning(model, provider);
    return model;
}

static json *report_of(const char *detail, const struct err *problem, json *names) {
    json *report = cJSON_CreateObject();
    json_add_bool(report, "reachable", !problem);
    json_add_text(report, "detail", problem ? problem->message : detail);
    if (problem && *problem->hint)
        json_add_text(report, "hint", problem->hint);
    json_add(report, "models", names ? names : cJSON_CreateArray());
    return report;
}

// Asks for the list of models first: it is of use also where the name is none of them.
static json *try_provider(struct provider *provider, bool has_name) {
    cleanup_free char *sentence = NULL;
    json *names = NULL;
    struct err problem = {0}, ignored;
    int status = llm_list(provider->llm, CHECK_MS, &names, has_name ? &ignored : &problem);
    if (has_name)
        status = llm_check(provider->llm, CHECK_MS, &sentence, &problem);
    else if (status == 0)
        sentence = mem_format("The model's server %s answers", llm_title(provider->llm));
    if (status && provider->is_stored)
        put_in_words(&problem);
    return report_of(sentence, status ? &problem : NULL, names);
}

int provider_try(struct agent *agent, const struct provider_wish *wish, json **ret_report,
                 struct err *err) {
    struct provider *provider cleanup(provider_releasep) = wish ? NULL : provider_take(agent);
    int status = wish ? check_editable(agent, err) : 0;
    bool has_name = !wish || !str_is_empty(wish->name);
    if (wish && status == 0) {
        struct provider_wish named = *wish;
        named.name = has_name ? wish->name : "none yet";
        status = make_provider(agent, &named, &provider, err);
    } else if (status == 0 && !provider) {
        err_set(err, ERR_CONFLICT, "No language model is set.");
        status = err_hint(err, "Give its provider and name to check one before it is set.");
    }
    if (status)
        return status;
    // One at a time: whoever may ask for it could otherwise make this server knock at many doors.
    pthread_mutex_lock(&agent->storing_mutex);
    *ret_report = try_provider(provider, has_name);
    pthread_mutex_unlock(&agent->storing_mutex);
    return 0;
}
