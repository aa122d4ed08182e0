// SPDX-License-Identifier: Apache-2.0
//
// The daemon: listening, and one request from its first byte to its route. Theory of operation:
// libmicrohttpd gives every connection a thread and calls the access handler first with the
// headers, then with pieces of the body, then once more; state between the calls is a struct
// web_request. A JSON body is gathered; a file is handed on piece by piece (upload.h, front.h). A
// refusal that needs no body (no route, no token, a body that is too large by its own word) is
// answered at the first call.
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>

#include "base/fd.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/str.h"
#include "web/front.h"
#include "web/guard.h"
#include "web/upload.h"

#define STACK_BYTES (256 * 1024)
#define DRAIN_MS 1000 // for answers to get out before a stopping server closes their connections

// ---- A request ----------------------------------------------------------------------------------

static void take_request_id(struct web_request *request) {
    static const char fit[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-";
    const char *given = web_header(request, "X-Request-Id");
    if (given && *given && strlen(given) < sizeof request->id && given[strspn(given, fit)] == '\0')
        strcpy(request->id, given);
    else
        id_make(request->id);
}

static struct web_request *request_new(struct web_server *server, struct MHD_Connection *connection,
                                       const char *method, const char *path) {
    struct web_request *request = mem_zero(1, sizeof *request);
    request->server = server;
    request->connection = connection;
    request->method = method;
    request->path = path;
    request->body = BUF(LIMIT_REQUEST_BODY);
    take_request_id(request);
    atomic_fetch_add(&server->under_way, 1);
    return request;
}

static void request_completed(void *context, struct MHD_Connection *connection, void **state,
                              enum MHD_RequestTerminationCode how) {
    (void)context, (void)connection, (void)how;
    struct web_request *request = *state;
    if (!request)
        return;
    atomic_fetch_sub(&request->server->under_way, 1);
    if (request->server->front)
        web_front_drop(request);
    else
        web_upload_drop(request);
    buf_done(&request->body);
    json_free(request->json);
    free(request);
    *state = NULL;
}

// A browser that follows a link, and not a program that calls the API.
static bool is_person(const struct web_request *request) {
    const char *accepted = web_header(request, "Accept");
    return accepted && strstr(accepted, "text/html") && !str_has_prefix(request->path, "/api/") &&
           !str_has_prefix(request->path, "/assets/") &&
           (strcmp(request->method, "GET") == 0 || strcmp(request->method, "HEAD") == 0);
}

static enum MHD_Result reply_no_route(struct web_request *request) {
    char detail[256];
    request->is_refused = true;
    if (!*request->allow) {
        if (is_person(request))
            return web_reply_lost(request);
        snprintf(detail, sizeof detail, "There is nothing at %.160s.", request->path);
        return web_reply_problem(request, MHD_HTTP_NOT_FOUND, "not_found", detail,
                                 "/api/openapi.json lists what there is.");
    }
    snprintf(detail, sizeof detail, "%.120s knows %s, not %.16s.", request->path, request->allow,
             request->method);
    return web_reply_problem(request, MHD_HTTP_METHOD_NOT_ALLOWED, "method_not_allowed", detail,
                             NULL);
}

static enum MHD_Result reply_too_large(struct web_request *request) {
    char detail[128];
    snprintf(detail, sizeof detail,
             "The request has more than %d bytes, which is as large as one may be.",
             LIMIT_REQUEST_BODY);
    request->is_refused = true;
    return web_reply_problem(request, MHD_HTTP_CONTENT_TOO_LARGE, "too_large", detail,
                             "Ask in fewer words.");
}

static bool is_json_type(const struct web_request *request) {
    const char *type = web_header(request, "Content-Type");
    return type && strncasecmp(type, "application/json", 16) == 0 &&
           (type[16] == '\0' || type[16] == ';' || type[16] == ' ');
}

static enum MHD_Result count_lengths(void *context, enum MHD_ValueKind kind, const char *name,
                                     const char *value) {
    (void)kind, (void)value;
    *(int *)context += strcasecmp(name, "Content-Length") == 0;
    return MHD_YES;
}

// Whether the request has two lengths, or a length beside chunks: where it ends is then a matter of
// opinion, and a proxy may have another (RFC 9112, 6.3).
static bool has_doubtful_end(const struct web_request *request) {
    int lengths = 0;
    MHD_get_connection_values(request->connection, MHD_HEADER_KIND, count_lengths, &lengths);
    return lengths > 1 || (lengths && web_header(request, "Transfer-Encoding"));
}

static enum MHD_Result reply_doubtful(struct web_request *request) {
    struct err err;
    request->is_refused = request->must_close = true;
    err_set(&err, ERR_BAD_REQUEST, "The request says in two ways how long it is.");
    return web_reply_error(request, &err);
}

// What can be decided by the headers alone. MHD_YES with is_refused unset lets the body come.
static enum MHD_Result look_at_headers(struct web_request *request, const struct web_route *route) {
    struct err err = {0};
    if (web_guard(request, route, &err)) {
        request->is_refused = true;
        return err.code == ERR_UNAVAILABLE
                   ? web_reply_problem(request, MHD_HTTP_UNAUTHORIZED, "unauthorized", err.message,
                                       err.hint)
                   : web_reply_error(request, &err);
    }
    if (route->body == WEB_FILE_BODY)
        return request->server->front ? web_front_begin(request) : web_upload_begin(request);
    const char *length = web_header(request, "Content-Length");
    if (length && strtoll(length, NULL, 10) > WEB_DISCARD_MAX)
        return reply_too_large(request);
    if (route->body == WEB_JSON_BODY && !is_json_type(request)) {
        request->is_refused = true;
        return web_reply_problem(request, MHD_HTTP_UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type",
                                 "The request's body must be JSON.",
                                 "Send it with Content-Type: application/json.");
    }
    return MHD_YES;
}

static enum MHD_Result dispatch(struct web_request *request, const struct web_route *route) {
    struct err err = {0};
    if (request->body.overflowed)
        return reply_too_large(request);
    if (request->server->front)
        return web_front_answer(request, route);
    if (route->body == WEB_JSON_BODY &&
        json_parse(buf_text(&request->body), request->body.length, &request->json, &err))
        return web_reply_error(request, &err);
    return route->handler(request);
}

static enum MHD_Result take_piece(struct web_request *request, const struct web_route *route,
                                  const char *data, size_t length) {
    if (request->is_refused)
        return MHD_YES;
    if (route->body == WEB_FILE_BODY)
        return request->server->front ? web_front_take(request, data, length)
                                      : web_upload_take(request, data, length);
    if (!request->body.overflowed)
        buf_add(&request->body, data, length);
    return MHD_YES;
}

static enum MHD_Result handle(void *context, struct MHD_Connection *connection, const char *path,
                              const char *method, const char *version, const char *data,
                              size_t *data_length, void **state) {
    (void)version;
    struct web_request *request = *state;
    bool is_first = !request;
    if (is_first)
        *state = request = request_new(context, connection, method, path);
    const struct web_route *route = web_route_find(method, path, request->argument, request->allow);
    if (is_first && has_doubtful_end(request))
        return reply_doubtful(request);
    if (is_first)
        return route ? look_at_headers(request, route) : reply_no_route(request);
    if (!route)
        return MHD_YES;
    if (*data_length) {
        size_t length = *data_length;
        *data_length = 0;
        return take_piece(request, route, data, length);
    }
    return request->is_refused ? MHD_YES : dispatch(request, route);
}

// ---- Listening ----------------------------------------------------------------------------------

union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

static int parse_listen(const char *listen, char ret_host[64], union address *ret_address,
                        struct err *err) {
    const char *colon = strrchr(listen, ':');
    size_t length = colon ? (size_t)(colon - listen) : 0;
    int64_t port;
    if (!colon || length >= 63 || str_to_integer(colon + 1, 0, 65535, &port) < 0)
        return err_set(err, ERR_BAD_REQUEST,
                       "\"%s\" is no address to listen on; one looks like 127.0.0.1:8080", listen);
    bool has_brackets = *listen == '[' && listen[length - 1] == ']';
    snprintf(ret_host, 64, "%.*s", (int)(length - 2 * has_brackets), listen + has_brackets);
    // Without /etc/hosts (an image from scratch) this name would be asked of DNS.
    const char *host = strcasecmp(ret_host, "localhost") == 0 ? "127.0.0.1" : ret_host;
    union address address = {0};
    if (inet_pton(AF_INET, host, &address.v4.sin_addr) == 1) {
        address.v4.sin_family = AF_INET;
        address.v4.sin_port = htons((uint16_t)port);
    } else if (inet_pton(AF_INET6, host, &address.v6.sin6_addr) == 1) {
        address.v6.sin6_family = AF_INET6;
        address.v6.sin6_port = htons((uint16_t)port);
    } else {
        return err_set(err, ERR_BAD_REQUEST, "\"%s\" is no IP address to listen on", ret_host);
    }
    *ret_address = address;
    return 0;
}

static int open_socket(union address *address, const char *listen_text, int *ret_fd,
                       struct err *err) {
    cleanup_fd int fd = socket(address->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int on = 1;
    socklen_t size = sizeof *address;
    if (fd < 0)
        return err_set_errno(err, errno, "cannot make a socket");
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, &address->any,
             address->any.sa_family == AF_INET ? sizeof address->v4 : sizeof address->v6) < 0 ||
        listen(fd, 512) < 0) {
        if (errno != EADDRINUSE)
            return err_set_errno(err, errno, "cannot listen on %s", listen_text);
        err_set(err, ERR_CONFLICT, "something else listens on %s already", listen_text);
        return err_hint(err,
                        "Stop it, or choose another port with --listen (port 0 takes a free one).");
    }
    getsockname(fd, &address->any, &size);
    *ret_fd = fd_take(&fd);
    return 0;
}

