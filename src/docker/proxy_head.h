// SPDX-License-Identifier: Apache-2.0
//
// The head of a request to the Docker proxy: read by a grammar that is much narrower than HTTP's,
// so that there is one way to read it. Whatever two readers could take differently is refused: a
// header that stands twice, a folded line, a lone CR or LF, chunks, an escape in the path.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct docker_proxy_head {
    char method[12];
    char path[512], query[1024]; // the query is "" where there is none
    char content_type[64];       // "" where there is none
    int64_t content_bytes;       // of the body
    bool wants_upgrade;          // to a stream of bytes, as attaching has it
    bool wants_close;            // the connection, after the answer
};

// Reads the LENGTH bytes of a head, with the empty line at its end. ERR_BAD_REQUEST.
int docker_proxy_head_parse(const char *text, size_t length, struct docker_proxy_head *ret_head,
                            struct err *err);
