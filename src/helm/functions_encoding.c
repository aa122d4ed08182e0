// SPDX-License-Identifier: Apache-2.0
//
// Functions that write and read formats, and hashes. What cannot be read gives a dict with the
// error under Error, or a list of it, as Helm's functions do.
#include <string.h>

#include "base/base64.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/yaml.h"
#include "helm/functions.h"
#include "helm/write.h"

static struct value taken(struct call *call, struct buf *out) {
    return value_text(text_take(call_pool(call), out));
}

// ---- JSON and YAML

static struct value write_as_json(struct call *call, enum write_flags flags, bool is_strict) {
    cleanup_buf struct buf out = BUF(LIMIT_RENDERED);
    if (write_json(&out, call->arguments[0], flags)) {
        if (is_strict)
            return call_fail(call, "the value cannot be written as JSON");
        buf_clear(&out);
    }
    return taken(call, &out);
}

static struct value run_to_json(struct call *call) {
    return write_as_json(call, WRITE_ESCAPED, false);
}

static struct value run_must_to_json(struct call *call) {
    return write_as_json(call, WRITE_ESCAPED, true);
}

static struct value run_to_pretty_json(struct call *call) {
    return write_as_json(call, WRITE_ESCAPED | WRITE_INDENTED, false);
}

static struct value run_to_raw_json(struct call *call) {
    return write_as_json(call, WRITE_PLAIN, true);
}

static struct value write_as_yaml(struct call *call, bool is_strict) {
    cleanup_buf struct buf out = BUF(LIMIT_RENDERED);
    if (write_yaml(&out, call->arguments[0])) {
        if (is_strict)
            return call_fail(call, "the value cannot be written as YAML");
        buf_clear(&out);
    }
    return taken(call, &out);
}

static struct value run_to_yaml(struct call *call) { return write_as_yaml(call, false); }
static struct value run_must_to_yaml(struct call *call) { return write_as_yaml(call, true); }

typedef int (*parser)(const char *text, size_t length, json **ret_value, struct err *err);

static struct value read_as(struct call *call, parser parse, bool wants_list) {
    cleanup_json json *source = NULL;
    struct err err = {0};
    int status = parse(call_text(call, 0).data, call_text(call, 0).length, &source, &err);
    if (status == 0 && (wants_list ? cJSON_IsArray(source) : cJSON_IsObject(source)))
        return value_of_json(call_pool(call), source);
    bool is_empty = status == 0 && cJSON_IsNull(source);
    if (status == 0)
        err_set(&err, ERR_BAD_REQUEST, "error unmarshaling: a %s is expected",
                wants_list ? "list" : "mapping");
    struct value message = value_text(text_copy(call_pool(call), err.message, strlen(err.message)));
    if (wants_list) {
        struct value list = value_list(call_pool(call), TYPE_ANY, is_empty ? 0 : 1);
        if (!is_empty)
            list.list->items[0] = message;
        return list;
    }
    struct value map = value_map(call_pool(call), TYPE_ANY);
    if (!is_empty)
        map_set(call_pool(call), map.map, TEXT("Error"), message);
    return map;
}

static struct value run_from_json(struct call *call) { return read_as(call, json_parse, false); }
static struct value run_from_json_array(struct call *call) {
    return read_as(call, json_parse, true);
}
static struct value run_from_yaml(struct call *call) {
    return read_as(call, yaml_parse_helm, false);
}

static struct value run_from_yaml_array(struct call *call) {
    return read_as(call, yaml_parse_helm, true);
}

static struct value run_must_from_json(struct call *call) {
    cleanup_json json *source = NULL;
    struct err err = {0};
    if (json_parse(call_text(call, 0).data, call_text(call, 0).length, &source, &err))
        return call_fail(call, "%s", err.message);
    return value_of_json(call_pool(call), source);
}

// ---- Base 64 and 32

static struct value run_b64enc(struct call *call) {
    cleanup_free char *encoded =
        base64_encode_n(call_text(call, 0).data, call_text(call, 0).length);
    return value_text(text_copy(call_pool(call), encoded, strlen(encoded)));
}

static bool is_line_end(char character) { return character == '\n' || character == '\r'; }

// What is wrong is said in the text that comes out, with Go's words.
static struct value corrupt(struct call *call, size_t offset) {
    cleanup_buf struct buf out = BUF(100);
    buf_add_format(&out, "illegal base64 data at input byte %zu", offset);
    return taken(call, &out);
}

