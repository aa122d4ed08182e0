// SPDX-License-Identifier: Apache-2.0
//
// What the planner answers: alternatives, denials, ranges, numbers in words, and whether there is
// any. Answers were worked out
// from the tables by hand, or by SQL of another shape; cells are joined by "|", rows by ";".
#include "tests/unit/check.h"
#include "tests/unit/plan_data.h"

static const struct plan_case yes_or_no_is_answered_with_its_proof_cases[] = {
    {"films", "is there a film from Japan", "1"},
    {"films", "are there any comedies from France", "2"},
    {"films", "are there films rated above 9", "0"},
    {"films", "did Paul Weber direct any comedies", "0"},
    {"films", "is Starfall directed by Paul Weber", "1"},
    {"films", "was there a film in 1995", "0"},
    {"films", "does any film have a rating over 8", "4"},
    {"staff", "is there an employee older than 50", "1"},
    {"staff", "are there any departments without employees", "1"},
    {"staff", "does anyone work remotely in Sales", "1"},
    {"staff", "did anyone join in 2017", "0"},
    {"staff", "are there employees who have no manager", "4"},
    {"loans", "was there a loan in 2018", "0"},
    {"loans", "is there a gift loan", "1"},
    {"shopette", "is there a customer who never ordered", "1"},
    {"shopette", "are there cancelled orders", "1"},
    {"shopette", "did Dora Ek order anything", "0"},
    {"shopette", "did Ana Blum order tea", "1"},
    {"sensors", "is there a fault in 2024", "0"},
    {"football", "was there a match in 2020", "0"},
    {"staff", "does Bob Stone work in Sales", "1"},
};

TEST(yes_or_no_is_answered_with_its_proof) {
    plan_check_cases(yes_or_no_is_answered_with_its_proof_cases,
                     ARRAY_LENGTH(yes_or_no_is_answered_with_its_proof_cases));
}

static const struct plan_case alternatives_are_answered_cases[] = {
    {"films", "films from France or directed by Paul Weber",
     "Night Train|1999|Paul Weber|Thriller|118|7.4|95000000|Germany;Paper Moons|2004|Ana "
     "Duarte|Comedy|96|7|47000000|France;The Last Signal|2004|Paul Weber|Science "
     "Fiction|131|8.1|310000000|United States;Starfall|2012|Paul Weber|Science "
     "Fiction|149|8.6|720000000|United States;The Baker's Son|2013|Luc "
     "Moreau|Comedy|92|6.5|21000000|France;A Small Island|2018|Luc Moreau|Drama|104|7.9|-|France"},
    {"films", "how many films are comedies or longer than 140", "4"},
    {"films", "how many films are from Japan or France", "4"},
    {"films", "how many films are from Germany or have a rating above 8.5", "3"},
    {"films", "how many films are from Japan or directed by John Okafor", "3"},
    {"films", "how many films were made in 2004 or directed by Luc Moreau", "4"},
    {"films", "how many films have a rating under 6.5 or over 8.5", "3"},
    {"staff", "how many employees are engineers or work in Sales", "6"},
    {"staff", "how many employees are over 50 or under 25", "2"},
    {"staff", "how many employees earn 36000 or 38000", "2"},
    {"staff", "how many employees were hired in 2018 or work in Support", "5"},
    {"loans", "how many loans are car loans or over 200000 euros", "5"},
    {"shopette", "how many orders are open or cancelled", "2"},
    {"shopette", "how many orders were cancelled or have a rating of 5", "2"},
    {"shopette", "products that cost five or twelve euros",
     "Black Tea|Tea|5;House Blend|Coffee|12"},
};

TEST(alternatives_are_answered) {
    plan_check_cases(alternatives_are_answered_cases,
                     ARRAY_LENGTH(alternatives_are_answered_cases));
}

