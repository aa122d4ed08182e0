// SPDX-License-Identifier: Apache-2.0
//
// The kinds of what a plan is made of: aggregates, parts of dates, comparisons, and what is derived
// from measures.
#pragma once

enum plan_aggregate {
    PLAN_NONE,
    PLAN_COUNT,
    PLAN_COUNT_DISTINCT,
    PLAN_SUM,
    PLAN_AVERAGE,
    PLAN_MIN,
    PLAN_MAX,
    PLAN_MEDIAN, // always the only measure
};
// PLAN_MONTH is a month of one year ("2014-05"), PLAN_MONTH_OF_YEAR the month of any (1 to 12);
// weekdays are 0, Sunday, to 6. Weeks are those of ISO 8601 ("2014-W05"). Decades ("1990s") may be
// of dates or of a column of years.
enum plan_bucket {
    PLAN_AS_IS,
    PLAN_YEAR,
    PLAN_QUARTER,
    PLAN_MONTH,
    PLAN_WEEKDAY,
    PLAN_DAY,
    PLAN_HOUR,
    PLAN_MONTH_OF_YEAR,
    PLAN_WEEK,
    PLAN_DECADE,
};
enum plan_comparison {
    PLAN_EQUAL,
    PLAN_NOT_EQUAL,
    PLAN_LESS,
    PLAN_LESS_EQUAL,
    PLAN_GREATER,
    PLAN_GREATER_EQUAL,
    PLAN_BETWEEN, // both ends count; of a date, the whole last day
    PLAN_IS_NULL,
    PLAN_IS_NOT_NULL,
    PLAN_CONTAINS, // a part of the text
    PLAN_NOT_BETWEEN,
    PLAN_NOT_CONTAINS,
};

// What is made of the measures. Where two sides are compared each is measures[0] of the rows for
// which the filters of that side hold; without such filters a ratio is that of two measures.
enum plan_derivation {
    PLAN_PLAIN,
    PLAN_SHARE_OF_TOTAL,    // each group's percentage of all groups together
    PLAN_SHARE_OF_ROWS,     // the percentage that the first side is of all rows
    PLAN_DIFFERENCE,        // the first side less the second
    PLAN_RATIO,             // the first side or measure divided by the second
    PLAN_RUNNING_TOTAL,     // of the groups up to each
    PLAN_CHANGE,            // from the group before
    PLAN_GROWTH,            // the same in percent of the group before
    PLAN_AVERAGE_OF_GROUPS, // the average, over the last group's values, of what each measures
};
