// SPDX-License-Identifier: Apache-2.0
//
// The schema as JSON and back; what a damaged one may say.
#include "dataset/schema.h"

#include "tests/unit/check.h"

#define COLUMN(more)                                                                               \
    "{\"name\":\"c\",\"title\":\"C\",\"description\":\"\",\"unit\":\"\",\"synonyms\":[\"x\"],"     \
    "\"type\":\"integer\",\"hidden\":false,\"is_key\":true,\"is_indexed\":false,"                  \
    "\"null_count\":0,\"distinct_count\":2,\"min\":\"1\",\"max\":\"2\",\"min_number\":1,"          \
    "\"max_number\":2,\"samples\":[\"1\",\"2\"],\"list_separator\":\"\",\"p25\":1.25,\"median\":"  \
    "1.5,\"p75\":1.75,\"is_category\":false,\"sample_counts\":[1,1]," more "}"
#define OWN ",\"derived_from\":-1,\"derived_as\":\"none\""
#define DERIVED(from, as) SOUND ",\"derived_from\":" from ",\"derived_as\":\"" as "\""
#define SCHEMA(columns, metric) SCHEMA_WITH(columns, "", "0", metric)
#define SCHEMA_WITH(columns, companions, total_row, metric)                                        \
    "{\"name\":\"n\",\"title\":\"N\",\"description\":\"\",\"license\":\"\",\"source_name\":\"\","  \
    "\"source_url\":\"\",\"data_sha256\":"                                                         \
    "\"0123456789012345678901234567890123456789012345678901234567890123\",\"tables\":[{\"name\":"  \
    "\"t\",\"title\":\"T\",\"description\":\"\",\"row\":\"row\",\"row_count\":2,\"columns\":"      \
    "[" columns "],\"companions\":[" companions "],\"time_column\":-1,\"total_row\":" total_row    \
    "}],\"metrics\":[" metric "],\"prompts\":[{\"question\":\"q\",\"expect\":{\"rows\":"           \
    "[[1]]}}]}"
#define REFERS(table, column) "\"references_table\":" table ",\"references_column\":" column
#define SOUND REFERS("-1", "-1")
#define METRIC(table)                                                                              \
    "{\"name\":\"m\",\"title\":\"M\",\"expression\":\"c\",\"unit\":\"\",\"table\":" table          \
    ",\"synonyms\":[]}"

// Reads TEXT; the message, or "" with the schema's JSON again being TEXT.
static const char *message_for(const char *text) {
    static struct err err;
    cleanup_json json *value = NULL;
    struct dataset_schema *schema cleanup(dataset_schema_freep) = NULL;
    err = (struct err){0};
    CHECK_OK(json_parse(text, strlen(text), &value, &err), err);
    if (dataset_schema_read(value, &schema, &err) != 0)
        return err.message;
    cleanup_json json *written = dataset_schema_write(schema);
    CHECK(cJSON_Compare(value, written, true));
    return "";
}

TEST(a_schema_survives_writing_and_reading) {
    CHECK_TEXT(message_for(SCHEMA(COLUMN(SOUND OWN), METRIC("0"))), "");
    CHECK_TEXT(message_for(SCHEMA(COLUMN(REFERS("0", "0") OWN), "")), "");
}

TEST(a_reference_to_a_table_or_column_that_is_not_there_is_refused) {
    const char *message = "\"tables[0].columns[0]\" refers to what is not there";
    CHECK_TEXT(message_for(SCHEMA(COLUMN(REFERS("1", "0") OWN), "")), message);
    CHECK_TEXT(message_for(SCHEMA(COLUMN(REFERS("0", "1") OWN), "")), message);
    CHECK_TEXT(message_for(SCHEMA(COLUMN(REFERS("0", "-1") OWN), "")), message);
    CHECK_TEXT(message_for(SCHEMA(COLUMN(REFERS("-2", "-1") OWN), "")),
               "\"tables[0].columns[0].references_table\" is -2, but must be from -1 to 200");
}

