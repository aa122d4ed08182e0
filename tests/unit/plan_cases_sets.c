// SPDX-License-Identifier: Apache-2.0
//
// What the planner answers: who has both, one but not the other, and the best of each group.
// Answers were worked out from the tables by hand, or by SQL of another shape; cells are joined by
// "|", rows by ";".
#include "tests/unit/check.h"
#include "tests/unit/plan_data.h"

static const struct plan_case the_best_of_each_group_is_answered_cases[] = {
    {"films", "highest rated film in each genre",
     "Action|Red Desert|7.1;Comedy|Paper Moons|7;Drama|The Long Road|8.9;Science "
     "Fiction|Starfall|8.6;Thriller|Silent Code|7.7"},
    {"films", "longest film of each director",
     "Ana Duarte|The Long Road|142;John Okafor|Iron Valley|125;Luc Moreau|A Small Island|104;Mia "
     "Chen|Winter Garden|109;Paul Weber|Starfall|149"},
    {"films", "most recent film by each director",
     "Ana Duarte|Red Desert|2016;John Okafor|Silent Code|2013;Luc Moreau|A Small Island|2018;Mia "
     "Chen|Winter Garden|2010;Paul Weber|Starfall|2012"},
    {"films", "top 2 films by rating in each genre",
     "Action|Red Desert|7.1;Action|Iron Valley|6.2;Comedy|Paper Moons|7;Comedy|The Baker's "
     "Son|6.5;Drama|The Long Road|8.9;Drama|Winter Garden|8.3;Science Fiction|Starfall|8.6;Science "
     "Fiction|The Last Signal|8.1;Thriller|Silent Code|7.7;Thriller|Night Train|7.4"},
    {"films", "which director has the most films in each country",
     "France|Luc Moreau|2;Germany|Paul Weber|1;Japan|Mia Chen|1;United Kingdom|John "
     "Okafor|1;United Kingdom|Mia Chen|1;United States|Ana Duarte|2;United States|Paul Weber|2"},
    {"films", "highest grossing film in each country",
     "France|Paper Moons|47000000;Germany|Night Train|95000000;Japan|Winter Garden|33000000;United "
     "Kingdom|Silent Code|160000000;United States|Starfall|720000000"},
    {"films", "shortest film in each country",
     "France|The Baker's Son|92;Germany|Night Train|118;Japan|Winter Garden|109;United "
     "Kingdom|Blue Harbour|101;United States|Iron Valley|125"},
    {"staff", "highest paid employee in each department",
     "Engineering|Carla Rossi|95000;Sales|Eve Lang|120000;Support|Gina Wolf|61000"},
    {"staff", "youngest employee in each department",
     "Engineering|Frank Moss|22;Sales|Ivan Petrov|31;Support|David Kim|26"},
    {"staff", "oldest employee in each city", "Berlin|Eve Lang|52;Munich|Carla Rossi|48"},
    {"staff", "top 2 employees by salary in each department",
     "Engineering|Carla Rossi|95000;Engineering|Hana Ito|91000;Sales|Eve Lang|120000;Sales|Ivan "
     "Petrov|57000;Support|Gina Wolf|61000;Support|David Kim|38000"},
    {"staff", "which job is the most common in each department",
     "Engineering|Engineer|3;Sales|Account manager|2;Support|Agent|2"},
    {"loans", "largest loan in each branch", "Aachen|L1|12000;Bonn|L5|310000;Köln|L7|45000"},
    {"loans", "latest loan of each borrower",
     "Kim Novak|L3|2020-06-01;Lena Vogt|L6|2021-12-24;Omar Said|L8|2022-10-10;Piotr "
     "Zając|L5|2021-03-08;Sara Lund|L7|2022-05-05"},
    {"loans", "top 1 loan by amount in each branch",
     "Aachen|L1|12000;Bonn|L5|310000;Köln|L7|45000"},
    {"shopette", "most expensive product in each category",
     "Coffee|House Blend|12;Tea|Green Tea|6.5;Ware|Big Mug|9.9"},
    {"shopette", "which product has the highest revenue in each category",
     "Coffee|House Blend|71;Tea|Green Tea|77"},
    {"shopette", "top customer by revenue in each city", "Lyon|Ana Blum|83;Oslo|Ben Cole|5"},
    {"football", "highest attendance in each competition", "League|16050;Cup|13300"},
    {"sensors", "highest temperature of each sensor", "roof|38;south|31.5;north|28"},
};

