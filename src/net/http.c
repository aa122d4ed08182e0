// SPDX-License-Identifier: Apache-2.0
//
// See http.h.
#include "net/http.h"

#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include "base/limits.h"
#include "net/client_curl.h"

// Where distributions keep the certificates of the authorities they trust; SSL_CERT_FILE wins.
static const char *const authorities[] = {
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/cert.pem",
};

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void start(void) { curl_global_init(CURL_GLOBAL_DEFAULT); }

void net_start(void) { pthread_once(&once, start); }

void net_response_done(struct net_response *response) { buf_done(&response->body); }

static size_t take(char *data, size_t size, size_t count, void *context) {
    struct buf *body = context;
    return buf_add(body, data, size * count) == 0 ? size * count : 0;
}

void net_set_authorities(CURL *curl) {
    const char *file = getenv("SSL_CERT_FILE");
    for (size_t i = 0; !file && i < ARRAY_LENGTH(authorities); i++)
        if (access(authorities[i], R_OK) == 0)
            file = authorities[i];
    if (file)
        curl_easy_setopt(curl, CURLOPT_CAINFO, file);
}

static struct curl_slist *headers_of(const struct net_request *request) {
    struct curl_slist *headers =
        curl_slist_append(NULL, "Accept: application/json, text/event-stream");
    if (request->body)
        headers = curl_slist_append(headers, "Content-Type: application/json");
    if (request->token) {
        cleanup_free char *header = mem_format("Authorization: Bearer %s", request->token);
        headers = curl_slist_append(headers, header);
    }
    return headers;
}

int net_send(const struct net_request *request, struct net_response *ret_response,
             struct err *err) {
    char why[CURL_ERROR_SIZE] = "";
    struct net_response response = {.body = BUF(LIMIT_HTTP_RESPONSE)};
    net_start();
    CURL *curl = curl_easy_init();
    if (!curl)
        return err_set(err, ERR_INTERNAL, "libcurl does not start");
    struct curl_slist *headers = headers_of(request);
    net_set_authorities(curl);
    curl_easy_setopt(curl, CURLOPT_URL, request->url);
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request->method);
    if (request->body)
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request->body);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)request->timeout_ms);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "");
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, why);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &response.body);
    CURLcode code = curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &response.status);
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    if (code == CURLE_OK) {
        *ret_response = response;
        return 0;
    }
    bool is_too_large = response.body.overflowed;
    net_response_done(&response);
    if (is_too_large)
        return err_set(err, ERR_TOO_LARGE, "%.200s answers with more than %lld bytes", request->url,
                       LIMIT_HTTP_RESPONSE);
    return err_set(err, ERR_UNAVAILABLE, "%.200s: %s", request->url,
                   *why ? why : curl_easy_strerror(code));
}

const char *net_library(void) { return "curl " LIBCURL_VERSION; }
