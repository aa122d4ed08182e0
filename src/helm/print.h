// SPDX-License-Identifier: Apache-2.0
//
// Values as text: what Go's fmt prints, how Go quotes and how it writes numbers.
#pragma once

#include "helm/value.h"

// The number as strconv.FormatFloat(real, format, precision, 64) writes it; a precision of -1 takes
// as many digits as it needs to be read back the same. FORMAT is one of e E f g G.
void print_real(struct buf *out, double real, char format, int precision);
// "a \"quoted\" text\n" as %q; only ASCII with IS_ASCII.
void print_quoted(struct buf *out, struct text text, bool is_ascii);
// As %v; with QUOTED texts inside are quoted as %q does.
void print_value(struct buf *out, struct value value);
// fmt.Sprint: a space between two operands where neither is a text.
void print_all(struct buf *out, const struct value *values, size_t count);
void print_line(struct buf *out, const struct value *values, size_t count); // fmt.Sprintln
// fmt.Sprintf.
void print_formatted(struct buf *out, struct text format, const struct value *values, size_t count);
// As sprig turns it into a text: %v, but bytes are their characters.
struct text print_text_of(struct pool *pool, struct value value);
