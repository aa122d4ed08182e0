// SPDX-License-Identifier: Apache-2.0
//
// See engine.h. The version is asked for once, and again after a call that the daemon did not
// answer: it may have been replaced by a newer one.
#include "docker/engine.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/path.h"
#include "base/str.h"

#define DEFAULT_HOST "unix:///var/run/docker.sock"
#define VERSION_TIMEOUT_MS 5000

struct docker_engine {
    char *title, *base_url, *unix_path, *ca_file, *certificate_file, *key_file;
    struct net_peer *peer;
    pthread_mutex_t lock;
    int minor; // of the API's version; 0 while it is not known
};

static int bad_host(const char *host, struct err *err) {
    err_set(err, ERR_BAD_REQUEST, "DOCKER_HOST is \"%.200s\", which is no address of a daemon",
            host);
    if (str_has_prefix(host, "ssh://"))
        return err_hint(err, "Forward the daemon's socket with ssh -L /tmp/docker.sock:"
                             "/var/run/docker.sock and set DOCKER_HOST=unix:///tmp/docker.sock.");
    return err_hint(err, "Set it to unix:///PATH or tcp://HOST:PORT.");
}

static int set_certificates(struct docker_engine *engine, const char *folder, struct err *err) {
    static const char *const names[] = {"ca.pem", "cert.pem", "key.pem"};
    char **const files[] = {&engine->ca_file, &engine->certificate_file, &engine->key_file};
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        *files[i] = path_join(folder, names[i]);
        if (access(*files[i], R_OK) < 0) {
            err_set_errno(err, errno, "cannot read %.300s", *files[i]);
            err_hint(err, "DOCKER_CERT_PATH is a folder with ca.pem, cert.pem and key.pem.");
            return err->code = ERR_BAD_REQUEST;
        }
    }
    return 0;
}

static int set_address(struct docker_engine *engine, const char *host, bool has_tls, bool verify,
                       struct err *err) {
    if (str_has_prefix(host, "unix:///")) {
        engine->unix_path = mem_text(host + strlen("unix://"));
        engine->base_url = mem_text("http://docker");
        struct sockaddr_un address;
        return strlen(engine->unix_path) < sizeof address.sun_path
                   ? 0
                   : err_set(err, ERR_BAD_REQUEST,
                             "the socket's path in DOCKER_HOST has more than %zu bytes",
                             sizeof address.sun_path - 1);
    }
    const char *place = str_has_prefix(host, "tcp://") ? host + strlen("tcp://") : "";
    size_t length = strcspn(place, "/?#@ ");
    if (length == 0 || (place[length] && strcmp(place + length, "/") != 0))
        return bad_host(host, err);
    if (verify && !has_tls) {
        err_set(err, ERR_BAD_REQUEST, "DOCKER_TLS_VERIFY is set, but DOCKER_CERT_PATH is not");
        return err_hint(err, "Set it to the folder with ca.pem, cert.pem and key.pem.");
    }
    bool has_port = strchr(place + (*place == '[' ? strcspn(place, "]") : 0), ':') != NULL;
    engine->base_url = mem_format("%s://%.*s%s", has_tls ? "https" : "http", (int)length, place,
                                  has_port  ? ""
                                  : has_tls ? ":2376"
                                            : ":2375");
    return 0;
}

int docker_engine_open(const char *host, const char *cert_path, bool verify,
                       struct docker_engine **ret_engine, struct err *err) {
    bool has_tls = !str_is_empty(cert_path);
    struct docker_engine *engine = mem_zero(1, sizeof *engine);
    host = str_is_empty(host) ? DEFAULT_HOST : host;
    engine->title = mem_format("Docker at %.200s", host);
    pthread_mutex_init(&engine->lock, NULL);
    int status = set_address(engine, host, has_tls, verify, err);
    if (status == 0 && has_tls && !engine->unix_path)
        status = set_certificates(engine, cert_path, err);
    if (status) {
        docker_engine_close(engine);
        return status;
    }
    struct net_peer_settings settings = {.title = engine->title,
                                         .base_url = engine->base_url,
                                         .unix_path = engine->unix_path,
                                         .ca_file = engine->ca_file,
                                         .certificate_file = engine->certificate_file,
                                         .key_file = engine->key_file,
                                         .is_unverified = !verify};
    engine->peer = net_peer_new(&settings);
    *ret_engine = engine;
    return 0;
}

