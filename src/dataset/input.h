// SPDX-License-Identifier: Apache-2.0
//
// The bytes of a table's file as its reader wants them: decompressed where they are gzip's, UTF-8
// where they are UTF-16. Other encodings are left as they are.
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"
#include "base/mem.h"

struct input;

// FILE names it in errors. Nothing is read yet.
struct input *input_new(int fd, const char *file);
void input_free(struct input *input);
MEM_CLEANUP(struct input *, input_free);
// Goes to the start of the file. What is read from then on goes into HASH as it is in the file,
// where HASH is not NULL. ERR_IO.
int input_restart(struct input *input, struct hash *hash, struct err *err);
// At most SIZE bytes (at least 4096) into BUFFER; how many, 0 at the end. ERR_IO; ERR_TOO_LARGE
// where it has more than LIMIT_IMPORT bytes, or swells by more than LIMIT_INFLATE_RATIO;
// ERR_BAD_REQUEST where the compressed bytes are damaged.
int64_t input_read(struct input *input, unsigned char *buffer, size_t size, struct err *err);
