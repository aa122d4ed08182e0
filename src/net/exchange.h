// SPDX-License-Identifier: Apache-2.0
//
// One HTTP exchange whose answer is taken piece by piece, no faster than whoever takes it asks for
// more, and whose body may be given piece by piece, no faster than the server takes it: for passing
// on. It belongs to one thread at a time.
#pragma once

#include "net/client.h"

// Whether nobody wants the answer any more.
typedef bool net_over_function(void *context);

// Texts are needed until net_exchange_open() or net_exchange_begin() returns, CONTEXT until the
// exchange is closed.
struct net_exchange_request {
    const char *method, *path; // the path begins with a slash, has the query, and is sent as it is
    const char *const
        *headers; // "Name: value" each; nothing else is sent but Host and Content-Length
    size_t header_count;
    const char *body; // NULL is none
    size_t body_length;
    bool is_sent_in_pieces;  // by net_exchange_send(); there is no body here then
    int64_t announced_bytes; // how long those are together, -1: that is not known
    int64_t silence_ms;      // how long the server may send nothing while it is waited for
    int watch_fd; // is_over is asked when this becomes readable, and 4 times a second; or -1
    net_over_function *is_over; // NULL: it never is
    void *context;
};

struct net_exchange;

// Sends the request and waits for the answer's head. ERR_UNAVAILABLE: the server cannot be reached;
// ERR_CORRUPT: it hung up or does not speak HTTP; ERR_BUSY: it was silent for too long;
// ERR_CANCELLED: is_over said so. Only a GET or HEAD may be sent twice (over a connection that
// turned out to be closed); anything else gets a new connection.
int net_exchange_open(struct net_client *client, const struct net_exchange_request *request,
                      struct net_exchange **ret_exchange, struct err *err);
// The same in three steps, for a body that is sent in pieces: sends the head of the request; sends
// pieces; ends the body and waits for the head of the answer. A server may answer before it has the
// whole: pieces that come after that are left out, without an error. Errors as above.
int net_exchange_begin(struct net_client *client, const struct net_exchange_request *request,
                       struct net_exchange **ret_exchange, struct err *err);
int net_exchange_send(struct net_exchange *exchange, const void *bytes, size_t length,
                      struct err *err);
int net_exchange_receive(struct net_exchange *exchange, struct err *err);
// Before its end it breaks the exchange off, and closes the connection.
void net_exchange_close(struct net_exchange *exchange);
MEM_CLEANUP(struct net_exchange *, net_exchange_close);

// Whether the head of the answer is there.
bool net_exchange_has_head(const struct net_exchange *exchange);
int net_exchange_status(const struct net_exchange *exchange);
// -1 where the server did not say.
int64_t net_exchange_length(const struct net_exchange *exchange);
// The value of the INDEX-th header of that name, borrowed until the next call; NULL past the last.
const char *net_exchange_header(const struct net_exchange *exchange, const char *name,
                                size_t index);
// Waits for the next bytes of the body: from 1 to SIZE, or 0 at its end. Errors as above; after one
// only closing is left.
int net_exchange_read(struct net_exchange *exchange, void *ret_bytes, size_t size, size_t *ret_got,
                      struct err *err);