bool web_is_exposed(const char *listen) {
    char host[64];
    union address address;
    struct err ignored;
    return parse_listen(listen, host, &address, &ignored) == 0 && !web_is_loopback(host);
}

static int check_exposure(const struct web_settings *settings, const char *host, struct err *err) {
    // A front asks its upstream whether that has one.
    if (settings->token || settings->upstream || web_is_loopback(host))
        return 0;
    err_set(err, ERR_BAD_REQUEST,
            "listening on %s lets other machines in, so it needs an access token",
            settings->listen);
    return err_hint(err, "Set ACCESS_TOKEN or --access-token-file, or listen on 127.0.0.1.");
}

static void ignore_log(void *context, const char *format, va_list arguments) {
    char line[512];
    (void)context;
    vsnprintf(line, sizeof line, format, arguments);
    line[strcspn(line, "\n")] = '\0';
    log_debug("http: %s", line);
}

// A path with an escaped NUL would be taken for a shorter one; it is made one that nothing has.
static size_t unescape(void *context, struct MHD_Connection *connection, char *text) {
    (void)context, (void)connection;
    for (char *at = text; (at = strstr(at, "%00"));)
        at[2] = '1';
    return MHD_http_unescape(text);
}

static int start_daemon(struct web_server *server, int fd, struct err *err) {
    unsigned flags = MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION |
                     MHD_USE_POLL | MHD_USE_ERROR_LOG;
    server->daemon = MHD_start_daemon(
        flags, 0, NULL, NULL, handle, server, MHD_OPTION_EXTERNAL_LOGGER, ignore_log, NULL,
        MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT, (unsigned)LIMIT_CONNECTIONS,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)WEB_IDLE_S, MHD_OPTION_THREAD_STACK_SIZE,
        (size_t)STACK_BYTES, MHD_OPTION_NOTIFY_COMPLETED, request_completed, NULL,
        MHD_OPTION_UNESCAPE_CALLBACK, unescape, NULL, MHD_OPTION_END);
    return server->daemon ? 0 : err_set(err, ERR_IO, "the HTTP server does not start");
}

