// SPDX-License-Identifier: Apache-2.0
//
// One server that is asked often: HTTP/1.1 over a Unix socket, TCP or TLS, on connections that stay
// open between calls. A call can also be upgraded to a stream of bytes in both directions. All of
// it may be used from several threads at once; a stream belongs to one.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "net/http.h"

// Texts are borrowed as long as the peer lives; NULL where there is none.
struct net_peer_settings {
    const char *title;     // how messages call it
    const char *base_url;  // "http://localhost", "https://HOST:PORT"
    const char *unix_path; // the socket to connect to in place of the URL's host
    const char *ca_file, *certificate_file, *key_file; // PEM
    bool is_unverified;                                // take any certificate
};

struct net_peer;

struct net_peer *net_peer_new(const struct net_peer_settings *settings);
void net_peer_free(struct net_peer *peer); // once no call and no stream is under way

// Gives the next bytes of a body: at most SIZE, 0 at the end, negative to break the call off.
typedef int64_t net_body_function(void *context, char *ret_bytes, size_t size);

struct net_call {
    const char *method, *path;        // the path with its query
    const char *content_type;         // of the body; NULL for JSON
    const char *body;                 // NULL is none
    net_body_function *body_function; // in place of `body`, with its length
    void *body_context;
    int64_t body_bytes;
    int64_t timeout_ms;
    int cancel_fd; // readable once the call is to be broken off; -1 is none
};

// 0 for any response that came whole, whatever its status. ERR_UNAVAILABLE where none came in time,
// ERR_CANCELLED, ERR_TOO_LARGE above LIMIT_HTTP_RESPONSE. Cancelling takes up to a second where the
// server is silent.
int net_peer_call(struct net_peer *peer, const struct net_call *call,
                  struct net_response *ret_response, struct err *err);

struct net_stream;

// Sends CALL with an upgrade to PROTOCOL and gives the connection once the server has agreed.
// ERR_UNAVAILABLE, ERR_CANCELLED; ERR_REFUSED for any other answer, with RET_STATUS its status.
int net_peer_upgrade(struct net_peer *peer, const struct net_call *call, const char *protocol,
                     struct net_stream **ret_stream, long *ret_status, struct err *err);
void net_stream_free(struct net_stream *stream);
MEM_CLEANUP(struct net_stream *, net_stream_free);
int net_stream_fd(const struct net_stream *stream); // to poll for either direction

// Neither waits: ERR_BUSY where nothing can be moved now. Read until ERR_BUSY before polling.
// RET_GOT 0 is the end. ERR_UNAVAILABLE where the connection broke.
int net_stream_read(struct net_stream *stream, void *ret_bytes, size_t size, size_t *ret_got,
                    struct err *err);
int net_stream_write(struct net_stream *stream, const void *bytes, size_t length,
                     size_t *ret_written, struct err *err);
