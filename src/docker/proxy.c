// SPDX-License-Identifier: Apache-2.0
//
// See proxy.h.
//
// Theory of operation. Whoever may use Docker's socket is root on its machine, and the server needs
// that socket only to make sandboxes. So the socket is given to this process instead, and the
// server talks to this process.
//
// Nothing that a client sends is passed on. A request is read by a narrow grammar (proxy_head.c),
// judged to be one of twelve calls or refused (proxy_policy.c), and then the call is made anew, by
// the same code and on connections of the same kind as the executor's own (proxy_calls.c). So there
// is no request that this process and the daemon could read in two ways: the daemon never sees one
// of the client's. Of an answer only the members that the executor looks at go back. Two things are
// copied as bytes: a running container's standard streams, and the file of a data set, whose
// archive header is made anew too.
//
// A container is touched by name, and a name is taken if this process made the container, or if
// the daemon says that it has a sandbox's labels (this process may have been started anew since).
//
// Each connection has a thread and handles one request after another; a request that is refused
// ends it. All is bounded: connections, containers, a head's and a body's bytes, the time that
// either may take to come, the time a client may take to read an answer, what is kept of a stream.
// A client that is gone, or that sends something before it has its answer, breaks its call off. A
// thread ends with its connection; at the end of the process connections are shut down, which
// breaks off what is under way, and the last thread wakes docker_proxy_serve().
#include "docker/proxy.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/limits.h"
#include "docker/proxy_calls.h"

#define IDLE_MS 600000 // between requests on a connection
#define HEAD_MS 5000   // for a head to come whole, from its first byte
#define BODY_MS 10000
#define SEND_MS 10000
#define CALL_MS 30000
#define LINGER_MS 500 // for a client to read why it was refused
#define FILE_BYTES_PER_MS 4096
#define ACCEPT_PAUSE_MS 100
#define STACK_BYTES (256 * 1024)

struct made { // a container that was made here
    char name[DOCKER_PROXY_NAME_SIZE];
    bool has_data_volume;
};

struct docker_proxy {
    struct docker_engine *engine;
    struct docker_proxy_settings settings;
    int listen_fd;
    pthread_mutex_t lock; // over all below
    pthread_cond_t ended;
    int fds[LIMIT_PROXY_CONNECTIONS]; // -1 where none is
    size_t count;
    struct made made[LIMIT_PROXY_CONTAINERS];
    size_t made_count;
};

struct link {
    struct docker_proxy *proxy;
    int fd;
    size_t slot;
    struct buf in; // what has come and was not used yet
    struct docker_proxy_head head;
    struct docker_proxy_call call;
    int64_t file_left_bytes, file_deadline_us; // of a file under way
};

// ---- The containers that were made here

static struct made *find_made(struct docker_proxy *proxy, const char *name) {
    for (size_t i = 0; i < proxy->made_count; i++)
        if (strcmp(proxy->made[i].name, name) == 0)
            return &proxy->made[i];
    return NULL;
}

// From before its making: whether that came to pass may never be known.
static int note_made(struct docker_proxy *proxy, const struct docker_container *container,
                     struct err *err) {
    pthread_mutex_lock(&proxy->lock);
    bool is_there = find_made(proxy, container->name) != NULL;
    bool has_room = proxy->made_count < LIMIT_PROXY_CONTAINERS;
    if (!is_there && has_room) {
        struct made *made = &proxy->made[proxy->made_count++];
        snprintf(made->name, sizeof made->name, "%s", container->name);
        made->has_data_volume = container->has_data_volume;
    }
    pthread_mutex_unlock(&proxy->lock);
    if (is_there)
        return err_set(err, ERR_REFUSED, "the container %.80s was made before", container->name);
    return has_room ? 0
                    : err_set(err, ERR_REFUSED, "%d containers are there, and no more may be",
                              LIMIT_PROXY_CONTAINERS);
}

static void forget_made(struct docker_proxy *proxy, const char *name) {
    pthread_mutex_lock(&proxy->lock);
    struct made *made = find_made(proxy, name);
    if (made)
        *made = proxy->made[--proxy->made_count];
    pthread_mutex_unlock(&proxy->lock);
}

static bool was_made(struct docker_proxy *proxy, const char *name, bool *ret_has_data_volume) {
    pthread_mutex_lock(&proxy->lock);
    const struct made *made = find_made(proxy, name);
    *ret_has_data_volume = made && made->has_data_volume;
    pthread_mutex_unlock(&proxy->lock);
    return made != NULL;
}

