// SPDX-License-Identifier: Apache-2.0
//
// An HTTP client for one server that is called often, from many threads: connections are kept and
// used again, answers can be taken line by line while they come, and a call can be stopped from
// outside. TLS by libcurl and mbedTLS.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct net_client_settings {
    const char *url;             // "https://HOST:PORT/PREFIX", without a slash at its end
    const char *proxy;           // NULL: as https_proxy and no_proxy have it
    const char *tls_name;        // the name that the certificate must have; NULL: the URL's host
    const char *authorities_pem; // whose signatures are trusted; NULL: the system's
    bool is_insecure;            // nobody's signature is asked for
};

// Who calls. Texts are borrowed; each may be NULL.
struct net_credential {
    const char *authorization; // "Bearer TOKEN"
    const char *certificate_pem, *key_pem;
};

struct net_client;

// Copies SETTINGS and connects to nothing yet. ERR_BAD_REQUEST for a URL that is none.
int net_client_new(const struct net_client_settings *settings, struct net_client **ret_client,
                   struct err *err);
// Once no call is under way.
void net_client_free(struct net_client *client);
MEM_CLEANUP(struct net_client *, net_client_free);
const char *net_client_url(const struct net_client *client);

// One line without its end; false: enough, the call ends well.
typedef bool net_line_function(const char *line, size_t length, void *context);
// The next bytes of an answer, cut anywhere; false as above.
typedef bool net_bytes_function(const char *bytes, size_t length, void *context);

#define NET_WANTED_MAX 8

struct net_call {
    const char *method, *path; // the path begins with a slash and has the query
    struct net_credential credential;
    const char *body, *body_type; // NULL is none
    const char *const *headers;   // "Name: value" each, sent with those that every call has
    size_t header_count;
    const char *const *wanted; // names of up to NET_WANTED_MAX headers of the answer
    size_t wanted_count;
    int64_t timeout_ms;  // of the whole call
    int64_t silence_ms;  // for which the server may send nothing of the body; 0: any. on_bytes may
                         // change it
    const int *stop_fds; // the call ends with ERR_CANCELLED when one becomes readable
    size_t stop_count;
    net_line_function *on_line;   // takes the body of a 2xx answer; NULL: it is in the reply
    net_bytes_function *on_bytes; // the same, in place of on_line
    void *context;
    size_t line_limit; // bytes of a line
};

// Why a call has failed with ERR_UNAVAILABLE.
enum net_trouble {
    NET_TROUBLE_NONE,
    NET_TROUBLE_CONNECT, // nobody answers at that address
    NET_TROUBLE_TRUST,   // the server's certificate is not trusted
    NET_TROUBLE_LATE,    // timeout_ms or silence_ms is over
    NET_TROUBLE_BROKEN,  // the connection broke, or what came is no HTTP
};

struct net_reply {
    long status;            // 0 where not even the head of an answer came
    int64_t retry_after_ms; // what the server asked for; 0 where it did not
    struct buf body;
    bool was_cut; // the last line had no end, and was not given to on_line
    enum net_trouble trouble;
    char *headers[NET_WANTED_MAX]; // the values of those that were wanted; NULL where there is none
};

void net_reply_done(struct net_reply *reply);

// 0 for any answer that came whole, whatever its status, and where on_line had enough.
// ERR_UNAVAILABLE where none came or it broke off: the message says why in libcurl's words.
// ERR_TOO_LARGE above a limit, ERR_CANCELLED as said above. RET_REPLY is filled in each case.
int net_client_call(struct net_client *client, const struct net_call *call,
                    struct net_reply *ret_reply, struct err *err);
// TEXT as it stands in a query; the caller frees it.
char *net_escape(const char *text);
