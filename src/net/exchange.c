// SPDX-License-Identifier: Apache-2.0
//
// See exchange.h.
//
// Theory of operation. libcurl pushes: it calls back with what came. Here bytes are pulled, so what
// was pushed lies in `pending` until it is asked for, and the transfer only moves while somebody
// waits. A body that is sent in pieces goes the other way: libcurl asks for bytes, and is paused
// while there are none. Once `pending` is full the transfer is paused; libcurl then stops reading
// from the socket, and the server is held back by TCP. An exchange is one of:
//
//   sending                the body is not whole yet; ends as below, or with the last piece
//   waiting for the head   open; ends with the head, the end, or an error
//   has a head             read moves bytes while nothing is pending
//   done                   the answer came whole or broke off (`code`); what is pending may be read
//
// An exchange that is closed when it is done gives its line back with the connection open.
#include "net/exchange.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/limits.h"
#include "net/client_curl.h"

#define SLICE_MS 250
#define CONNECTION_AGE_S 60L // our server closes idle ones after 75 s

struct net_exchange {
    struct net_client *client;
    struct net_line *line;
    struct curl_slist *headers;
    struct net_exchange_request request;
    struct buf pending;
    const char *piece; // what is to be sent of a body that is sent in pieces
    size_t piece_left;
    bool is_last_piece, waits_for_piece;
    bool has_head, is_open, is_paused, is_done, is_watching;
    CURLcode code;
    char why[CURL_ERROR_SIZE];
};

static size_t take_body(char *data, size_t size, size_t count, void *context) {
    struct net_exchange *exchange = context;
    exchange->is_paused = exchange->pending.length + size * count > exchange->pending.limit;
    if (exchange->is_paused)
        return CURL_WRITEFUNC_PAUSE;
    buf_add(&exchange->pending, data, size * count);
    return size * count;
}

// Heads of 1xx answers go before the one that counts, and trailers come behind it.
static size_t take_header(char *data, size_t size, size_t count, void *context) {
    struct net_exchange *exchange = context;
    bool is_end = size * count == 2 && memcmp(data, "\r\n", 2) == 0;
    if (is_end && net_exchange_status(exchange) >= 200)
        exchange->has_head = true;
    return size * count;
}

static size_t give_piece(char *data, size_t size, size_t count, void *context) {
    struct net_exchange *exchange = context;
    size_t length = size * count < exchange->piece_left ? size * count : exchange->piece_left;
    if (length == 0 && !exchange->is_last_piece) {
        exchange->waits_for_piece = true;
        return CURL_READFUNC_PAUSE;
    }
    if (length)
        memcpy(data, exchange->piece, length);
    exchange->piece += length;
    exchange->piece_left -= length;
    return length;
}

static void set_pieces(struct net_exchange *exchange, CURL *easy) {
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                     (curl_off_t)exchange->request.announced_bytes);
    curl_easy_setopt(easy, CURLOPT_READFUNCTION, give_piece);
    curl_easy_setopt(easy, CURLOPT_READDATA, exchange);
}

static void set_method(struct net_exchange *exchange, CURL *easy) {
    const struct net_exchange_request *request = &exchange->request;
    if (strcmp(request->method, "GET") == 0)
        return;
    if (strcmp(request->method, "HEAD") == 0) {
        curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
        return;
    }
    curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
    if (request->is_sent_in_pieces) {
        set_pieces(exchange, easy);
    } else if (request->body || strcmp(request->method, "POST") == 0) {
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_length);
        curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, request->body ? request->body : "");
    }
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
}

static void prepare(struct net_exchange *exchange) {
    static const char *const left_out[] = {"Accept:", "Content-Type:", "Expect:"};
    static const struct net_credential nobody;
    const struct net_exchange_request *request = &exchange->request;
    CURL *easy = exchange->line->easy;
    // What libcurl would add by itself comes first, so that what is given wins.
    for (size_t i = 0; i < ARRAY_LENGTH(left_out); i++) {
        bool is_given = false;
        for (size_t j = 0; j < request->header_count; j++)
            is_given |= strncasecmp(request->headers[j], left_out[i], strlen(left_out[i])) == 0;
        if (!is_given)
            exchange->headers = curl_slist_append(exchange->headers, left_out[i]);
    }
    for (size_t i = 0; i < request->header_count; i++)
        exchange->headers = curl_slist_append(exchange->headers, request->headers[i]);
    net_client_prepare(exchange->client, easy, "http", request->path, &nobody, &exchange->headers);
    set_method(exchange, easy);
    curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, CONNECTION_AGE_S);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, exchange->headers);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, exchange->why);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, exchange);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, exchange);
}

