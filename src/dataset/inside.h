// SPDX-License-Identifier: Apache-2.0
//
// What can be reckoned with inside a text: its first number, the second one of a score or range, a
// date. "W 21-14" has 21 and 14, "c. 1890" has 1890, "September 4, 1998 (Friday)" is 1998-09-04 and
// has no number, as a date's digits are no numbers.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "dataset/date.h"

// How a column's texts are meant where one alone does not tell.
struct inside_style {
    bool colon_is_score; // 2:1 is two numbers, not a duration
    bool has_durations;  // "90 min" is 5400 seconds
    bool day_first;
};

struct inside {
    bool has_number, has_second;
    bool is_time;  // the number was written with colons, in a way that can be a duration
    bool is_score; // two numbers were parted by a colon in a way that can be none
    double number, second;
    struct date_found date;
    bool is_swapped; // the date can only be meant with day and month in the other order
};

void inside_read(const struct inside_style *style, const char *text, size_t length,
                 struct inside *ret_inside);
// Whether TEXT lists two or more things parted by SEPARATOR ("," ";" "/" or a newline): short ones,
// none of them empty, some with letters.
bool inside_is_list(const char *text, size_t length, char separator);
// The part of a list that starts at AT: its place in RET_START and RET_LENGTH. Where the next one
// starts, or LENGTH + 1 behind the last.
size_t inside_part(const char *text, size_t length, char separator, size_t at, size_t *ret_start,
                   size_t *ret_length);