// ---- Bytes

// Waits until FD is ready for EVENTS; ERR_UNAVAILABLE past the deadline.
static int wait_for(int fd, short events, int64_t deadline_us, struct err *err) {
    struct pollfd poll_fd = {.fd = fd, .events = events};
    for (;;) {
        int64_t left_us = deadline_us - clock_monotonic_us();
        if (left_us <= 0)
            return err_set(err, ERR_UNAVAILABLE, "the request did not come whole in time");
        int count = poll(&poll_fd, 1, (int)((left_us + 999) / 1000));
        if (count > 0)
            return 0;
        if (count < 0 && errno != EINTR)
            return err_set_errno(err, errno, "cannot wait for a client");
    }
}

static int64_t after_ms(int64_t ms) { return clock_monotonic_us() + ms * 1000; }

// Takes in some more. ERR_UNAVAILABLE where the client is gone or too slow.
static int take_in(struct link *link, int64_t deadline_us, struct err *err) {
    char bytes[4096];
    int status = wait_for(link->fd, POLLIN, deadline_us, err);
    if (status)
        return status;
    ssize_t got = recv(link->fd, bytes, sizeof bytes, 0);
    if (got <= 0)
        return err_set(err, ERR_CANCELLED, "the client hung up");
    return buf_add(&link->in, bytes, (size_t)got)
               ? err_set(err, ERR_BAD_REQUEST, "the request is larger than any call of ours")
               : 0;
}

static int send_all(const struct link *link, const char *bytes, size_t length, struct err *err) {
    int64_t deadline_us = after_ms(SEND_MS);
    while (length > 0) {
        ssize_t sent = send(link->fd, bytes, length, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent > 0) {
            bytes += sent;
            length -= (size_t)sent;
        } else if (errno != EAGAIN && errno != EINTR) {
            return err_set_errno(err, errno, "cannot answer a client");
        } else {
            int status = wait_for(link->fd, POLLOUT, deadline_us, err);
            if (status)
                return status;
        }
    }
    return 0;
}

// ---- Answers

static int http_status(int code) {
    switch (code) {
    case 0: return 200;
    case ERR_BAD_REQUEST: return 400;
    case ERR_REFUSED: return 403;
    case ERR_NOT_FOUND: return 404;
    case ERR_CONFLICT: return 409;
    case ERR_UNAVAILABLE:
    case ERR_CANCELLED: return 503;
    default: return 500;
    }
}

static int send_answer(struct link *link, int status, const json *answer, bool closes,
                       struct err *err) {
    cleanup_free char *body = answer ? json_write(answer) : mem_text("");
    int shown = answer || status != 200 ? status : 204;
    cleanup_free char *text =
        answer ? mem_format("HTTP/1.1 %d %s\r\nContent-Type: application/json\r\n"
                            "Content-Length: %zu\r\n%s\r\n%s",
                            shown, shown < 300 ? "OK" : "Refused", strlen(body),
                            closes ? "Connection: close\r\n" : "", body)
               : mem_format("HTTP/1.1 %d No Content\r\n%s\r\n", shown,
                            closes ? "Connection: close\r\n" : "");
    return send_all(link, text, strlen(text), err);
}

static int send_error(struct link *link, const struct err *why, bool closes, struct err *err) {
    cleanup_json json *body = cJSON_CreateObject();
    json_add_text(body, "message", why->message);
    if (*why->hint)
        json_add_text(body, "hint", why->hint); // the daemon has none; the executor takes it
    return send_answer(link, http_status(why->code), body, closes, err);
}

// The last answer on a connection. What still comes is read for a moment: a connection that is
// closed over unread bytes takes its answer with it.
static void refuse(struct link *link, const struct err *why) {
    char bytes[4096];
    struct err ignored;
    if (why->code == ERR_BAD_REQUEST || why->code == ERR_REFUSED)
        link->proxy->settings.on_refusal(why->message);
    if (send_error(link, why, true, &ignored))
        return;
    shutdown(link->fd, SHUT_WR);
    for (int64_t deadline_us = after_ms(LINGER_MS);
         wait_for(link->fd, POLLIN, deadline_us, &ignored) == 0;)
        if (recv(link->fd, bytes, sizeof bytes, 0) <= 0)
            return;
}

// ---- Requests

