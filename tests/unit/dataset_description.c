// SPDX-License-Identifier: Apache-2.0
//
// dataset.json: what is taken from it, and what is said of one that is wrong.
#include <stdio.h>

#include "tests/unit/check.h"
#include "tests/unit/dataset_fixture.h"

// The message for a data set with this dataset.json beside t.csv (a integer, b text, c real).
static const char *message_for(const char *description) {
    fixture_file("t.csv", "a,b,Cost: Total $\n1,x,1.5\n2,y,2.5\n");
    fixture_file("dataset.json", description);
    fixture_import();
    return fixture_message();
}

#define TABLE(more) "{\"tables\":[{\"file\":\"t.csv\"" more "}]}"
#define METRIC(expression)                                                                         \
    "{\"tables\":[{\"file\":\"t.csv\"}],\"metrics\":[{\"name\":\"m\",\"table\":\"t\","             \
    "\"expression\":\"" expression "\"}]}"

TEST(everything_that_an_author_says_is_taken) {
    CHECK_TEXT(
        message_for(
            "{\"title\":\"My data\",\"description\":\"All of it\",\"license\":\"CC0\",\"source\":"
            "{\"name\":\"Me\",\"url\":\"https://example.org\"},\"tables\":[{\"name\":\"things\","
            "\"file\":\"t.csv\",\"title\":\"My things\",\"description\":\"Each one\",\"row\":"
            "\"thing\",\"key\":[\"a\"],\"columns\":[{\"header\":\"Cost: Total $\",\"name\":"
            "\"cost\",\"title\":\"Total cost\",\"description\":\"What it cost\",\"type\":\"real\","
            "\"unit\":\"USD\",\"synonyms\":[\"price\"],\"hidden\":true}]}],\"metrics\":[{\"name\":"
            "\"double_cost\",\"table\":\"things\",\"expression\":\"2 * cost\",\"synonyms\":[\"dc\"]"
            "}],\"prompts\":[{\"question\":\"How many?\",\"expect\":{\"rows\":[[2]]},\"note\":"
            "\"wc\"}]}"),
        "");
    const struct dataset_schema *schema = dataset_schema(fixture_dataset());
    CHECK_TEXT(schema->title, "My data");
    CHECK_TEXT(schema->description, "All of it");
    CHECK_TEXT(schema->license, "CC0");
    CHECK_TEXT(schema->source_name, "Me");
    CHECK_TEXT(schema->source_url, "https://example.org");
    const struct dataset_table *table = fixture_table(0);
    CHECK_TEXT(table->name, "things");
    CHECK_TEXT(table->title, "My things");
    CHECK_TEXT(table->description, "Each one");
    CHECK_TEXT(table->row, "thing");
    CHECK(fixture_column("a")->is_key && !fixture_column("b")->is_key);
    CHECK_TEXT(fixture_column("a")->title, "A");
    const struct dataset_column *cost = fixture_column("cost");
    CHECK_TEXT(cost->title, "Total cost");
    CHECK_TEXT(cost->description, "What it cost");
    CHECK_TEXT(cost->unit, "USD");
    CHECK_INT(cost->synonyms.count, 1);
    CHECK_TEXT(cost->synonyms.at[0], "price");
    CHECK(cost->hidden);
    CHECK_INT(schema->metric_count, 1);
    CHECK_TEXT(schema->metrics[0].title, "Double cost");
    CHECK_TEXT(schema->metrics[0].expression, "2 * cost");
    CHECK_INT(schema->prompt_count, 1);
    CHECK_TEXT(schema->prompts[0].question, "How many?");
    CHECK_INT(cJSON_GetArraySize(cJSON_GetObjectItem(schema->prompts[0].expect, "rows")), 1);
}

TEST(json_that_is_none_is_refused_with_its_place) {
    CHECK_TEXT(message_for("{\"title\":"), "dataset.json: not valid JSON at line 1, column 9");
    CHECK_TEXT(message_for(""), "dataset.json: no JSON: it is empty");
    CHECK_TEXT(message_for("[]"), "dataset.json: the JSON must be an object");
}

TEST(an_unknown_key_is_refused_with_its_path) {
    CHECK_TEXT(message_for(TABLE(",\"columns\":[{\"header\":\"a\"},{\"header\":\"b\","
                                 "\"unti\":\"m\"}]")),
               "dataset.json: \"tables[0].columns[1].unti\" is not a known key");
    CHECK_TEXT(fixture_hint(), "Did you mean \"unit\"?");
    CHECK_TEXT(message_for("{\"source\":{\"link\":\"x\"}}"),
               "dataset.json: \"source.link\" is not a known key");
    CHECK_TEXT(message_for("{\"prompts\":[{\"question\":\"q\",\"expect\":{\"row\":1}}]}"),
               "dataset.json: \"prompts[0].expect.row\" is not a known key");
}

