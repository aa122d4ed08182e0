// SPDX-License-Identifier: Apache-2.0
//
// What an attached container without a terminal writes, taken apart: frames of eight bytes (the
// stream: 1 standard output, 2 standard error; three zeros; the length, big-endian) and as many
// bytes as that. They arrive in whatever pieces, and nothing is kept but the header under way.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

// STREAM is 1 or 2. 0, or negative to stop: docker_frames_feed() returns it.
typedef int docker_frame_function(void *context, int stream, const char *bytes, size_t length);

struct docker_frames {
    unsigned char header[8];
    size_t header_length;
    uint32_t left_bytes; // of the frame under way
    docker_frame_function *on_bytes;
    void *context;
};

// ERR_CORRUPT where a header is none, or what ON_BYTES returned.
int docker_frames_feed(struct docker_frames *frames, const char *bytes, size_t length,
                       struct err *err);
