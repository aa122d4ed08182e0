// SPDX-License-Identifier: Apache-2.0
//
// See client.h.
//
// Theory of operation. The identity is what the last reading of the token's file, or the last run
// of the credential plugin, gave; its generation counts those. A call copies it under the lock. It
// is renewed when it is older than a minute (file), has run out (plugin), or the server answers 401
// to a call that was made with the present generation: so a hundred calls that all get 401 renew it
// once. A reading that fails keeps the old identity, which may well be good still.
#include "kube/client.h"

#include <poll.h>
#include <pthread.h>
#include <stdio.h>

#include "base/base64.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/id.h"
#include "base/limits.h"
#include "base/str.h"
#include "kube/breaker.h"
#include "kube/plugin.h"

#define TOKEN_AGE_US                                                                               \
    (55 * 1000000LL) // a token's file is read again; the kubelet renews it in place
#define EXPIRY_MARGIN_MS 10000
#define TRIES 3
#define FIRST_PAUSE_MS 200
#define LONGEST_PAUSE_MS 5000 // a server that asks for more is not waited for

struct kube_client {
    struct kube_config config;
    struct net_client *net;
    char *name_space;
    pthread_mutex_t identity_mutex; // held while the plugin runs: all would wait for it anyway
    struct kube_identity identity;
    bool has_identity;
    int64_t read_us, expires_ms;
    pthread_mutex_t breaker_mutex;
    struct kube_breaker breaker;
    struct err failure; // the last one
};

int kube_client_new(struct kube_config *config, const char *name_space,
                    struct kube_client **ret_client, struct err *err) {
    struct net_client_settings settings = {.url = config->server,
                                           .proxy = config->proxy,
                                           .tls_name = config->tls_name,
                                           .authorities_pem = config->authorities,
                                           .is_insecure = config->is_insecure};
    struct net_client *net = NULL;
    int status = net_client_new(&settings, &net, err);
    if (status)
        return err_prefix(err, "%s", config->source);
    struct kube_client *client = mem_zero(1, sizeof *client);
    client->config = *config;
    *config = (struct kube_config){0};
    client->net = net;
    client->name_space =
        mem_text(!str_is_empty(name_space)                 ? name_space
                 : str_is_empty(client->config.name_space) ? "default"
                                                           : client->config.name_space);
    client->name_space[strcspn(client->name_space, "\r\n ")] = '\0';
    pthread_mutex_init(&client->identity_mutex, NULL);
    pthread_mutex_init(&client->breaker_mutex, NULL);
    *ret_client = client;
    return 0;
}

void kube_identity_done(struct kube_identity *identity) {
    free(identity->authorization);
    free(identity->certificate);
    free(identity->key);
    *identity = (struct kube_identity){0};
}

void kube_client_free(struct kube_client *client) {
    if (!client)
        return;
    net_client_free(client->net);
    kube_config_done(&client->config);
    kube_identity_done(&client->identity);
    pthread_mutex_destroy(&client->identity_mutex);
    pthread_mutex_destroy(&client->breaker_mutex);
    free(client->name_space);
    free(client);
}

const char *kube_client_namespace(const struct kube_client *client) { return client->name_space; }
const char *kube_client_server(const struct kube_client *client) {
    return net_client_url(client->net);
}
const char *kube_client_source(const struct kube_client *client) { return client->config.source; }
struct net_client *kube_client_net(struct kube_client *client) {
    return client->net;
}

void kube_answer_done(struct kube_answer *answer) {
    json_free(answer->object);
    answer->object = NULL;
}

char *kube_path(const struct kube_client *client, const char *group, const char *kind,
                const char *name, const char *tail) {
    return mem_format("%s/namespaces/%s/%s%s%s%s", group, client->name_space, kind, name ? "/" : "",
                      name ? name : "", tail ? tail : "");
}

// ---- Who calls ----------------------------------------------------------------------------------

static bool is_renewable(const struct kube_client *client) {
    return client->config.token_file || client->config.exec;
}

static int read_token(const struct kube_client *client, struct kube_identity *made,
                      struct err *err) {
    cleanup_buf struct buf text = BUF(LIMIT_KUBECONFIG);
    int status = fd_read_file(client->config.token_file, &text, err);
    if (status)
        return err_prefix(err, "the token");
    int length = (int)strcspn(buf_text(&text), "\r\n");
    if (length == 0)
        return err_set(err, ERR_UNAVAILABLE, "the token's file %s is empty",
                       client->config.token_file);
    made->authorization = mem_format("Bearer %.*s", length, buf_text(&text));
    return 0;
}

