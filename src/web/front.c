// SPDX-License-Identifier: Apache-2.0
//
// See front.h.
//
// Theory of operation. The routes are those of a server, so what no server would take is refused
// here: no route, a wrong method, a body that is too large, another site's page. The rest is asked
// of the upstream anew rather than copied: method, path and query are written from what was
// understood, and of the headers only those in two lists pass, so that no hop-by-hop header, no
// Host, Origin, Cookie or X-Forwarded-… does, in either direction. The answer goes on in the
// connection's own thread, piece by piece: libmicrohttpd asks for bytes once the client takes them,
// net/exchange.h then for the upstream's. While the upstream is silent the client's socket is
// watched, and a client that has gone ends the exchange.
//
// An answer that breaks off is never ended as if it were whole: its connection is closed.
//
// Who may do what is the upstream's to say. A server without a token listens to its own machine
// alone; a front must not undo that. So one that other machines can reach passes nothing on until
// the upstream has refused it a request without a token, and it looks anew every 30 s.
#include "web/front.h"

#include <errno.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "base/limits.h"
#include "base/log.h"
#include "base/str.h"
#include "net/exchange.h"

#define PIECE_BYTES (64 * 1024)
#define PROBE_SILENCE_MS 5000
#define GUARDED_FOR_US 30000000
#define HEADERS_MAX 12

enum failure { UNREACHABLE, BROKEN, SILENT, UNGUARDED, FAILURE_COUNT };

struct web_front {
    struct net_client *client;
    char id[ID_SIZE]; // by which it knows requests of its own
    int64_t silence_ms;
    bool is_exposed;
    _Atomic int64_t guarded_until_us; // the upstream is known to ask for a token until then
    _Atomic int64_t running, calls, failures[FAILURE_COUNT];
    atomic_bool is_failing; // the last exchange failed
};

// One exchange with the upstream for one request.
struct passing {
    struct web_server *server;
    struct net_exchange *exchange;
    int client_fd;
};

int web_front_new(const struct web_settings *settings, bool is_exposed,
                  struct web_front **ret_front, struct err *err) {
    struct net_client_settings client = {.url = settings->upstream, .proxy = ""};
    struct web_front *front = mem_zero(1, sizeof *front);
    int status = net_client_new(&client, &front->client, err);
    if (status) {
        free(front);
        return err_prefix(err, "the upstream");
    }
    id_make(front->id);
    front->silence_ms = settings->upstream_silence_ms;
    front->is_exposed = is_exposed;
    *ret_front = front;
    return 0;
}

void web_front_free(struct web_front *front) {
    if (!front)
        return;
    net_client_free(front->client);
    free(front);
}

// ---- What is asked of the upstream --------------------------------------------------------------

