// SPDX-License-Identifier: Apache-2.0
//
// What the planner answers to what is said after another question. Only the last of those that "=>"
// parts is answered. Answers were worked out
// from the tables by hand, or by SQL of another shape; cells are joined by "|", rows by ";".
#include "tests/unit/check.h"
#include "tests/unit/plan_data.h"

static const struct plan_case what_is_said_next_edits_the_question_before_cases[] = {
    {"films", "number of films by country => only dramas",
     "France|1;Japan|1;United Kingdom|1;United States|1"},
    {"films", "number of films by country => by genre instead",
     "Drama|4;Action|2;Comedy|2;Science Fiction|2;Thriller|2"},
    {"films", "number of films by country => and by director?",
     "Ana Duarte|3;Paul Weber|3;John Okafor|2;Luc Moreau|2;Mia Chen|2"},
    {"films", "number of films by country => also by genre",
     "France|Comedy|2;United States|Action|2;United States|Science "
     "Fiction|2;France|Drama|1;Germany|Thriller|1;Japan|Drama|1;United Kingdom|Drama|1;United "
     "Kingdom|Thriller|1;United States|Drama|1"},
    {"films", "number of films by country => as a percentage",
     "United States|5|41.6667;France|3|25;United "
     "Kingdom|2|16.6667;Germany|1|8.3333;Japan|1|8.3333"},
    {"films", "number of films by country => the top 2", "United States|5;France|3"},
    {"films", "number of films by country => now without France",
     "United States|5;United Kingdom|2;Germany|1;Japan|1"},
    {"films", "number of films by country => sort by country",
     "France|3;Germany|1;Japan|1;United Kingdom|2;United States|5"},
    {"films", "number of films by country => after 2005",
     "United States|3;France|2;Japan|1;United Kingdom|1"},
    {"films", "number of films by country => what about 2013?", "France|1;United Kingdom|1"},
    {"films", "number of films by country => and the total gross?",
     "United States|2038000000;United "
     "Kingdom|172000000;Germany|95000000;France|68000000;Japan|33000000"},
    {"films", "average rating by genre => and the highest?",
     "Drama|8.9;Science Fiction|8.6;Thriller|7.7;Action|7.1;Comedy|7"},
    {"films", "average rating by genre => the median instead",
     "Science Fiction|8.35;Drama|8.1;Thriller|7.55;Comedy|6.75;Action|6.65"},
    {"films", "average rating by genre => only films from the United States => and from France?",
     "Drama|7.9;Comedy|6.75"},
    {"films", "how many films are from France => and from Japan?", "1"},
    {"films", "how many films are from France => list them",
     "Paper Moons|2004|Ana Duarte|Comedy|96|7|47000000|France;The Baker's Son|2013|Luc "
     "Moreau|Comedy|92|6.5|21000000|France;A Small Island|2018|Luc Moreau|Drama|104|7.9|-|France"},
    {"films", "how many films are from France => as a percentage", "3|12|25"},
    {"films", "how many films are from France => and how many from Japan", "1"},
    {"films", "films from France => how many?", "3"},
    {"films", "films from France => only comedies",
     "Paper Moons|2004|Ana Duarte|Comedy|96|7|47000000|France;The Baker's Son|2013|Luc "
     "Moreau|Comedy|92|6.5|21000000|France"},
    {"films", "films from France => sort by rating",
     "The Baker's Son|2013|Luc Moreau|Comedy|92|6.5|21000000|France;Paper Moons|2004|Ana "
     "Duarte|Comedy|96|7|47000000|France;A Small Island|2018|Luc Moreau|Drama|104|7.9|-|France"},
    {"films", "films from France => top 2 by rating", "A Small Island|7.9;Paper Moons|7"},
    {"films", "which director has the most films => and the highest total gross?",
     "Paul Weber|1125000000"},
    {"films", "which director has the most films => country instead", "United States|5"},
    {"films", "which director has the most films => after 2005", "John Okafor|2;Luc Moreau|2"},
    {"films", "which film has the highest rating => and from France?", "A Small Island|7.9"},
    {"films", "which film has the highest rating => the top 3",
     "The Long Road|8.9;Starfall|8.6;Winter Garden|8.3"},
    {"films", "total gross by director => by year",
     "1994|28000000;1999|95000000;2001|12000000;2004|357000000;2008|450000000;2010|33000000;2012|"
     "720000000;2013|181000000;2016|530000000;2018|-"},
    {"films", "total gross by year => as a running total",
     "1994|28000000|28000000;1999|95000000|123000000;2001|12000000|135000000;2004|357000000|"
     "492000000;2008|450000000|942000000;2010|33000000|975000000;2012|720000000|1695000000;2013|"
     "181000000|1876000000;2016|530000000|2406000000;2018|-|2406000000"},
    {"films", "total gross by year => since 2010 => by country",
     "United States|1250000000;United Kingdom|160000000;Japan|33000000;France|21000000"},
    {"films", "what is the longest film => how many films are there", "12"},
    {"staff", "average salary by department => and by city?", "Munich|74500;Berlin|61000"},
    {"staff", "average salary by department => the total",
     "Engineering|298000;Sales|231000;Support|135000"},
    {"staff", "average salary by department => without Sales", "Engineering|74500;Support|45000"},
    {"staff", "average salary by department => only remote",
     "Engineering|67666.6667;Sales|57000;Support|38000"},
    {"staff", "how many employees work in Sales => and in Support?", "3"},
    {"staff", "how many employees work in Sales => and their average salary?", "77000"},
    {"staff", "how many employees are there => by department => as a percentage",
     "Engineering|4|40;Sales|3|30;Support|3|30"},
    {"staff", "how many employees are there => older than 40", "3"},
    {"staff", "who has the highest salary => in Support", "Gina Wolf|61000"},
    {"staff", "who has the highest salary => and the lowest?", "Frank Moss|24000"},
    {"loans", "total amount by branch => only 2021", "Bonn|310000;Köln|900"},
    {"loans", "total amount by branch => only car loans => by borrower",
     "Lena Vogt|18500;Omar Said|15000;Kim Novak|12000"},
    {"loans", "total amount by branch => and the average?",
     "Bonn|191666.6667;Köln|21466.6667;Aachen|7500"},
    {"loans", "total amount by branch => top 1", "Bonn|575000"},
    {"loans", "how many loans were granted in 2021 => and in 2020?", "2"},
    {"loans", "how many loans were granted in 2021 => in Bonn", "1"},
    {"loans", "loans in Bonn => over 100000 euros",
     "L5|Piotr Zając|Bonn|310000|1.9|2021-03-08|-|house;L2|Omar "
     "Said|Bonn|250000|2.1|2019-11-30|-|house"},
    {"loans", "total amount by year => year over year",
     "2019|262000|-;2020|21500|-91.7939;2021|310900|1346.0465;2022|60000|-80.7012"},
    {"loans", "total amount by year => cumulative",
     "2019|262000|262000;2020|21500|283500;2021|310900|594400;2022|60000|654400"},
    {"shopette", "revenue by category => by city", "Lyon|153;Oslo|5"},
    {"shopette", "revenue by category => in 2024", "Tea|75;Coffee|60"},
    {"shopette", "revenue by category => what about Lyon?", "Tea|82;Coffee|71"},
    {"shopette", "revenue by category => as a percentage", "Tea|87|55.0633;Coffee|71|44.9367"},
    {"shopette", "revenue by month => by quarter => only tea", "2023-Q4|12;2024-Q1|75"},
    {"shopette", "how many customers ordered tea => and coffee?", "1"},
    {"shopette", "top 2 customers by revenue => by quantity", "Cem Demir|11;Ana Blum|8"},
    {"sensors", "average temperature by sensor => in 2023",
     "roof|17.8333;south|11.6667;north|4.6667"},
    {"sensors", "average temperature by sensor => by month",
     "2023-01|0.125;2023-02|7.75;2023-07|28.8333;2024-07|28"},
    {"sensors", "average temperature by sensor => the maximum", "roof|38;south|31.5;north|28"},
    {"football", "total attendance by competition => in 2022", "League|38750;Cup|13300"},
    {"football", "total attendance by competition => and the average?",
     "League|12658.3333;Cup|11000"},
    {"films", "number of films by country => as a percentage => the top 2",
     "United States|5|41.6667;France|3|25"},
};

TEST(what_is_said_next_edits_the_question_before) {
    plan_check_cases(what_is_said_next_edits_the_question_before_cases,
                     ARRAY_LENGTH(what_is_said_next_edits_the_question_before_cases));
}
