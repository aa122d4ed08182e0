// SPDX-License-Identifier: Apache-2.0
//
// What the planner answers: weeks and decades, dates relative to the newest of the data, growth and
// running totals. Answers were worked out
// from the tables by hand, or by SQL of another shape; cells are joined by "|", rows by ";".
#include "tests/unit/check.h"
#include "tests/unit/plan_data.h"

static const struct plan_case parts_of_time_are_answered_cases[] = {
    {"films", "number of films by decade", "1990s|2;2000s|4;2010s|6"},
    {"films", "total gross by decade", "1990s|123000000;2000s|819000000;2010s|1464000000"},
    {"films", "which decade had the most films", "2010s|6"},
    {"loans", "number of loans by week in 2022", "2022-W18|1;2022-W41|1"},
    {"loans", "loans by quarter",
     "2019-Q1|1;2019-Q4|1;2020-Q2|1;2020-Q3|1;2021-Q1|1;2021-Q4|1;2022-Q2|1;2022-Q4|1"},
    {"loans", "loans per weekday", "Monday|3;Tuesday|1;Thursday|2;Friday|1;Saturday|1"},
    {"loans", "total amount by decade", "2010s|262000;2020s|392400"},
    {"sensors", "number of readings by week", "2023-W01|4;2023-W06|2;2023-W29|3;2024-W29|1"},
    {"sensors", "weekly readings", "2023-W01|4;2023-W06|2;2023-W29|3;2024-W29|1"},
    {"sensors", "average temperature by hour", "6|4.25;12|26.1667;18|11.6667"},
    {"sensors", "average temperature by weekday",
     "Thursday|14.0833;Friday|2.5;Saturday|7.75;Sunday|28"},
    {"shopette", "revenue by week", "2023-W44|23;2024-W03|53;2024-W09|70;2024-W10|12"},
    {"shopette", "orders by weekday", "Monday|1;Tuesday|1;Thursday|1;Saturday|1;Sunday|1"},
    {"shopette", "orders per quarter", "2023-Q4|1;2024-Q1|4"},
};

TEST(parts_of_time_are_answered) {
    plan_check_cases(parts_of_time_are_answered_cases,
                     ARRAY_LENGTH(parts_of_time_are_answered_cases));
}

static const struct plan_case dates_relative_to_the_newest_are_answered_cases[] = {
    {"loans", "how many loans were granted this year", "2"},
    {"loans", "how many loans were granted last year", "2"},
    {"loans", "how many loans were granted in the last year of the data", "2"},
    {"loans", "total amount this quarter", "15000"},
    {"loans", "loans of the last 12 months",
     "L6|Lena Vogt|Köln|900|9.9|2021-12-24|2022-01-31|gifts;L7|Sara "
     "Lund|Köln|45000|3.8|2022-05-05|-|business;L8|Omar Said|Bonn|15000|4.9|2022-10-10|-|car"},
    {"loans", "how many loans in the last three years", "6"},
    {"loans", "how many loans were granted this month", "1"},
    {"loans", "how many loans were granted last month", "0"},
    {"loans", "total amount last quarter", "-"},
    {"films", "films released this year", "A Small Island|2018|Luc Moreau|Drama|104|7.9|-|France"},
    {"films", "how many films in the last ten years", "6"},
    {"films", "how many films in the latest year", "1"},
    {"sensors", "how many readings in the last 7 days", "1"},
    {"sensors", "how many readings this month", "1"},
    {"sensors", "average temperature last year", "11.3889"},
    {"shopette", "revenue this month", "82"},
    {"shopette", "revenue last month", "-"},
    {"shopette", "revenue in the last month of the data", "82"},
    {"shopette", "how many orders in the last 60 days", "4"},
    {"staff", "who was hired last year", "Judy Adams"},
    {"staff", "how many employees were hired in the last five years", "6"},
    {"football", "how many matches this year", "4"},
};

TEST(dates_relative_to_the_newest_are_answered) {
    plan_check_cases(dates_relative_to_the_newest_are_answered_cases,
                     ARRAY_LENGTH(dates_relative_to_the_newest_are_answered_cases));
}

