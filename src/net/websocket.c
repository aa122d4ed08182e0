// SPDX-License-Identifier: Apache-2.0
//
// See websocket.h. libcurl makes the frames, masks them and answers pings; the handle is opened
// with CONNECT_ONLY, so that sending and receiving are ours.
#include "net/websocket.h"

#include <poll.h>
#include <stdio.h>
#include <strings.h>

#include "base/clock.h"
#include "base/str.h"
#include "net/client_curl.h"

struct net_websocket {
    CURL *curl;
    struct curl_slist *headers;
    curl_socket_t fd;
    char protocol[64];
};

// A header of the answer, as CURLOPT_HEADERFUNCTION has it.
static size_t take_header(char *data, size_t size, size_t count, void *context) {
    static const char name[] = "sec-websocket-protocol:";
    struct net_websocket *websocket = context;
    size_t length = size * count, at = sizeof name - 1;
    if (length > at && strncasecmp(data, name, at) == 0) {
        while (at < length && (data[at] == ' ' || data[at] == '\t'))
            at++;
        size_t end = at;
        while (end < length && data[end] > ' ')
            end++;
        snprintf(websocket->protocol, sizeof websocket->protocol, "%.*s", (int)(end - at),
                 data + at);
    }
    return length;
}

// Whether PROTOCOL is one of those OFFERED.
static bool is_offered(const char *protocol, const char *offered) {
    size_t length = strlen(protocol);
    for (const char *at = offered; length && at && *at; at = strchr(at, ',')) {
        at += strspn(at, ", ");
        if (strncmp(at, protocol, length) == 0 && strchr(", ", at[length]))
            return true;
    }
    return false;
}

static int open_connection(struct net_websocket *websocket, struct net_client *client,
                           const char *protocols, long *ret_status, struct err *err) {
    char why[CURL_ERROR_SIZE] = "";
    curl_easy_setopt(websocket->curl, CURLOPT_ERRORBUFFER, why);
    CURLcode code = curl_easy_perform(websocket->curl);
    curl_easy_setopt(websocket->curl, CURLOPT_ERRORBUFFER, NULL);
    curl_easy_getinfo(websocket->curl, CURLINFO_RESPONSE_CODE, ret_status);
    if (code && *ret_status >= 200)
        return err_set(err, ERR_REFUSED, "%s answers with HTTP status %ld", net_client_url(client),
                       *ret_status);
    if (code)
        return err_set(err, ERR_UNAVAILABLE, "%s: %s", net_client_url(client),
                       *why ? why : curl_easy_strerror(code));
    if (!is_offered(websocket->protocol, protocols))
        return err_set(err, ERR_REFUSED, "%s speaks none of the protocols %s",
                       net_client_url(client), protocols);
    curl_easy_getinfo(websocket->curl, CURLINFO_ACTIVESOCKET, &websocket->fd);
    return 0;
}

int net_websocket_open(struct net_client *client, const char *path,
                       const struct net_credential *credential, const char *protocols,
                       int64_t timeout_ms, struct net_websocket **ret_websocket, long *ret_status,
                       struct err *err) {
    struct net_websocket *websocket cleanup(net_websocket_closep) = mem_zero(1, sizeof *websocket);
    long status = 0;
    websocket->fd = CURL_SOCKET_BAD;
    websocket->curl = curl_easy_init();
    if (!websocket->curl)
        return err_set(err, ERR_INTERNAL, "libcurl does not start");
    cleanup_free char *offer = mem_format("Sec-WebSocket-Protocol: %s", protocols);
    websocket->headers = curl_slist_append(NULL, offer);
    net_client_prepare(client, websocket->curl, "ws", path, credential, &websocket->headers);
    curl_easy_setopt(websocket->curl, CURLOPT_HTTPHEADER, websocket->headers);
    curl_easy_setopt(websocket->curl, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(websocket->curl, CURLOPT_HEADERDATA, websocket);
    curl_easy_setopt(websocket->curl, CURLOPT_TIMEOUT_MS, (long)timeout_ms);
    curl_easy_setopt(websocket->curl, CURLOPT_CONNECT_ONLY, 2L);
    int result = open_connection(websocket, client, protocols, &status, err);
    if (ret_status)
        *ret_status = status;
    if (result == 0)
        *ret_websocket = mem_take(websocket);
    return result;
}

void net_websocket_close(struct net_websocket *websocket) {
    size_t sent;
    if (!websocket)
        return;
    if (websocket->fd != CURL_SOCKET_BAD)
        curl_ws_send(websocket->curl, "\x03\xe8", 2, &sent, 0, CURLWS_CLOSE); // 1000: done
    curl_easy_cleanup(websocket->curl);
    curl_slist_free_all(websocket->headers);
    free(websocket);
}

const char *net_websocket_protocol(const struct net_websocket *websocket) {
    return websocket->protocol;
}
int net_websocket_fd(const struct net_websocket *websocket) { return websocket->fd; }

int net_websocket_send(struct net_websocket *websocket, const void *data, size_t length,
                       int64_t timeout_ms, struct err *err) {
    int64_t deadline_us = clock_monotonic_us() + timeout_ms * 1000;
    for (size_t done = 0;;) {
        size_t sent = 0;
        CURLcode code = curl_ws_send(websocket->curl, (const char *)data + done, length - done,
                                     &sent, 0, CURLWS_BINARY);
        done += sent;
        if (code == CURLE_OK && done == length)
            return 0;
        int64_t left_ms = (deadline_us - clock_monotonic_us()) / 1000;
        if ((code && code != CURLE_AGAIN) || left_ms <= 0)
            return err_set(err, ERR_UNAVAILABLE, "cannot send to the WebSocket: %s",
                           code && code != CURLE_AGAIN ? curl_easy_strerror(code)
                                                       : "it takes nothing");
        poll(&(struct pollfd){.fd = websocket->fd, .events = POLLOUT}, 1, (int)left_ms);
    }
}

int net_websocket_receive(struct net_websocket *websocket, struct buf *message, bool *ret_is_whole,
                          struct err *err) {
    char chunk[16384];
    for (;;) {
        size_t got = 0;
        const struct curl_ws_frame *frame = NULL;
        CURLcode code = curl_ws_recv(websocket->curl, chunk, sizeof chunk, &got, &frame);
        if (code == CURLE_AGAIN)
            return err_set(err, ERR_BUSY, "nothing has come yet");
        if (code)
            return err_set(err, ERR_UNAVAILABLE, "the WebSocket ended: %s",
                           curl_easy_strerror(code));
        if (frame->flags & CURLWS_CLOSE)
            return err_set(err, ERR_UNAVAILABLE, "the other end closed the WebSocket");
        if (!(frame->flags & (CURLWS_BINARY | CURLWS_TEXT | CURLWS_CONT)))
            continue; // a ping, which libcurl has answered, or a pong
        if (buf_add(message, chunk, got))
            return err_set(err, ERR_TOO_LARGE, "a message has more than %zu bytes", message->limit);
        *ret_is_whole = frame->bytesleft == 0 && !(frame->flags & CURLWS_CONT);
        return 0;
    }
}
