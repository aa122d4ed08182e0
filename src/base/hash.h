// SPDX-License-Identifier: Apache-2.0
//
// SHA-256 (FIPS 180-4) by mbedTLS.
#pragma once

#include <stddef.h>

#include "base/mem.h"

#define HASH_HEX_SIZE 65
#define HASH_SHA1_HEX_SIZE 41

struct hash;

struct hash *hash_new(void);
void hash_free(struct hash *hash);
MEM_CLEANUP(struct hash *, hash_free);
void hash_add(struct hash *hash, const void *data, size_t length);
// The digest of all that was added, in lower-case hexadecimal; nothing can be added afterwards.
void hash_hex(struct hash *hash, char out[HASH_HEX_SIZE]);
// Of one piece of memory.
void hash_hex_of(const void *data, size_t length, char out[HASH_HEX_SIZE]);
// SHA-1, for where a format asks for it; it protects nothing.
void hash_sha1_hex_of(const void *data, size_t length, char out[HASH_SHA1_HEX_SIZE]);
// Whether two texts are equal, in a time that does not tell where they differ.
int hash_is_equal_secret(const char *left, const char *right);
// "Mbed TLS 3.6.6"
const char *hash_library(void);