static int ask_plugin(struct kube_client *client, struct kube_identity *made, struct err *err) {
    struct kube_plugin_answer answer cleanup(kube_plugin_answer_done) = {0};
    int status = kube_plugin_run(&client->config, &answer, err);
    if (status)
        return status;
    if (answer.token)
        made->authorization = mem_format("Bearer %s", answer.token);
    if (answer.certificate && answer.key) {
        made->certificate = mem_take(answer.certificate);
        made->key = mem_take(answer.key);
    }
    client->expires_ms = answer.expires_ms;
    return 0;
}

// The user name and password are for servers behind a proxy of that kind.
static void read_plain(const struct kube_config *config, struct kube_identity *made) {
    if (config->token) {
        made->authorization = mem_format("Bearer %s", config->token);
    } else if (config->user) {
        cleanup_free char *pair =
            mem_format("%s:%s", config->user, config->password ? config->password : "");
        cleanup_free char *encoded = base64_encode(pair);
        made->authorization = mem_format("Basic %s", encoded);
    }
}

static int renew(struct kube_client *client, struct err *err) {
    struct kube_identity made = {.generation = client->identity.generation + 1};
    int status = 0;
    if (client->config.exec)
        status = ask_plugin(client, &made, err);
    else if (client->config.token_file)
        status = read_token(client, &made, err);
    else
        read_plain(&client->config, &made);
    client->read_us = clock_monotonic_us();
    if (status)
        return status;
    if (!made.certificate) {
        made.certificate = mem_text(client->config.certificate);
        made.key = mem_text(client->config.key);
    }
    kube_identity_done(&client->identity);
    client->identity = made;
    client->has_identity = true;
    return 0;
}

static bool is_due(const struct kube_client *client) {
    if (!client->has_identity)
        return true;
    if (client->config.exec)
        return client->expires_ms && clock_wall_ms() > client->expires_ms - EXPIRY_MARGIN_MS;
    return client->config.token_file && clock_monotonic_us() - client->read_us > TOKEN_AGE_US;
}

int kube_client_identify(struct kube_client *client, struct kube_identity *ret_identity,
                         struct err *err) {
    int status = 0;
    pthread_mutex_lock(&client->identity_mutex);
    if (is_due(client) && (status = renew(client, err)) != 0 && client->has_identity)
        status = 0;
    if (status == 0)
        *ret_identity = (struct kube_identity){
            mem_text(client->identity.authorization), mem_text(client->identity.certificate),
            mem_text(client->identity.key), client->identity.generation};
    pthread_mutex_unlock(&client->identity_mutex);
    return status;
}

// After a 401 to a call of GENERATION: whether there is another identity to try.
static bool renew_after(struct kube_client *client, int generation) {
    struct err err;
    pthread_mutex_lock(&client->identity_mutex);
    bool is_new = client->identity.generation != generation ||
                  (is_renewable(client) && renew(client, &err) == 0);
    pthread_mutex_unlock(&client->identity_mutex);
    return is_new;
}

// ---- The breaker --------------------------------------------------------------------------------

// A stream that began well and broke off says nothing against the server.
static void note(struct kube_client *client, int status, const struct kube_answer *answer,
                 const struct err *err) {
    bool began_well = answer->status >= 200 && answer->status < 300;
    bool is_failure = !began_well && (status == ERR_UNAVAILABLE || status == ERR_BUSY);
    if (status == ERR_CANCELLED)
        return;
    pthread_mutex_lock(&client->breaker_mutex);
    if (is_failure) {
        kube_breaker_failed(&client->breaker, clock_monotonic_us());
        client->failure = *err;
    } else {
        kube_breaker_succeeded(&client->breaker);
    }
    pthread_mutex_unlock(&client->breaker_mutex);
}

int kube_client_admit(struct kube_client *client, struct err *err) {
    int status = 0;
    pthread_mutex_lock(&client->breaker_mutex);
    if (!kube_breaker_admits(&client->breaker, clock_monotonic_us())) {
        status = err_set(err, ERR_UNAVAILABLE,
                         "The Kubernetes API server has failed several times in a row, so it is "
                         "left alone for some seconds. The last failure: %.300s",
                         client->failure.message);
        err_hint(err, "Runs begin again by themselves once it answers.");
    }
    pthread_mutex_unlock(&client->breaker_mutex);
    return status;
}

// ---- Calls --------------------------------------------------------------------------------------

static int code_of(long status) {
    switch (status) {
    case 401:
    case 403: return ERR_REFUSED;
    case 404:
    case 410: return ERR_NOT_FOUND;
    case 409: return ERR_CONFLICT;
    case 429: return ERR_BUSY;
    default: return status >= 500 || status < 400 ? ERR_UNAVAILABLE : ERR_BAD_REQUEST;
    }
}

