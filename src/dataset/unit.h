// SPDX-License-Identifier: Apache-2.0
//
// Units that stand in a header instead of in every cell: "Area (km²)", "Win %", "Price [USD]".
#pragma once

#include "dataset/number.h"

// The unit that HEADER ends with, or that it is, as numbers have it (number.h); "" where it has
// none that is known.
void unit_of_header(const char *header, char ret_unit[NUMBER_UNIT]);