TEST(a_metric_of_a_table_that_is_not_there_is_refused) {
    CHECK_TEXT(message_for(SCHEMA(COLUMN(SOUND OWN), METRIC("1"))),
               "\"metrics[0].table\" is not there");
}

TEST(a_table_without_columns_is_refused) {
    CHECK_TEXT(message_for(SCHEMA("", "")),
               "\"tables[0].columns\" has 0 members; it must have 1 to 1000");
}

TEST(too_many_samples_are_refused) {
    cleanup_json json *value = NULL;
    struct dataset_schema *schema = NULL;
    struct err err;
    const char *text = SCHEMA(COLUMN(SOUND OWN), "");
    CHECK_OK(json_parse(text, strlen(text), &value, &err), err);
    json *table = cJSON_GetArrayItem(cJSON_GetObjectItem(value, "tables"), 0);
    json *column = cJSON_GetArrayItem(cJSON_GetObjectItem(table, "columns"), 0);
    json *samples = cJSON_GetObjectItem(column, "samples");
    while (cJSON_GetArraySize(samples) <= DATASET_SAMPLES)
        cJSON_AddItemToArray(samples, cJSON_CreateString("s"));
    CHECK_INT(dataset_schema_read(value, &schema, &err), ERR_TOO_LARGE);
    CHECK_TEXT(err.message, "\"tables[0].columns[0].samples\" has 9 texts; at most 8 are allowed");
    cJSON_DeleteItemFromArray(samples, 0);
    CHECK_INT(dataset_schema_read(value, &schema, &err), ERR_BAD_REQUEST);
    CHECK_TEXT(err.message,
               "\"tables[0].columns[0].sample_counts\" must have a count for each sample");
}

TEST(a_time_column_that_is_not_there_is_refused) {
    cleanup_json json *value = NULL;
    struct dataset_schema *schema = NULL;
    struct err err;
    const char *text = SCHEMA(COLUMN(SOUND OWN), "");
    CHECK_OK(json_parse(text, strlen(text), &value, &err), err);
    json *table = cJSON_GetArrayItem(cJSON_GetObjectItem(value, "tables"), 0);
    cJSON_SetNumberValue(cJSON_GetObjectItem(table, "time_column"), 1);
    CHECK_INT(dataset_schema_read(value, &schema, &err), ERR_BAD_REQUEST);
    CHECK_TEXT(err.message, "\"tables[0].time_column\" is not there");
}

TEST(companions_survive_and_belong_to_a_column_of_their_table) {
    static const char unsound[] = "\"tables[0].companions\" are not derived from its columns";
    CHECK_TEXT(message_for(SCHEMA_WITH(COLUMN(SOUND OWN), COLUMN(DERIVED("0", "number")), "2", "")),
               "");
    CHECK_TEXT(message_for(SCHEMA_WITH(COLUMN(SOUND OWN), COLUMN(DERIVED("1", "date")), "0", "")),
               unsound);
    CHECK_TEXT(message_for(SCHEMA_WITH(COLUMN(SOUND OWN), COLUMN(DERIVED("0", "none")), "0", "")),
               unsound);
    CHECK_TEXT(message_for(SCHEMA_WITH(COLUMN(SOUND OWN), COLUMN(SOUND OWN), "0", "")), unsound);
    CHECK_TEXT(message_for(SCHEMA(COLUMN(DERIVED("0", "text")), "")), unsound);
    CHECK_TEXT(message_for(SCHEMA_WITH(COLUMN(SOUND OWN), COLUMN(DERIVED("0", "half")), "0", "")),
               "\"tables[0].companions[0].derived_as\" is no derivation: \"half\"");
    CHECK_TEXT(message_for(SCHEMA_WITH(COLUMN(SOUND OWN), "", "3", "")),
               "\"tables[0].total_row\" is not there");
}

TEST(types_have_names) {
    for (int type = DATASET_INTEGER; type <= DATASET_BOOLEAN; type++)
        CHECK_INT(dataset_type_from_name(dataset_type_name((enum dataset_type)type)), type);
    CHECK_INT(dataset_type_from_name("int"), -1);
    CHECK_INT(dataset_type_from_name(NULL), -1);
}
