// SPDX-License-Identifier: Apache-2.0
//
// Base 64 (RFC 4648) by mbedTLS.
#pragma once

#include <stddef.h>

#include "base/err.h"

// The bytes that TEXT stands for, with a NUL behind them; the caller frees them. ERR_BAD_REQUEST.
int base64_decode(const char *text, char **ret_bytes, size_t *ret_length, struct err *err);
// TEXT encoded; the caller frees it.
char *base64_encode(const char *text);
// The same of LENGTH bytes.
char *base64_encode_n(const void *data, size_t length);