static bool has_news(const struct net_exchange *exchange) {
    return exchange->is_done || exchange->pending.length > 0 ||
           (exchange->has_head && !exchange->is_open);
}

static int wait_for_bytes(struct net_exchange *exchange, int64_t deadline_us, struct err *err) {
    const struct net_exchange_request *request = &exchange->request;
    struct curl_waitfd watch = {.fd = request->watch_fd, .events = CURL_WAIT_POLLIN};
    int64_t left_ms = (deadline_us - clock_monotonic_us()) / 1000;
    if (request->is_over && request->is_over(request->context))
        return err_set(err, ERR_CANCELLED, "nobody waits for the answer any more");
    if (left_ms <= 0)
        return err_set(err, ERR_BUSY, "nothing came within %lld ms",
                       (long long)request->silence_ms);
    curl_multi_poll(exchange->line->multi, &watch, exchange->is_watching,
                    left_ms < SLICE_MS ? (int)left_ms : SLICE_MS, NULL);
    // Readable, but not over: more from the same side, which would stay readable.
    if (watch.revents && !(request->is_over && request->is_over(request->context)))
        exchange->is_watching = false;
    return 0;
}

static void move_bytes(struct net_exchange *exchange) {
    int running, left;
    CURLMcode code = curl_multi_perform(exchange->line->multi, &running);
    const CURLMsg *message = curl_multi_info_read(exchange->line->multi, &left);
    exchange->is_done = code != CURLM_OK || (message && message->msg == CURLMSG_DONE);
    exchange->code = code != CURLM_OK    ? CURLE_FAILED_INIT
                     : exchange->is_done ? message->data.result
                                         : CURLE_OK;
}

static int pump(struct net_exchange *exchange, struct err *err) {
    int64_t deadline_us = clock_monotonic_us() + exchange->request.silence_ms * 1000;
    for (move_bytes(exchange); !has_news(exchange); move_bytes(exchange)) {
        int status = wait_for_bytes(exchange, deadline_us, err);
        if (status)
            return status;
    }
    return 0;
}

// Why no whole answer came.
static int explain(const struct net_exchange *exchange, struct err *err) {
    static const CURLcode unreached[] = {
        CURLE_COULDNT_RESOLVE_HOST,  CURLE_COULDNT_CONNECT,          CURLE_OPERATION_TIMEDOUT,
        CURLE_SSL_CONNECT_ERROR,     CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE,
        CURLE_COULDNT_RESOLVE_PROXY,
    };
    int code = ERR_CORRUPT;
    for (size_t i = 0; i < ARRAY_LENGTH(unreached); i++)
        if (exchange->code == unreached[i])
            code = ERR_UNAVAILABLE;
    return err_set(err, code, "%s",
                   *exchange->why ? exchange->why : curl_easy_strerror(exchange->code));
}

static struct net_exchange *exchange_new(struct net_client *client,
                                         const struct net_exchange_request *request) {
    struct net_exchange *exchange = mem_zero(1, sizeof *exchange);
    exchange->client = client;
    exchange->line = net_client_take_line(client);
    exchange->request = *request;
    exchange->pending = BUF(LIMIT_UPSTREAM_PENDING);
    exchange->is_watching = request->watch_fd >= 0;
    prepare(exchange);
    curl_multi_add_handle(exchange->line->multi, exchange->line->easy);
    return exchange;
}

// Lets libcurl ask again for what it was told to wait for.
static void go_on_sending(struct net_exchange *exchange) {
    if (!exchange->waits_for_piece)
        return;
    exchange->waits_for_piece = false;
    curl_easy_pause(exchange->line->easy, CURLPAUSE_CONT);
}

