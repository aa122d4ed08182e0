// SPDX-License-Identifier: Apache-2.0
//
// See base64.h.
#include "base/base64.h"

#include <mbedtls/base64.h>
#include <string.h>

#include "base/mem.h"

int base64_decode(const char *text, char **ret_bytes, size_t *ret_length, struct err *err) {
    size_t length = strlen(text), room = length / 4 * 3 + 4, written = 0;
    char *bytes = mem_zero(room, 1);
    if (mbedtls_base64_decode((unsigned char *)bytes, room - 1, &written,
                              (const unsigned char *)text, length)) {
        free(bytes);
        return err_set(err, ERR_BAD_REQUEST, "not valid base 64");
    }
    *ret_bytes = bytes;
    *ret_length = written;
    return 0;
}

char *base64_encode_n(const void *data, size_t length) {
    size_t room = (length + 2) / 3 * 4 + 1, written = 0;
    char *encoded = mem_zero(room, 1);
    mbedtls_base64_encode((unsigned char *)encoded, room, &written, data, length);
    return encoded;
}

char *base64_encode(const char *text) { return base64_encode_n(text, strlen(text)); }
