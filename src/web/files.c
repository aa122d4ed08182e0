// SPDX-License-Identifier: Apache-2.0
//
// The web UI's files: embedded and compressed beforehand, or, for development, from a folder.
#include <stdio.h>
#include <string.h>
#include <zlib.h>

#include "base/fd.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "web/assets.h"
#include "web/routes.h"

#define CONTENT_POLICY                                                                             \
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src "  \
    "'self'; base-uri 'none'; "                                                                    \
    "form-action 'none'; frame-ancestors 'none'"

static const struct web_asset *find(const char *path) {
    size_t low = 0, high = web_assets_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = strcmp(path, web_assets[middle].path);
        if (order == 0)
            return &web_assets[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

static void add_headers(struct MHD_Response *response, const char *type, const char *etag,
                        bool is_immutable) {
    MHD_add_response_header(response, "Content-Type", type);
    MHD_add_response_header(response, "Cache-Control",
                            is_immutable ? "public, max-age=31536000, immutable" : "no-cache");
    if (str_has_prefix(type, "text/html")) {
        MHD_add_response_header(response, "Content-Security-Policy", CONTENT_POLICY);
        MHD_add_response_header(response, "Cross-Origin-Opener-Policy", "same-origin");
    }
    if (etag)
        MHD_add_response_header(response, "ETag", etag);
}

// The file of an asset that is kept as a gzip stream; freed by free(), NULL where it is damaged.
static char *unzip(const struct web_asset *asset) {
    z_stream stream = {0};
    if (inflateInit2(&stream, 15 + 16) != Z_OK)
        return NULL;
    char *out = mem_zero(asset->size_bytes, 1);
    stream.next_in = (Bytef *)asset->data;
    stream.avail_in = (uInt)asset->data_size_bytes;
    stream.next_out = (Bytef *)out;
    stream.avail_out = (uInt)asset->size_bytes;
    int status = inflate(&stream, Z_FINISH);
    bool is_whole = status == Z_STREAM_END && stream.total_out == asset->size_bytes;
    inflateEnd(&stream);
    if (is_whole)
        return out;
    free(out);
    return NULL;
}

// All browsers take gzip; for whoever does not it is unpacked each time.
static struct MHD_Response *response_of(const struct web_asset *asset, bool is_small) {
    if (is_small || !asset->is_gzipped)
        return MHD_create_response_from_buffer_static(asset->data_size_bytes, asset->data);
    char *file = unzip(asset);
    return file ? MHD_create_response_from_buffer_with_free_callback(asset->size_bytes, file, free)
                : NULL;
}

static enum MHD_Result reply_embedded(struct web_request *request, unsigned status,
                                      const struct web_asset *asset) {
    char etag[72];
    // Only of what is there can a client have been told that it has not changed.
    const char *known = status == MHD_HTTP_OK ? web_header(request, "If-None-Match") : NULL;
    bool is_small = asset->is_gzipped && web_accepts_gzip(request);
    // The two encodings are two representations, so each has an ETag of its own (RFC 9110, 8.8.3).
    snprintf(etag, sizeof etag, "\"%s%s\"", asset->etag, is_small ? "-gz" : "");
    bool is_known = known && strstr(known, etag);
    struct MHD_Response *response =
        is_known ? MHD_create_response_empty(MHD_RF_NONE) : response_of(asset, is_small);
    if (!response)
        return MHD_NO;
    add_headers(response, asset->content_type, etag, asset->is_immutable);
    MHD_add_response_header(response, "Vary", "Accept-Encoding");
    if (is_small && !is_known)
        MHD_add_response_header(response, "Content-Encoding", "gzip");
    return web_reply(request, is_known ? MHD_HTTP_NOT_MODIFIED : status, response);
}

static const char *type_of(const char *path) {
    static const char *const types[][2] = {
        {".html", "text/html; charset=utf-8"},
        {".js", "text/javascript; charset=utf-8"},
        {".css", "text/css; charset=utf-8"},
        {".svg", "image/svg+xml"},
        {".json", "application/json"},
        {".map", "application/json"},
        {".png", "image/png"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(types); i++)
        if (str_has_suffix(path, types[i][0]))
            return types[i][1];
    return "application/octet-stream";
}

static enum MHD_Result reply_missing(struct web_request *request) {
    char detail[200];
    snprintf(detail, sizeof detail, "There is nothing at %.160s.", request->path);
    return web_reply_problem(request, MHD_HTTP_NOT_FOUND, "not_found", detail, NULL);
}

static enum MHD_Result reply_from_folder(struct web_request *request, unsigned status,
                                         const char *file) {
    cleanup_free char *path = path_join(request->server->settings.assets_path, file + 1);
    cleanup_buf struct buf bytes = BUF(LIMIT_HTTP_RESPONSE);
    struct err err = {0};
    if (strstr(file, "..") || !path_is_file(path))
        return reply_missing(request);
    if (fd_read_file(path, &bytes, &err))
        return web_reply_error(request, &err);
    size_t length = bytes.length;
    struct MHD_Response *response =
        MHD_create_response_from_buffer_with_free_callback(length, buf_take(&bytes), free);
    add_headers(response, type_of(file), NULL, false);
    return web_reply(request, status, response);
}

static enum MHD_Result reply_file(struct web_request *request, unsigned status, const char *file) {
    if (request->server->settings.assets_path)
        return reply_from_folder(request, status, file);
    const struct web_asset *asset = find(file);
    return asset ? reply_embedded(request, status, asset) : reply_missing(request);
}

enum MHD_Result web_get_asset(struct web_request *request) {
    return reply_file(request, MHD_HTTP_OK, request->path);
}

enum MHD_Result web_get_page(struct web_request *request) {
    return reply_file(request, MHD_HTTP_OK, "/index.html");
}

enum MHD_Result web_reply_lost(struct web_request *request) {
    return reply_file(request, MHD_HTTP_NOT_FOUND, "/index.html");
}