// A body that is no `Status` object comes from a proxy in between; its beginning may tell.
static int explain(const struct kube_client *client, const struct net_reply *reply,
                   struct kube_answer *answer, struct err *err) {
    cleanup_json json *object = NULL;
    int code = code_of(reply->status);
    if (json_parse(buf_text(&reply->body), reply->body.length, &object, NULL) == 0 &&
        str_is_equal(json_text(object, "kind"), "Status")) {
        const char *reason = json_text(object, "reason"), *message = json_text(object, "message");
        snprintf(answer->reason, sizeof answer->reason, "%s", reason ? reason : "");
        return err_set(err, code, "the API server answers %ld: %.400s", reply->status,
                       message ? message : answer->reason);
    }
    return err_set(err, code, "%s answers with HTTP status %ld: %.100s", kube_client_server(client),
                   reply->status, buf_text(&reply->body));
}

static int try_once(struct kube_client *client, const struct kube_call *call, const char *body,
                    struct kube_identity *identity, struct kube_answer *answer,
                    int64_t *ret_retry_after_ms, struct err *err) {
    struct net_reply reply cleanup(net_reply_done) = {0};
    struct net_call plain = {
        .method = call->method,
        .path = call->path,
        .credential = {identity->authorization, identity->certificate, identity->key},
        .body = body,
        .body_type = "application/json",
        .timeout_ms = call->timeout_ms,
        .stop_fds = call->stop_fds,
        .stop_count = call->stop_count,
        .on_line = call->on_line,
        .context = call->context,
        .line_limit = call->line_limit};
    int status = net_client_call(client->net, &plain, &reply, err);
    answer->status = reply.status;
    answer->was_cut = reply.was_cut;
    *ret_retry_after_ms = reply.retry_after_ms;
    if (status)
        return status;
    if (reply.status < 200 || reply.status >= 300)
        return explain(client, &reply, answer, err);
    if (call->on_line)
        return 0;
    status = json_parse(buf_text(&reply.body), reply.body.length, &answer->object, err);
    return status ? err_set(err, ERR_UNAVAILABLE, "the API server's answer: %.300s", err->message)
                  : 0;
}

// Waits PAUSE_MS and some more by chance; false where a stop was asked for.
static bool pause_for(const struct kube_call *call, int64_t pause_ms) {
    unsigned char chance;
    struct pollfd fds[4];
    size_t count = call->stop_count < ARRAY_LENGTH(fds) ? call->stop_count : ARRAY_LENGTH(fds);
    id_random(&chance, 1);
    for (size_t i = 0; i < count; i++)
        fds[i] = (struct pollfd){.fd = call->stop_fds[i], .events = POLLIN};
    return poll(fds, count, (int)(pause_ms + pause_ms * chance / 512)) == 0;
}

static int send_with_identity(struct kube_client *client, const struct kube_call *call,
                              const char *body, struct kube_answer *answer,
                              int64_t *ret_retry_after_ms, struct err *err) {
    for (bool was_renewed = false;; was_renewed = true) {
        struct kube_identity identity cleanup(kube_identity_done) = {0};
        int status = kube_client_identify(client, &identity, err);
        if (status)
            return status;
        status = try_once(client, call, body, &identity, answer, ret_retry_after_ms, err);
        if (status != ERR_REFUSED || answer->status != 401 || was_renewed ||
            !renew_after(client, identity.generation))
            return status;
    }
}

int kube_send(struct kube_client *client, const struct kube_call *call,
              struct kube_answer *ret_answer, struct err *err) {
    cleanup_free char *body = call->body ? json_write(call->body) : NULL;
    struct kube_answer answer = {0};
    int64_t pause_ms = FIRST_PAUSE_MS, retry_after_ms = 0;
    int status;
    for (int tries = 1;; tries++) {
        status = send_with_identity(client, call, body, &answer, &retry_after_ms, err);
        bool may_pass = status == ERR_UNAVAILABLE || status == ERR_BUSY;
        if (!may_pass || call->is_once || tries == TRIES || retry_after_ms > LONGEST_PAUSE_MS)
            break;
        answer.was_tried_before = true;
        if (!pause_for(call, retry_after_ms ? retry_after_ms : pause_ms)) {
            status = err_set(err, ERR_CANCELLED, "the call was stopped");
            break;
        }
        pause_ms *= 2;
    }
    note(client, status, &answer, err);
    *ret_answer = answer;
    return status;
}
