// SPDX-License-Identifier: Apache-2.0
//
// One HTTP request on its way through the server, and the ways to answer it. A handler answers
// exactly once.
#pragma once

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>

#include "base/buf.h"
#include "base/clock.h"
#include "web/web.h"

#define WEB_IDLE_S 75 // how long a connection may be silent
#define WEB_DISCARD_MAX                                                                            \
    (8 * 1024 * 1024)    // of a body that is not taken: read on, so that the client gets to see why
#define WEB_ARGUMENT 129 // bytes of a path's {id} or {name}, with its NUL

struct web_health {
    pthread_mutex_t mutex;
    int64_t checked_us, looked_us; // by a run, and without one; 0: never
    int64_t asked_us;              // when somebody last asked for a check; 0: never
    int64_t unmade;                // runs without a sandbox when it was checked
    struct sandbox_health sandbox;
    struct sandbox_report of_run, of_look;
};

struct web_server {
    struct web_settings settings;
    struct web_house house;
    struct MHD_Daemon *daemon;
    char *url, *token, *host; // host: as it stands in the URL, with its port
    struct web_front *front;  // NULL where the API is answered here
    bool checks_host;         // only our own names are answered to: nobody else may be let in
    int64_t started_us;
    atomic_bool is_stopping;
    _Atomic int64_t under_way;    // requests whose answer is not yet out
    _Atomic int64_t responses[6]; // by the status's first digit
    struct web_health health;
};

struct web_request {
    struct web_server *server;
    struct MHD_Connection *connection;
    const char *method, *path;
    char id[65]; // X-Request-Id
    char argument[WEB_ARGUMENT];
    char allow[64]; // the methods that the path knows, where it does not know this one
    struct buf body;
    json *json;      // the body, parsed; NULL where there is none
    void *upload;    // of a file on its way: upload.c's, or in a front front.c's; NULL
    bool is_refused; // answered before its body had come
    bool must_close; // nothing that follows on the connection is to be believed
};

const char *web_header(const struct web_request *request, const char *name); // NULL where absent
const char *web_query(const struct web_request *request, const char *name);
// Whether Accept-Encoding lets the answer be gzip: named, and not with q=0.
bool web_accepts_gzip(const struct web_request *request);

// Each queues the answer and gives what the access handler returns. BODY moves in.
enum MHD_Result web_reply_json(struct web_request *request, unsigned status, json *body);
enum MHD_Result web_reply_text(struct web_request *request, unsigned status,
                               const char *content_type, const char *text);
// TEXT as a file that is to be saved as NAME, which is of letters that need no quoting.
enum MHD_Result web_reply_file(struct web_request *request, const char *content_type,
                               const char *name, const char *text);
// That it was done, and nothing more (204).
enum MHD_Result web_reply_empty(struct web_request *request);
// A problem document (RFC 9457) with the status that belongs to the error's code.
enum MHD_Result web_reply_error(struct web_request *request, const struct err *err);
enum MHD_Result web_reply_problem(struct web_request *request, unsigned status, const char *code,
                                  const char *detail, const char *hint);
// The last step of them all: common headers, then RESPONSE, which moves in.
enum MHD_Result web_reply(struct web_request *request, unsigned status,
                          struct MHD_Response *response);
