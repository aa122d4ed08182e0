// SPDX-License-Identifier: Apache-2.0
//
// See attach.h. The first byte of a message is its channel.
#include "kube/attach.h"

#include "base/limits.h"
#include "net/websocket.h"

#define PROTOCOLS "v5.channel.k8s.io, v4.channel.k8s.io"
#define PIECE 16384 // of standard input in one message

enum { CHANNEL_IN, CHANNEL_OUT, CHANNEL_LOG, CHANNEL_STATUS };

struct kube_attach {
    struct net_websocket *websocket;
    struct buf message;
};

static int open_once(struct kube_client *client, const char *path, int64_t timeout_ms,
                     struct kube_attach *attach, long *ret_status, struct err *err) {
    struct kube_identity identity cleanup(kube_identity_done) = {0};
    int status = kube_client_identify(client, &identity, err);
    if (status)
        return status;
    struct net_credential credential = {identity.authorization, identity.certificate, identity.key};
    return net_websocket_open(kube_client_net(client), path, &credential, PROTOCOLS, timeout_ms,
                              &attach->websocket, ret_status, err);
}

int kube_attach_open(struct kube_client *client, const char *pod, const char *container,
                     int64_t timeout_ms, struct kube_attach **ret_attach, struct err *err) {
    struct kube_attach *attach cleanup(kube_attach_closep) = mem_zero(1, sizeof *attach);
    cleanup_free char *tail =
        mem_format("/attach?container=%s&stdin=true&stdout=true&stderr=true", container);
    cleanup_free char *path = kube_path(client, "/api/v1", "pods", pod, tail);
    long http_status = 0;
    attach->message = BUF(LIMIT_KUBE_EVENT);
    int status = open_once(client, path, timeout_ms, attach, &http_status, err);
    if (http_status == 403)
        return err_hint(err, "The server's Role needs the verbs create and get on pods/attach.");
    if (status == 0)
        *ret_attach = mem_take(attach);
    return status;
}

void kube_attach_close(struct kube_attach *attach) {
    if (!attach)
        return;
    net_websocket_close(attach->websocket);
    buf_done(&attach->message);
    free(attach);
}

int kube_attach_fd(const struct kube_attach *attach) { return net_websocket_fd(attach->websocket); }

int kube_attach_send(struct kube_attach *attach, const char *data, size_t length,
                     int64_t timeout_ms, struct err *err) {
    char message[PIECE + 1] = {CHANNEL_IN};
    int status = 0;
    for (size_t done = 0; status == 0 && done < length;) {
        size_t part = length - done < PIECE ? length - done : PIECE;
        memcpy(message + 1, data + done, part);
        status = net_websocket_send(attach->websocket, message, part + 1, timeout_ms, err);
        done += part;
    }
    return status;
}

int kube_attach_take(const char *message, size_t length, struct buf *out, struct buf *log,
                     bool *ret_has_ended, struct err *err) {
    int channel = length ? message[0] : -1;
    if (channel == CHANNEL_OUT && buf_add(out, message + 1, length - 1))
        return err_set(err, ERR_TOO_LARGE, "the container writes more than %zu bytes", out->limit);
    if (channel == CHANNEL_LOG)
        buf_add(log, message + 1, length - 1);
    if (channel == CHANNEL_STATUS)
        *ret_has_ended = true;
    return 0; // other channels are of later versions
}

int kube_attach_receive(struct kube_attach *attach, struct buf *out, struct buf *log,
                        bool *ret_has_ended, struct err *err) {
    for (int status = 0; status == 0 && !*ret_has_ended;) {
        bool is_whole = false;
        status = net_websocket_receive(attach->websocket, &attach->message, &is_whole, err);
        if (status == ERR_BUSY)
            return 0;
        if (status == ERR_UNAVAILABLE) {
            *ret_has_ended = true;
            return 0;
        }
        if (status == 0 && is_whole) {
            status = kube_attach_take(buf_text(&attach->message), attach->message.length, out, log,
                                      ret_has_ended, err);
            buf_clear(&attach->message);
        }
        if (status)
            return status;
    }
    return 0;
}