static int read_head(struct link *link, struct err *err) {
    int64_t deadline_us = after_ms(IDLE_MS);
    const char *end;
    while (link->in.length == 0) {
        int status = take_in(link, deadline_us, err);
        if (status)
            return err->code = ERR_CANCELLED; // it had nothing to say
    }
    deadline_us = after_ms(HEAD_MS);
    while (!(end = memmem(link->in.data, link->in.length, "\r\n\r\n", 4))) {
        if (link->in.length >= LIMIT_PROXY_HEAD)
            return err_set(err, ERR_BAD_REQUEST, "the request's head has more than %d bytes",
                           LIMIT_PROXY_HEAD);
        int status = take_in(link, deadline_us, err);
        if (status)
            return err->code = status == ERR_UNAVAILABLE ? ERR_BAD_REQUEST : status;
    }
    size_t length = (size_t)(end + 4 - link->in.data);
    if (length > LIMIT_PROXY_HEAD)
        return err_set(err, ERR_BAD_REQUEST, "the request's head has more than %d bytes",
                       LIMIT_PROXY_HEAD);
    int status = docker_proxy_head_parse(link->in.data, length, &link->head, err);
    buf_drop(&link->in, length);
    return status;
}

// Takes the whole of a JSON body. Bytes behind it are none that a client of ours sends.
static int read_body(struct link *link, json **ret_body, struct err *err) {
    int64_t deadline_us = after_ms(BODY_MS);
    size_t length = (size_t)link->head.content_bytes;
    if (link->head.content_bytes > LIMIT_PROXY_BODY)
        return err_set(err, ERR_REFUSED, "the request's body has more than %d bytes",
                       LIMIT_PROXY_BODY);
    while (link->in.length < length) {
        int status = take_in(link, deadline_us, err);
        if (status)
            return err->code = status == ERR_UNAVAILABLE ? ERR_BAD_REQUEST : status;
    }
    if (link->in.length > length)
        return err_set(err, ERR_BAD_REQUEST, "there are bytes behind the request");
    int status = length ? json_parse(link->in.data, length, ret_body, err) : 0;
    buf_clear(&link->in);
    return status;
}

// ---- A data set's file

static int64_t give_file(void *context, char *ret_bytes, size_t size) {
    struct link *link = context;
    struct err ignored;
    ssize_t got;
    size_t most = (int64_t)size < link->file_left_bytes ? size : (size_t)link->file_left_bytes;
    if (link->in.length > 0) {
        got = (ssize_t)(link->in.length < most ? link->in.length : most);
        memcpy(ret_bytes, link->in.data, (size_t)got);
        buf_drop(&link->in, (size_t)got);
    } else if (wait_for(link->fd, POLLIN, link->file_deadline_us, &ignored)) {
        return -1;
    } else {
        got = recv(link->fd, ret_bytes, most, 0);
    }
    link->file_left_bytes -= got > 0 ? got : 0;
    return got;
}

// Reads the archive's first block, which must be the one that we would write for its size.
static int read_archive_header(struct link *link, struct docker_file *ret_file, struct err *err) {
    char header[DOCKER_ARCHIVE_BLOCK];
    unsigned long long size_bytes = 0;
    while (link->in.length < sizeof header) {
        int status = take_in(link, link->file_deadline_us, err);
        if (status)
            return status;
    }
    sscanf(link->in.data + 124, "%11llo", &size_bytes);
    docker_archive_header("data.sqlite", (int64_t)size_bytes, header);
    if (memcmp(header, link->in.data, sizeof header) != 0 || size_bytes > LIMIT_IMPORTED ||
        docker_archive_bytes((int64_t)size_bytes) != link->head.content_bytes)
        return err_set(err, ERR_REFUSED, "an archive has one data.sqlite in it, and nothing else");
    buf_drop(&link->in, sizeof header);
    link->file_left_bytes = (int64_t)size_bytes;
    *ret_file = (struct docker_file){.name = "data.sqlite",
                                     .size_bytes = (int64_t)size_bytes,
                                     .read = give_file,
                                     .context = link};
    return 0;
}

// What is behind the file are zeros, which are not passed on.
static int skip_padding(struct link *link, int64_t size_bytes, struct err *err) {
    size_t left = (size_t)(docker_archive_bytes(size_bytes) - size_bytes - DOCKER_ARCHIVE_BLOCK);
    while (link->in.length < left) {
        int status = take_in(link, link->file_deadline_us, err);
        if (status)
            return status;
    }
    if (link->in.length > left)
        return err_set(err, ERR_BAD_REQUEST, "there are bytes behind the request");
    buf_clear(&link->in);
    return 0;
}

