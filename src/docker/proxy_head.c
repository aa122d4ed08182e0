// SPDX-License-Identifier: Apache-2.0
//
// See proxy_head.h. RFC 9112 is the wider grammar; what is left out of it here no client of ours
// sends.
#include "docker/proxy_head.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/str.h"

#define HEADERS_MAX 32
#define NAME_MAX_BYTES 40

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
static const char path_characters[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/._:@-";
static const char name_characters[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-";

struct reading {
    struct docker_proxy_head head;
    char names[HEADERS_MAX][NAME_MAX_BYTES];
    size_t count;
    bool has_host, connection_upgrades, upgrades;
};

static int bad(struct err *err, const char *what) {
    return err_set(err, ERR_BAD_REQUEST, "the request %s", what);
}

// Takes the first LENGTH bytes of TEXT, which must be characters of SET, to OUT of SIZE.
static int take(const char *text, size_t length, const char *set, char *out, size_t size) {
    if (length == 0 || length >= size || (set && strspn(text, set) < length))
        return -1;
    memcpy(out, text, length);
    out[length] = '\0';
    return 0;
}

static int read_target(const char *target, size_t length, struct docker_proxy_head *head,
                       struct err *err) {
    const char *mark = memchr(target, '?', length);
    size_t path_length = mark ? (size_t)(mark - target) : length;
    if (*target != '/')
        return bad(err, "names no path of this proxy's own (an absolute address?)");
    if (take(target, path_length, path_characters, head->path, sizeof head->path))
        return bad(err, "has a path that is too long or has characters that none of our calls has");
    if (strstr(head->path, "//") || strstr(head->path, "/./") || strstr(head->path, "/../") ||
        str_has_suffix(head->path, "/.") || str_has_suffix(head->path, "/.."))
        return bad(err, "has a path that could be read in two ways");
    if (mark && take(mark + 1, length - path_length - 1, NULL, head->query, sizeof head->query))
        return bad(err, "has an empty query or one that is too long");
    return 0;
}

// METHOD SP TARGET SP HTTP/1.1
static int read_request_line(const char *line, size_t length, struct docker_proxy_head *head,
                             struct err *err) {
    static const char version[] = " HTTP/1.1";
    const char *space = memchr(line, ' ', length);
    size_t tail = strlen(version);
    if (!space || length < tail || memcmp(line + length - tail, version, tail) != 0 ||
        line + length - tail <= space)
        return bad(err, "does not begin with a line of HTTP/1.1");
    if (take(line, (size_t)(space - line), letters, head->method, sizeof head->method))
        return bad(err, "has no method that could be meant");
    const char *target = space + 1;
    size_t target_length = (size_t)(line + length - tail - target);
    if (target_length == 0 || memchr(target, ' ', target_length))
        return bad(err, "does not begin with a line of HTTP/1.1");
    return read_target(target, target_length, head, err);
}

static int read_length(const char *value, struct docker_proxy_head *head, struct err *err) {
    if (strlen(value) > 12 || strspn(value, "0123456789") != strlen(value) ||
        str_to_integer(value, 0, INT64_MAX, &head->content_bytes) < 0)
        return bad(err, "has a Content-Length that is no plain number");
    return 0;
}

static int read_connection(const char *value, struct reading *reading, struct err *err) {
    if (strcasecmp(value, "close") == 0)
        reading->head.wants_close = true;
    else if (strcasecmp(value, "upgrade") == 0)
        reading->connection_upgrades = true;
    else if (strcasecmp(value, "keep-alive") != 0)
        return bad(err, "has a Connection other than close, keep-alive and upgrade");
    return 0;
}

static int take_header(struct reading *reading, const char *name, const char *value,
                       struct err *err) {
    if (strcasecmp(name, "Transfer-Encoding") == 0)
        return bad(err, "has a Transfer-Encoding; a body has a Content-Length here");
    if (strcasecmp(name, "Expect") == 0)
        return bad(err, "has an Expect, which is answered nothing here");
    if (strcasecmp(name, "Content-Length") == 0)
        return read_length(value, &reading->head, err);
    if (strcasecmp(name, "Connection") == 0)
        return read_connection(value, reading, err);
    if (strcasecmp(name, "Upgrade") == 0) {
        reading->upgrades = strcmp(value, "tcp") == 0;
        return reading->upgrades ? 0 : bad(err, "asks for an upgrade to other than tcp");
    }
    if (strcasecmp(name, "Content-Type") == 0 &&
        take(value, strlen(value), NULL, reading->head.content_type,
             sizeof reading->head.content_type))
        return bad(err, "has a Content-Type that is empty or too long");
    reading->has_host = reading->has_host || strcasecmp(name, "Host") == 0;
    return 0;
}

// "Name: value", of which every name stands once.
static int read_header(struct reading *reading, const char *line, size_t length, struct err *err) {
    char value[1024];
    const char *colon = memchr(line, ':', length);
    char *name = reading->names[reading->count < HEADERS_MAX ? reading->count : 0];
    if (reading->count == HEADERS_MAX)
        return bad(err, "has more headers than any call of ours");
    if (!colon || take(line, (size_t)(colon - line), name_characters, name, NAME_MAX_BYTES))
        return bad(err, "has a line that is no header, or one that is folded");
    for (size_t i = 0; i < reading->count; i++)
        if (strcasecmp(reading->names[i], name) == 0)
            return err_set(err, ERR_BAD_REQUEST, "the request has the header %s twice", name);
    reading->count++;
    const char *start = colon + 1, *end = line + length;
    while (start < end && *start == ' ')
        start++;
    while (end > start && end[-1] == ' ')
        end--;
    if ((size_t)(end - start) >= sizeof value)
        return err_set(err, ERR_BAD_REQUEST, "the request's header %s is too long", name);
    memcpy(value, start, (size_t)(end - start));
    value[end - start] = '\0';
    return take_header(reading, name, value, err);
}

// Every byte is printable ASCII, and CR and LF stand as a pair at the end of lines only.
static int check_bytes(const char *text, size_t length, struct err *err) {
    for (size_t i = 0; i < length; i++) {
        bool is_pair = text[i] == '\r' && i + 1 < length && text[i + 1] == '\n';
        if (is_pair)
            i++;
        else if (text[i] < ' ' || text[i] > '~')
            return err_set(err, ERR_BAD_REQUEST, "the request's head has the byte 0x%02x at %zu",
                           (unsigned char)text[i], i);
    }
    return 0;
}

int docker_proxy_head_parse(const char *text, size_t length, struct docker_proxy_head *ret_head,
                            struct err *err) {
    struct reading reading = {0};
    int status = check_bytes(text, length, err);
    bool is_whole = false;
    for (size_t at = 0, line_number = 0; status == 0 && at < length; line_number++) {
        const char *line = text + at, *end = memmem(line, length - at, "\r\n", 2);
        size_t line_length = end ? (size_t)(end - line) : 0;
        at += line_length + 2;
        is_whole = end && line_length == 0 && line_number > 0 && at == length;
        if (is_whole)
            break;
        status = !end               ? bad(err, "has a head that breaks off")
                 : line_number == 0 ? read_request_line(line, line_length, &reading.head, err)
                                    : read_header(&reading, line, line_length, err);
    }
    if (status == 0 && !is_whole)
        status = bad(err, "has a head that breaks off");
    if (status)
        return status;
    if (!reading.has_host)
        return bad(err, "has no Host");
    if (reading.upgrades != reading.connection_upgrades)
        return bad(err, "asks for an upgrade in one header only");
    if (reading.upgrades && reading.head.content_bytes > 0)
        return bad(err, "asks for an upgrade and has a body");
    reading.head.wants_upgrade = reading.upgrades;
    *ret_head = reading.head;
    return 0;
}
