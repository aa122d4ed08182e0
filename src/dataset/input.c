// SPDX-License-Identifier: Apache-2.0
//
// See input.h. Bytes go through up to three stages, each with its buffer: as they are in the file,
// inflated, and, where they are UTF-16, turned into UTF-8. Which stages there are is decided by the
// first bytes of each.
#include "dataset/input.h"

#include <errno.h>
#include <unistd.h>
#include <zlib.h>

#include "base/limits.h"
#include "base/str.h"

#define CHUNK (64 * 1024)
#define INPUT_MIN 4096     // bytes that a caller has room for
#define EVIDENCE_BYTES 512 // are looked at to tell UTF-16 without a mark

enum encoding { ENCODING_UNKNOWN, ENCODING_BYTES, ENCODING_UTF16_LE, ENCODING_UTF16_BE };

struct input {
    int fd;
    const char *file;
    struct hash *hash;
    unsigned char raw[CHUNK], plain[CHUNK];
    size_t raw_at, raw_filled, plain_at, plain_filled;
    int64_t raw_bytes, plain_bytes; // so far
    bool is_started, is_gzip, is_inflating, raw_is_at_end;
    enum encoding encoding;
    z_stream inflating;
};

struct input *input_new(int fd, const char *file) {
    struct input *input = mem_zero(1, sizeof *input);
    input->fd = fd;
    input->file = file;
    return input;
}

static void end_inflating(struct input *input) {
    if (input->is_inflating)
        inflateEnd(&input->inflating);
    input->is_inflating = false;
}

void input_free(struct input *input) {
    if (!input)
        return;
    end_inflating(input);
    free(input);
}

int input_restart(struct input *input, struct hash *hash, struct err *err) {
    if (lseek(input->fd, 0, SEEK_SET) < 0)
        return err_set_errno(err, errno, "%s: cannot go to its start", input->file);
    end_inflating(input);
    input->hash = hash;
    input->raw_at = input->raw_filled = input->plain_at = input->plain_filled = 0;
    input->raw_bytes = input->plain_bytes = 0;
    input->is_started = input->is_gzip = input->raw_is_at_end = false;
    input->encoding = ENCODING_UNKNOWN;
    return 0;
}

// ---- As they are in the file --------------------------------------------------------------------

static int fill_raw(struct input *input, struct err *err) {
    ssize_t got;
    do
        got = read(input->fd, input->raw, CHUNK);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return err_set_errno(err, errno, "%s: cannot read", input->file);
    input->raw_is_at_end = got == 0;
    input->raw_at = 0;
    input->raw_filled = (size_t)got;
    input->raw_bytes += got;
    if (input->hash)
        hash_add(input->hash, input->raw, input->raw_filled);
    return 0;
}

// ---- Inflated -----------------------------------------------------------------------------------

static int start(struct input *input, struct err *err) {
    int status = fill_raw(input, err);
    if (status)
        return status;
    input->is_started = true;
    input->is_gzip = input->raw_filled >= 2 && input->raw[0] == 0x1F && input->raw[1] == 0x8B;
    if (!input->is_gzip)
        return 0;
    input->inflating = (z_stream){0};
    if (inflateInit2(&input->inflating, 16 + MAX_WBITS) != Z_OK)
        return err_set(err, ERR_INTERNAL, "%s: cannot start to decompress", input->file);
    input->is_inflating = true;
    return 0;
}

static int check_size(const struct input *input, struct err *err) {
    if (input->plain_bytes > LIMIT_IMPORT)
        return err_set(err, ERR_TOO_LARGE, "%s has more than %lld MiB", input->file,
                       LIMIT_IMPORT >> 20);
    if (input->is_gzip && input->plain_bytes > CHUNK + LIMIT_INFLATE_RATIO * input->raw_bytes)
        return err_set(err, ERR_TOO_LARGE, "%s swells to more than %d times its size", input->file,
                       LIMIT_INFLATE_RATIO);
    return 0;
}

static int damaged(const struct input *input, struct err *err) {
    return err_set(err, ERR_BAD_REQUEST, "%s cannot be decompressed: it is damaged or cut off",
                   input->file);
}

// One step of decompression. A file may be several compressed ones, one behind the other.
static int inflate_some(struct input *input, struct err *err) {
    z_stream *stream = &input->inflating;
    stream->next_in = input->raw + input->raw_at;
    stream->avail_in = (unsigned)(input->raw_filled - input->raw_at);
    stream->next_out = input->plain;
    stream->avail_out = CHUNK;
    int code = inflate(stream, Z_NO_FLUSH);
    input->raw_at = input->raw_filled - stream->avail_in;
    input->plain_at = 0;
    input->plain_filled = CHUNK - stream->avail_out;
    if (code == Z_STREAM_END) {
        int status = input->raw_at == input->raw_filled ? fill_raw(input, err) : 0;
        if (status)
            return status;
        if (input->raw_is_at_end)
            end_inflating(input);
        else if (inflateReset(stream) != Z_OK)
            return damaged(input, err);
        return 0;
    }
    return code == Z_OK || code == Z_BUF_ERROR ? 0 : damaged(input, err);
}