static int put_file(struct link *link, struct err *err) {
    struct docker_file file;
    bool has_data_volume;
    int64_t limit_ms = CALL_MS + link->head.content_bytes / FILE_BYTES_PER_MS;
    struct docker_limit limit = {limit_ms, -1};
    was_made(link->proxy, link->call.name, &has_data_volume);
    if (!has_data_volume)
        return err_set(err, ERR_REFUSED, "the container %.80s takes no file", link->call.name);
    link->file_deadline_us = after_ms(limit_ms);
    int status = read_archive_header(link, &file, err);
    if (status == 0)
        status =
            docker_container_put(link->proxy->engine, link->call.name, "/data", &file, limit, err);
    return status ? status : skip_padding(link, file.size_bytes, err);
}

// ---- A container's streams

// Copies what the container writes until it ends or the client hangs up.
static void relay_output(struct link *link, struct net_stream *stream) {
    char bytes[16384];
    struct err ignored;
    for (;;) {
        size_t got = 0;
        int status = net_stream_read(stream, bytes, sizeof bytes, &got, &ignored);
        if (status == 0 && got > 0 && send_all(link, bytes, got, &ignored) == 0)
            continue;
        if (status != ERR_BUSY)
            return;
        struct pollfd fds[] = {{.fd = net_stream_fd(stream), .events = POLLIN},
                               {.fd = link->fd, .events = POLLIN}};
        if ((poll(fds, 2, -1) < 0 && errno != EINTR) || fds[1].revents)
            return; // a client only listens here: whatever it does is its end
    }
}

static int write_stream(struct net_stream *stream, const char *bytes, size_t length,
                        struct err *err) {
    int64_t deadline_us = after_ms(SEND_MS);
    while (length > 0) {
        size_t written = 0;
        int status = net_stream_write(stream, bytes, length, &written, err);
        if (status == ERR_BUSY)
            status = wait_for(net_stream_fd(stream), POLLOUT, deadline_us, err);
        if (status)
            return status;
        bytes += written;
        length -= written;
    }
    return 0;
}

// Copies what the client writes until it hangs up or the container ends.
static void relay_input(struct link *link, struct net_stream *stream) {
    char bytes[16384];
    struct err ignored;
    for (;;) {
        struct pollfd fds[] = {{.fd = link->fd, .events = POLLIN},
                               {.fd = net_stream_fd(stream), .events = POLLIN}};
        if (poll(fds, 2, -1) < 0 && errno != EINTR)
            return;
        if (fds[0].revents) {
            ssize_t got = recv(link->fd, bytes, sizeof bytes, 0);
            if (got <= 0 || write_stream(stream, bytes, (size_t)got, &ignored))
                return;
        } else if (fds[1].revents) {
            return;
        }
    }
}

static int attach(struct link *link, struct err *err) {
    static const char agreed[] = "HTTP/1.1 101 UPGRADED\r\n"
                                 "Content-Type: application/vnd.docker.raw-stream\r\n"
                                 "Connection: Upgrade\r\nUpgrade: tcp\r\n\r\n";
    struct docker_limit limit = {CALL_MS, link->fd};
    cleanup(net_stream_freep) struct net_stream *stream = NULL;
    struct err ignored;
    bool is_output = link->call.verb == PROXY_ATTACH_OUTPUT;
    int status = (is_output ? docker_container_attach_output : docker_container_attach_input)(
        link->proxy->engine, link->call.name, limit, &stream, err);
    if (status)
        return status;
    if (send_all(link, agreed, strlen(agreed), &ignored) == 0)
        (is_output ? relay_output : relay_input)(link, stream);
    return 0;
}

// ---- A request, from its judgement to its answer

static int make_container(struct link *link, const json *body, json **ret_answer, struct err *err) {
    struct docker_proxy *proxy = link->proxy;
    struct docker_limit limit = {CALL_MS, link->fd};
    struct docker_proxy_order order;
    int status =
        docker_proxy_read_order(&proxy->settings.rules, link->call.name, body, &order, err);
    if (status == 0)
        status = note_made(proxy, &order.container, err);
    if (status)
        return status;
    status = docker_proxy_perform(proxy->engine, &proxy->settings.rules, &link->call, &order, limit,
                                  ret_answer, err);
    if (status && status != ERR_UNAVAILABLE && status != ERR_CANCELLED)
        forget_made(proxy, link->call.name);
    return status;
}

