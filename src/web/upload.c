// SPDX-License-Identifier: Apache-2.0
//
// Uploads over HTTP. Theory of operation: the body is the file itself. Troubles (it is larger than
// it may be, the disk is full) are noted, what was kept goes at once, and the answer comes once the
// client has sent the rest: most look for no answer before, and would only see the connection
// break. One that asked beforehand (Expect) is answered at once. A client that has more left to
// send than any file may have, or sends at a snail's pace, is cut off.
//
// Reading the tables takes seconds, in the connection's own thread; a client that goes away
// meanwhile ends it.
#include "web/upload.h"

#include <errno.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "base/limits.h"
#include "base/log.h"
#include "base/str.h"
#include "web/data.h"

#define GRACE_US (30 * 1000000LL)        // before its pace counts
#define LONGEST_US (15 * 60 * 1000000LL) // for all of it
#define LEAST_BYTES_PER_S (4 * 1024)

struct web_upload {
    struct dataset_upload *upload; // NULL once it has failed
    struct err err;                // why
    int64_t start_us, come_bytes, discarded_bytes, discard_max;
};

// ---- Beginning ----------------------------------------------------------------------------------

static enum MHD_Result check_query(void *context, enum MHD_ValueKind kind, const char *name,
                                   const char *value) {
    static const char *const known[] = {"filename", "name", "title"};
    struct err *err = context;
    (void)kind, (void)value;
    for (size_t i = 0; i < ARRAY_LENGTH(known); i++)
        if (strcmp(name, known[i]) == 0)
            return MHD_YES;
    const char *closest = str_closest(name, known, ARRAY_LENGTH(known));
    err_set(err, ERR_BAD_REQUEST, "\"%.60s\" is not something to say about an upload", name);
    if (closest)
        err_hint(err, "Did you mean \"%s\"?", closest);
    return MHD_NO;
}

static int read_query(const struct web_request *request, struct dataset_upload_request *upload,
                      struct err *err) {
    bool is_table = *request->argument;
    MHD_get_connection_values(request->connection, MHD_GET_ARGUMENT_KIND, check_query, err);
    if (err->code)
        return err->code;
    upload->file = web_query(request, "filename");
    upload->name = web_query(request, "name");
    upload->title = web_query(request, "title");
    upload->into = is_table ? request->argument : NULL;
    if (str_is_empty(upload->file)) {
        err_set(err, ERR_BAD_REQUEST, "the file's name is missing");
        return err_hint(err, "Give it in the address: ?filename=loans.csv");
    }
    if (is_table && (upload->name || upload->title))
        return err_set(err, ERR_BAD_REQUEST,
                       "a table that is added has no \"name\" or \"title\" of its own");
    return 0;
}

// Whether the body is something else than the file's own bytes.
static bool is_wrapped(const struct web_request *request) {
    static const char *const wrapped[] = {"multipart/", "application/x-www-form-urlencoded",
                                          "application/json"};
    const char *type = web_header(request, "Content-Type"),
               *encoding = web_header(request, "Content-Encoding");
    for (size_t i = 0; i < ARRAY_LENGTH(wrapped); i++)
        if (type && strncasecmp(type, wrapped[i], strlen(wrapped[i])) == 0)
            return true;
    return !str_is_empty(encoding) && strcasecmp(encoding, "identity") != 0;
}

// Now, or, where the client sends on without looking, at its end.
static enum MHD_Result refuse(struct web_request *request, int64_t length) {
    struct web_upload *upload = request->upload;
    if (!web_header(request, "Expect") && length <= upload->discard_max)
        return MHD_YES;
    request->is_refused = true;
    return web_reply_error(request, &upload->err);
}

enum MHD_Result web_upload_begin(struct web_request *request) {
    struct dataset_uploads *uploads = request->server->house.uploads;
    struct dataset_upload_request asked = {.size_bytes = -1};
    const char *length = web_header(request, "Content-Length");
    if (is_wrapped(request)) {
        request->is_refused = true;
        return web_reply_problem(request, MHD_HTTP_UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type",
                                 "The request's body must be the file itself.",
                                 "Send its bytes as they are, as application/octet-stream.");
    }
    struct web_upload *upload = mem_zero(1, sizeof *upload);
    request->upload = upload;
    upload->start_us = clock_monotonic_us();
    upload->discard_max = dataset_uploads_settings(uploads)->max_bytes + WEB_DISCARD_MAX;
    if (length && str_to_integer(length, 0, INT64_MAX / 4, &asked.size_bytes) < 0)
        err_set(&upload->err, ERR_BAD_REQUEST, "\"Content-Length\" is no length");
    if (upload->err.code || read_query(request, &asked, &upload->err) ||
        dataset_upload_begin(uploads, &asked, &upload->upload, &upload->err))
        return refuse(request, asked.size_bytes);
    return MHD_YES;
}

// ---- What comes ---------------------------------------------------------------------------------

static bool is_too_slow(const struct web_upload *upload) {
    int64_t elapsed_us = clock_monotonic_us() - upload->start_us;
    return elapsed_us > LONGEST_US ||
           (elapsed_us > GRACE_US &&
            upload->come_bytes / (elapsed_us / 1000000) < LEAST_BYTES_PER_S);
}

enum MHD_Result web_upload_take(struct web_request *request, const char *bytes, size_t length) {
    struct web_upload *upload = request->upload;
    upload->come_bytes += (int64_t)length;
    if (is_too_slow(upload)) {
        log_info("an upload was given up: it came too slowly");
        return MHD_NO;
    }
    if (!upload->upload) {
        upload->discarded_bytes += (int64_t)length;
        return upload->discarded_bytes > upload->discard_max ? MHD_NO : MHD_YES;
    }
    if (dataset_upload_write(upload->upload, bytes, length, &upload->err))
        dataset_upload_free(mem_take(upload->upload));
    return MHD_YES;
}

void web_upload_drop(struct web_request *request) {
    struct web_upload *upload = mem_take(request->upload);
    if (!upload)
        return;
    dataset_upload_free(upload->upload);
    free(upload);
}

// ---- The whole ----------------------------------------------------------------------------------

// Whether the client hung up while its request is worked on.
static bool client_has_gone(const struct web_request *request) {
    char byte;
    int fd =
        MHD_get_connection_info(request->connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    ssize_t got = recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR);
}

static bool is_over(void *context) {
    const struct web_request *request = context;
    return atomic_load(&request->server->is_stopping) || client_has_gone(request);
}

enum MHD_Result web_upload(struct web_request *request) {
    struct web_upload *upload = request->upload;
    cleanup_free char *name = NULL;
    // The silence of a client that waits is not counted against it.
    MHD_set_connection_option(request->connection, MHD_CONNECTION_OPTION_TIMEOUT, 0u);
    if (upload->upload)
        dataset_upload_finish(upload->upload, is_over, request, &name, &upload->err);
    MHD_set_connection_option(request->connection, MHD_CONNECTION_OPTION_TIMEOUT,
                              (unsigned)WEB_IDLE_S);
    dataset_upload_free(mem_take(upload->upload)); // its place is free before it is answered
    if (!name)
        return upload->err.code == ERR_CANCELLED ? MHD_NO : web_reply_error(request, &upload->err);
    log_info("dataset=%s: a file of %lld bytes was uploaded", name, (long long)upload->come_bytes);
    return web_reply_dataset(request, MHD_HTTP_CREATED, name);
}
