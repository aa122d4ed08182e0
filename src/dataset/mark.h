// SPDX-License-Identifier: Apache-2.0
//
// Footnote marks: what stands behind a value only to point to a note below the table. They are no
// part of what a cell or a header says.
#pragma once

#include <stddef.h>

// The length of TEXT without the footnote marks at its end ("[1]", "[a]", "[note 2]", "(note 1)",
// "*", "†", "‡", "§", "¹") and the spaces before them. A text of nothing but marks is all kept: it
// says something itself, as "***" does.
size_t mark_trim(const char *text, size_t length);
