// SPDX-License-Identifier: Apache-2.0
//
// See hash.h.
#include "base/hash.h"

#include <mbedtls/constant_time.h>
#include <mbedtls/sha1.h>
#include <mbedtls/sha256.h>
#include <mbedtls/version.h>
#include <stdio.h>
#include <string.h>

struct hash {
    mbedtls_sha256_context context;
};

struct hash *hash_new(void) {
    struct hash *hash = mem_zero(1, sizeof *hash);
    mbedtls_sha256_init(&hash->context);
    mbedtls_sha256_starts(&hash->context, 0);
    return hash;
}

void hash_free(struct hash *hash) {
    if (!hash)
        return;
    mbedtls_sha256_free(&hash->context);
    free(hash);
}

void hash_add(struct hash *hash, const void *data, size_t length) {
    mbedtls_sha256_update(&hash->context, data, length);
}

void hash_hex(struct hash *hash, char out[HASH_HEX_SIZE]) {
    unsigned char digest[32];
    mbedtls_sha256_finish(&hash->context, digest);
    for (size_t i = 0; i < sizeof digest; i++)
        snprintf(out + 2 * i, 3, "%02x", digest[i]);
}

void hash_hex_of(const void *data, size_t length, char out[HASH_HEX_SIZE]) {
    struct hash *hash cleanup(hash_freep) = hash_new();
    hash_add(hash, data, length);
    hash_hex(hash, out);
}

void hash_sha1_hex_of(const void *data, size_t length, char out[HASH_SHA1_HEX_SIZE]) {
    unsigned char digest[20];
    mbedtls_sha1(data, length, digest);
    for (size_t i = 0; i < sizeof digest; i++)
        snprintf(out + 2 * i, 3, "%02x", digest[i]);
}

int hash_is_equal_secret(const char *left, const char *right) {
    char digests[2][HASH_HEX_SIZE];
    hash_hex_of(left, strlen(left), digests[0]);
    hash_hex_of(right, strlen(right), digests[1]);
    return mbedtls_ct_memcmp(digests[0], digests[1], HASH_HEX_SIZE) == 0;
}

const char *hash_library(void) { return MBEDTLS_VERSION_STRING_FULL; }
