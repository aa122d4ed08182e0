// SPDX-License-Identifier: Apache-2.0
//
// See client.h.
//
// Theory of operation. A line is a libcurl handle with a multi handle of its own, whose cache holds
// the connection. A call takes an idle line, or makes one, and gives it back: so a line belongs to
// one thread at a time, no lock is held while bytes move, and the last connection that was used is
// the first to be used again. A call that is stopped, or ends in the middle of an answer, closes
// its connection; libcurl does so when the handle leaves the multi handle.
//
// Nothing of a call stays behind in its line: the handle is reset, and a connection is used again
// only where libcurl finds the same certificate and key were asked for.
#include "net/client.h"

#include <poll.h>
#include <pthread.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/str.h"
#include "net/client_curl.h"
#include "net/http.h"

#define CONNECT_LIMIT_MS 5000
#define MAX_STOP_FDS 4
#define IDLE_MAX 32 // lines that are kept, each with a connection open

struct net_client {
    char *url, *proxy, *tls_name, *authorities_pem;
    struct curl_slist *connect_to; // takes tls_name to the URL's host; NULL for none
    char *host;                    // the URL's host and port
    bool is_insecure;
    pthread_mutex_t mutex;
    struct net_line *idle;
    size_t idle_count;
};

struct taking {
    CURL *easy;
    const struct net_call *call;
    struct net_reply *reply;
    struct buf line;
    bool has_enough;
    int64_t heard_us; // when the last bytes of the body came, or the call began
};

void net_reply_done(struct net_reply *reply) {
    buf_done(&reply->body);
    for (size_t i = 0; i < NET_WANTED_MAX; i++)
        free(reply->headers[i]);
}

const char *net_client_url(const struct net_client *client) { return client->url; }

// "https://HOST:PORT/PREFIX" as its host with the port.
static char *host_of(const char *url) {
    const char *host = strstr(url, "://") + 3;
    return mem_text_n(host, strcspn(host, "/"));
}

static bool is_address(const char *url) {
    const char *host = str_has_prefix(url, "https://")  ? url + 8
                       : str_has_prefix(url, "http://") ? url + 7
                                                        : "";
    return *host && *host != '/' && !strpbrk(url, "@?# \r\n");
}

int net_client_new(const struct net_client_settings *settings, struct net_client **ret_client,
                   struct err *err) {
    bool is_https = str_has_prefix(settings->url, "https://");
    if (!is_address(settings->url))
        return err_set(err, ERR_BAD_REQUEST, "\"%.200s\" is not an address like http://HOST:PORT",
                       settings->url);
    net_start();
    struct net_client *client = mem_zero(1, sizeof *client);
    client->url = mem_text(settings->url);
    for (size_t length = strlen(client->url); length && client->url[length - 1] == '/'; length--)
        client->url[length - 1] = '\0';
    client->proxy = mem_text(settings->proxy);
    client->authorities_pem = mem_text(settings->authorities_pem);
    client->is_insecure = settings->is_insecure;
    client->host = host_of(client->url);
    if (!str_is_empty(settings->tls_name) && is_https) {
        bool has_port = strchr(client->host, ':') && client->host[strlen(client->host) - 1] != ']';
        client->tls_name = mem_text(settings->tls_name);
        cleanup_free char *rule = mem_format("::%s%s", client->host, has_port ? "" : ":443");
        client->connect_to = curl_slist_append(NULL, rule);
    }
    pthread_mutex_init(&client->mutex, NULL);
    *ret_client = client;
    return 0;
}

static void line_free(struct net_line *line) {
    curl_easy_cleanup(line->easy);
    curl_multi_cleanup(line->multi);
    free(line);
}

void net_client_free(struct net_client *client) {
    if (!client)
        return;
    while (client->idle) {
        struct net_line *line = client->idle;
        client->idle = line->next;
        line_free(line);
    }
    pthread_mutex_destroy(&client->mutex);
    free(client->url);
    free(client->proxy);
    free(client->tls_name);
    free(client->authorities_pem);
    curl_slist_free_all(client->connect_to);
    free(client->host);
    free(client);
}

struct net_line *net_client_take_line(struct net_client *client) {
    pthread_mutex_lock(&client->mutex);
    struct net_line *line = client->idle;
    if (line) {
        client->idle = line->next;
        client->idle_count--;
    }
    pthread_mutex_unlock(&client->mutex);
    if (line)
        return line;
    line = mem_zero(1, sizeof *line);
    line->easy = curl_easy_init();
    line->multi = curl_multi_init();
    if (!line->easy || !line->multi)
        abort(); // out of memory
    curl_multi_setopt(line->multi, CURLMOPT_MAXCONNECTS, 1L);
    return line;
}

void net_client_give_line(struct net_client *client, struct net_line *line) {
    curl_easy_reset(line->easy);
    pthread_mutex_lock(&client->mutex);
    bool has_room = client->idle_count < IDLE_MAX;
    if (has_room) {
        line->next = client->idle;
        client->idle = line;
        client->idle_count++;
    }
    pthread_mutex_unlock(&client->mutex);
    if (!has_room)
        line_free(line);
}

