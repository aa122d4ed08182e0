// SPDX-License-Identifier: Apache-2.0
//
// Helm's own functions, versions, times and random values.
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/id.h"
#include "base/limits.h"
#include "helm/functions.h"
#include "helm/objects.h"
#include "helm/print.h"

static struct value taken(struct call *call, struct buf *out) {
    return value_text(text_take(call_pool(call), out));
}

static struct value run_include(struct call *call) {
    return engine_include(call->engine, call->node, call_text(call, 0), call->arguments[1]);
}

static struct value run_tpl(struct call *call) {
    return engine_tpl(call->engine, call->node, call_text(call, 0), call->arguments[1]);
}

static struct value run_required(struct call *call) {
    struct value value = call->arguments[1];
    if (value_is_nothing(value) || (value.kind == VALUE_TEXT && value.text.length == 0))
        return engine_fail(call->engine, call->node, "%s", call_text(call, 0).data);
    return value;
}

static struct value run_fail(struct call *call) {
    return engine_fail(call->engine, call->node, "%s", call_text(call, 0).data);
}

// There is no cluster to look into.
static struct value run_lookup(struct call *call) { return value_map(call_pool(call), TYPE_ANY); }

// ---- Versions

static struct value run_semver(struct call *call) {
    struct semver version;
    struct err err;
    if (semver_parse(call_text(call, 0).data, &version, &err))
        return call_fail(call, "%s", err.message);
    return object_new_version(call_pool(call), &version, call_text(call, 0));
}

static struct value run_semver_compare(struct call *call) {
    struct semver version;
    struct err err;
    bool is_within;
    if (semver_parse(call_text(call, 1).data, &version, &err) ||
        semver_check(call_text(call, 0).data, &version, &is_within, &err))
        return call_fail(call, "%s", err.message);
    return value_bool(is_within);
}

// ---- Times, all of them in UTC

static const struct {
    const char *layout, *format; // of strftime()
} parts[] = {
    {"January", "%B"}, {"Jan", "%b"},      {"Monday", "%A"},     {"Mon", "%a"},   {"MST", "UTC"},
    {"2006", "%Y"},    {"01", "%m"},       {"02", "%d"},         {"03", "%I"},    {"04", "%M"},
    {"05", "%S"},      {"06", "%y"},       {"002", "%j"},        {"15", "%H"},    {"PM", "%p"},
    {"_2", "%e"},      {"-0700", "+0000"}, {"-07:00", "+00:00"}, {"Z07:00", "Z"},
};

static void format_time(struct buf *out, struct text layout, int64_t unix_s) {
    time_t seconds = (time_t)unix_s;
    struct tm time;
    gmtime_r(&seconds, &time);
    for (size_t i = 0, length; i < layout.length; i += length) {
        const char *format = NULL;
        char text[64];
        length = 1;
        for (size_t j = 0; j < ARRAY_LENGTH(parts); j++) {
            size_t size = strlen(parts[j].layout);
            if (size > length - !format && i + size <= layout.length &&
                memcmp(layout.data + i, parts[j].layout, size) == 0) {
                format = parts[j].format;
                length = size;
            }
        }
        char digit = layout.data[i];
        if (format)
            buf_add(out, text, strftime(text, sizeof text, format, &time));
        else if (digit >= '1' && digit <= '5') // without a zero before it
            buf_add_format(out, "%d",
                           digit == '1'   ? time.tm_mon + 1
                           : digit == '2' ? time.tm_mday
                           : digit == '3' ? (time.tm_hour + 11) % 12 + 1
                           : digit == '4' ? time.tm_min
                                          : time.tm_sec);
        else
            buf_add_char(out, digit);
    }
}

static int64_t unix_of(struct value value) {
    if (value.kind == VALUE_INTEGER)
        return value.integer;
    if (value.kind == VALUE_OBJECT && value.object->class == &object_time)
        return object_unix_s(value.object);
    return clock_wall_ms() / 1000;
}

static struct value run_now(struct call *call) {
    return object_new_time(call_pool(call), clock_wall_ms() / 1000);
}

static struct value run_date(struct call *call) {
    cleanup_buf struct buf out = BUF(LIMIT_RENDERED);
    format_time(&out, call_text(call, 0), unix_of(call->arguments[1]));
    return taken(call, &out);
}

