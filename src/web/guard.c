// SPDX-License-Identifier: Apache-2.0
//
// See guard.h.
#include "web/guard.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#include "base/hash.h"
#include "base/str.h"

bool web_is_loopback(const char *address) {
    struct in_addr v4; // parsed whole: 127.evil.example is a name, and anybody's
    bool is_v4 = inet_pton(AF_INET, address, &v4) == 1 && ntohl(v4.s_addr) >> 24 == 127;
    return is_v4 || strcmp(address, "::1") == 0 || strcasecmp(address, "localhost") == 0;
}

// The name in a Host header, without its port and brackets.
static void host_name(const char *host, char out[256]) {
    size_t length = *host == '[' ? strcspn(host, "]") : strcspn(host, ":");
    bool has_bracket = *host == '[';
    length = length < 255 ? length : 255;
    memcpy(out, host + has_bracket, length - has_bracket);
    out[length - has_bracket] = '\0';
}

static bool is_listed(const char *list, const char *name) {
    size_t length = strcspn(name, ",");
    for (const char *at = list; at && *at; at += strcspn(at, ","), at += *at == ',')
        if (strncasecmp(at, name, length) == 0 && (at[length] == ',' || at[length] == '\0') &&
            length)
            return !name[length];
    return false;
}

static bool is_our_host(const struct web_server *server, const char *host) {
    char name[256], own[256];
    host_name(host, name);
    host_name(server->host, own);
    return web_is_loopback(name) || strcasecmp(name, own) == 0 ||
           is_listed(server->settings.allowed_hosts, name);
}

static bool is_same_origin(const char *origin, const char *host) {
    const char *at = strstr(origin, "://");
    return at && host && strcasecmp(at + 3, host) == 0;
}

static int check_token(const struct web_request *request, struct err *err) {
    const char *header = web_header(request, "Authorization");
    bool is_bearer = header && strncasecmp(header, "Bearer ", 7) == 0;
    if (is_bearer && hash_is_equal_secret(header + 7, request->server->token))
        return 0;
    err_set(err, ERR_UNAVAILABLE,
            header ? "The access token is not the right one." : "This needs the access token.");
    return err_hint(err, "Send it as \"Authorization: Bearer TOKEN\".");
}

int web_guard(const struct web_request *request, const struct web_route *route, struct err *err) {
    const char *host = web_header(request, "Host"), *origin = web_header(request, "Origin");
    const char *site = web_header(request, "Sec-Fetch-Site");
    if (request->server->checks_host && (!host || !is_our_host(request->server, host))) {
        err_set(err, ERR_REFUSED, "This server does not answer to the name \"%.100s\".",
                host ? host : "");
        return err_hint(err, "Use its own address, or add the name to ALLOWED_HOSTS.");
    }
    bool is_foreign = (origin && !is_same_origin(origin, host)) ||
                      (site && strcmp(site, "cross-site") == 0 && !route->is_open);
    if (is_foreign)
        return err_set(err, ERR_REFUSED, "Another web page (%.100s) may not use this server.",
                       origin ? origin : "cross-site");
    return request->server->token && !route->is_open ? check_token(request, err) : 0;
}