static struct curl_blob blob_of(const char *pem) {
    // With its NUL: mbedTLS tells PEM from DER by it.
    return (struct curl_blob){(void *)pem, strlen(pem) + 1, CURL_BLOB_NOCOPY};
}

static void set_tls(const struct net_client *client, CURL *curl,
                    const struct net_credential *credential) {
    if (client->authorities_pem) {
        struct curl_blob blob = blob_of(client->authorities_pem);
        blob.len--; // libcurl adds this one itself
        curl_easy_setopt(curl, CURLOPT_CAINFO_BLOB, &blob);
    } else {
        net_set_authorities(curl);
    }
    if (client->is_insecure) {
        curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);
        curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
    }
    if (credential->certificate_pem && credential->key_pem) {
        struct curl_blob certificate = blob_of(credential->certificate_pem),
                         key = blob_of(credential->key_pem);
        certificate.len--;
        curl_easy_setopt(curl, CURLOPT_SSLCERT_BLOB, &certificate);
        curl_easy_setopt(curl, CURLOPT_SSLKEY_BLOB, &key);
    }
}

static void add_header(struct curl_slist **headers, const char *name, const char *value) {
    cleanup_free char *header = mem_format("%s: %s", name, value);
    *headers = curl_slist_append(*headers, header);
}

void net_client_prepare(const struct net_client *client, CURL *curl, const char *scheme,
                        const char *path, const struct net_credential *credential,
                        struct curl_slist **headers) {
    const char *after = strstr(client->url, "://") + 3;
    const char *host = client->tls_name ? client->tls_name : client->host;
    const char *prefix = after + strlen(client->host);
    bool is_https = client->url[4] == 's';
    cleanup_free char *url =
        mem_format("%s%s://%s%s%s", scheme, is_https ? "s" : "", host, prefix, path);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https,ws,wss");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_TCP_NODELAY, 1L);
    curl_easy_setopt(curl, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(curl, CURLOPT_TCP_KEEPIDLE, 30L);
    curl_easy_setopt(curl, CURLOPT_TCP_KEEPINTVL, 10L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_LIMIT_MS);
    set_tls(client, curl, credential);
    if (client->connect_to)
        curl_easy_setopt(curl, CURLOPT_CONNECT_TO, client->connect_to);
    if (client->proxy)
        curl_easy_setopt(curl, CURLOPT_PROXY, client->proxy);
    if (credential->authorization)
        add_header(headers, "Authorization", credential->authorization);
    if (client->tls_name)
        add_header(headers, "Host", client->host);
}

static bool is_good(CURL *easy) {
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    return status >= 200 && status < 300;
}

static bool take_lines(struct taking *taking, const char *data, size_t length) {
    while (length) {
        const char *end = memchr(data, '\n', length);
        size_t part = end ? (size_t)(end - data) : length;
        if (buf_add(&taking->line, data, part))
            return false;
        data += part + (end != NULL);
        length -= part + (end != NULL);
        if (!end)
            break;
        taking->has_enough = !taking->call->on_line(buf_text(&taking->line), taking->line.length,
                                                    taking->call->context);
        buf_clear(&taking->line);
        if (taking->has_enough)
            return false;
    }
    return true;
}

static size_t take(char *data, size_t size, size_t count, void *context) {
    struct taking *taking = context;
    const struct net_call *call = taking->call;
    size_t length = size * count;
    bool goes_on;
    taking->heard_us = clock_monotonic_us();
    if (!(call->on_bytes || call->on_line) || !is_good(taking->easy)) {
        goes_on = buf_add(&taking->reply->body, data, length) == 0;
    } else if (call->on_bytes) {
        goes_on = call->on_bytes(data, length, call->context);
        taking->has_enough = !goes_on;
    } else {
        goes_on = take_lines(taking, data, length);
    }
    return goes_on ? length : 0;
}

static struct curl_slist *prepare(const struct net_client *client, CURL *easy,
                                  struct taking *taking, char *why) {
    const struct net_call *call = taking->call;
    struct curl_slist *headers = NULL;
    net_client_prepare(client, easy, "http", call->path, &call->credential, &headers);
    add_header(&headers, "Accept", "application/json, */*");
    for (size_t i = 0; i < call->header_count; i++)
        headers = curl_slist_append(headers, call->headers[i]);
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, call->method);
    if (call->body) {
        add_header(&headers, "Content-Type", call->body_type);
        headers = curl_slist_append(headers, "Expect:"); // no pause before the body
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, call->body);
    }
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "sandglass");
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)call->timeout_ms);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, why);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, taking);
    return headers;
}

// How long to wait for something to happen, up to a second; 0 once the server has been silent for
// too long.
static int wait_ms_of(const struct taking *taking) {
    int64_t silence_ms = taking->call->silence_ms,
            left_ms = silence_ms - (clock_monotonic_us() - taking->heard_us) / 1000;
    return silence_ms == 0 || left_ms > 1000 ? 1000 : left_ms > 0 ? (int)left_ms : 0;
}