void docker_engine_close(struct docker_engine *engine) {
    if (!engine)
        return;
    net_peer_free(engine->peer);
    pthread_mutex_destroy(&engine->lock);
    free(engine->title);
    free(engine->base_url);
    free(engine->unix_path);
    free(engine->ca_file);
    free(engine->certificate_file);
    free(engine->key_file);
    free(engine);
}

const char *docker_engine_title(const struct docker_engine *engine) { return engine->title; }
bool docker_engine_is_remote(const struct docker_engine *engine) { return !engine->unix_path; }

static int get_minor(struct docker_engine *engine) {
    pthread_mutex_lock(&engine->lock);
    int minor = engine->minor;
    pthread_mutex_unlock(&engine->lock);
    return minor;
}

static void set_minor(struct docker_engine *engine, int minor) {
    pthread_mutex_lock(&engine->lock);
    engine->minor = minor;
    pthread_mutex_unlock(&engine->lock);
}

// What the socket itself says, where a call got no answer through it.
static int errno_of_socket(const struct docker_engine *engine) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    cleanup_fd int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    memcpy(address.sun_path, engine->unix_path, strlen(engine->unix_path) + 1);
    return fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) < 0 ? errno : 0;
}

// Says in a sentence why a daemon that did not answer did not, and what to do.
static int explain_silence(struct docker_engine *engine, struct err *err) {
    if (err->code != ERR_UNAVAILABLE)
        return err->code;
    set_minor(engine, 0);
    int socket_errno = engine->unix_path ? errno_of_socket(engine) : 0;
    const char *title = engine->title;
    switch (socket_errno) {
    case ENOENT:
        err_set(err, ERR_UNAVAILABLE, "%s is not there: no such socket", title);
        return err_hint(err, "Install and start Docker (systemctl start docker), or set "
                             "DOCKER_HOST to where its daemon listens.");
    case ECONNREFUSED:
        err_set(err, ERR_UNAVAILABLE, "%s does not run: nobody listens at its socket", title);
        return err_hint(err, "Start it: systemctl start docker; journalctl -u docker says why it "
                             "ended.");
    case EACCES:
    case EPERM:
        err_set(err, ERR_UNAVAILABLE, "this user may not use %s: permission denied", title);
        return err_hint(err,
                        "Add the user to the group docker (usermod -aG docker USER) and log in "
                        "anew, or use rootless Docker. The group can do what root can.");
    case 0:
        return err_hint(err, "%s",
                        engine->unix_path
                            ? "See what the daemon does: journalctl -u docker; docker info."
                            : "Check the address and the certificates in DOCKER_HOST and "
                              "DOCKER_CERT_PATH, and that the daemon listens there.");
    default:
        err_set_errno(err, socket_errno, "%s is not to be reached", title);
        return err->code = ERR_UNAVAILABLE;
    }
}

static int refuse_version(const struct docker_engine *engine, const char *what, const char *hint,
                          struct err *err) {
    err_set(err, ERR_UNAVAILABLE, "%s speaks version %.16s of Docker's API; 1.%d to 1.%d is needed",
            engine->title, what, DOCKER_API_OLDEST, DOCKER_API_NEWEST);
    return err_hint(err, "%s", hint);
}

static int refusal_code(long status) {
    switch (status) {
    case 400: return ERR_BAD_REQUEST;
    case 401:
    case 403: return ERR_REFUSED;
    case 404: return ERR_NOT_FOUND;
    case 409: return ERR_CONFLICT;
    case 503: return ERR_UNAVAILABLE; // a proxy whose daemon is away
    default: return ERR_IO;
    }
}

// Takes the answer apart: the JSON of a success, the daemon's words of a refusal.
static int read_answer(const struct docker_engine *engine, const struct net_response *response,
                       json **ret_answer, struct err *err) {
    cleanup_json json *answer = NULL;
    struct err ignored;
    if (response->body.length)
        json_parse(buf_text(&response->body), response->body.length, &answer, &ignored);
    if (response->status >= 400) {
        const char *message = json_text(answer, "message"), *hint = json_text(answer, "hint");
        err_set(err, refusal_code(response->status), "%s: %.400s", engine->title,
                message ? message : "it refused without saying why");
        return err_hint(err, "%s", hint ? hint : ""); // only a proxy of ours has one
    }
    if (ret_answer)
        *ret_answer = mem_take(answer);
    return 0;
}

