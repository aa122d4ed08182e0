// SPDX-License-Identifier: Apache-2.0
//
// What the planner says and writes: how it understood, the answer's sentence, the SQL with its
// parameters, the chart, and the plan as JSON.
#include <string.h>

#include "base/limits.h"
#include "plan/units.h"
#include "tests/unit/check.h"
#include "tests/unit/plan_data.h"

static const struct {
    const char *set, *question, *understanding, *sentence;
} said[] = {
    {"loans", "total amount of car loans by branch",
     "Total amount of loans where purpose is car, by branch, highest first.",
     "Total amount: Köln (€18,500), Bonn (€15,000) and Aachen (€12,000)."},
    {"loans", "total amount", "Total amount of loans.", "The total amount of loans is €654,400."},
    {"loans", "how many loans in Köln", "Number of loans where branch is Köln.",
     "There are 3 loans where branch is Köln."},
    {"loans", "how many business loans", "Number of loans where purpose is business.",
     "There is 1 loan where purpose is business."},
    {"loans", "how many business loans in Bonn",
     "Number of loans where purpose is business and branch is Bonn.",
     "There are no loans where purpose is business and branch is Bonn."},
    {"loans", "loans in Bonn over 400000 euros",
     "Loans where branch is Bonn and amount is over €400,000, highest amount first.",
     "No loan matches where branch is Bonn and amount is over €400,000."},
    {"loans", "which borrower has the most loans", "The borrower with the highest number of loans.",
     "Kim Novak, Lena Vogt and Omar Said share the highest number of loans: 2."},
    {"loans", "average interest rate of house loans",
     "Average interest rate of loans where purpose is house.",
     "The average interest rate of loans where purpose is house is 2%."},
    {"loans", "total amount by year", "Total amount of loans, by year, in order of time.",
     "Total amount from 2019 to 2022: the highest is €310,900 (2021)."},
    {"loans", "how many loans were issued in September 2020",
     "Number of loans where issue date is in September 2020.",
     "There is 1 loan where issue date is in September 2020."},
    {"loans", "loans issued since 2022",
     "Loans where issue date is on or after 1 January 2022, earliest issue date first.",
     "2 loans where issue date is on or after 1 January 2022."},
    {"loans", "highest amount in 1999", "Highest amount of loans where issue date is in 1999.",
     "No loan with a value of amount matches where issue date is in 1999."},
    {"films", "which film has the highest gross", "The film with the highest gross.",
     "Starfall has the highest gross: $720 million."},
    {"films", "total gross by country", "Total gross of films, by country, highest first.",
     "Total gross: United States ($2 billion), United Kingdom ($172 million), Germany ($95 "
     "million) and 2 more."},
    {"films", "how many different genres", "Number of different genres of films.",
     "There are 5 different genres."},
    {"staff", "departments without employees", "Departments without any employee.",
     "1 department without any employee."},
    {"staff", "when was Hana Ito hired", "Hire date of employees where name is Hana Ito.",
     "Hire date: 12 February 2018."},
    {"staff", "lowest and highest salary", "Lowest salary and highest salary of employees.",
     "The lowest salary of employees is €24,000 and the highest salary is €120,000."},
    {"shopette", "which customers ordered tea in 2024",
     "Customers with at least one order line where category is Tea and order date is in 2024.",
     "2 customers with at least one order line where category is Tea and order date is in 2024."},
    {"shopette", "average rating of orders by city",
     "Average rating of orders, by city, highest first.",
     "Average rating: Lyon (3.67) and Oslo ((none))."},
    {"sensors", "when was the highest temperature",
     "Taken at of the sensor reading with the highest temperature.",
     "20 July 2023, 12:00 has the highest temperature: 38 °C."},
    {"football", "home goals by home team",
     "Total home goals of matches, by team, highest first, by way of home team.",
     "Total home goals: Rovers (7), Albion (3), City (2) and 1 more."},
};

