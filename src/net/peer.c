// SPDX-License-Identifier: Apache-2.0
//
// See peer.h.
//
// Theory of operation. A libcurl handle keeps the connection of its last call open. Each call takes
// an idle handle or makes one, and gives it back afterwards; so there are as many connections as
// there ever were calls at a time, up to IDLE_MAX. libcurl notices an idle connection that the
// server closed, and connects anew. An upgraded call uses a handle of its own in libcurl's
// CONNECT_ONLY mode: libcurl connects and speaks TLS, the bytes are ours. The handle of a stream is
// never given back.
#include "net/peer.h"

#include <curl/curl.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/limits.h"

#define IDLE_MAX 8

struct net_peer {
    struct net_peer_settings settings;
    pthread_mutex_t lock;
    CURL *idle[IDLE_MAX];
    size_t idle_count;
};

struct net_stream {
    CURL *curl;
    const char *title;
    curl_socket_t fd;
    struct buf early; // what came behind the response's head
};

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void start(void) { curl_global_init(CURL_GLOBAL_DEFAULT); }

struct net_peer *net_peer_new(const struct net_peer_settings *settings) {
    struct net_peer *peer = mem_zero(1, sizeof *peer);
    pthread_once(&once, start);
    peer->settings = *settings;
    pthread_mutex_init(&peer->lock, NULL);
    return peer;
}

void net_peer_free(struct net_peer *peer) {
    if (!peer)
        return;
    for (size_t i = 0; i < peer->idle_count; i++)
        curl_easy_cleanup(peer->idle[i]);
    pthread_mutex_destroy(&peer->lock);
    free(peer);
}

static CURL *take_handle(struct net_peer *peer) {
    CURL *curl = NULL;
    pthread_mutex_lock(&peer->lock);
    if (peer->idle_count)
        curl = peer->idle[--peer->idle_count];
    pthread_mutex_unlock(&peer->lock);
    return curl ? curl : curl_easy_init();
}

static void give_handle(struct net_peer *peer, CURL *curl) {
    curl_easy_reset(curl); // the connection stays
    pthread_mutex_lock(&peer->lock);
    bool has_room = peer->idle_count < IDLE_MAX;
    if (has_room)
        peer->idle[peer->idle_count++] = curl;
    pthread_mutex_unlock(&peer->lock);
    if (!has_room)
        curl_easy_cleanup(curl);
}

static bool is_readable(int fd) {
    struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
    return fd >= 0 && poll(&poll_fd, 1, 0) > 0;
}

// libcurl calls it whenever something moves, and at least every second.
static int look_for_cancel(void *context, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d) {
    (void)a, (void)b, (void)c, (void)d;
    return is_readable(*(const int *)context);
}

static void set_up(CURL *curl, const struct net_peer *peer, const char *url,
                   const struct net_call *call, char *why) {
    const struct net_peer_settings *settings = &peer->settings;
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_PROXY,
                     ""); // it is reached directly, whatever the environment says
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, why);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)call->timeout_ms);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, look_for_cancel);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &call->cancel_fd);
    if (settings->unix_path)
        curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, settings->unix_path);
    if (settings->ca_file)
        curl_easy_setopt(curl, CURLOPT_CAINFO, settings->ca_file);
    if (settings->certificate_file)
        curl_easy_setopt(curl, CURLOPT_SSLCERT, settings->certificate_file);
    if (settings->key_file)
        curl_easy_setopt(curl, CURLOPT_SSLKEY, settings->key_file);
    if (settings->is_unverified) {
        curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);
        curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
    }
}

static size_t take_body(char *data, size_t size, size_t count, void *context) {
    struct buf *body = context;
    return buf_add(body, data, size * count) == 0 ? size * count : 0;
}

static size_t give_body(char *data, size_t size, size_t count, void *context) {
    const struct net_call *call = context;
    int64_t got = call->body_function(call->body_context, data, size * count);
    return got < 0 ? CURL_READFUNC_ABORT : (size_t)got;
}

static struct curl_slist *set_body(CURL *curl, const struct net_call *call) {
    const char *type = call->content_type ? call->content_type : "application/json";
    cleanup_free char *header = mem_format("Content-Type: %s", type);
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, call->method);
    if (call->body_function) {
        curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
        curl_easy_setopt(curl, CURLOPT_READFUNCTION, give_body);
        curl_easy_setopt(curl, CURLOPT_READDATA, call);
        curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)call->body_bytes);
    } else if (call->body || strcmp(call->method, "POST") == 0) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, call->body ? call->body : "");
    }
    struct curl_slist *headers = curl_slist_append(NULL, "Expect:");
    return call->body || call->body_function ? curl_slist_append(headers, header) : headers;
}

