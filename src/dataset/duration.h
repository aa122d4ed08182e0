// SPDX-License-Identifier: Apache-2.0
//
// How long something takes, as people write it in a table's cell.
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct duration {
    double seconds;
    bool has_colons;   // 3:25.1, 1:02:03
    bool may_be_clock; // it could as well be a time of day: 09:30
    size_t length;     // of the text that was read
};

// The colons' form at the start of TEXT: minutes and seconds, or hours, minutes and seconds, and a
// fraction. Nothing of the sort may run on behind it. 0 or -1.
int duration_read_colons(const char *text, size_t length, struct duration *ret_duration);
// The whole of TEXT as a duration: "1:02:03", "3h 20m", "90 min", "10 years, 11 months, 15 days". A
// number of days or longer alone is a number with a unit rather than a duration. 0 or -1. A year is
// 365.25 days, a month a twelfth of it.
int duration_read(const char *text, size_t length, struct duration *ret_duration);
