// SPDX-License-Identifier: Apache-2.0
//
// What the planner answers: differences and ratios of two sides, and averages over groups. Answers
// were worked out from the tables by hand, or by SQL of another shape; cells are joined by "|",
// rows by ";".
#include "tests/unit/check.h"
#include "tests/unit/plan_data.h"

static const struct plan_case differences_and_ratios_are_answered_cases[] = {
    {"films", "how many more films are from the United States than from France", "5|3|2"},
    {"films", "how many fewer films are from Japan than from France", "3|1|2"},
    {"films", "difference between dramas and comedies", "4|2|2"},
    {"films", "difference in total gross between the United States and France",
     "2038000000|68000000|1970000000"},
    {"films", "compare the average rating of dramas and comedies", "7.975|6.75|1.225"},
    {"films", "average rating of dramas compared to comedies", "7.975|6.75|1.225"},
    {"films", "ratio of dramas to comedies", "4|2|2"},
    {"films", "difference between 2004 and 2013", "2|2|0"},
    {"staff", "how many more employees are in Engineering than in Sales", "4|3|1"},
    {"staff", "how much more is the average salary in Sales than in Support", "77000|45000|32000"},
    {"staff", "difference in average salary between Engineering and Support", "74500|45000|29500"},
    {"staff", "difference in average age between engineers and agents", "40.6667|27|13.6667"},
    {"staff", "compare the total salary of Berlin and Munich", "366000|298000|68000"},
    {"staff", "ratio of engineers to agents", "3|2|1.5"},
    {"loans", "how much higher is the total amount in Bonn than in Köln", "575000|64400|510600"},
    {"loans", "difference in amount between 2019 and 2021", "262000|310900|-48900"},
    {"loans", "ratio of car loans to house loans", "3|2|1.5"},
    {"loans", "difference between car loans and house loans by branch",
     "Aachen|1|0|1;Köln|1|0|1;Bonn|1|2|-1"},
    {"football", "ratio of home goals to away goals", "13|10|1.3"},
    {"football", "difference between home goals and away goals", "13|10|3"},
    {"football", "difference between home goals and away goals by competition",
     "League|11|7|4;Cup|2|3|-1"},
    {"football", "how many more league matches than cup matches", "6|2|4"},
    {"football", "how many more goals were there in 2022 than in 2021", "12|11|1"},
    {"football", "compare attendance in 2021 and 2022", "45900|52050|-6150"},
    {"shopette", "how much more revenue did Lyon make than Oslo", "153|5|148"},
    {"shopette", "difference in revenue between Tea and Coffee", "87|71|16"},
    {"shopette", "how much more revenue was there in 2024 than in 2023", "135|23|112"},
    {"shopette", "revenue divided by quantity", "158|20|7.9"},
    {"shopette", "ratio of revenue to quantity by category",
     "Coffee|71|6|11.8333;Tea|87|14|6.2143"},
    {"sensors", "difference in average temperature between roof and north", "17.8333|10.5|7.3333"},
    {"sensors", "difference in average temperature between January and July", "0.125|28.625|-28.5"},
    {"shopette", "revenue per customer", "?By customer/In all"},
    {"films", "average rating of dramas vs comedies", "7.975|6.75|1.225"},
    {"loans", "total amount in 2019 versus 2021", "262000|310900|-48900"},
    {"films", "difference between the highest and lowest rating", "8.9|6.2|2.7"},
    {"films", "difference between the lowest and highest rating by genre",
     "Drama|8.9|6.8|2.1;Action|7.1|6.2|0.9;Comedy|7|6.5|0.5;Science "
     "Fiction|8.6|8.1|0.5;Thriller|7.7|7.4|0.3"},
    {"football", "home goals minus away goals", "13|10|3"},
    {"football", "home goals minus away goals by competition", "League|11|7|4;Cup|2|3|-1"},
    {"staff", "difference between minimum and maximum salary", "120000|24000|96000"},
};

TEST(differences_and_ratios_are_answered) {
    plan_check_cases(differences_and_ratios_are_answered_cases,
                     ARRAY_LENGTH(differences_and_ratios_are_answered_cases));
}

static const struct plan_case averages_over_groups_are_answered_cases[] = {
    {"films", "average number of films per director", "2.4"},
    {"films", "average number of films per country", "2.4"},
    {"films", "average gross per director",
     "?Average over directors of the total gross of films; directors without any are left "
     "out./Average gross of films, by director, highest first."},
    {"films", "average number of films per director by country",
     "United States|1.6667;France|1.5;Germany|1;Japan|1;United Kingdom|1"},
    {"staff", "average number of employees per department", "3.3333"},
    {"staff", "average number of employees per city", "5"},
    {"staff", "average total salary per department", "221333.3333"},
    {"loans", "average number of loans per borrower", "1.6"},
    {"loans", "average number of loans per branch", "2.6667"},
    {"loans", "average amount per borrower",
     "?Average over borrowers of the total amount of loans; borrowers without any are left "
     "out./Average amount of loans, by borrower, highest first."},
    {"shopette", "average number of orders per customer", "1.6667"},
    {"shopette", "average revenue per order", "31.6"},
    {"shopette", "average number of order lines per order", "1.4"},
    {"shopette", "average revenue per order by city", "Lyon|38.25;Oslo|5"},
    {"football", "average number of matches per competition", "4"},
    {"sensors", "average number of readings per sensor", "3.3333"},
};

TEST(averages_over_groups_are_answered) {
    plan_check_cases(averages_over_groups_are_answered_cases,
                     ARRAY_LENGTH(averages_over_groups_are_answered_cases));
}