// Moves bytes until the answer is whole, a stop is asked for (CURLE_ABORTED_BY_CALLBACK) or the
// server is silent for too long (CURLE_OPERATION_TIMEDOUT).
static CURLcode perform(const struct net_line *line, const struct taking *taking, char *why) {
    const struct net_call *call = taking->call;
    struct curl_waitfd stops[MAX_STOP_FDS];
    unsigned stop_count = 0;
    for (size_t i = 0; i < call->stop_count && i < MAX_STOP_FDS; i++)
        if (call->stop_fds[i] >= 0)
            stops[stop_count++] =
                (struct curl_waitfd){.fd = call->stop_fds[i], .events = CURL_WAIT_POLLIN};
    for (;;) {
        int running = 0, left;
        if (curl_multi_perform(line->multi, &running))
            return CURLE_FAILED_INIT;
        const CURLMsg *message = curl_multi_info_read(line->multi, &left);
        if (message && message->msg == CURLMSG_DONE)
            return message->data.result;
        for (unsigned i = 0; i < stop_count; i++)
            stops[i].revents = 0;
        int wait_ms = wait_ms_of(taking);
        if (wait_ms == 0) {
            snprintf(why, CURL_ERROR_SIZE, "nothing came for %lld ms", (long long)call->silence_ms);
            return CURLE_OPERATION_TIMEDOUT;
        }
        if (curl_multi_poll(line->multi, stops, stop_count, wait_ms, NULL))
            return CURLE_FAILED_INIT;
        for (unsigned i = 0; i < stop_count; i++)
            if (stops[i].revents)
                return CURLE_ABORTED_BY_CALLBACK;
    }
}

// A time-out before there is a connection is the address's fault, not the answer's.
static enum net_trouble trouble_of(CURL *easy, CURLcode code) {
    curl_off_t connected_us = 0;
    switch (code) {
    case CURLE_OK: return NET_TROUBLE_NONE;
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT: return NET_TROUBLE_CONNECT;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE: return NET_TROUBLE_TRUST;
    case CURLE_OPERATION_TIMEDOUT:
        curl_easy_getinfo(easy, CURLINFO_CONNECT_TIME_T, &connected_us);
        return connected_us ? NET_TROUBLE_LATE : NET_TROUBLE_CONNECT;
    default: return NET_TROUBLE_BROKEN;
    }
}

static void note_head(const struct net_call *call, CURL *easy, struct net_reply *reply) {
    curl_off_t retry_after_s = 0;
    struct curl_header *header;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &reply->status);
    curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &retry_after_s);
    reply->retry_after_ms = retry_after_s * 1000;
    for (size_t i = 0; i < call->wanted_count && i < NET_WANTED_MAX; i++)
        if (curl_easy_header(easy, call->wanted[i], 0, CURLH_HEADER, -1, &header) == CURLHE_OK)
            reply->headers[i] = mem_text(header->value);
}

static int explain(const struct net_client *client, const struct taking *taking, CURLcode code,
                   const char *why, struct err *err) {
    if (code == CURLE_OK || (code == CURLE_WRITE_ERROR && taking->has_enough))
        return 0;
    if (code == CURLE_ABORTED_BY_CALLBACK)
        return err_set(err, ERR_CANCELLED, "the call to %s was stopped", client->url);
    if (taking->line.overflowed || taking->reply->body.overflowed)
        return err_set(err, ERR_TOO_LARGE, "%s answers with more than %zu bytes", client->url,
                       taking->line.overflowed ? taking->line.limit : taking->reply->body.limit);
    return err_set(err, ERR_UNAVAILABLE, "%s: %s", client->url,
                   *why ? why : curl_easy_strerror(code));
}

int net_client_call(struct net_client *client, const struct net_call *call,
                    struct net_reply *ret_reply, struct err *err) {
    char why[CURL_ERROR_SIZE] = "";
    *ret_reply = (struct net_reply){.body = BUF(LIMIT_HTTP_RESPONSE)};
    struct net_line *line = net_client_take_line(client);
    struct taking taking = {.easy = line->easy,
                            .call = call,
                            .reply = ret_reply,
                            .line = BUF(call->line_limit ? call->line_limit : LIMIT_SSE_EVENT),
                            .heard_us = clock_monotonic_us()};
    struct curl_slist *headers = prepare(client, line->easy, &taking, why);
    curl_multi_add_handle(line->multi, line->easy);
    CURLcode code = perform(line, &taking, why);
    note_head(call, line->easy, ret_reply);
    ret_reply->was_cut = taking.line.length > 0;
    curl_multi_remove_handle(line->multi, line->easy);
    int status = explain(client, &taking, code, why, err);
    if (status == ERR_UNAVAILABLE)
        ret_reply->trouble = trouble_of(line->easy, code);
    curl_slist_free_all(headers);
    buf_done(&taking.line);
    net_client_give_line(client, line);
    return status;
}

char *net_escape(const char *text) {
    char *escaped = curl_easy_escape(NULL, text, 0), *copy = mem_text(escaped);
    curl_free(escaped);
    return copy;
}