static void add_escaped(struct buf *out, const char *text, const char *kept) {
    static const char digits[] = "0123456789ABCDEF";
    for (; *text; text++) {
        unsigned char byte = (unsigned char)*text;
        bool is_plain = (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
                        (byte >= 'a' && byte <= 'z') || strchr(kept, byte);
        buf_add_char(out, is_plain ? *text : '%');
        if (!is_plain) {
            buf_add_char(out, digits[byte >> 4]);
            buf_add_char(out, digits[byte & 15]);
        }
    }
}

static enum MHD_Result add_query(void *context, enum MHD_ValueKind kind, const char *name,
                                 const char *value) {
    struct buf *path = context;
    (void)kind;
    buf_add_char(path, strchr(buf_text(path), '?') ? '&' : '?');
    add_escaped(path, name, "-._~");
    if (value) {
        buf_add_char(path, '=');
        add_escaped(path, value, "-._~");
    }
    return MHD_YES;
}

static void write_path(const struct web_request *request, struct buf *path) {
    add_escaped(path, request->path, "-._~/");
    MHD_get_connection_values(request->connection, MHD_GET_ARGUMENT_KIND, add_query, path);
}

struct headers {
    char *at[HEADERS_MAX];
    size_t count;
};

static void headers_done(struct headers *headers) {
    for (size_t i = 0; i < headers->count; i++)
        free(headers->at[i]);
}

// Whether LIST, the value of a Connection header, names the header NAME: it is for the next hop
// alone then (RFC 9110, 7.6.1).
static bool is_for_one_hop(const char *list, const char *name) {
    size_t length = strlen(name);
    for (const char *at = list; *at; at += strcspn(at, ", \t"), at += strspn(at, ", \t"))
        if (strncasecmp(at, name, length) == 0 && strchr(", \t", at[length]))
            return true;
    return false;
}

static enum MHD_Result add_connection(void *context, enum MHD_ValueKind kind, const char *name,
                                      const char *value) {
    (void)kind;
    if (strcasecmp(name, "Connection") == 0 && value)
        buf_add_format(context, "%s,", value);
    return MHD_YES;
}

static void pass_headers(const struct web_request *request, struct headers *headers) {
    static const char *const passed[] = {"Accept",        "Accept-Encoding", "Accept-Language",
                                         "Authorization", "Content-Type",    "If-None-Match",
                                         "Last-Event-ID"};
    const char *via = web_header(request, "Via");
    cleanup_buf struct buf connection = BUF(LIMIT_REQUEST_BODY);
    MHD_get_connection_values(request->connection, MHD_HEADER_KIND, add_connection, &connection);
    for (size_t i = 0; i < ARRAY_LENGTH(passed); i++) {
        const char *value = web_header(request, passed[i]);
        if (!str_is_empty(value) && !is_for_one_hop(buf_text(&connection), passed[i]))
            headers->at[headers->count++] = mem_format("%s: %s", passed[i], value);
    }
    headers->at[headers->count++] = mem_format("X-Request-Id: %s", request->id);
    // RFC 9110, 7.6.3: a gateway names itself to the server behind it.
    headers->at[headers->count++] =
        mem_format("Via: %s%s1.1 %s", via ? via : "", via ? ", " : "", request->server->front->id);
}

// ---- The upstream's health, as it shows ---------------------------------------------------------

static void note_failure(struct web_front *front, enum failure failure, const struct err *err) {
    atomic_fetch_add(&front->failures[failure], 1);
    if (!atomic_exchange(&front->is_failing, true))
        log_warning("upstream %s: %s", net_client_url(front->client), err->message);
}

static void note_error(struct web_front *front, const struct err *err) {
    if (err->code != ERR_CANCELLED)
        note_failure(front,
                     err->code == ERR_UNAVAILABLE ? UNREACHABLE
                     : err->code == ERR_BUSY      ? SILENT
                                                  : BROKEN,
                     err);
}

static void note_success(struct web_front *front) {
    if (atomic_load(&front->is_failing) && atomic_exchange(&front->is_failing, false))
        log_info("upstream %s: answers again", net_client_url(front->client));
}

// That the upstream refuses who has no token. That is believed for a while, and asked anew after
// it, as the upstream may have been started anew.
static int check_guarded(struct web_front *front, struct err *err) {
    int64_t now_us = clock_monotonic_us();
    if (!front->is_exposed || now_us < atomic_load(&front->guarded_until_us))
        return 0;
    struct net_exchange_request asked = {
        .method = "GET", .path = "/metrics", .silence_ms = PROBE_SILENCE_MS, .watch_fd = -1};
    struct net_exchange *exchange cleanup(net_exchange_closep) = NULL;
    int status = net_exchange_open(front->client, &asked, &exchange, err);
    if (status) {
        note_error(front, err);
        return status;
    }
    if (net_exchange_status(exchange) == MHD_HTTP_UNAUTHORIZED) {
        atomic_store(&front->guarded_until_us, now_us + GUARDED_FOR_US);
        return 0;
    }
    err_set(err, ERR_REFUSED,
            "the agent server asks for no access token, so a front that other machines can reach "
            "passes nothing on to it");
    err_hint(err, "Give the agent server an ACCESS_TOKEN, or let the front listen on 127.0.0.1.");
    note_failure(front, UNGUARDED, err);
    return err->code;
}

// ---- One exchange -------------------------------------------------------------------------------

static bool is_over(void *context) {
    const struct passing *passing = context;
    char byte;
    ssize_t got = recv(passing->client_fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    bool has_gone = got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR);
    return has_gone || atomic_load(&passing->server->is_stopping);
}

static void passing_free(void *context) {
    struct passing *passing = context;
    if (!passing)
        return;
    net_exchange_close(passing->exchange);
    atomic_fetch_sub(&passing->server->front->running, 1);
    free(passing);
}
MEM_CLEANUP(struct passing *, passing_free);

static struct passing *passing_new(struct web_request *request) {
    struct passing *passing = mem_zero(1, sizeof *passing);
    passing->server = request->server;
    passing->client_fd =
        MHD_get_connection_info(request->connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    atomic_fetch_add(&request->server->front->running, 1);
    return passing;
}

// Begins to ask the upstream what REQUEST asks; WITH_FILE, its body follows in pieces.
static int begin(struct web_request *request, int64_t silence_ms, bool with_file,
                 struct passing **ret_passing, struct err *err) {
    struct web_front *front = request->server->front;
    struct passing *passing cleanup(passing_freep) = passing_new(request);
    struct headers headers cleanup(headers_done) = {0};
    cleanup_buf struct buf path = BUF(LIMIT_REQUEST_BODY);
    const char *via = web_header(request, "Via"), *length = web_header(request, "Content-Length");
    if (via && strstr(via, front->id))
        return err_set(err, ERR_INTERNAL, "the front is its own upstream");
    int status = check_guarded(front, err);
    if (status)
        return status;
    write_path(request, &path);
    pass_headers(request, &headers);
    struct net_exchange_request asked = {
        .method = request->method,
        .path = buf_text(&path),
        .headers = (const char *const *)headers.at,
        .header_count = headers.count,
        .body = request->body.length ? buf_text(&request->body) : NULL,
        .body_length = request->body.length,
        .is_sent_in_pieces = with_file,
        .announced_bytes = -1,
        .silence_ms = silence_ms,
        .watch_fd = passing->client_fd,
        .is_over = is_over,
        .context = passing,
    };
    if (length && str_to_integer(length, 0, INT64_MAX / 4, &asked.announced_bytes) < 0)
        return err_set(err, ERR_BAD_REQUEST, "\"Content-Length\" is no length");
    atomic_fetch_add(&front->calls, 1);
    status = with_file ? net_exchange_begin(front->client, &asked, &passing->exchange, err)
                       : net_exchange_open(front->client, &asked, &passing->exchange, err);
    if (status) {
        note_error(front, err);
        return status;
    }
    *ret_passing = mem_take(passing);
    return 0;
}

// Asks, and waits for the head of the answer.
static int pass(struct web_request *request, int64_t silence_ms, struct passing **ret_passing,
                struct err *err) {
    int status = begin(request, silence_ms, false, ret_passing, err);
    if (status == 0)
        note_success(request->server->front);
    return status;
}

// ---- Answers ------------------------------------------------------------------------------------

// What is said of a failure; its own message is for the log, as it names hosts.
static const struct {
    int code;
    unsigned status;
    const char *name, *detail, *hint;
} sayings[] = {
    {ERR_UNAVAILABLE, MHD_HTTP_SERVICE_UNAVAILABLE, "sandbox_unavailable",
     "The agent server cannot be reached.", "Try again in a moment; the front's log says why."},
    {ERR_CORRUPT, MHD_HTTP_BAD_GATEWAY, "internal_error",
     "The agent server broke off without an answer.",
     "Look whether it was done before asking again."},
    {ERR_BUSY, MHD_HTTP_GATEWAY_TIMEOUT, "timed_out", "The agent server was silent for too long.",
     "Look whether it was done before asking again; UPSTREAM_TIMEOUT_MS is how long it may be."},
};

static enum MHD_Result reply_failure(struct web_request *request, const struct err *err) {
    if (err->code == ERR_CANCELLED)
        return MHD_NO; // nobody is there to be told
    for (size_t i = 0; i < ARRAY_LENGTH(sayings); i++)
        if (sayings[i].code == err->code)
            return web_reply_problem(request, sayings[i].status, sayings[i].name, sayings[i].detail,
                                     sayings[i].hint);
    return web_reply_error(request, err);
}

static enum MHD_Result reply_unready(struct web_request *request, const struct err *err) {
    const char *detail = err->message, *hint = err->hint;
    if (err->code == ERR_CANCELLED)
        return MHD_NO;
    for (size_t i = 0; i < ARRAY_LENGTH(sayings); i++)
        if (sayings[i].code == err->code) {
            detail = sayings[i].detail;
            hint = sayings[i].hint;
        }
    cleanup_free char *text = mem_format("%s\n%s\n", detail, hint);
    return web_reply_text(request, MHD_HTTP_SERVICE_UNAVAILABLE, "text/plain; charset=utf-8", text);
}

static ssize_t read_answer(void *context, uint64_t position, char *out, size_t size) {
    struct passing *passing = context;
    struct err err;
    size_t got;
    (void)position;
    if (net_exchange_read(passing->exchange, out, size, &got, &err)) {
        note_error(passing->server->front, &err);
        return MHD_CONTENT_READER_END_WITH_ERROR;
    }
    return got ? (ssize_t)got : MHD_CONTENT_READER_END_OF_STREAM;
}

static bool is_answer_for_one_hop(const struct net_exchange *exchange, const char *name) {
    const char *list;
    for (size_t i = 0; (list = net_exchange_header(exchange, "Connection", i)); i++)
        if (is_for_one_hop(list, name))
            return true;
    return false;
}

// PASSING moves in.
static enum MHD_Result reply_answer(struct web_request *request, struct passing *passing) {
    static const char *const passed[] = {"Allow",
                                         "Cache-Control",
                                         "Content-Disposition",
                                         "Content-Encoding",
                                         "Content-Type",
                                         "ETag",
                                         "Retry-After",
                                         "Vary",
                                         "WWW-Authenticate",
                                         "X-Accel-Buffering"};
    int64_t length = net_exchange_length(passing->exchange);
    unsigned status = (unsigned)net_exchange_status(passing->exchange);
    struct MHD_Response *response =
        MHD_create_response_from_callback(length < 0 ? MHD_SIZE_UNKNOWN : (uint64_t)length,
                                          PIECE_BYTES, read_answer, passing, passing_free);
    for (size_t i = 0; i < ARRAY_LENGTH(passed); i++) {
        const char *value;
        if (is_answer_for_one_hop(passing->exchange, passed[i]))
            continue;
        for (size_t j = 0; (value = net_exchange_header(passing->exchange, passed[i], j)); j++)
            MHD_add_response_header(response, passed[i], value);
    }
    return web_reply(request, status, response);
}

static int check_load(struct web_front *front, struct err *err) {
    if (atomic_load(&front->running) < LIMIT_UPSTREAM_CALLS)
        return 0;
    err_set(err, ERR_BUSY, "%d requests are under way already", LIMIT_UPSTREAM_CALLS);
    return err_hint(err, "Try again in a moment.");
}

static enum MHD_Result answer_api(struct web_request *request) {
    struct web_front *front = request->server->front;
    struct passing *passing;
    struct err err = {0};
    if (check_load(front, &err))
        return web_reply_error(request, &err);
    if (pass(request, front->silence_ms, &passing, &err))
        return reply_failure(request, &err);
    return reply_answer(request, passing);
}

// ---- Files --------------------------------------------------------------------------------------
//
// They are passed on as they come; nothing is kept here. A failure is told once the client has sent
// the rest, or, where much is left, by cutting it off: as in upload.c.

struct sending {
    struct passing *passing; // NULL once it has failed
    struct err err;          // why
    int64_t discarded_bytes;
};

enum MHD_Result web_front_begin(struct web_request *request) {
    struct sending *sending = mem_zero(1, sizeof *sending);
    struct web_front *front = request->server->front;
    request->upload = sending;
    if (check_load(front, &sending->err)) {
        request->is_refused = true;
        return web_reply_error(request, &sending->err);
    }
    if (begin(request, front->silence_ms, true, &sending->passing, &sending->err) == 0)
        return MHD_YES;
    // A client that sends on without looking is told at the end, where that is near.
    int64_t left_bytes = 0;
    const char *length = web_header(request, "Content-Length");
    if (length)
        str_to_integer(length, 0, INT64_MAX / 4, &left_bytes);
    if (!web_header(request, "Expect") && left_bytes <= WEB_DISCARD_MAX)
        return MHD_YES;
    request->is_refused = true;
    return reply_failure(request, &sending->err);
}

enum MHD_Result web_front_take(struct web_request *request, const char *bytes, size_t length) {
    struct sending *sending = request->upload;
    if (sending->passing && net_exchange_has_head(sending->passing->exchange))
        sending->discarded_bytes += (int64_t)length; // it is answered already
    else if (!sending->passing)
        sending->discarded_bytes += (int64_t)length;
    else if (net_exchange_send(sending->passing->exchange, bytes, length, &sending->err)) {
        note_error(request->server->front, &sending->err);
        passing_free(mem_take(sending->passing));
    }
    return sending->discarded_bytes > WEB_DISCARD_MAX ? MHD_NO : MHD_YES;
}

static enum MHD_Result answer_file(struct web_request *request) {
    struct sending *sending = request->upload;
    struct web_front *front = request->server->front;
    struct passing *passing = mem_take(sending->passing);
    if (!passing)
        return reply_failure(request, &sending->err);
    MHD_set_connection_option(request->connection, MHD_CONNECTION_OPTION_TIMEOUT, 0u);
    int status = net_exchange_receive(passing->exchange, &sending->err);
    MHD_set_connection_option(request->connection, MHD_CONNECTION_OPTION_TIMEOUT,
                              (unsigned)WEB_IDLE_S);
    if (status) {
        note_error(front, &sending->err);
        passing_free(passing);
        return reply_failure(request, &sending->err);
    }
    note_success(front);
    return reply_answer(request, passing);
}

void web_front_drop(struct web_request *request) {
    struct sending *sending = mem_take(request->upload);
    if (!sending)
        return;
    passing_free(sending->passing);
    free(sending);
}

static enum MHD_Result answer_ready(struct web_request *request) {
    struct passing *passing;
    struct err err = {0};
    if (pass(request, PROBE_SILENCE_MS, &passing, &err))
        return reply_unready(request, &err);
    return reply_answer(request, passing);
}

static enum MHD_Result answer_metrics(struct web_request *request) {
    static const char *const reasons[] = {"unreachable", "broken", "silent", "unguarded"};
    struct web_front *front = request->server->front;
    cleanup_buf struct buf text = BUF(64 * 1024);
    web_add_metric(&text, "sandglass_upstream_requests_total", "counter",
                   "Requests passed on to the agent server.");
    buf_add_format(&text, "sandglass_upstream_requests_total %lld\n",
                   (long long)atomic_load(&front->calls));
    web_add_metric(&text, "sandglass_upstream_failures_total", "counter",
                   "Requests that got no whole answer, by the reason.");
    for (size_t i = 0; i < FAILURE_COUNT; i++)
        buf_add_format(&text, "sandglass_upstream_failures_total{reason=\"%s\"} %lld\n", reasons[i],
                       (long long)atomic_load(&front->failures[i]));
    web_add_metric(&text, "sandglass_upstream_requests_running", "gauge",
                   "Answers that are being passed on now.");
    buf_add_format(&text, "sandglass_upstream_requests_running %lld\n",
                   (long long)atomic_load(&front->running));
    web_add_process_metrics(&text, request->server);
    return web_reply_text(request, MHD_HTTP_OK, "text/plain; version=0.0.4; charset=utf-8",
                          buf_text(&text));
}

enum MHD_Result web_front_answer(struct web_request *request, const struct web_route *route) {
    static const struct {
        web_handler *served, *here;
    } own[] = {
        {web_get_asset, web_get_asset},    {web_get_page, web_get_page},
        {web_is_alive, web_is_alive},      {web_is_ready, answer_ready},
        {web_get_metrics, answer_metrics},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(own); i++)
        if (route->handler == own[i].served)
            return own[i].here(request);
    return route->body == WEB_FILE_BODY ? answer_file(request) : answer_api(request);
}