// That the call is for a container that is a sandbox, where it is for one. An inspection tells.
static int check_container(struct link *link, struct err *err) {
    struct docker_limit limit = {CALL_MS, link->fd};
    bool ignored;
    if (link->call.verb < PROXY_ATTACH_OUTPUT || was_made(link->proxy, link->call.name, &ignored))
        return 0;
    return docker_proxy_check_labels(link->proxy->engine, link->call.name, limit, err);
}

static int answer_call(struct link *link, json **ret_answer, struct err *err) {
    struct docker_proxy *proxy = link->proxy;
    struct docker_limit limit = {CALL_MS, link->fd};
    cleanup_json json *body = NULL;
    int status = read_body(link, &body, err);
    if (status)
        return status;
    if (link->call.verb == PROXY_CREATE)
        return make_container(link, body, ret_answer, err);
    status = check_container(link, err);
    if (status == 0)
        status = docker_proxy_perform(proxy->engine, &proxy->settings.rules, &link->call, NULL,
                                      limit, ret_answer, err);
    if (link->call.verb == PROXY_REMOVE && (status == 0 || status == ERR_NOT_FOUND))
        forget_made(proxy, link->call.name);
    return status;
}

// One request; false where the connection is done.
static bool serve_request(struct link *link) {
    struct err err = {0}, ignored;
    cleanup_json json *answer = NULL;
    int status = read_head(link, &err);
    if (status == 0)
        status = docker_proxy_judge(&link->proxy->settings.rules, &link->head, &link->call, &err);
    bool is_stream =
        link->call.verb == PROXY_ATTACH_OUTPUT || link->call.verb == PROXY_ATTACH_INPUT;
    if (status == 0 && is_stream && link->in.length > 0)
        status = err_set(&err, ERR_BAD_REQUEST, "there are bytes behind the request");
    if (status == 0 && is_stream && (status = check_container(link, &err)) == 0)
        status = attach(link, &err);
    else if (status == 0 && link->call.verb == PROXY_PUT)
        status = put_file(link, &err);
    else if (status == 0)
        status = answer_call(link, &answer, &err);
    if (status == 0 && is_stream)
        return false;
    // What the daemon refuses leaves the connection as it was; what is refused here ends it.
    bool closes = status == ERR_BAD_REQUEST || status == ERR_REFUSED || status == ERR_CANCELLED ||
                  link->head.wants_close || link->call.verb == PROXY_PUT || link->in.length > 0;
    if (status == ERR_CANCELLED)
        return false;
    if (status && closes)
        refuse(link, &err);
    else if (status)
        return send_error(link, &err, false, &ignored) == 0;
    else
        return send_answer(link, 200, answer, closes, &ignored) == 0 && !closes;
    return false;
}

static void *serve_link(void *context) {
    struct link *link = context;
    struct docker_proxy *proxy = link->proxy;
    link->in = BUF(LIMIT_PROXY_HEAD + LIMIT_PROXY_BODY + 4096);
    while (serve_request(link))
        link->call = (struct docker_proxy_call){0};
    buf_done(&link->in);
    pthread_mutex_lock(&proxy->lock);
    proxy->fds[link->slot] = -1;
    fd_close(&link->fd);
    proxy->count--;
    pthread_cond_signal(&proxy->ended);
    pthread_mutex_unlock(&proxy->lock);
    free(link);
    return NULL;
}

// ---- Connections

// Only this process's own user, or root, connects.
static bool is_own_user(int fd) {
    struct ucred peer;
    socklen_t size = sizeof peer;
    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
           (peer.uid == geteuid() || peer.uid == 0);
}

static bool find_slot(struct docker_proxy *proxy, size_t *ret_slot) {
    for (size_t i = 0; i < LIMIT_PROXY_CONNECTIONS; i++)
        if (proxy->fds[i] < 0) {
            *ret_slot = i;
            return true;
        }
    return false;
}