static struct value run_b64dec(struct call *call) {
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    struct text text = call_text(call, 0);
    cleanup_buf struct buf out = BUF(LIMIT_RENDERED);
    uint32_t bits = 0;
    size_t digits = 0, i = 0;
    for (; i < text.length; i++) {
        const char *found = text.data[i] ? strchr(alphabet, text.data[i]) : NULL;
        if (is_line_end(text.data[i]))
            continue;
        if (!found)
            break;
        bits = bits << 6 | (uint32_t)(found - alphabet);
        if (++digits == 4) {
            const char bytes[3] = {(char)(bits >> 16), (char)(bits >> 8), (char)bits};
            buf_add(&out, bytes, 3);
            digits = 0;
        }
    }
    if (i == text.length)
        return digits == 0 ? taken(call, &out) : corrupt(call, text.length - digits);
    if (text.data[i] != '=' || digits < 2)
        return corrupt(call, i);
    for (size_t wanted = 4 - digits; wanted; wanted--, i++) {
        while (i < text.length && is_line_end(text.data[i]))
            i++;
        if (i == text.length || text.data[i] != '=')
            return corrupt(call, i);
    }
    while (i < text.length && is_line_end(text.data[i]))
        i++;
    if (i < text.length)
        return corrupt(call, i);
    const char bytes[2] = {(char)(digits == 3 ? bits >> 10 : bits >> 4), (char)(bits >> 2)};
    buf_add(&out, bytes, digits - 1);
    return taken(call, &out);
}

static struct value run_b32enc(struct call *call) {
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    struct text text = call_text(call, 0);
    cleanup_buf struct buf out = BUF(LIMIT_RENDERED);
    for (size_t i = 0; i < text.length; i += 5) {
        size_t length = text.length - i < 5 ? text.length - i : 5;
        uint64_t bits = 0;
        for (size_t j = 0; j < 5; j++)
            bits = bits << 8 | (j < length ? (unsigned char)text.data[i + j] : 0);
        for (size_t j = 0; j < 8; j++)
            buf_add_char(&out, j * 5 < length * 8 ? alphabet[bits >> (35 - 5 * j) & 31] : '=');
    }
    return taken(call, &out);
}

// ---- Hashes

static struct value run_sha256sum(struct call *call) {
    char hex[HASH_HEX_SIZE];
    hash_hex_of(call_text(call, 0).data, call_text(call, 0).length, hex);
    return value_text(text_copy(call_pool(call), hex, strlen(hex)));
}

static struct value run_sha1sum(struct call *call) {
    char hex[HASH_SHA1_HEX_SIZE];
    hash_sha1_hex_of(call_text(call, 0).data, call_text(call, 0).length, hex);
    return value_text(text_copy(call_pool(call), hex, strlen(hex)));
}

static struct value run_adler32sum(struct call *call) {
    struct text text = call_text(call, 0);
    uint32_t low = 1, high = 0;
    cleanup_buf struct buf out = BUF(32);
    for (size_t i = 0; i < text.length; i++) {
        low = (low + (unsigned char)text.data[i]) % 65521;
        high = (high + low) % 65521;
    }
    buf_add_format(&out, "%u", high << 16 | low);
    return taken(call, &out);
}

const struct function functions_encoding[] = {
    {"adler32sum", "t", run_adler32sum},
    {"b32enc", "t", run_b32enc},
    {"b64dec", "t", run_b64dec},
    {"b64enc", "t", run_b64enc},
    {"fromJson", "t", run_from_json},
    {"fromJsonArray", "t", run_from_json_array},
    {"fromYaml", "t", run_from_yaml},
    {"fromYamlArray", "t", run_from_yaml_array},
    {"mustFromJson", "t", run_must_from_json},
    {"mustToJson", "a", run_must_to_json},
    {"mustToPrettyJson", "a", run_to_pretty_json},
    {"mustToRawJson", "a", run_to_raw_json},
    {"mustToYaml", "a", run_must_to_yaml},
    {"sha1sum", "t", run_sha1sum},
    {"sha256sum", "t", run_sha256sum},
    {"toJson", "a", run_to_json},
    {"toPrettyJson", "a", run_to_pretty_json},
    {"toRawJson", "a", run_to_raw_json},
    {"toYaml", "a", run_to_yaml},
    {NULL, NULL, NULL},
};