// GET /version has both ends of the range that a daemon speaks; it needs no version itself.
static int ask_version(struct docker_engine *engine, int cancel_fd, int *ret_minor,
                       struct err *err) {
    struct net_call call = {.method = "GET",
                            .path = "/version",
                            .timeout_ms = VERSION_TIMEOUT_MS,
                            .cancel_fd = cancel_fd};
    struct net_response response;
    int newest = 0, oldest = 0;
    if (net_peer_call(engine->peer, &call, &response, err))
        return explain_silence(engine, err);
    cleanup_json json *version = NULL;
    int refused = read_answer(engine, &response, &version, err);
    net_response_done(&response);
    if (refused == ERR_UNAVAILABLE)
        return refused; // a proxy says why its daemon is away
    const char *newest_text = json_text(version, "ApiVersion");
    const char *oldest_text = json_text(version, "MinAPIVersion");
    if (refused || !newest_text || sscanf(newest_text, "1.%d", &newest) != 1) {
        err_set(err, ERR_UNAVAILABLE, "%s does not answer as a Docker daemon does (HTTP %ld)",
                engine->title, response.status);
        return err_hint(err, "Check DOCKER_HOST.");
    }
    if (newest < DOCKER_API_OLDEST)
        return refuse_version(engine, newest_text, "Install Docker 19.03 or newer.", err);
    if (oldest_text && sscanf(oldest_text, "1.%d", &oldest) == 1 && oldest > DOCKER_API_NEWEST)
        return refuse_version(engine, oldest_text, "Install a newer Sandglass.", err);
    *ret_minor = newest < DOCKER_API_NEWEST ? newest : DOCKER_API_NEWEST;
    return 0;
}

static int know_minor(struct docker_engine *engine, int cancel_fd, int *ret_minor,
                      struct err *err) {
    *ret_minor = get_minor(engine);
    int status = *ret_minor ? 0 : ask_version(engine, cancel_fd, ret_minor, err);
    if (status == 0)
        set_minor(engine, *ret_minor);
    return status;
}

int docker_engine_version(struct docker_engine *engine, int cancel_fd, char ret_version[16],
                          struct err *err) {
    int minor, status = know_minor(engine, cancel_fd, &minor, err);
    if (status == 0)
        snprintf(ret_version, 16, "1.%d", minor);
    return status;
}

static int prepare(struct docker_engine *engine, const struct docker_call *call,
                   struct net_call *ret_call, char **ret_path, struct err *err) {
    int minor, status = know_minor(engine, call->cancel_fd, &minor, err);
    if (status)
        return status;
    *ret_path = mem_format("/v1.%d%s", minor, call->path);
    *ret_call = (struct net_call){.method = call->method,
                                  .path = *ret_path,
                                  .body_function = call->body_function,
                                  .body_context = call->body_context,
                                  .body_bytes = call->body_bytes,
                                  .timeout_ms = call->timeout_ms,
                                  .cancel_fd = call->cancel_fd};
    return 0;
}

int docker_call(struct docker_engine *engine, const struct docker_call *call, json **ret_answer,
                struct err *err) {
    cleanup_free char *path = NULL, *body = NULL;
    struct net_call wire;
    struct net_response response;
    int status = prepare(engine, call, &wire, &path, err);
    if (status)
        return status;
    wire.body = body = call->body ? json_write(call->body) : NULL;
    wire.content_type = call->body_function ? "application/x-tar" : NULL;
    if (net_peer_call(engine->peer, &wire, &response, err))
        return explain_silence(engine, err);
    status = read_answer(engine, &response, ret_answer, err);
    net_response_done(&response);
    return status;
}

int docker_call_stream(struct docker_engine *engine, const struct docker_call *call,
                       struct net_stream **ret_stream, struct err *err) {
    cleanup_free char *path = NULL;
    struct net_call wire;
    long http_status = 0;
    int status = prepare(engine, call, &wire, &path, err);
    if (status == 0)
        status = net_peer_upgrade(engine->peer, &wire, "tcp", ret_stream, &http_status, err);
    if (status == ERR_REFUSED)
        return err->code = refusal_code(http_status);
    return status ? explain_silence(engine, err) : 0;
}