// The zones whose rules are known: those without any.
static bool is_utc(struct call *call, size_t i) {
    static const char *const names[] = {"UTC", "", "Local", "GMT", "Etc/UTC"};
    for (size_t j = 0; j < ARRAY_LENGTH(names); j++)
        if (text_is(call_text(call, i), names[j]))
            return true;
    call_fail(call, "the time zone \"%.60s\" is not supported by render-helm; UTC is",
              call_text(call, i).data);
    return false;
}

static struct value run_date_in_zone(struct call *call) {
    return is_utc(call, 2) ? run_date(call) : VALUE_OF_NOTHING;
}

static struct value run_html_date(struct call *call) {
    cleanup_buf struct buf out = BUF(LIMIT_RENDERED);
    format_time(&out, TEXT("2006-01-02"), unix_of(call->arguments[0]));
    return taken(call, &out);
}

static struct value run_html_date_in_zone(struct call *call) {
    return is_utc(call, 1) ? run_html_date(call) : VALUE_OF_NOTHING;
}

static struct value run_unix_epoch(struct call *call) {
    cleanup_buf struct buf out = BUF(32);
    struct value value = call->arguments[0];
    if (value.kind != VALUE_OBJECT || value.object->class != &object_time)
        return call_fail(call, "a time is expected, not a %s", value_type_name(value));
    buf_add_format(&out, "%lld", (long long)object_unix_s(value.object));
    return taken(call, &out);
}

// ---- Random values

static uint32_t random_below(uint32_t limit) {
    uint32_t number, ceiling = UINT32_MAX - UINT32_MAX % limit;
    do
        id_random(&number, sizeof number);
    while (number >= ceiling);
    return number % limit;
}

static struct value random_text(struct call *call, const char *alphabet) {
    int64_t count = call->arguments[0].integer;
    cleanup_buf struct buf out = BUF(LIMIT_RENDERED);
    call->engine->is_random = true;
    for (int64_t i = 0; i < count && !out.overflowed; i++)
        buf_add_char(&out, alphabet[random_below((uint32_t)strlen(alphabet))]);
    return taken(call, &out);
}

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

static struct value run_rand_alpha_num(struct call *call) {
    return random_text(call, LETTERS DIGITS);
}

static struct value run_rand_alpha(struct call *call) { return random_text(call, LETTERS); }
static struct value run_rand_numeric(struct call *call) { return random_text(call, DIGITS); }

static struct value run_rand_ascii(struct call *call) {
    return random_text(call, " !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~" LETTERS DIGITS);
}

static struct value run_rand_int(struct call *call) {
    int64_t low = call->arguments[0].integer, high = call->arguments[1].integer;
    if (high <= low || high - low > UINT32_MAX / 2)
        return call_fail(call, "there is no number from %lld up to %lld", (long long)low,
                         (long long)high);
    call->engine->is_random = true;
    return value_int(low + random_below((uint32_t)(high - low)));
}

static struct value run_uuidv4(struct call *call) {
    unsigned char bytes[16];
    cleanup_buf struct buf out = BUF(64);
    call->engine->is_random = true;
    id_random(bytes, sizeof bytes);
    bytes[6] = (unsigned char)((bytes[6] & 0x0F) | 0x40);
    bytes[8] = (unsigned char)((bytes[8] & 0x3F) | 0x80);
    for (size_t i = 0; i < sizeof bytes; i++)
        buf_add_format(&out, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", bytes[i]);
    return taken(call, &out);
}

const struct function functions_chart[] = {
    {"date", "ta", run_date},
    {"dateInZone", "tat", run_date_in_zone},
    {"date_in_zone", "tat", run_date_in_zone},
    {"fail", "t", run_fail},
    {"htmlDate", "a", run_html_date},
    {"htmlDateInZone", "at", run_html_date_in_zone},
    {"include", "ta", run_include},
    {"lookup", "tttt", run_lookup},
    {"now", "", run_now},
    {"randAlpha", "i", run_rand_alpha},
    {"randAlphaNum", "i", run_rand_alpha_num},
    {"randAscii", "i", run_rand_ascii},
    {"randInt", "ii", run_rand_int},
    {"randNumeric", "i", run_rand_numeric},
    {"required", "ta", run_required},
    {"semver", "t", run_semver},
    {"semverCompare", "tt", run_semver_compare},
    {"tpl", "ta", run_tpl},
    {"unixEpoch", "a", run_unix_epoch},
    {"uuidv4", "", run_uuidv4},
    {NULL, NULL, NULL},
};
