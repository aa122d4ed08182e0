// SPDX-License-Identifier: Apache-2.0
//
// What the planner answers where a word is misspelt. Answers were worked out
// from the tables by hand, or by SQL of another shape; cells are joined by "|", rows by ";".
#include "tests/unit/check.h"
#include "tests/unit/plan_data.h"

static const struct plan_case words_that_are_nearly_others_are_read_as_them_cases[] = {
    {"films", "how many flims are there", "12"},
    {"films", "how many films were directd by Paul Weber", "3"},
    {"films", "avrage rating by gnere",
     "Science Fiction|8.35;Drama|7.975;Thriller|7.55;Comedy|6.75;Action|6.65"},
    {"films", "total gross by contry",
     "United States|2038000000;United "
     "Kingdom|172000000;Germany|95000000;France|68000000;Japan|33000000"},
    {"films", "films from Frnace",
     "Paper Moons|2004|Ana Duarte|Comedy|96|7|47000000|France;The Baker's Son|2013|Luc "
     "Moreau|Comedy|92|6.5|21000000|France;A Small Island|2018|Luc Moreau|Drama|104|7.9|-|France"},
    {"staff", "how many employes work in Saels", "3"},
    {"staff", "averge salary by departmnt", "Sales|77000;Engineering|74500;Support|45000"},
    {"loans", "total amuont by brnach", "Bonn|575000;Köln|64400;Aachen|15000"},
    {"shopette", "revenue by categroy", "Tea|87;Coffee|71"},
    {"shopette", "how many custmers ordered tea", "3"},
    {"sensors", "higest temperature", "38"},
};

TEST(words_that_are_nearly_others_are_read_as_them) {
    plan_check_cases(words_that_are_nearly_others_are_read_as_them_cases,
                     ARRAY_LENGTH(words_that_are_nearly_others_are_read_as_them_cases));
}