TEST(a_wrong_type_is_refused_with_its_path) {
    CHECK_TEXT(message_for("{\"title\":1}"), "dataset.json: \"title\" must be a text");
    CHECK_TEXT(message_for("{\"tables\":[1]}"), "dataset.json: \"tables[0]\" must be an object");
    CHECK_TEXT(message_for(TABLE(",\"columns\":[{\"header\":\"a\",\"synonyms\":[\"x\",2]}]")),
               "dataset.json: \"tables[0].columns[0].synonyms[1]\" must be a text");
    CHECK_TEXT(message_for(TABLE(",\"columns\":[{\"header\":\"a\",\"type\":\"int\"}]")),
               "dataset.json: \"tables[0].columns[0].type\" is no type: \"int\"");
    CHECK_TEXT(fixture_hint(), "Types are integer, real, text, date, timestamp, time and boolean.");
}

TEST(names_must_be_fit_for_sql) {
    CHECK_TEXT(message_for(TABLE(",\"name\":\"my table\"")),
               "dataset.json: \"tables[0].name\" cannot be a name: \"my table\"");
    CHECK_TEXT(message_for(TABLE(",\"name\":\"sandglass_value\"")),
               "dataset.json: \"tables[0].name\" cannot be a name: \"sandglass_value\"");
    CHECK_TEXT(message_for(TABLE(",\"columns\":[{\"header\":\"a\",\"name\":\"x\\\"; DROP\"}]")),
               "dataset.json: \"tables[0].columns[0].name\" cannot be a name: \"x\"; DROP\"");
    CHECK_TEXT(message_for(TABLE(",\"columns\":[{\"header\":\"a\",\"name\":\"same\"},{\"header\":"
                                 "\"b\",\"name\":\"SAME\"}]")),
               "dataset.json: two columns of t.csv are named \"SAME\"");
}

TEST(a_header_that_the_file_has_not_is_refused_with_the_nearest) {
    CHECK_TEXT(message_for(TABLE(",\"columns\":[{\"header\":\"Cost: Total\"}]")),
               "dataset.json: t.csv has no column with the header \"Cost: Total\"");
    CHECK_TEXT(fixture_hint(), "Did you mean \"Cost: Total $\"?");
}

TEST(a_file_that_is_not_there_is_refused_with_the_nearest) {
    CHECK_TEXT(message_for("{\"tables\":[{\"file\":\"tt.csv\"}]}"),
               "dataset.json: \"tables[0].file\" is not in the folder: \"tt.csv\"");
    CHECK_TEXT(fixture_hint(), "Did you mean \"t.csv\"?");
}

TEST(a_file_outside_of_the_folder_is_refused) {
    CHECK_TEXT(message_for("{\"tables\":[{\"file\":\"../t.csv\"}]}"),
               "dataset.json: \"tables[0].file\" must be the name of a file beside dataset.json, "
               "not \"../t.csv\"");
    CHECK_TEXT(message_for("{\"tables\":[{\"file\":\"..\"}]}"),
               "dataset.json: \"tables[0].file\" must be the name of a file beside dataset.json, "
               "not \"..\"");
}

TEST(a_key_must_name_columns_and_be_unique_and_whole) {
    CHECK_TEXT(message_for(TABLE(",\"key\":[\"aa\"]")),
               "dataset.json: the key of t names no column: \"aa\"");
    fixture_file("t.csv", "a,b\n1,x\n2,y\n1,z\n");
    CHECK(fixture_import());
    fixture_file("dataset.json", TABLE(",\"key\":[\"a\"]"));
    CHECK(fixture_import());
    CHECK_TEXT(fixture_message(), "t.csv, line 4: the key stands twice: a \"1\"");
    fixture_file("t.csv", "a,b\n1,x\n,y\n");
    CHECK(fixture_import());
    CHECK_TEXT(fixture_message(), "t.csv, line 3: a is empty, but belongs to the key");
    fixture_file("dataset.json", TABLE(",\"key\":[\"a\",\"b\"]"));
    fixture_file("t.csv", "a,b\n1,x\n1,y\n1,x\n");
    CHECK(fixture_import());
    CHECK_TEXT(fixture_message(), "t.csv, line 4: the key stands twice: a \"1\", b \"x\"");
}

TEST(a_description_without_tables_is_for_every_table_of_the_folder) {
    CHECK_TEXT(message_for("{\"title\":\"Mine\"}"), "");
    CHECK_TEXT(dataset_schema(fixture_dataset())->title, "Mine");
    CHECK_TEXT(fixture_table(0)->name, "t");
}

// ---- References ---------------------------------------------------------------------------------

static const char *message_for_reference(const char *references, const char *customers) {
    fixture_file("customers.csv", customers);
    fixture_file("orders.csv", "id,customer\n10,1\n11,2\n12,1\n13,7\n");
    cleanup_free char *text =
        mem_format("{\"tables\":[{\"file\":\"customers.csv\"},{\"file\":\"orders.csv\",\"columns\":"
                   "[{\"header\":\"customer\",\"references\":\"%s\"}]}]}",
                   references);
    fixture_file("dataset.json", text);
    fixture_import();
    return fixture_message();
}

