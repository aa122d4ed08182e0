// SPDX-License-Identifier: Apache-2.0
//
// Dates and times of day as people write them in tables. No time zone and no clock is asked: a date
// is what it says.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define DATE_SIZE 20 // "2025-12-31 23:59:59" and its NUL

struct date {
    int year, month, day, hour, minute, second;
    bool has_time;         // a time of day other than midnight
    bool depends_on_order; // with the other order of day and month it would be another day
};

// The whole of TEXT as a date: 2025-12-31, 2025/12/31, 31.12.2025, 12/31/2025, 12/31/25,
// 31-12-2025, Dec 31, 2025, 31 December 2025, 31-Dec-25; behind it may be a time of day: 23:59,
// 23:59:59.5, 11:59 PM, with Z or +00:00. DAY_FIRST says how 1/2/2025 is meant. Two digits of a
// year are 1930 to 2029. A fraction of a second is dropped. 0 or -1.
int date_parse(const char *text, size_t length, bool day_first, struct date *ret_date);
// The whole of TEXT as a time of day: 23:59, 23:59:59.5, 11:59 PM. RET_DATE has no day.
// RET_HAS_HALF: it says which half of the day, so that it can be nothing else. 0 or -1.
int date_parse_time(const char *text, size_t length, struct date *ret_date, bool *ret_has_half);
// "23:59:59"; returns OUT.
const char *date_write_time(const struct date *date, char out[DATE_SIZE]);
// "2025-12-31", or with the time "2025-12-31 23:59:59"; returns OUT.
const char *date_write(const struct date *date, bool with_time, char out[DATE_SIZE]);

// A date inside a text, or as much of one as is there.
enum date_extent {
    DATE_NONE,
    DATE_DAY_OF_YEAR, // "September 4": --09-04, as XML Schema's gMonthDay has it
    DATE_MONTH,       // "September 1998": 1998-09
    DATE_WHOLE,
};

struct date_found {
    enum date_extent extent;
    struct date date;
    size_t start, length; // where it stands, in bytes
};

// The first whole date inside TEXT; where there is none, the first that lacks its year or day.
enum date_extent date_find(const char *text, size_t length, bool day_first,
                           struct date_found *ret_found);
// "1998-09-04", "1998-09" or "--09-04"; returns OUT.
const char *date_write_found(const struct date_found *found, char out[DATE_SIZE]);
