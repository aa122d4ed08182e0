// SPDX-License-Identifier: Apache-2.0
//
// A connection to the standard streams of a running container, over a WebSocket: v5.channel.k8s.io,
// or v4 where the server has no other. Nothing here needs what only v5 can do, which is to close
// standard input alone.
#pragma once

#include "kube/client.h"

struct kube_attach;

// ERR_REFUSED where the API server says no, with a hint where a right is missing. ERR_UNAVAILABLE.
int kube_attach_open(struct kube_client *client, const char *pod, const char *container,
                     int64_t timeout_ms, struct kube_attach **ret_attach, struct err *err);
void kube_attach_close(struct kube_attach *attach);
MEM_CLEANUP(struct kube_attach *, kube_attach_close);

// Readable when there may be something to receive.
int kube_attach_fd(const struct kube_attach *attach);
// To standard input.
int kube_attach_send(struct kube_attach *attach, const char *data, size_t length,
                     int64_t timeout_ms, struct err *err);
// Adds all that has come to OUT (standard output) and LOG (standard error); RET_HAS_ENDED once
// nothing more will come. ERR_TOO_LARGE at OUT's ceiling; what passes LOG's is dropped.
int kube_attach_receive(struct kube_attach *attach, struct buf *out, struct buf *log,
                        bool *ret_has_ended, struct err *err);
// One whole message, as kube_attach_receive() takes it.
int kube_attach_take(const char *message, size_t length, struct buf *out, struct buf *log,
                     bool *ret_has_ended, struct err *err);