int net_exchange_begin(struct net_client *client, const struct net_exchange_request *request,
                       struct net_exchange **ret_exchange, struct err *err) {
    struct net_exchange *exchange cleanup(net_exchange_closep) = exchange_new(client, request);
    int64_t deadline_us = clock_monotonic_us() + request->silence_ms * 1000;
    // Until libcurl asks for the body it is connecting.
    for (move_bytes(exchange); !exchange->waits_for_piece && !exchange->is_done;
         move_bytes(exchange)) {
        int status = wait_for_bytes(exchange, deadline_us, err);
        if (status)
            return status;
    }
    if (exchange->is_done && !exchange->has_head)
        return explain(exchange, err);
    *ret_exchange = mem_take(exchange);
    return 0;
}

int net_exchange_send(struct net_exchange *exchange, const void *bytes, size_t length,
                      struct err *err) {
    int64_t deadline_us = clock_monotonic_us() + exchange->request.silence_ms * 1000;
    exchange->piece = bytes;
    exchange->piece_left = length;
    if (!exchange->is_done)
        go_on_sending(exchange);
    while (exchange->piece_left && !exchange->has_head && !exchange->is_done) {
        move_bytes(exchange);
        if (!exchange->piece_left || exchange->has_head || exchange->is_done)
            break;
        int status = wait_for_bytes(exchange, deadline_us, err);
        if (status)
            return status;
    }
    exchange->piece_left = 0;
    return exchange->is_done && !exchange->has_head ? explain(exchange, err) : 0;
}

int net_exchange_receive(struct net_exchange *exchange, struct err *err) {
    exchange->is_last_piece = true;
    if (!exchange->is_done)
        go_on_sending(exchange);
    int status = exchange->has_head ? 0 : pump(exchange, err);
    if (status == 0 && !exchange->has_head)
        status = explain(exchange, err);
    exchange->is_open = status == 0;
    return status;
}

int net_exchange_open(struct net_client *client, const struct net_exchange_request *request,
                      struct net_exchange **ret_exchange, struct err *err) {
    struct net_exchange *exchange cleanup(net_exchange_closep) = exchange_new(client, request);
    int status = net_exchange_receive(exchange, err);
    if (status == 0)
        *ret_exchange = mem_take(exchange);
    return status;
}

void net_exchange_close(struct net_exchange *exchange) {
    if (!exchange)
        return;
    // The last bytes are here, but whether they were the last was not asked yet.
    if (exchange->is_open && !exchange->is_done && !exchange->pending.length)
        move_bytes(exchange);
    curl_multi_remove_handle(exchange->line->multi, exchange->line->easy);
    net_client_give_line(exchange->client, exchange->line);
    curl_slist_free_all(exchange->headers);
    buf_done(&exchange->pending);
    free(exchange);
}

bool net_exchange_has_head(const struct net_exchange *exchange) { return exchange->has_head; }

int net_exchange_status(const struct net_exchange *exchange) {
    long status = 0;
    curl_easy_getinfo(exchange->line->easy, CURLINFO_RESPONSE_CODE, &status);
    return (int)status;
}

int64_t net_exchange_length(const struct net_exchange *exchange) {
    curl_off_t length = -1;
    curl_easy_getinfo(exchange->line->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    return length;
}

const char *net_exchange_header(const struct net_exchange *exchange, const char *name,
                                size_t index) {
    struct curl_header *header;
    return curl_easy_header(exchange->line->easy, name, index, CURLH_HEADER, -1, &header) ==
                   CURLHE_OK
               ? header->value
               : NULL;
}

int net_exchange_read(struct net_exchange *exchange, void *ret_bytes, size_t size, size_t *ret_got,
                      struct err *err) {
    if (!exchange->pending.length && exchange->is_paused) {
        exchange->is_paused = false;
        curl_easy_pause(exchange->line->easy, CURLPAUSE_CONT);
    }
    if (!exchange->pending.length && !exchange->is_done) {
        int status = pump(exchange, err);
        if (status)
            return status;
    }
    size_t got = exchange->pending.length < size ? exchange->pending.length : size;
    if (got == 0 && exchange->code != CURLE_OK)
        return explain(exchange, err);
    if (got)
        memcpy(ret_bytes, exchange->pending.data, got);
    buf_drop(&exchange->pending, got);
    *ret_got = got;
    return 0;
}