TEST(the_best_of_each_group_is_answered) {
    plan_check_cases(the_best_of_each_group_is_answered_cases,
                     ARRAY_LENGTH(the_best_of_each_group_is_answered_cases));
}

static const struct plan_case what_has_both_or_only_one_is_answered_cases[] = {
    {"shopette", "how many customers ordered tea and coffee", "1"},
    {"shopette", "which customers ordered tea and coffee", "Ana Blum|Lyon|1"},
    {"shopette", "customers who ordered tea but not coffee", "Ben Cole|Oslo|0;Cem Demir|Lyon|-"},
    {"shopette", "customers who ordered coffee but no tea", ""},
    {"shopette", "how many customers ordered in 2023 and in 2024", "1"},
    {"shopette", "customers who ordered in 2024 but not in 2023",
     "Ben Cole|Oslo|0;Cem Demir|Lyon|-"},
    {"shopette", "how many customers have orders but no cancelled orders", "2"},
    {"shopette", "customers with orders but without delivered orders", "Ben Cole|Oslo|0"},
    {"shopette", "products ordered in 2023 and 2024", "Green Tea|Tea|6.5;House Blend|Coffee|12"},
    {"shopette", "products ordered in 2024 but not in 2023", "Black Tea|Tea|5"},
    {"shopette", "customers who ordered green tea and house blend", "Ana Blum|Lyon|1"},
    {"shopette", "how many customers ordered neither tea nor coffee", "1"},
    {"films", "which directors made films in both 2004 and 2016", "Ana Duarte"},
    {"films", "which directors made dramas and comedies", "Ana Duarte;Luc Moreau"},
    {"films", "how many directors made both dramas and comedies", "2"},
    {"films", "which countries have dramas and comedies", "France"},
    {"films", "which directors made films in 2004 or 2013",
     "Ana Duarte;John Okafor;Luc Moreau;Paul Weber"},
    {"films", "which directors made dramas or comedies", "Ana Duarte;Luc Moreau;Mia Chen"},
    {"staff", "departments with engineers and interns", "Engineering|Munich"},
    {"staff", "departments with engineers but no agents", "Engineering|Munich"},
    {"staff", "which departments have directors and account managers", "Sales|Berlin"},
    {"staff", "how many departments have employees but no engineers", "2"},
    {"loans", "which borrowers have car loans and house loans", "Omar Said"},
    {"loans", "which branches have car loans and house loans", "Bonn"},
    {"loans", "which borrowers had loans in 2019 and 2022", "Omar Said"},
    {"loans", "how many borrowers have car loans and travel loans", "1"},
    {"shopette", "customers who ordered only tea", "Ben Cole|Oslo|0;Cem Demir|Lyon|-"},
    {"shopette", "which customers only ordered tea", "Ben Cole|Oslo|0;Cem Demir|Lyon|-"},
    {"shopette", "how many customers ordered in 2024 only", "2"},
    {"films", "which directors made only dramas", "Mia Chen"},
    {"films", "which directors only made films from France", "Luc Moreau"},
    {"films", "how many directors made only comedies", "0"},
    {"films", "films from France only",
     "Paper Moons|2004|Ana Duarte|Comedy|96|7|47000000|France;The Baker's Son|2013|Luc "
     "Moreau|Comedy|92|6.5|21000000|France;A Small Island|2018|Luc Moreau|Drama|104|7.9|-|France"},
    {"staff", "departments with only engineers", ""},
    {"staff", "departments with remote employees only", ""},
};

TEST(what_has_both_or_only_one_is_answered) {
    plan_check_cases(what_has_both_or_only_one_is_answered_cases,
                     ARRAY_LENGTH(what_has_both_or_only_one_is_answered_cases));
}