// Gives FD, which is closed where it cannot be served, a thread.
static void begin_link(struct docker_proxy *proxy, int fd) {
    pthread_t thread;
    pthread_attr_t attributes;
    struct link *link = mem_zero(1, sizeof *link);
    pthread_mutex_lock(&proxy->lock);
    bool is_welcome = is_own_user(fd) && find_slot(proxy, &link->slot);
    if (is_welcome) {
        link->proxy = proxy;
        link->fd = fd;
        proxy->fds[link->slot] = fd;
        proxy->count++;
        pthread_attr_init(&attributes);
        pthread_attr_setstacksize(&attributes, STACK_BYTES);
        pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
        is_welcome = pthread_create(&thread, &attributes, serve_link, link) == 0;
        pthread_attr_destroy(&attributes);
        if (!is_welcome) {
            proxy->fds[link->slot] = -1;
            proxy->count--;
        }
    }
    pthread_mutex_unlock(&proxy->lock);
    if (is_welcome)
        return;
    close(fd);
    free(link);
    proxy->settings.on_refusal("a connection: there are too many, or it is another user's");
}

static void end_links(struct docker_proxy *proxy) {
    pthread_mutex_lock(&proxy->lock);
    for (size_t i = 0; i < LIMIT_PROXY_CONNECTIONS; i++)
        if (proxy->fds[i] >= 0)
            shutdown(proxy->fds[i], SHUT_RDWR);
    while (proxy->count > 0)
        pthread_cond_wait(&proxy->ended, &proxy->lock);
    pthread_mutex_unlock(&proxy->lock);
}

int docker_proxy_serve(struct docker_proxy *proxy, int stop_fd, struct err *err) {
    struct pollfd fds[] = {{.fd = proxy->listen_fd, .events = POLLIN},
                           {.fd = stop_fd, .events = POLLIN}};
    int status = 0;
    while (status == 0 && !fds[1].revents) {
        if (poll(fds, 2, -1) < 0 && errno != EINTR)
            status = err_set_errno(err, errno, "cannot wait for clients");
        int fd = fds[0].revents ? accept4(proxy->listen_fd, NULL, NULL, SOCK_CLOEXEC) : -1;
        if (fd >= 0)
            begin_link(proxy, fd);
        else if (fds[0].revents && errno != EAGAIN && errno != ECONNABORTED && errno != EINTR)
            poll(&fds[1], 1, ACCEPT_PAUSE_MS); // out of descriptors: some will be closed
    }
    end_links(proxy);
    return status;
}

// ---- Listening

static bool is_listened_on(const struct sockaddr_un *address) {
    cleanup_fd int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return fd >= 0 && connect(fd, (const struct sockaddr *)address, sizeof *address) == 0;
}

static int open_socket(const char *path, int *ret_fd, struct err *err) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct stat status;
    cleanup_fd int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (strlen(path) >= sizeof address.sun_path)
        return err_set(err, ERR_BAD_REQUEST, "the socket's path has more than %zu bytes",
                       sizeof address.sun_path - 1);
    strcpy(address.sun_path, path);
    if (is_listened_on(&address))
        return err_set(err, ERR_CONFLICT, "something listens at %s already", path);
    if (lstat(path, &status) == 0 && S_ISSOCK(status.st_mode))
        unlink(path); // of one that was killed
    mode_t before = umask(0177);
    int bound = fd < 0 ? -1 : bind(fd, (const struct sockaddr *)&address, sizeof address);
    int bind_errno = errno;
    umask(before);
    if (bound < 0 || listen(fd, 64) < 0)
        return err_set_errno(err, bound < 0 ? bind_errno : errno, "cannot listen at %s", path);
    *ret_fd = fd_take(&fd);
    return 0;
}

int docker_proxy_open(struct docker_engine *engine, const struct docker_proxy_settings *settings,
                      struct docker_proxy **ret_proxy, struct err *err) {
    struct docker_proxy *proxy = mem_zero(1, sizeof *proxy);
    proxy->engine = engine;
    proxy->settings = *settings;
    proxy->listen_fd = -1;
    for (size_t i = 0; i < LIMIT_PROXY_CONNECTIONS; i++)
        proxy->fds[i] = -1;
    pthread_mutex_init(&proxy->lock, NULL);
    pthread_cond_init(&proxy->ended, NULL);
    int status = open_socket(settings->socket_path, &proxy->listen_fd, err);
    if (status)
        docker_proxy_close(proxy);
    else
        *ret_proxy = proxy;
    return status;
}

void docker_proxy_close(struct docker_proxy *proxy) {
    if (!proxy)
        return;
    fd_close(&proxy->listen_fd);
    pthread_mutex_destroy(&proxy->lock);
    pthread_cond_destroy(&proxy->ended);
    free(proxy);
}