static const struct plan_case what_is_denied_is_left_out_cases[] = {
    {"films", "films neither from France nor from the United States",
     "Night Train|1999|Paul Weber|Thriller|118|7.4|95000000|Germany;Blue Harbour|2001|Mia "
     "Chen|Drama|101|6.8|12000000|United Kingdom;Winter Garden|2010|Mia "
     "Chen|Drama|109|8.3|33000000|Japan;Silent Code|2013|John "
     "Okafor|Thriller|112|7.7|160000000|United Kingdom"},
    {"films", "how many films are neither dramas nor comedies", "6"},
    {"films", "how many films are neither dramas nor from France", "6"},
    {"films", "how many films are not dramas", "8"},
    {"films", "films other than dramas and comedies with a rating over 8",
     "Starfall|2012|Paul Weber|Science Fiction|149|8.6|720000000|United States;The Last "
     "Signal|2004|Paul Weber|Science Fiction|131|8.1|310000000|United States"},
    {"films", "how many films except dramas", "8"},
    {"films", "how many films without Paul Weber", "9"},
    {"films", "how many films were not made in 2013", "10"},
    {"films", "how many films were not made in 2004 or 2013", "8"},
    {"films", "how many films were not made between 2000 and 2010", "7"},
    {"films", "films whose title does not contain \"the\" from the United States",
     "Iron Valley|2008|John Okafor|Action|125|6.2|450000000|United States;Starfall|2012|Paul "
     "Weber|Science Fiction|149|8.6|720000000|United States;Red Desert|2016|Ana "
     "Duarte|Action|138|7.1|530000000|United States"},
    {"staff", "how many employees are not engineers", "7"},
    {"staff", "how many employees neither work in Sales nor in Support", "4"},
    {"staff", "how many employees were not hired in 2018", "8"},
    {"loans", "how many loans are not car loans", "5"},
    {"loans", "loans outside of Bonn with a rate under 5",
     "L7|Sara Lund|Köln|45000|3.8|2022-05-05|-|business;L1|Kim "
     "Novak|Aachen|12000|4.5|2019-02-14|2022-02-14|car"},
    {"loans", "how many loans with a rate not between 2 and 5", "4"},
    {"sensors", "how many readings were not in 2023", "1"},
    {"football", "how many matches had no home goals", "1"},
    {"loans", "how many loans were not granted since 2021", "4"},
};

TEST(what_is_denied_is_left_out) {
    plan_check_cases(what_is_denied_is_left_out_cases,
                     ARRAY_LENGTH(what_is_denied_is_left_out_cases));
}

static const struct plan_case ranges_and_numbers_are_read_in_any_spelling_cases[] = {
    {"films", "how many films have a runtime of 100-120", "5"},
    {"films", "how many films have a runtime from 100 to 120", "5"},
    {"films", "how many films with a runtime of at least 100 but under 110", "3"},
    {"films", "how many films are rated over 7 and under 8", "4"},
    {"films", "how many films have a rating between 7 and 8", "5"},
    {"films", "how many films are longer than a hundred and forty minutes", "2"},
    {"films", "how many films are longer than two hundred minutes", "0"},
    {"films", "films shorter than ninety-five minutes",
     "The Baker's Son|2013|Luc Moreau|Comedy|92|6.5|21000000|France"},
    {"films", "how many films grossed more than half a billion", "2"},
    {"films", "how many films grossed over 1.5k", "11"},
    {"films", "how many films grossed at least three hundred and ten million", "4"},
    {"films", "how many films grossed less than twenty-five million dollars", "2"},
    {"staff", "employees aged between 30 and 40",
     "Gina Wolf|Support|Team lead|61000|2016-04-18|39|0|-;Hana "
     "Ito|Engineering|Engineer|91000|2018-02-12|33|1|Carla Rossi;Bob Stone|Sales|Account "
     "manager|54000|2018-07-15|35|0|Eve Lang;Ivan Petrov|Sales|Account "
     "manager|57000|2019-10-07|31|1|Eve Lang"},
    {"staff", "how many employees earn between 50k and 60k", "2"},
    {"staff", "employees earning at least ninety thousand",
     "Eve Lang|Sales|Director|120000|2010-05-20|52|0|-;Carla "
     "Rossi|Engineering|Engineer|95000|2012-01-10|48|0|-;Hana "
     "Ito|Engineering|Engineer|91000|2018-02-12|33|1|Carla Rossi"},
    {"loans", "loans between 10k and 20k",
     "L1|Kim Novak|Aachen|12000|4.5|2019-02-14|2022-02-14|car;L4|Lena "
     "Vogt|Köln|18500|5.2|2020-09-15|-|car;L8|Omar Said|Bonn|15000|4.9|2022-10-10|-|car"},
    {"loans", "how many loans with a rate from 2 to 5", "4"},
    {"shopette", "how many orders have a rating of at least four", "2"},
    {"sensors", "how many readings below zero", "1"},
    {"football", "how many matches had an attendance between ten thousand and fifteen thousand",
     "3"},
    {"shopette", "how many customers ordered", "3"},
    {"shopette", "has Dora Ek ordered", "0"},
    {"staff", "which job is the most common in each department",
     "Engineering|Engineer|3;Sales|Account manager|2;Support|Agent|2"},
    {"loans", "which borrowers have car loans and house loans", "Omar Said"},
    {"loans", "which branches have car loans and house loans", "Bonn"},
    {"loans", "how many borrowers have car loans and travel loans", "1"},
    {"loans", "which borrowers had loans in 2019 and 2022", "Omar Said"},
};

TEST(ranges_and_numbers_are_read_in_any_spelling) {
    plan_check_cases(ranges_and_numbers_are_read_in_any_spelling_cases,
                     ARRAY_LENGTH(ranges_and_numbers_are_read_in_any_spelling_cases));
}