TEST(a_reference_is_resolved_and_values_without_counterpart_are_reported) {
    CHECK_TEXT(message_for_reference("customers.id", "id,name\n1,Ann\n2,Bob\n"), "");
    const struct dataset_column *customer = &fixture_table(1)->columns[1];
    CHECK_INT(customer->references_table, 0);
    CHECK_INT(customer->references_column, 0);
    CHECK_TEXT(fixture_problems(),
               "orders.customer: 1 value has no counterpart in customers.id, such as \"7\"\n");
}

TEST(a_reference_to_what_is_not_there_is_refused) {
    const char *customers = "id,name\n1,Ann\n2,Bob\n";
    CHECK_TEXT(message_for_reference("customer.id", customers),
               "dataset.json: the column customer of orders references \"customer.id\", but there "
               "is no such table");
    CHECK_TEXT(fixture_hint(), "Did you mean \"customers\"?");
    CHECK_TEXT(message_for_reference("customers.nam", customers),
               "dataset.json: the column customer of orders references \"customers.nam\", but "
               "there is no such column");
    CHECK_TEXT(message_for_reference("customers.name", customers),
               "dataset.json: the column customer of orders references \"customers.name\", which "
               "is of another type");
    CHECK_TEXT(message_for_reference("customers", customers),
               "dataset.json: \"tables[1].columns[0].references\" must be \"table.column\", not "
               "\"customers\"");
    CHECK_TEXT(message_for_reference("customers.id", "id,name\n1,Ann\n1,Bob\n"),
               "dataset.json: the column customer of orders references customers.id, whose values "
               "are not unique");
}

// ---- Metrics ------------------------------------------------------------------------------------

static const char *metric(const char *why) {
    static char text[300];
    snprintf(text, sizeof text,
             "dataset.json: the metric m is no expression over the columns of t: %s", why);
    return text;
}

TEST(a_metric_is_an_expression_over_its_table) {
    CHECK_TEXT(message_for(METRIC("a * cost_total + length(b)")), "");
    CHECK_TEXT(message_for(METRIC("CASE WHEN b = ')' THEN 1 ELSE abs(a) END")), "");
}

TEST(a_metric_that_is_more_than_an_expression_is_refused) {
    CHECK_TEXT(message_for(METRIC("a * nix")), metric("no such column: nix"));
    CHECK_TEXT(message_for(METRIC("a), (b")), metric("a parenthesis closes that was not opened"));
    CHECK_TEXT(message_for(METRIC("a) FROM t --")),
               metric("a parenthesis closes that was not opened"));
    CHECK_TEXT(message_for(METRIC("a -- b")), metric("it has a comment in it"));
    CHECK_TEXT(message_for(METRIC("a /* b")), metric("it has a comment in it"));
    CHECK_TEXT(message_for(METRIC("a; DROP TABLE t")),
               metric("it has a sign that does not belong into one"));
    CHECK_TEXT(message_for(METRIC("a * ?1")),
               metric("it has a sign that does not belong into one"));
    CHECK_TEXT(message_for(METRIC("a + (1")), metric("a parenthesis is not closed"));
    CHECK_TEXT(message_for(METRIC("a + 'x")), metric("a quote is not closed"));
    CHECK_TEXT(message_for(METRIC("(SELECT max(a) FROM t)")), metric("it has a subquery"));
    CHECK_TEXT(message_for(METRIC("a IN sqlite_schema")), metric("it reads another table"));
    CHECK_TEXT(message_for(METRIC("sum(a)")), metric("misuse of aggregate function sum()"));
    CHECK_TEXT(message_for(METRIC("random()")),
               metric("it uses a function whose value is another every time"));
    CHECK_TEXT(message_for(METRIC("b || 'x'")), metric("it gives no number for some rows"));
    CHECK_TEXT(message_for(METRIC(" ")), metric("near \")\": syntax error"));
}

TEST(a_metric_of_no_table_is_refused) {
    CHECK_TEXT(message_for("{\"tables\":[{\"file\":\"t.csv\",\"name\":\"things\"}],\"metrics\":[{"
                           "\"name\":\"m\",\"table\":\"thing\",\"expression\":\"1\"}]}"),
               "dataset.json: \"metrics[0].table\" names no table of this data set: \"thing\"");
    CHECK_TEXT(fixture_hint(), "Did you mean \"things\"?");
}

TEST(clock_times_are_times_of_day_where_the_author_says_so) {
    fixture_file("t.csv", "a\n09:30\n21:05:10\n");
    fixture_file("dataset.json", TABLE(",\"columns\":[{\"header\":\"a\",\"type\":\"time\"}]"));
    CHECK_INT(fixture_import(), 0);
    CHECK_TEXT(fixture_rows("SELECT a FROM t"), "09:30:00\n21:05:10");
    fixture_file("t.csv", "a\n09:30\nlate\n");
    CHECK(fixture_import() < 0);
    CHECK_TEXT(fixture_message(),
               "t.csv, line 3: the column \"a\" is declared as time, but holds \"late\"");
}
