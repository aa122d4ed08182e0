// SPDX-License-Identifier: Apache-2.0
//
// A conversation as a text that people keep, send and print.
#pragma once

#include "base/buf.h"
#include "base/json.h"

// CONVERSATION with its turns, as Markdown. OUT overflows where it is too long.
void export_write(const json *conversation, struct buf *out);
