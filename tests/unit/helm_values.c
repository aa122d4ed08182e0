// SPDX-License-Identifier: Apache-2.0
//
// Values: --set and its like, their precedence, and the schema.
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "helm/schema.h"
#include "helm/values.h"
#include "helm/write.h"
#include "tests/unit/check.h"
#include "tests/unit/helm_chart.h"

static struct pool pool;

static const char *as_json(struct value value) {
    cleanup_buf struct buf out = BUF(LIMIT_RENDERED);
    CHECK(write_json(&out, value, WRITE_PLAIN) == 0);
    return text_take(&pool, &out).data;
}

// What --set TEXT makes of BASE (JSON); where it fails, the message.
static const char *set_in(enum helm_set_kind kind, const char *base, const char *text) {
    static struct err err;
    cleanup_json json *source = NULL;
    pool.arena.limit_bytes = LIMIT_RENDER_MEMORY;
    CHECK_OK(json_parse(base, strlen(base), &source, &err), err);
    struct value values = value_of_json(&pool, source);
    return values_set(&pool, kind, text, values.map, &err) ? err.message : as_json(values);
}

TEST(set_has_the_grammar_of_helm) {
    static const char *const cases[][3] = {
        {"{}", "a=1", "{\"a\":1}"},
        {"{}", "a.b.c=x,d=y", "{\"a\":{\"b\":{\"c\":\"x\"}},\"d\":\"y\"}"},
        {"{}", "a=true,b=FALSE,c=null,d=0,e=007,f=-5,g=1.5,h=1e3",
         "{\"a\":true,\"b\":false,\"c\":null,\"d\":0,\"e\":\"007\",\"f\":-5,\"g\":\"1.5\","
         "\"h\":\"1e3\"}"},
        {"{}", "a=", "{\"a\":\"\"}"},
        {"{}", "a={x,y,1}", "{\"a\":[\"x\",\"y\",1]}"},
        {"{}", "a={},b=1", "{\"a\":[\"\"],\"b\":1}"},
        {"{}", "a[0]=x,a[2]=y", "{\"a\":[\"x\",null,\"y\"]}"},
        {"{}", "a[0].b=1,a[0].c=2", "{\"a\":[{\"b\":1,\"c\":2}]}"},
        {"{}", "a[0][1]=x", "{\"a\":[[null,\"x\"]]}"},
        {"{}", "a\\.b=1,c=x\\,y", "{\"a.b\":1,\"c\":\"x,y\"}"},
        {"{}", "a.b\\.c\\=d=1", "{\"a\":{\"b.c=d\":1}}"},
        {"{}", "a=b=c", "{\"a\":\"b=c\"}"},
        {"{}", "a=9223372036854775807,b=9223372036854775808",
         "{\"a\":9223372036854775807,\"b\":\"9223372036854775808\"}"},
        {"{\"a\":{\"b\":1,\"c\":2}}", "a.b=5", "{\"a\":{\"b\":5,\"c\":2}}"},
        {"{\"a\":[1,2]}", "a[1]=x", "{\"a\":[1,\"x\"]}"},
        {"{\"a\":[{\"b\":1}]}", "a[0].c=2", "{\"a\":[{\"b\":1,\"c\":2}]}"},
        {"{\"a\":1}", "a=null", "{\"a\":null}"},
        {"{}", "é.世=ü", "{\"é\":{\"世\":\"ü\"}}"},
        {"{}", "", "{}"},
        {"{}", "a", "--set a: a name needs a = and a value"},
        {"{}", "a,b=1", "--set a,b=1: a name needs a = and a value"},
        {"{}", "a={x", "--set a={x: a list that begins with { must end with }"},
        {"{}", "a[x]=1", "--set a[x]=1: an index is a whole number up to 65536 in []"},
        {"{}", "a[-1]=1", "--set a[-1]=1: an index is a whole number up to 65536 in []"},
        {"{}", "a[65537]=1", "--set a[65537]=1: an index is a whole number up to 65536 in []"},
        {"{}", "a[0", "--set a[0: an index is a whole number up to 65536 in []"},
        {"{}", "a[0]", "--set a[0]: an index needs a = and a value"},
        {"{}", "a[0]x=1", "--set a[0]x=1: behind an index comes a dot, a [ or a ="},
        {"{\"a\":1}", "a.b=1", "--set a.b=1: what stands before a dot holds no names"},
        {"{\"a\":1}", "a[0]=1", "--set a[0]=1: an index needs a list to look into"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
        CHECK_TEXT(set_in(HELM_SET, cases[i][0], cases[i][1]), cases[i][2]);
}

TEST(a_name_in_set_is_nested_no_deeper_than_in_helm) {
    struct buf text = BUF(1000);
    for (int i = 0; i < 40; i++)
        buf_add_text(&text, "a.");
    buf_add_text(&text, "b=1");
    CHECK(strstr(set_in(HELM_SET, "{}", buf_text(&text)), "nested too deeply"));
    buf_clear(&text);
    buf_add_text(&text, "a");
    for (int i = 0; i < 40; i++)
        buf_add_text(&text, "[0]");
    buf_add_text(&text, "=1");
    CHECK(strstr(set_in(HELM_SET, "{}", buf_text(&text)), "nested too deeply"));
    buf_done(&text);
}

TEST(set_string_json_and_file_take_the_value_as_their_names_say) {
    const char *path = check_file("content", "line 1\nline 2");
    cleanup_free char *from_file = mem_format("a.b=%s", path);
    CHECK_TEXT(set_in(HELM_SET_TEXT, "{}", "a=1,b=true,c={1,null}"),
               "{\"a\":\"1\",\"b\":\"true\",\"c\":[\"1\",\"null\"]}");
    CHECK_TEXT(set_in(HELM_SET_FILE, "{}", from_file), "{\"a\":{\"b\":\"line 1\\nline 2\"}}");
    CHECK_TEXT(set_in(HELM_SET_JSON, "{}", "a={\"b\":[1,2]},c=\"x\",d=,e[1]=null"),
               "{\"a\":{\"b\":[1,2]},\"c\":\"x\",\"d\":null,\"e\":[null,null]}");
}

TEST(later_sources_win_in_the_order_of_helm) {
    const char *first = check_file("1.yaml", "a: file1\nb: file1\nm: {x: 1, y: 1}\n"),
               *second = check_file("2.yaml", "b: file2\nm: {y: 2, z: null}\n");
    const struct helm_set sets[] = {
        {HELM_SET_TEXT, "d=text"}, {HELM_SET, "c=set,d=set"}, {HELM_SET_JSON, "c=\"json\""},
        {HELM_VALUES, first},      {HELM_VALUES, second},     {HELM_SET_JSON, "{\"m\":{\"j\":1}}"}};
    struct value values;
    struct err err;
    pool.arena.limit_bytes = LIMIT_RENDER_MEMORY;
    CHECK_OK(values_read(&pool, sets, ARRAY_LENGTH(sets), &values, &err), err);
    CHECK_TEXT(as_json(values), "{\"a\":\"file1\",\"b\":\"file2\",\"c\":\"set\",\"d\":\"text\","
                                "\"m\":{\"j\":1,\"x\":1,\"y\":2,\"z\":null}}");
}

TEST(a_null_takes_a_default_away_and_a_default_that_is_null_is_none) {
    const char *given = check_file("given.yaml", "a: null\nm: {x: null, n: 1}\nnew: null\n");
    const struct helm_set set = {HELM_VALUES, given};
    const struct helm_options options = {
        .chart_folder = helm_chart("{{ toJson .Values }}",
                                   "a: 1\nb: null\nc: 2\nm: {x: 1, y: 2, z: null}\n", NULL),
        .release = "rel",
        .namespace = "ns",
        .sets = &set,
        .set_count = 1};
    struct helm_rendering *rendering cleanup(helm_rendering_freep) = NULL;
    struct err err;
    CHECK_OK(helm_render(&options, &rendering, &err), err);
    CHECK_TEXT(rendering->notes, "{\"c\":2,\"m\":{\"n\":1,\"y\":2},\"new\":null}");
}

// ---- The schema

static const char *check(const char *schema_text, const char *values_text) {
    static struct err err;
    static char message[900];
    cleanup_json json *schema = NULL, *values = NULL;
    pool.arena.limit_bytes = LIMIT_RENDER_MEMORY;
    CHECK_OK(json_parse(schema_text, strlen(schema_text), &schema, &err), err);
    CHECK_OK(json_parse(values_text, strlen(values_text), &values, &err), err);
    err = (struct err){0};
    if (schema_check(schema, value_of_json(&pool, values), &err) == 0)
        return "fits";
    snprintf(message, sizeof message, "%s%s%s", err.message, *err.hint ? " | " : "", err.hint);
    return message;
}

#define OBJECT(properties)                                                                         \
    "{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{" properties "}}"

TEST(a_misspelt_value_is_named_by_its_path_with_the_nearest_that_there_is) {
    const char *schema = OBJECT(
        "\"image\":" OBJECT("\"repository\":{},\"tag\":{}") ",\"list\":{"
                                                            "\"items\":" OBJECT("\"name\":{}") "}");
    CHECK_TEXT(check(schema, "{\"image\":{\"tag\":1}}"), "fits");
    CHECK_TEXT(check(schema, "{\"image\":{\"tga\":1}}"),
               "values: image.tga is no value of this chart | Did you mean \"tag\"?");
    CHECK_TEXT(check(schema, "{\"list\":[{\"name\":1},{\"nam\":1}]}"),
               "values: list[1].nam is no value of this chart | Did you mean \"name\"?");
    CHECK_TEXT(check(schema, "{\"zzzzzz\":1}"), "values: zzzzzz is no value of this chart");
}

TEST(each_keyword_of_a_schema_is_heeded) {
    static const char *const cases[][3] = {
        {"{\"type\":\"string\"}", "{}", "values: the values must be a text, not a mapping"},
        {OBJECT("\"a\":{\"type\":\"integer\"}"), "{\"a\":1.5}",
         "values: a must be a whole number, not a number"},
        {OBJECT("\"a\":{\"type\":\"integer\"}"), "{\"a\":2.0}", "fits"},
        {OBJECT("\"a\":{\"type\":[\"string\",\"null\"]}"), "{\"a\":true}",
         "values: a must be a text or null, not true or false"},
        {OBJECT("\"a\":{\"type\":[\"string\",\"null\"]}"), "{\"a\":null}", "fits"},
        {OBJECT("\"a\":{\"enum\":[\"x\",1,null]}"), "{\"a\":\"y\"}",
         "values: a must be one of \"x\", 1, null"},
        {OBJECT("\"a\":{\"enum\":[\"x\",1]}"), "{\"a\":1}", "fits"},
        {OBJECT("\"a\":{\"const\":[1]}"), "{\"a\":[1]}", "fits"},
        {OBJECT("\"a\":{\"const\":5}"), "{\"a\":6}", "values: a must be 5"},
        {OBJECT("\"a\":{\"minimum\":1}"), "{\"a\":0}", "values: a must be at least 1"},
        {OBJECT("\"a\":{\"maximum\":1}"), "{\"a\":2}", "values: a must be at most 1"},
        {OBJECT("\"a\":{\"exclusiveMinimum\":1}"), "{\"a\":1}", "values: a must be more than 1"},
        {OBJECT("\"a\":{\"exclusiveMaximum\":1}"), "{\"a\":1}", "values: a must be less than 1"},
        {OBJECT("\"a\":{\"multipleOf\":3}"), "{\"a\":7}", "values: a must be a multiple of 3"},
        {OBJECT("\"a\":{\"minLength\":3}"), "{\"a\":\"é\"}",
         "values: a must have at least 3 characters"},
        {OBJECT("\"a\":{\"maxLength\":1}"), "{\"a\":\"é\"}", "fits"},
        {OBJECT("\"a\":{\"minItems\":1}"), "{\"a\":[]}", "values: a must have at least 1 items"},
        {OBJECT("\"a\":{\"maxItems\":1}"), "{\"a\":[1,2]}", "values: a must have at most 1 items"},
        {OBJECT("\"a\":{\"uniqueItems\":true}"), "{\"a\":[1,1]}",
         "values: a has the same item twice"},
        {OBJECT("\"a\":{\"contains\":{\"const\":1}}"), "{\"a\":[2]}",
         "values: a lacks an item that it must have"},
        {OBJECT("\"a\":{\"minProperties\":1}"), "{\"a\":{}}",
         "values: a must have at least 1 names"},
        {OBJECT("\"a\":{\"pattern\":\"^[a-z]+$\"}"), "{\"a\":\"A\"}",
         "values: a is \"A\", which does not match ^[a-z]+$"},
        {OBJECT("\"a\":{\"required\":[\"b\"]}"), "{\"a\":{}}", "values: a.b must be set"},
        {OBJECT("\"a\":{\"patternProperties\":{\"^x\":{\"type\":\"string\"}},"
                "\"additionalProperties\":false}"),
         "{\"a\":{\"x1\":1}}", "values: a.x1 must be a text, not a number"},
        {OBJECT("\"a\":{\"patternProperties\":{\"^x\":{}},\"additionalProperties\":false}"),
         "{\"a\":{\"y\":1}}", "values: a.y is no value of this chart"},
        {OBJECT("\"a\":{\"additionalProperties\":{\"type\":\"string\"}}"), "{\"a\":{\"y\":1}}",
         "values: a.y must be a text, not a number"},
        {OBJECT("\"a\":{\"propertyNames\":{\"maxLength\":1}}"), "{\"a\":{\"yy\":1}}",
         "values: a.yy must have at most 1 characters"},
        {OBJECT("\"a\":{\"items\":[{\"type\":\"string\"},{}]}"), "{\"a\":[1]}",
         "values: a[0] must be a text, not a number"},
        {OBJECT("\"a\":{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"null\"}]}"), "{\"a\":1}",
         "values: a must be a text, not a number"},
        {OBJECT("\"a\":{\"oneOf\":[{\"minimum\":1},{\"minimum\":2}]}"), "{\"a\":3}",
         "values: a fits more than one of the shapes of which it must fit one"},
        {OBJECT("\"a\":{\"allOf\":[{\"minimum\":1},{\"maximum\":2}]}"), "{\"a\":3}",
         "values: a must be at most 2"},
        {OBJECT("\"a\":{\"not\":{\"const\":1}}"), "{\"a\":1}",
         "values: a has a shape that it must not have"},
        {OBJECT("\"a\":{\"if\":{\"const\":1},\"then\":false,\"else\":{\"const\":2}}"), "{\"a\":3}",
         "values: a must be 2"},
        {OBJECT("\"a\":{\"if\":{\"const\":1},\"then\":false}"), "{\"a\":1}",
         "values: a must not be set"},
        {"{\"$defs\":{\"n\":{\"type\":\"number\"}},\"properties\":{\"a\":{\"$ref\":\"#/$defs/"
         "n\"}}}",
         "{\"a\":\"x\"}", "values: a must be a number, not a text"},
        {"{\"$ref\":\"#\"}", "{}", "values: the values have a schema that is nested too deeply"},
        {"{\"$ref\":\"other.json\"}", "{}",
         "values: the values have a schema whose $ref leads nowhere: other.json"},
        {"{\"propertees\":{}}", "{}",
         "values.schema.json: the keyword \"propertees\" is not supported by render-helm"},
        {"{\"title\":\"t\",\"description\":\"d\",\"default\":1,\"examples\":[],\"$schema\":\"x\"}",
         "{}", "fits"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
        CHECK_TEXT(check(cases[i][0], cases[i][1]), cases[i][2]);
}
