// SPDX-License-Identifier: Apache-2.0
//
// Reads JSON lines as the rows of a table: one object a line, whose members are the cells. Objects
// inside it are flattened ("address.city"), lists of plain values become one text ("a, b"), other
// lists their JSON; null is an empty cell.
#pragma once

#include "dataset/csv.h"
#include "dataset/schema.h"

struct jsonl_reader;

// Starts with a row of all keys, in the order in which they appear. They are in KEYS, or found by
// reading the file once where KEYS is empty, and then put there. ERR_BAD_REQUEST where a line is no
// object (the message has file and line), ERR_TOO_LARGE (keys, a line, the file), ERR_IO.
int jsonl_open(int fd, const char *file, struct dataset_texts *keys, struct hash *hash,
               struct jsonl_reader **ret_reader, struct err *err);
void jsonl_close(struct jsonl_reader *reader);
MEM_CLEANUP(struct jsonl_reader *, jsonl_close);
// Numbers that had to be rounded: they are read with 53 bits.
struct csv_mended jsonl_rounded(const struct jsonl_reader *reader);
int jsonl_next(struct jsonl_reader *reader, struct csv_row *ret_row, struct err *err);