// Why no whole response came.
static int explain(const struct net_peer *peer, const struct net_call *call, CURLcode code,
                   bool is_too_large, const char *why, struct err *err) {
    const char *title = peer->settings.title;
    if (is_too_large)
        return err_set(err, ERR_TOO_LARGE, "%.200s answers with more than %lld bytes", title,
                       LIMIT_HTTP_RESPONSE);
    if (code == CURLE_ABORTED_BY_CALLBACK)
        return err_set(err, ERR_CANCELLED, "the call to %.200s was broken off", title);
    if (code == CURLE_OPERATION_TIMEDOUT)
        return err_set(err, ERR_UNAVAILABLE, "%.200s did not answer within %lld ms", title,
                       (long long)call->timeout_ms);
    return err_set(err, ERR_UNAVAILABLE, "%.200s: %s", title,
                   *why ? why : curl_easy_strerror(code));
}

int net_peer_call(struct net_peer *peer, const struct net_call *call,
                  struct net_response *ret_response, struct err *err) {
    char why[CURL_ERROR_SIZE] = "";
    struct net_response response = {.body = BUF(LIMIT_HTTP_RESPONSE)};
    cleanup_free char *url = mem_format("%s%s", peer->settings.base_url, call->path);
    CURL *curl = take_handle(peer);
    if (!curl)
        return err_set(err, ERR_INTERNAL, "libcurl does not start");
    set_up(curl, peer, url, call, why);
    struct curl_slist *headers = set_body(curl, call);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &response.body);
    CURLcode code = curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &response.status);
    curl_slist_free_all(headers);
    if (code == CURLE_OK) {
        give_handle(peer, curl);
        *ret_response = response;
        return 0;
    }
    curl_easy_cleanup(curl);
    bool is_too_large = response.body.overflowed;
    net_response_done(&response);
    return explain(peer, call, code, is_too_large, why, err);
}

void net_stream_free(struct net_stream *stream) {
    if (!stream)
        return;
    curl_easy_cleanup(stream->curl);
    buf_done(&stream->early);
    free(stream);
}

int net_stream_fd(const struct net_stream *stream) { return (int)stream->fd; }

static int broke(const struct net_stream *stream, CURLcode code, struct err *err) {
    return err_set(err, ERR_UNAVAILABLE, "the connection to %.200s broke: %s", stream->title,
                   curl_easy_strerror(code));
}

int net_stream_read(struct net_stream *stream, void *ret_bytes, size_t size, size_t *ret_got,
                    struct err *err) {
    size_t got = stream->early.length < size ? stream->early.length : size;
    if (got) {
        memcpy(ret_bytes, stream->early.data, got);
        buf_drop(&stream->early, got);
        *ret_got = got;
        return 0;
    }
    CURLcode code = curl_easy_recv(stream->curl, ret_bytes, size, &got);
    if (code == CURLE_AGAIN)
        return err_set(err, ERR_BUSY, "nothing has come");
    if (code != CURLE_OK)
        return broke(stream, code, err);
    *ret_got = got;
    return 0;
}

int net_stream_write(struct net_stream *stream, const void *bytes, size_t length,
                     size_t *ret_written, struct err *err) {
    CURLcode code = curl_easy_send(stream->curl, bytes, length, ret_written);
    if (code == CURLE_AGAIN)
        return err_set(err, ERR_BUSY, "nothing can be sent");
    return code == CURLE_OK ? 0 : broke(stream, code, err);
}

// Waits until bytes can be moved. ERR_CANCELLED, ERR_UNAVAILABLE past DEADLINE_US.
static int wait_for(const struct net_stream *stream, short events, const struct net_call *call,
                    int64_t deadline_us, struct err *err) {
    struct pollfd fds[] = {{.fd = (int)stream->fd, .events = events},
                           {.fd = call->cancel_fd, .events = POLLIN}};
    for (;;) {
        int64_t left_us = deadline_us - clock_monotonic_us();
        if (left_us <= 0)
            return err_set(err, ERR_UNAVAILABLE, "%.200s did not answer within %lld ms",
                           stream->title, (long long)call->timeout_ms);
        int count = poll(fds, ARRAY_LENGTH(fds), (int)((left_us + 999) / 1000));
        if (count < 0 && errno != EINTR)
            return err_set_errno(err, errno, "cannot wait for %.200s", stream->title);
        if (fds[1].revents)
            return err_set(err, ERR_CANCELLED, "the call to %.200s was broken off", stream->title);
        if (count > 0)
            return 0;
    }
}