// Fills `plain`; it stays empty at the end.
static int fill_plain(struct input *input, struct err *err) {
    int status = input->is_started ? 0 : start(input, err);
    input->plain_at = input->plain_filled = 0;
    while (!status && input->is_inflating && input->plain_filled == 0) {
        bool needs_more = input->raw_at == input->raw_filled;
        if (needs_more)
            status = fill_raw(input, err);
        if (!status && needs_more && input->raw_is_at_end)
            return damaged(input, err);
        if (!status)
            status = inflate_some(input, err);
    }
    if (!status && !input->is_gzip) {
        if (input->raw_at == input->raw_filled)
            status = fill_raw(input, err);
        input->plain_filled = input->raw_filled;
        memcpy(input->plain, input->raw, input->raw_filled);
        input->raw_at = input->raw_filled;
    }
    input->plain_bytes += (int64_t)input->plain_filled;
    return status ? status : check_size(input, err);
}

// ---- UTF-8 --------------------------------------------------------------------------------------

// By the mark at the front, or, as text in Latin letters has it, by every other byte being NUL.
static enum encoding find_encoding(struct input *input) {
    const unsigned char *bytes = input->plain;
    size_t zeros[2] = {0}, length = input->plain_filled;
    if (length >= 2 && bytes[0] == 0xFF && bytes[1] == 0xFE) {
        input->plain_at += 2;
        return ENCODING_UTF16_LE;
    }
    if (length >= 2 && bytes[0] == 0xFE && bytes[1] == 0xFF) {
        input->plain_at += 2;
        return ENCODING_UTF16_BE;
    }
    size_t looked_at = (length < EVIDENCE_BYTES ? length : EVIDENCE_BYTES) & ~(size_t)1;
    for (size_t i = 0; i < looked_at; i++)
        zeros[i % 2] += bytes[i] == 0;
    if (looked_at >= 4 && zeros[0] == 0 && 10 * zeros[1] >= 4 * looked_at)
        return ENCODING_UTF16_LE;
    if (looked_at >= 4 && zeros[1] == 0 && 10 * zeros[0] >= 4 * looked_at)
        return ENCODING_UTF16_BE;
    return ENCODING_BYTES;
}

// The next 16 bits; -1 at the end. A single byte at the end is dropped.
static int next_unit(struct input *input, struct err *err, int *ret_status) {
    unsigned char bytes[2] = {0};
    for (size_t i = 0; i < 2; i++) {
        if (input->plain_at == input->plain_filled)
            *ret_status = fill_plain(input, err);
        if (*ret_status || input->plain_at == input->plain_filled)
            return -1;
        bytes[i] = input->plain[input->plain_at++];
    }
    return input->encoding == ENCODING_UTF16_LE ? bytes[1] << 8 | bytes[0]
                                                : bytes[0] << 8 | bytes[1];
}

// Half of a pair without the other is U+FFFD.
static int64_t read_utf16(struct input *input, unsigned char *buffer, size_t size,
                          struct err *err) {
    size_t filled = 0;
    int status = 0, unit = -1;
    while (filled + 8 <= size && (unit = next_unit(input, err, &status)) >= 0) {
        uint32_t code = (uint32_t)unit;
        if (unit >= 0xD800 && unit < 0xDC00) {
            int low = next_unit(input, err, &status);
            bool is_pair = low >= 0xDC00 && low < 0xE000;
            code = is_pair ? 0x10000 + ((code - 0xD800) << 10) + (uint32_t)(low - 0xDC00) : 0xFFFD;
            if (!is_pair && low >= 0) {
                filled += str_put_character(code, (char *)buffer + filled);
                code = low >= 0xD800 && low < 0xE000 ? 0xFFFD : (uint32_t)low;
            }
        } else if (unit >= 0xDC00 && unit < 0xE000) {
            code = 0xFFFD;
        }
        filled += str_put_character(code, (char *)buffer + filled);
    }
    return status ? status : (int64_t)filled;
}

int64_t input_read(struct input *input, unsigned char *buffer, size_t size, struct err *err) {
    if (size < INPUT_MIN)
        return err_set(err, ERR_INTERNAL, "%s is read by too few bytes at a time", input->file);
    if (input->plain_at == input->plain_filled) {
        int status = fill_plain(input, err);
        if (status)
            return status;
    }
    if (input->encoding == ENCODING_UNKNOWN)
        input->encoding = find_encoding(input);
    if (input->encoding != ENCODING_BYTES)
        return read_utf16(input, buffer, size, err);
    size_t length = input->plain_filled - input->plain_at;
    length = length < size ? length : size;
    memcpy(buffer, input->plain + input->plain_at, length);
    input->plain_at += length;
    return (int64_t)length;
}
