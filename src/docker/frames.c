// SPDX-License-Identifier: Apache-2.0
//
// See frames.h.
#include "docker/frames.h"

#include <string.h>

static int begin_frame(struct docker_frames *frames, struct err *err) {
    const unsigned char *header = frames->header;
    if (header[0] < 1 || header[0] > 2 || header[1] || header[2] || header[3])
        return err_set(err, ERR_CORRUPT,
                       "the container's output is no stream of frames (header byte %d)", header[0]);
    frames->left_bytes = (uint32_t)header[4] << 24 | (uint32_t)header[5] << 16 |
                         (uint32_t)header[6] << 8 | header[7];
    return 0;
}

int docker_frames_feed(struct docker_frames *frames, const char *bytes, size_t length,
                       struct err *err) {
    while (length) {
        size_t count;
        int status = 0;
        if (frames->left_bytes == 0) {
            count = sizeof frames->header - frames->header_length;
            count = count < length ? count : length;
            memcpy(frames->header + frames->header_length, bytes, count);
            frames->header_length += count;
            if (frames->header_length == sizeof frames->header) {
                frames->header_length = 0;
                status = begin_frame(frames, err);
            }
        } else {
            count = frames->left_bytes < length ? frames->left_bytes : length;
            frames->left_bytes -= (uint32_t)count;
            status = frames->on_bytes(frames->context, frames->header[0], bytes, count);
        }
        if (status)
            return status;
        bytes += count;
        length -= count;
    }
    return 0;
}
