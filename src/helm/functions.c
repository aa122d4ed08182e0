// SPDX-License-Identifier: Apache-2.0
//
// Finding functions, and what several themes share. Helm's and sprig's functions that are not here
// are listed, so that a template which uses one is told so.
#include "helm/functions.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

static const struct function *const tables[] = {
    functions_logic,  functions_text,     functions_list,  functions_map,
    functions_number, functions_encoding, functions_chart, functions_regex,
};

// Certificates, keys and passwords differ with every rendering and belong into a Secret that is
// made once; dates depend on a time zone's rules; the rest is of no use in a chart or not worth its
// code.
static const char *const unsupported[] = {
    "abbrevboth",
    "ago",
    "b32dec",
    "bcrypt",
    "buildCustomCert",
    "call",
    "dateModify",
    "date_modify",
    "decryptAES",
    "derivePassword",
    "duration",
    "durationDays",
    "durationHours",
    "durationMicroseconds",
    "durationMilliseconds",
    "durationMinutes",
    "durationNanoseconds",
    "durationRound",
    "durationRoundTo",
    "durationSeconds",
    "durationTruncateTo",
    "durationWeeks",
    "encryptAES",
    "env",
    "expandenv",
    "fromToml",
    "genCA",
    "genCAWithKey",
    "genPrivateKey",
    "genSelfSignedCert",
    "genSelfSignedCertWithKey",
    "genSignedCert",
    "genSignedCertWithKey",
    "getHostByName",
    "htpasswd",
    "js",
    "kebabcase",
    "mustDateModify",
    "mustToDate",
    "mustToDuration",
    "mustToToml",
    "must_date_modify",
    "osBase",
    "osClean",
    "osDir",
    "osExt",
    "osIsAbs",
    "randBytes",
    "shuffle",
    "snakecase",
    "swapcase",
    "toDate",
    "toDecimal",
    "toToml",
    "toYamlPretty",
    "urlJoin",
    "urlParse",
    "wrap",
    "wrapWith",
};

const struct function *functions_find(struct text name) {
    for (size_t i = 0; i < ARRAY_LENGTH(tables); i++)
        for (const struct function *function = tables[i]; function->name; function++)
            if (function->name[0] == name.data[0] && text_is(name, function->name))
                return function;
    return NULL;
}

bool functions_is_unsupported(const char *name) {
    for (size_t i = 0; i < ARRAY_LENGTH(unsupported); i++)
        if (strcmp(unsupported[i], name) == 0)
            return true;
    return false;
}

const char *functions_closest(const char *name) {
    const char *names[400];
    size_t count = 0;
    for (size_t i = 0; i < ARRAY_LENGTH(tables); i++)
        for (const struct function *function = tables[i];
             function->name && count < ARRAY_LENGTH(names); function++)
            names[count++] = function->name;
    return str_closest(name, names, count);
}

// As strconv.ParseInt with base 0 reads what is before a fraction of zeros.
static int64_t integer_in(struct text text) {
    char *copy cleanup(mem_freep) = mem_text_n(text.data, text.length), *end;
    const char *point = strchr(copy, '.');
    if (point && point[1] && strspn(point + 1, "0") == strlen(point + 1))
        copy[point - copy] = '\0';
    const char *digits = copy + (*copy == '-' || *copy == '+');
    int base = 10, skipped = 0;
    if (digits[0] == '0' && digits[1]) {
        char letter = (char)(digits[1] | 0x20);
        base = letter == 'x' ? 16 : letter == 'b' ? 2 : 8;
        skipped = letter == 'x' || letter == 'b' || letter == 'o' ? 2 : 1;
    }
    if (!digits[skipped] || strchr("+- \t\n", digits[skipped]))
        return 0;
    errno = 0;
    unsigned long long magnitude = strtoull(digits + skipped, &end, base);
    if (*end || errno || magnitude > (unsigned long long)INT64_MAX + (*copy == '-'))
        return 0;
    return *copy == '-' ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
}

int64_t functions_to_integer(struct value value) {
    switch (value.kind) {
    case VALUE_BOOL: return value.truth;
    case VALUE_INTEGER: return value.integer;
    case VALUE_REAL: // out of range is the smallest, as on x86-64
        return fabs(value.real) < 9.2233720368547e18 ? (int64_t)value.real : INT64_MIN;
    case VALUE_TEXT: return integer_in(value.text);
    default: return 0;
    }
}

double functions_to_real(struct value value) {
    if (value.kind == VALUE_REAL)
        return value.real;
    if (value.kind != VALUE_TEXT)
        return (double)functions_to_integer(value);
    char *copy cleanup(mem_freep) = mem_text_n(value.text.data, value.text.length), *end;
    double real = strtod(copy, &end);
    return *end || end == copy || strchr(" \t\n", *copy) || isinf(real) ? 0 : real;
}

bool functions_items(struct value value, const struct value **ret_items, size_t *ret_count) {
    value = value_inside(value);
    if (value.kind != VALUE_LIST)
        return false;
    *ret_items = value.list->items;
    *ret_count = value.list->count;
    return true;
}
