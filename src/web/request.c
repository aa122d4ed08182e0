// SPDX-License-Identifier: Apache-2.0
//
// See request.h.
#include "web/request.h"

#include <stdio.h>
#include <string.h>
#include <zlib.h>

#include "base/str.h"

#define GZIP_FROM 1024 // bytes; below it compressing costs more than it saves

const char *web_header(const struct web_request *request, const char *name) {
    return MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name);
}

const char *web_query(const struct web_request *request, const char *name) {
    return MHD_lookup_connection_value(request->connection, MHD_GET_ARGUMENT_KIND, name);
}

enum MHD_Result web_reply(struct web_request *request, unsigned status,
                          struct MHD_Response *response) {
    if (!response)
        return MHD_NO;
    MHD_add_response_header(response, "X-Request-Id", request->id);
    if (request->must_close)
        MHD_add_response_header(response, "Connection", "close");
    MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
    MHD_add_response_header(response, "Referrer-Policy", "no-referrer");
    MHD_add_response_header(response, "Cross-Origin-Resource-Policy", "same-origin");
    enum MHD_Result queued = MHD_queue_response(request->connection, status, response);
    MHD_destroy_response(response);
    atomic_fetch_add(&request->server->responses[status / 100 % 6], 1);
    return queued;
}

bool web_accepts_gzip(const struct web_request *request) {
    const char *accepted = web_header(request, "Accept-Encoding"),
               *at = accepted ? strstr(accepted, "gzip") : NULL;
    if (!at)
        return false;
    at += 4 + strspn(at + 4, " ");
    return !str_has_prefix(at, ";q=0") || str_has_prefix(at, ";q=0.");
}

// Freed by free(); NULL where it does not get smaller.
static char *gzip(const char *data, size_t length, size_t *ret_length) {
    z_stream stream = {0};
    if (deflateInit2(&stream, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        return NULL;
    char *out = mem_zero(length, 1);
    stream.next_in = (Bytef *)data;
    stream.avail_in = (uInt)length;
    stream.next_out = (Bytef *)out;
    stream.avail_out = (uInt)length;
    int status = deflate(&stream, Z_FINISH);
    *ret_length = stream.total_out;
    deflateEnd(&stream);
    if (status == Z_STREAM_END)
        return out;
    free(out);
    return NULL;
}

// DATA moves in. It is to be saved as a file of the name FILE_NAME; NULL where it is to be shown.
static enum MHD_Result reply_bytes(struct web_request *request, unsigned status, const char *type,
                                   const char *file_name, char *data, size_t length) {
    size_t small_length = 0;
    char *small =
        length >= GZIP_FROM && web_accepts_gzip(request) ? gzip(data, length, &small_length) : NULL;
    struct MHD_Response *response = MHD_create_response_from_buffer_with_free_callback(
        small ? small_length : length, small ? small : data, free);
    if (small) {
        free(data);
        MHD_add_response_header(response, "Content-Encoding", "gzip");
    }
    MHD_add_response_header(response, "Content-Type", type);
    MHD_add_response_header(response, "Vary", "Accept-Encoding");
    MHD_add_response_header(response, "Cache-Control", "no-store");
    cleanup_free char *disposition =
        file_name ? mem_format("attachment; filename=\"%s\"", file_name) : NULL;
    if (disposition)
        MHD_add_response_header(response, "Content-Disposition", disposition);
    if (status == MHD_HTTP_UNAUTHORIZED)
        MHD_add_response_header(response, "WWW-Authenticate", "Bearer");
    if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
        MHD_add_response_header(response, "Allow", request->allow);
    if (status == MHD_HTTP_TOO_MANY_REQUESTS || status == MHD_HTTP_SERVICE_UNAVAILABLE)
        MHD_add_response_header(response, "Retry-After", "2");
    return web_reply(request, status, response);
}

enum MHD_Result web_reply_json(struct web_request *request, unsigned status, json *body) {
    char *text = json_write(body);
    json_free(body);
    return reply_bytes(request, status, "application/json", NULL, text, strlen(text));
}

enum MHD_Result web_reply_text(struct web_request *request, unsigned status, const char *type,
                               const char *text) {
    return reply_bytes(request, status, type, NULL, mem_text(text), strlen(text));
}

enum MHD_Result web_reply_file(struct web_request *request, const char *type, const char *name,
                               const char *text) {
    return reply_bytes(request, MHD_HTTP_OK, type, name, mem_text(text), strlen(text));
}

enum MHD_Result web_reply_empty(struct web_request *request) {
    struct MHD_Response *response =
        MHD_create_response_from_buffer(0, (void *)"", MHD_RESPMEM_PERSISTENT);
    MHD_add_response_header(response, "Cache-Control", "no-store");
    return web_reply(request, MHD_HTTP_NO_CONTENT, response);
}

// A sentence as it stands in a problem: a capital first, a full stop last.
static char *sentence_of(const char *text) {
    size_t length = strlen(text);
    char *sentence = mem_format("%s%s", text, length && strchr(".!?", text[length - 1]) ? "" : ".");
    if (*sentence >= 'a' && *sentence <= 'z')
        *sentence = (char)(*sentence - 'a' + 'A');
    return sentence;
}

static const char *status_title(unsigned status) {
    const char *title = MHD_get_reason_phrase_for(status);
    return title ? title : "Error";
}

enum MHD_Result web_reply_problem(struct web_request *request, unsigned status, const char *code,
                                  const char *detail, const char *hint) {
    struct err shown; // as UTF-8, whatever the request had in its path
    err_set(&shown, ERR_OK, "%s", detail);
    cleanup_free char *sentence = sentence_of(shown.message);
    cleanup_json json *problem = cJSON_CreateObject();
    json_add_text(problem, "type", "about:blank");
    json_add_text(problem, "title", status_title(status));
    json_add_integer(problem, "status", status);
    json_add_text(problem, "code", code);
    json_add_text(problem, "detail", sentence);
    if (!str_is_empty(hint))
        json_add_text(problem, "hint", hint);
    json_add_text(problem, "request_id", request->id);
    char *text = json_write(problem);
    return reply_bytes(request, status, "application/problem+json", NULL, text, strlen(text));
}

enum MHD_Result web_reply_error(struct web_request *request, const struct err *err) {
    static const struct {
        int code;
        unsigned status;
        const char *name; // NULL: the error's own
    } table[] = {
        {ERR_BAD_REQUEST, MHD_HTTP_BAD_REQUEST, NULL},
        {ERR_NOT_FOUND, MHD_HTTP_NOT_FOUND, NULL},
        {ERR_CONFLICT, MHD_HTTP_CONFLICT, NULL},
        {ERR_TOO_LARGE, MHD_HTTP_CONTENT_TOO_LARGE, NULL},
        {ERR_BUSY, MHD_HTTP_TOO_MANY_REQUESTS, NULL},
        {ERR_UNAVAILABLE, MHD_HTTP_SERVICE_UNAVAILABLE, "sandbox_unavailable"},
        {ERR_REFUSED, MHD_HTTP_FORBIDDEN, NULL},
        {ERR_NO_SPACE, MHD_HTTP_INSUFFICIENT_STORAGE, NULL},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(table); i++)
        if (table[i].code == err->code)
            return web_reply_problem(request, table[i].status,
                                     table[i].name ? table[i].name : err_code_name(err->code),
                                     err->message, err->hint);
    return web_reply_problem(request, MHD_HTTP_INTERNAL_SERVER_ERROR, "internal_error",
                             err->message, err->hint);
}