TEST(the_understanding_and_the_answer_are_plain_sentences) {
    for (size_t i = 0; i < ARRAY_LENGTH(said); i++) {
        const struct dataset *dataset = plan_data(said[i].set);
        struct plan_answer *answer = plan_question(dataset, said[i].question);
        CHECK_INT(answer->verdict, PLAN_SURE);
        CHECK_TEXT(answer->readings[0].understanding, said[i].understanding);
        json *result = plan_run(dataset, &answer->readings[0]);
        char *sentence = plan_sentence(dataset_schema(dataset), &answer->readings[0], result);
        CHECK_TEXT(sentence, said[i].sentence);
        free(sentence);
        json_free(result);
        plan_answer_free(answer);
    }
}

static const char *sql_of(const char *set, const char *question, struct plan_answer **ret_answer) {
    *ret_answer = plan_question(plan_data(set), question);
    CHECK_INT((*ret_answer)->verdict, PLAN_SURE);
    return (*ret_answer)->readings[0].sql;
}

TEST(values_of_the_question_are_parameters_never_text) {
    struct plan_answer *answer;
    const char *sql =
        sql_of("loans", "total amount of car loans in Köln over 1234 euros in 2020", &answer);
    CHECK(!strstr(sql, "Köln") && !strstr(sql, "car") && !strstr(sql, "1234") &&
          !strstr(sql, "2020"));
    CHECK_INT(answer->readings[0].param_count, 5);
    json *params = plan_write_params(&answer->readings[0]);
    char *text = json_write(params);
    CHECK_TEXT(text, "[\"car\",\"Köln\",\"2020-01-01\",\"2020-12-31\",1234]");
    free(text);
    json_free(params);
    plan_answer_free(answer);
}

TEST(the_sql_is_one_readable_select) {
    struct plan_answer *answer;
    CHECK_TEXT(sql_of("loans", "average amount by purpose", &answer),
               "SELECT purpose AS \"Purpose\", AVG(amount) AS \"Average amount\"\nFROM "
               "loans\nGROUP BY purpose\n"
               "ORDER BY \"Average amount\" DESC, \"Purpose\"");
    plan_answer_free(answer);
    CHECK_TEXT(sql_of("staff", "which department has the most employees", &answer),
               "SELECT \"Department name\", \"Employees\"\nFROM (\n  SELECT departments.name AS "
               "\"Department name\", "
               "COUNT(*) AS \"Employees\",\n         RANK() OVER (ORDER BY COUNT(*) DESC) AS "
               "place\n  FROM employees\n"
               "  JOIN departments ON departments.id = employees.department_id\n  GROUP BY "
               "departments.name\n)\n"
               "WHERE place = 1\nORDER BY \"Department name\", \"Employees\"");
    plan_answer_free(answer);
    CHECK_TEXT(sql_of("shopette", "how many customers ordered tea", &answer),
               "SELECT COUNT(*) AS \"Customers\"\nFROM customers\nWHERE EXISTS (SELECT 1 FROM "
               "order_lines JOIN orders ON "
               "orders.order_id = order_lines.order_id JOIN products ON products.product_id = "
               "order_lines.product_id "
               "WHERE orders.customer_id = customers.customer_id AND products.category = ?1)");
    plan_answer_free(answer);
}

TEST(names_that_sql_would_misread_are_quoted) {
    const struct dataset *dataset =
        plan_data_csv("group", "order,select,Total %\nx,1,5\ny,2,6\ny,3,7\n");
    char *text = plan_answer_text(dataset, "total select by order");
    CHECK_TEXT(text, "y|5;x|1");
    free(text);
}

static const struct {
    const char *set, *question;
    int kind;
    const char *unit;
} charts[] = {
    {"loans", "total amount by branch", PLAN_BAR, "EUR"},
    {"loans", "number of loans by purpose", PLAN_BAR, ""},
    {"loans", "total amount by year", PLAN_LINE, "EUR"},
    {"sensors", "average temperature by month", PLAN_LINE, "°C"},
    {"sensors", "how many readings by weekday", PLAN_BAR, ""},
    {"loans", "top 3 borrowers by amount", PLAN_BAR, "EUR"},
    {"loans", "total amount", PLAN_NO_CHART, ""},
    {"loans", "car loans", PLAN_NO_CHART, ""},
    {"loans", "which borrower has the most loans", PLAN_NO_CHART, ""},
};

