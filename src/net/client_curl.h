// SPDX-License-Identifier: Apache-2.0
//
// What the users of libcurl share: its start, whom it trusts, and how a handle is set to speak to a
// client's server, and a client's lines. For files of src/net alone.
#pragma once

#include <curl/curl.h>

#include "net/client.h"

// Before the first use of libcurl; any number of times, from any thread.
void net_start(void);
// Trusts the authorities that the system trusts.
void net_set_authorities(CURL *curl);
// Sets URL (SCHEME, "http" or "ws", gains an s where the client's has one, and PATH), TLS, proxy
// and credential, which must live as long as the handle is used, as must HEADERS: what is added to
// them is the caller's to free.
void net_client_prepare(const struct net_client *client, CURL *curl, const char *scheme,
                        const char *path, const struct net_credential *credential,
                        struct curl_slist **headers);

// A handle with a multi handle of its own, which keeps its connection between calls.
struct net_line {
    CURL *easy;
    CURLM *multi;
    struct net_line *next;
};

// The line belongs to the caller until it is given back, with EASY out of MULTI again.
struct net_line *net_client_take_line(struct net_client *client);
void net_client_give_line(struct net_client *client, struct net_line *line);
