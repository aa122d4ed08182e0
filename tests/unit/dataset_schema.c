// SPDX-License-Identifier: Apache-2.0
//
// The schema as JSON and back; what a damaged one may say.
#include "dataset/schema.h"

#include "tests/unit/check.h"

#define COLUMN(more)                                                                               \
    "{\"name\":\"c\",\"title\":\"C\",\"description\":\"\",\"unit\":\"\",\"synonyms\":[\"x\"],"     \
    "\"type\":\"integer\",\"hidden\":false,\"is_key\":true,\"is_indexed\":false,"                  \
    "\"null_count\":0,\"distinct_count\":2,\"min\":\"1\",\"max\":\"2\",\"min_number\":1,"          \
    "\"max_number\":2,\"samples\":[\"1\",\"2\"]," more "}"
#define SCHEMA(columns, metric)                                                                    \
    "{\"name\":\"n\",\"title\":\"N\",\"description\":\"\",\"license\":\"\",\"source_name\":\"\","  \
    "\"source_url\":\"\",\"data_sha256\":"                                                         \
    "\"0123456789012345678901234567890123456789012345678901234567890123\",\"tables\":[{\"name\":"  \
    "\"t\",\"title\":\"T\",\"description\":\"\",\"row\":\"row\",\"row_count\":2,\"columns\":"      \
    "[" columns "]}],\"metrics\":[" metric                                                         \
    "],\"prompts\":[{\"question\":\"q\",\"expect\":{\"rows\":"                                     \
    "[[1]]}}]}"
#define SOUND "\"references_table\":-1,\"references_column\":-1"
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
    CHECK_TEXT(message_for(SCHEMA(COLUMN(SOUND), METRIC("0"))), "");
    CHECK_TEXT(message_for(SCHEMA(COLUMN("\"references_table\":0,\"references_column\":0"), "")),
               "");
}

TEST(a_reference_to_a_table_or_column_that_is_not_there_is_refused) {
    const char *message = "\"tables[0].columns[0]\" refers to what is not there";
    CHECK_TEXT(message_for(SCHEMA(COLUMN("\"references_table\":1,\"references_column\":0"), "")),
               message);
    CHECK_TEXT(message_for(SCHEMA(COLUMN("\"references_table\":0,\"references_column\":1"), "")),
               message);
    CHECK_TEXT(message_for(SCHEMA(COLUMN("\"references_table\":0,\"references_column\":-1"), "")),
               message);
    CHECK_TEXT(message_for(SCHEMA(COLUMN("\"references_table\":-2,\"references_column\":-1"), "")),
               "\"tables[0].columns[0].references_table\" is -2, but must be from -1 to 200");
}

TEST(a_metric_of_a_table_that_is_not_there_is_refused) {
    CHECK_TEXT(message_for(SCHEMA(COLUMN(SOUND), METRIC("1"))),
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
    const char *text = SCHEMA(COLUMN(SOUND), "");
    CHECK_OK(json_parse(text, strlen(text), &value, &err), err);
    json *table = cJSON_GetArrayItem(cJSON_GetObjectItem(value, "tables"), 0);
    json *column = cJSON_GetArrayItem(cJSON_GetObjectItem(table, "columns"), 0);
    json *samples = cJSON_GetObjectItem(column, "samples");
    while (cJSON_GetArraySize(samples) <= DATASET_SAMPLES)
        cJSON_AddItemToArray(samples, cJSON_CreateString("s"));
    CHECK_INT(dataset_schema_read(value, &schema, &err), ERR_TOO_LARGE);
    CHECK_TEXT(err.message, "\"tables[0].columns[0].samples\" has 9 texts; at most 8 are allowed");
}

TEST(types_have_names) {
    for (int type = DATASET_INTEGER; type <= DATASET_BOOLEAN; type++)
        CHECK_INT(dataset_type_from_name(dataset_type_name((enum dataset_type)type)), type);
    CHECK_INT(dataset_type_from_name("int"), -1);
    CHECK_INT(dataset_type_from_name(NULL), -1);
}