TEST(units_are_told_by_the_titles_that_the_statement_gives_its_columns) {
    static const struct {
        const char *set, *question, *title, *unit; // title NULL: no column has any
    } cases[] = {
        {"loans", "total amount", "Total amount", "EUR"},
        {"loans", "which borrower has the highest amount", "Total amount", "EUR"},
        {"loans", "number of loans by purpose", NULL, NULL},
        {"sensors", "average temperature by month", "Average temperature", "°C"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        const struct dataset *dataset = plan_data(cases[i].set);
        struct plan_answer *answer = plan_question(dataset, cases[i].question);
        cleanup_arena struct arena arena = ARENA(LIMIT_SQL);
        struct plan_unit units[PLAN_UNITS];
        size_t count = plan_units(dataset_schema(dataset), &arena, &answer->readings[0], units);
        CHECK_INT(count, cases[i].title ? 1 : 0);
        for (size_t j = 0; j < count; j++) {
            cleanup_free char *named = mem_format("AS \"%s\"", units[j].title);
            CHECK_TEXT(units[j].title, cases[i].title);
            CHECK_TEXT(units[j].unit, cases[i].unit);
            CHECK(strstr(answer->readings[0].sql, named));
        }
        plan_answer_free(answer);
    }
}

TEST(groups_get_a_chart_with_a_unit) {
    for (size_t i = 0; i < ARRAY_LENGTH(charts); i++) {
        struct plan_answer *answer = plan_question(plan_data(charts[i].set), charts[i].question);
        CHECK_INT(answer->verdict, PLAN_SURE);
        const struct plan_chart *chart = &answer->readings[0].chart;
        CHECK_INT(chart->kind, charts[i].kind);
        CHECK_TEXT(chart->unit, charts[i].unit);
        CHECK(chart->kind == PLAN_NO_CHART || (chart->x == 0 && chart->y == 1));
        plan_answer_free(answer);
    }
}

TEST(a_plan_is_written_by_names) {
    struct plan_answer *answer;
    sql_of("loans", "top 2 borrowers by amount in 2020", &answer);
    json *plan = plan_write(dataset_schema(plan_data("loans")), &answer->readings[0]);
    char *text = json_write(plan);
    CHECK_TEXT(text, "{\"from\":\"loans\",\"measures\":[{\"aggregate\":\"sum\",\"table\":\"loans\","
                     "\"column\":\"amount\"}],"
                     "\"groups\":[{\"table\":\"loans\",\"column\":\"borrower\"}],\"shown\":[],"
                     "\"filters\":[{\"table\":"
                     "\"loans\",\"column\":\"issued\",\"comparison\":\"between\",\"values\":["
                     "\"2020-01-01\",\"2020-12-31\"]}],"
                     "\"via\":[],\"order\":{\"measure\":0,\"descending\":true},\"limit\":2,"
                     "\"superlative\":false}");
    free(text);
    json_free(plan);
    plan_answer_free(answer);
}

TEST(a_sentence_stands_whatever_the_result_looks_like) {
    static const char *const results[] = {
        "{}",
        "{\"rows\":[]}",
        "{\"rows\":[[]]}",
        "{\"rows\":[[null,null]],\"truncated\":true}",
        "{\"rows\":[[{}],[[]],[true]]}",
        "{\"rows\":[[\"a\",\"9007199254740993\"],[1,2],[\"x\"]],\"row_count\":3}",
        "{\"rows\":7}",
        "{\"rows\":[1,2,3]}",
    };
    static const char *const questions[] = {"total amount",
                                            "total amount by branch",
                                            "which branch has the most loans",
                                            "car loans",
                                            "largest loan",
                                            "which purposes are there",
                                            "total amount by year",
                                            "how many loans",
                                            "top 2 borrowers by amount",
                                            "lowest and highest amount"};
    for (size_t i = 0; i < ARRAY_LENGTH(questions); i++)
        for (size_t j = 0; j < ARRAY_LENGTH(results); j++) {
            struct plan_answer *answer;
            struct err err;
            json *result;
            sql_of("loans", questions[i], &answer);
            CHECK_OK(json_parse(results[j], strlen(results[j]), &result, &err), err);
            char *sentence =
                plan_sentence(dataset_schema(plan_data("loans")), &answer->readings[0], result);
            CHECK(*sentence && sentence[strlen(sentence) - 1] == '.');
            free(sentence);
            json_free(result);
            plan_answer_free(answer);
        }
}
