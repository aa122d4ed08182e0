// SPDX-License-Identifier: Apache-2.0
//
// See authorizer.h. Functions are on a list, so that a new SQLite brings no new power by itself.
// Those that are not the same at every call (random and the like) are left out: the same data and
// the same plan give the same answer.
#include "runner/authorizer.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"

static const char *const functions[] = {
    // in order: they are searched by halves
    "->",
    "->>",
    "abs",
    "acos",
    "acosh",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "avg",
    "ceil",
    "ceiling",
    "char",
    "coalesce",
    "concat",
    "concat_ws",
    "cos",
    "cosh",
    "count",
    "cume_dist",
    "current_date",
    "current_time",
    "current_timestamp",
    "date",
    "datetime",
    "degrees",
    "dense_rank",
    "exp",
    "first_value",
    "floor",
    "format",
    "glob",
    "group_concat",
    "hex",
    "ifnull",
    "iif",
    "instr",
    "json",
    "json_array",
    "json_array_length",
    "json_error_position",
    "json_extract",
    "json_group_array",
    "json_group_object",
    "json_object",
    "json_quote",
    "json_type",
    "json_valid",
    "julianday",
    "lag",
    "last_value",
    "lead",
    "length",
    "like",
    "likelihood",
    "likely",
    "ln",
    "log",
    "log10",
    "log2",
    "lower",
    "ltrim",
    "max",
    "min",
    "mod",
    "nth_value",
    "ntile",
    "nullif",
    "octet_length",
    "percent_rank",
    "pi",
    "pow",
    "power",
    "printf",
    "quote",
    "radians",
    "rank",
    "replace",
    "round",
    "row_number",
    "rtrim",
    "sign",
    "sin",
    "sinh",
    "soundex",
    "sqrt",
    "strftime",
    "string_agg",
    "substr",
    "substring",
    "subtype",
    "sum",
    "tan",
    "tanh",
    "time",
    "timediff",
    "total",
    "trim",
    "trunc",
    "typeof",
    "unhex",
    "unicode",
    "unixepoch",
    "unlikely",
    "upper",
};

// What an action is called in a refusal; the others are "do that".
static const struct {
    int action;
    const char *words;
} actions[] = {
    {SQLITE_INSERT, "insert rows"},
    {SQLITE_UPDATE, "change rows"},
    {SQLITE_DELETE, "delete rows"},
    {SQLITE_CREATE_TABLE, "create a table"},
    {SQLITE_CREATE_TEMP_TABLE, "create a table"},
    {SQLITE_DROP_TABLE, "drop a table"},
    {SQLITE_ALTER_TABLE, "alter a table"},
    {SQLITE_ATTACH, "attach another database"},
    {SQLITE_DETACH, "detach a database"},
    {SQLITE_PRAGMA, "use a PRAGMA"},
    {SQLITE_TRANSACTION, "control transactions"},
    {SQLITE_SAVEPOINT, "control transactions"},
    {SQLITE_CREATE_VIEW, "create a view"},
    {SQLITE_CREATE_TEMP_VIEW, "create a view"},
    {SQLITE_CREATE_INDEX, "create an index"},
    {SQLITE_CREATE_TRIGGER, "create a trigger"},
    {SQLITE_CREATE_TEMP_TRIGGER, "create a trigger"},
    {SQLITE_CREATE_VTABLE, "create a virtual table"},
    {SQLITE_REINDEX, "rebuild an index"},
    {SQLITE_ANALYZE, "analyze the data"},
};

static int compare_names(const void *key, const void *name) {
    return strcasecmp(key, *(const char *const *)name);
}

static bool is_known_function(const char *name) {
    return bsearch(name, functions, ARRAY_LENGTH(functions), sizeof *functions, compare_names) !=
           NULL;
}

static bool is_readable(const char *table) {
    static const char *const hidden[] = {"sandglass_", "sqlite_", "pragma_"};
    for (size_t i = 0; i < ARRAY_LENGTH(hidden); i++)
        if (strncasecmp(table, hidden[i], strlen(hidden[i])) == 0)
            return false;
    return true;
}

static int refuse(struct authorizer *authorizer, const char *what, const char *name) {
    if (!*authorizer->refusal)
        sqlite3_snprintf(sizeof authorizer->refusal, authorizer->refusal, "%s%s%s", what,
                         *name ? " " : "", name);
    return SQLITE_DENY;
}

static int decide(void *context, int action, const char *first, const char *second,
                  const char *database, const char *source) {
    struct authorizer *authorizer = context;
    (void)database, (void)source;
    switch (action) {
    case SQLITE_SELECT:
    case SQLITE_RECURSIVE: return SQLITE_OK;
    case SQLITE_READ:
        return !first || is_readable(first) ? SQLITE_OK
                                            : refuse(authorizer, "read the table", first);
    case SQLITE_FUNCTION:
        return is_known_function(second) ? SQLITE_OK
                                         : refuse(authorizer, "call the function", second);
    default: break;
    }
    for (size_t i = 0; i < ARRAY_LENGTH(actions); i++)
        if (actions[i].action == action)
            return refuse(authorizer, actions[i].words, "");
    return refuse(authorizer, "do that", "");
}

void authorizer_install(struct authorizer *authorizer, sqlite3 *connection) {
    *authorizer = (struct authorizer){.refusal = ""};
    sqlite3_set_authorizer(connection, decide, authorizer);
}
