// SPDX-License-Identifier: Apache-2.0
//
// A WebSocket (RFC 6455) to a client's server, by libcurl: whole binary messages out, messages in
// as they come. For one thread at a time.
#pragma once

#include "net/client.h"

struct net_websocket;

// PROTOCOLS is what is offered ("v5.example, v4.example"). ERR_REFUSED where the server answers
// with something else than an upgrade, or with none of the protocols; RET_STATUS (may be NULL) is
// the HTTP status of it. ERR_UNAVAILABLE.
int net_websocket_open(struct net_client *client, const char *path,
                       const struct net_credential *credential, const char *protocols,
                       int64_t timeout_ms, struct net_websocket **ret_websocket, long *ret_status,
                       struct err *err);
// Says goodbye and closes.
void net_websocket_close(struct net_websocket *websocket);
MEM_CLEANUP(struct net_websocket *, net_websocket_close);

// The one that the server chose.
const char *net_websocket_protocol(const struct net_websocket *websocket);
// Readable when there may be something to receive; receive until there is nothing before waiting.
int net_websocket_fd(const struct net_websocket *websocket);
// DATA as one binary message. ERR_UNAVAILABLE where it cannot be sent within TIMEOUT_MS.
int net_websocket_send(struct net_websocket *websocket, const void *data, size_t length,
                       int64_t timeout_ms, struct err *err);
// Adds what has come to MESSAGE; RET_IS_WHOLE tells that the message ends there. Without waiting:
// ERR_BUSY where nothing more is there now. ERR_UNAVAILABLE once the other end has closed.
int net_websocket_receive(struct net_websocket *websocket, struct buf *message, bool *ret_is_whole,
                          struct err *err);