int web_start(const struct web_settings *settings, const struct web_house *house,
              struct web_server **ret_server, struct err *err) {
    struct web_server *server cleanup(web_stopp) = mem_zero(1, sizeof *server);
    char host[64];
    union address address;
    cleanup_fd int fd = -1;
    server->settings = *settings;
    if (house)
        server->house = *house;
    server->token = mem_text(settings->token);
    server->started_us = clock_monotonic_us();
    pthread_mutex_init(&server->health.mutex, NULL);
    int status = parse_listen(settings->listen, host, &address, err);
    if (status == 0)
        status = check_exposure(settings, host, err);
    if (status == 0)
        status = open_socket(&address, settings->listen, &fd, err);
    if (status == 0 && settings->upstream)
        status = web_front_new(settings, !web_is_loopback(host), &server->front, err);
    if (status)
        return status;
    server->checks_host = !settings->token && web_is_loopback(host);
    bool is_v6 = address.any.sa_family == AF_INET6;
    server->host = mem_format(is_v6 ? "[%s]:%d" : "%s:%d", host,
                              ntohs(is_v6 ? address.v6.sin6_port : address.v4.sin_port));
    server->url = mem_format("http://%s/", server->host);
    status = start_daemon(server, fd, err);
    if (status)
        return status;
    fd_take(&fd); // the daemon closes it
    *ret_server = mem_take(server);
    return 0;
}

const char *web_url(const struct web_server *server) { return server->url; }

void web_quiesce(struct web_server *server) {
    MHD_socket fd = MHD_quiesce_daemon(server->daemon);
    if (fd != MHD_INVALID_SOCKET)
        close(fd);
}

int64_t web_under_way(const struct web_server *server) { return atomic_load(&server->under_way); }

void web_stop(struct web_server *server) {
    if (!server)
        return;
    // Turns and runs have ended by now; what they came to is still on its way to those who asked.
    for (int waited_ms = 0; atomic_load(&server->under_way) > 0 && waited_ms < DRAIN_MS;
         waited_ms++)
        usleep(1000);
    atomic_store(&server->is_stopping, true);
    if (server->daemon)
        MHD_stop_daemon(server->daemon);
    pthread_mutex_destroy(&server->health.mutex);
    web_front_free(server->front);
    free(server->token);
    free(server->host);
    free(server->url);
    free(server);
}

const char *web_library(void) {
    static char text[64];
    snprintf(text, sizeof text, "libmicrohttpd %s, zlib %s", MHD_get_version(), zlibVersion());
    return text;
}