static int send_head(struct net_stream *stream, const char *head, const struct net_call *call,
                     int64_t deadline_us, struct err *err) {
    for (size_t sent = 0, length = strlen(head), written; sent < length;) {
        int status = net_stream_write(stream, head + sent, length - sent, &written, err);
        if (status == 0)
            sent += written;
        else if (status == ERR_BUSY)
            status = wait_for(stream, POLLOUT, call, deadline_us, err);
        if (status)
            return status;
    }
    return 0;
}

// Reads up to the empty line; what is behind it stays in stream->early.
static int receive_head(struct net_stream *stream, const struct net_call *call, int64_t deadline_us,
                        long *ret_status, struct err *err) {
    char bytes[4096];
    cleanup_buf struct buf head = BUF(LIMIT_HTTP_HEAD);
    const char *end;
    while (!(end = strstr(buf_text(&head), "\r\n\r\n"))) {
        size_t got = 0;
        int status = net_stream_read(stream, bytes, sizeof bytes, &got, err);
        if (status == ERR_BUSY && (status = wait_for(stream, POLLIN, call, deadline_us, err)) == 0)
            continue;
        if (status)
            return status;
        if (got == 0)
            return err_set(err, ERR_UNAVAILABLE, "%.200s hung up", stream->title);
        if (buf_add(&head, bytes, got))
            return err_set(err, ERR_TOO_LARGE, "%.200s answers with a head of more than %d bytes",
                           stream->title, LIMIT_HTTP_HEAD);
    }
    size_t length = (size_t)(end + 4 - head.data);
    if (sscanf(head.data, "HTTP/1.%*1[01] %3ld", ret_status) != 1)
        return err_set(err, ERR_UNAVAILABLE, "%.200s does not speak HTTP/1.1", stream->title);
    buf_add(&stream->early, head.data + length, head.length - length);
    return 0;
}

static int connect_stream(struct net_peer *peer, const struct net_call *call,
                          struct net_stream *stream, struct err *err) {
    char why[CURL_ERROR_SIZE] = "";
    stream->curl = curl_easy_init();
    if (!stream->curl)
        return err_set(err, ERR_INTERNAL, "libcurl does not start");
    set_up(stream->curl, peer, peer->settings.base_url, call, why);
    curl_easy_setopt(stream->curl, CURLOPT_CONNECT_ONLY, 1L);
    CURLcode code = curl_easy_perform(stream->curl);
    // Neither outlives this function.
    curl_easy_setopt(stream->curl, CURLOPT_ERRORBUFFER, NULL);
    curl_easy_setopt(stream->curl, CURLOPT_NOPROGRESS, 1L);
    if (code != CURLE_OK)
        return explain(peer, call, code, false, why, err);
    curl_easy_getinfo(stream->curl, CURLINFO_ACTIVESOCKET, &stream->fd);
    return 0;
}

int net_peer_upgrade(struct net_peer *peer, const struct net_call *call, const char *protocol,
                     struct net_stream **ret_stream, long *ret_status, struct err *err) {
    int64_t deadline_us = clock_monotonic_us() + call->timeout_ms * 1000;
    cleanup(net_stream_freep) struct net_stream *stream = mem_zero(1, sizeof *stream);
    const char *host = strstr(peer->settings.base_url, "//");
    cleanup_free char *head = mem_format("%s %s HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\n"
                                         "Upgrade: %s\r\nContent-Length: 0\r\n\r\n",
                                         call->method, call->path, host + 2, protocol);
    stream->title = peer->settings.title;
    stream->early = BUF(LIMIT_HTTP_HEAD);
    int status = connect_stream(peer, call, stream, err);
    if (status == 0)
        status = send_head(stream, head, call, deadline_us, err);
    if (status == 0)
        status = receive_head(stream, call, deadline_us, ret_status, err);
    if (status)
        return status;
    // 200 is what servers without an upgrade answer before they hand over the connection.
    if (*ret_status != 101 && *ret_status != 200)
        return err_set(err, ERR_REFUSED, "%.200s answers %ld to %s", stream->title, *ret_status,
                       call->path);
    *ret_stream = mem_take(stream);
    return 0;
}