static const struct plan_case growth_and_running_totals_are_answered_cases[] = {
    {"loans", "growth of the total amount by year",
     "2019|262000|-;2020|21500|-91.7939;2021|310900|1346.0465;2022|60000|-80.7012"},
    {"loans", "change in the total amount by year",
     "2019|262000|-;2020|21500|-240500;2021|310900|289400;2022|60000|-250900"},
    {"loans", "number of loans year over year", "2019|2|-;2020|2|0;2021|2|0;2022|2|0"},
    {"loans", "growth in loans by year", "2019|2|-;2020|2|0;2021|2|0;2022|2|0"},
    {"loans", "running total of the amount by year",
     "2019|262000|262000;2020|21500|283500;2021|310900|594400;2022|60000|654400"},
    {"loans", "cumulative amount by quarter in 2021", "2021-Q1|310000|310000;2021-Q4|900|310900"},
    {"loans", "running total of loans by year", "2019|2|2;2020|2|4;2021|2|6;2022|2|8"},
    {"films", "growth of gross by decade",
     "1990s|123000000|-;2000s|819000000|565.8537;2010s|1464000000|78.7546"},
    {"films", "running total of films by year",
     "1994|1|1;1999|1|2;2001|1|3;2004|2|5;2008|1|6;2010|1|7;2012|1|8;2013|2|10;2016|1|11;2018|1|"
     "12"},
    {"football", "growth in attendance by year", "2021|45900|-;2022|52050|13.3987"},
    {"football", "running total of goals by month",
     "2021-08|3|3;2021-09|8|11;2022-01|4|15;2022-02|5|20;2022-03|3|23"},
    {"football", "change in average attendance by year", "2021|11475|-;2022|13012.5|1537.5"},
    {"shopette", "running total of revenue by month", "2023-11|23|23;2024-01|53|76;2024-03|82|158"},
    {"shopette", "month over month growth of revenue",
     "2023-11|23|-;2024-01|53|130.4348;2024-03|82|54.717"},
    {"shopette", "cumulative revenue by month", "2023-11|23|23;2024-01|53|76;2024-03|82|158"},
    {"sensors", "change in average temperature by month in 2023",
     "2023-01|0.125|-;2023-02|7.75|7.625;2023-07|28.8333|21.0833"},
    {"staff", "running total of employees by year",
     "2010|1|1;2012|1|2;2015|1|3;2016|1|4;2018|2|6;2019|1|7;2020|1|8;2021|1|9;2022|1|10"},
    {"loans", "running total of amount by branch and year",
     "Aachen|2019|12000|12000;Aachen|2020|3000|15000;Bonn|2019|250000|250000;Bonn|2021|310000|"
     "560000;Bonn|2022|15000|575000;Köln|2020|18500|18500;Köln|2021|900|19400;Köln|2022|45000|"
     "64400"},
    {"films", "running total of gross of dramas",
     "1994|28000000|28000000;2001|12000000|40000000;2010|33000000|73000000;2018|-|73000000"},
};

TEST(growth_and_running_totals_are_answered) {
    plan_check_cases(growth_and_running_totals_are_answered_cases,
                     ARRAY_LENGTH(growth_and_running_totals_are_answered_cases));
}

static const struct plan_case dates_are_read_in_any_spelling_cases[] = {
    {"loans", "how many loans were granted on May 5th, 2022", "1"},
    {"loans", "how many loans were granted on the 5th of May 2022", "1"},
    {"loans", "how many loans were granted in Sept 2020", "1"},
    {"loans", "how many loans were granted in the first quarter of 2021", "1"},
    {"loans", "how many loans were granted in Q1 2021", "1"},
    {"loans", "how many loans were granted since June 2020", "6"},
    {"loans", "how many loans were granted up to 2020", "4"},
    {"loans", "loans granted between June 2020 and March 2021",
     "L3|Kim Novak|Aachen|3000|7.9|2020-06-01|2021-06-01|travel;L4|Lena "
     "Vogt|Köln|18500|5.2|2020-09-15|-|car;L5|Piotr Zając|Bonn|310000|1.9|2021-03-08|-|house"},
    {"loans", "how many loans were granted in the 2020s", "6"},
    {"films", "total gross over time",
     "1994|28000000;1999|95000000;2001|12000000;2004|357000000;2008|450000000;2010|33000000;2012|"
     "720000000;2013|181000000;2016|530000000;2018|-"},
};

TEST(dates_are_read_in_any_spelling) {
    plan_check_cases(dates_are_read_in_any_spelling_cases,
                     ARRAY_LENGTH(dates_are_read_in_any_spelling_cases));
}
