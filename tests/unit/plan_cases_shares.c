// SPDX-License-Identifier: Apache-2.0
//
// What the planner answers: shares, percentages and medians. Answers were worked out
// from the tables by hand, or by SQL of another shape; cells are joined by "|", rows by ";".
#include "tests/unit/check.h"
#include "tests/unit/plan_data.h"

static const struct plan_case shares_of_rows_and_of_totals_are_answered_cases[] = {
    {"films", "what percentage of films are dramas", "4|12|33.3333"},
    {"films", "percentage of films from France", "3|12|25"},
    {"films", "what share of films were directed by Ana Duarte", "3|12|25"},
    {"films", "share of films by genre",
     "Drama|4|33.3333;Action|2|16.6667;Comedy|2|16.6667;Science "
     "Fiction|2|16.6667;Thriller|2|16.6667"},
    {"films", "number of films by country as a percentage",
     "United States|5|41.6667;France|3|25;United "
     "Kingdom|2|16.6667;Germany|1|8.3333;Japan|1|8.3333"},
    {"films", "total gross by country as a percentage of the total",
     "United States|2038000000|84.7049;United "
     "Kingdom|172000000|7.1488;Germany|95000000|3.9485;France|68000000|2.8263;Japan|33000000|1."
     "3716"},
    {"films", "what percentage of the total gross comes from Starfall",
     "720000000|2406000000|29.9252"},
    {"films", "what percent of films have a rating above 8", "4|12|33.3333"},
    {"films", "what percentage of dramas are from France", "1|4|25"},
    {"films", "proportion of comedies", "2|12|16.6667"},
    {"films", "what percentage of films are longer than 120 by country",
     "United States|5|5|100;France|0|3|0;Germany|0|1|0;Japan|0|1|0;United Kingdom|0|2|0"},
    {"films", "percentage of films by country and genre",
     "France|Comedy|2|16.6667;United States|Action|2|16.6667;United States|Science "
     "Fiction|2|16.6667;France|Drama|1|8.3333;Germany|Thriller|1|8.3333;Japan|Drama|1|8.3333;"
     "United Kingdom|Drama|1|8.3333;United Kingdom|Thriller|1|8.3333;United States|Drama|1|8.3333"},
    {"staff", "what percentage of employees work remotely", "5|10|50"},
    {"staff", "what percentage of employees work in Sales", "3|10|30"},
    {"staff", "share of employees by department", "Engineering|4|40;Sales|3|30;Support|3|30"},
    {"staff", "percentage of engineers that work remotely", "2|3|66.6667"},
    {"staff", "what share of the total salary goes to Engineering", "298000|664000|44.8795"},
    {"staff", "what percentage of employees work remotely by department",
     "Engineering|3|4|75;Sales|1|3|33.3333;Support|1|3|33.3333"},
    {"staff", "employees by job as a percentage",
     "Engineer|3|30;Account manager|2|20;Agent|2|20;Director|1|10;Intern|1|10;Team lead|1|10"},
    {"staff", "what percentage of employees have no manager", "4|10|40"},
    {"loans", "what percentage of loans were repaid", "3|8|37.5"},
    {"loans", "share of the total amount by branch",
     "Bonn|575000|87.8667;Köln|64400|9.8411;Aachen|15000|2.2922"},
    {"loans", "what percentage of loans are car loans", "3|8|37.5"},
    {"loans", "total amount by purpose as a percentage",
     "house|560000|85.5746;car|45500|6.9529;business|45000|6.8765;travel|3000|0.4584;gifts|900|0."
     "1375"},
    {"loans", "percentage of loans over 100000 euros", "2|8|25"},
    {"loans", "what share of loans in Bonn are house loans", "2|3|66.6667"},
    {"loans", "what percentage of loans were granted in 2021", "2|8|25"},
    {"shopette", "what percentage of orders were delivered", "3|5|60"},
    {"shopette", "share of revenue by category", "Tea|87|55.0633;Coffee|71|44.9367"},
    {"shopette", "what share of revenue comes from Lyon", "153|158|96.8354"},
    {"shopette", "what percentage of customers ordered tea", "3|4|75"},
    {"shopette", "percentage of customers who have ordered", "3|4|75"},
    {"shopette", "what percentage of orders were cancelled by city", "Oslo|1|1|100;Lyon|0|4|0"},
    {"sensors", "what percentage of readings are faults", "2|10|20"},
    {"sensors", "share of readings by sensor", "north|4|40;roof|3|30;south|3|30"},
    {"football", "what percentage of matches were cup matches", "2|8|25"},
    {"football", "share of the attendance by competition",
     "League|75950|77.5396;Cup|22000|22.4604"},
    {"films", "top 2 genres by share of films", "Drama|4|33.3333;Action|2|16.6667"},
    {"films", "which country has the highest percentage of dramas", "Japan|1|1|100"},
    {"loans", "which branch has the lowest share of car loans", "Bonn|1|3|33.3333"},
    {"staff", "which department has the highest percentage of remote employees",
     "Engineering|3|4|75"},
    {"loans", "which year had the biggest change in the total amount", "2021|310900|289400"},
};

TEST(shares_of_rows_and_of_totals_are_answered) {
    plan_check_cases(shares_of_rows_and_of_totals_are_answered_cases,
                     ARRAY_LENGTH(shares_of_rows_and_of_totals_are_answered_cases));
}

static const struct plan_case medians_are_answered_cases[] = {
    {"films", "median rating", "7.55"},
    {"films", "median gross of films from France", "34000000"},
    {"films", "median rating by genre",
     "Science Fiction|8.35;Drama|8.1;Thriller|7.55;Comedy|6.75;Action|6.65"},
    {"films", "median runtime of dramas", "106.5"},
    {"staff", "median salary", "59000"},
    {"staff", "median salary by department", "Engineering|89500;Sales|57000;Support|38000"},
    {"staff", "median age of employees in Sales", "35"},
    {"loans", "median amount by branch", "Bonn|250000;Köln|18500;Aachen|7500"},
    {"sensors", "median temperature by sensor", "roof|9;north|8.75;south|2.5"},
    {"shopette", "median price of products", "8.2"},
};

TEST(medians_are_answered) {
    plan_check_cases(medians_are_answered_cases, ARRAY_LENGTH(medians_are_answered_cases));
}
