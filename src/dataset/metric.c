// SPDX-License-Identifier: Apache-2.0
//
// See metric.h. The expression is somebody's text that is pasted between parentheses, so first its
// signs are looked at: with its parentheses in balance, and neither comment nor semicolon outside
// quotes, it cannot leave them. What is inside is then for SQLite's own parser, with an authorizer
// that lets it read the one table. At last it is worked out for every row.
#include "dataset/metric.h"

#include <strings.h>

#include "dataset/load.h"

// Behind the quoted text that begins at AT, or NULL where it does not end.
static const char *skip_quoted(const char *at) {
    char close = *at == '[' ? ']' : *at;
    const char *end = strchr(at + 1, close);
    return end ? end + 1 : NULL;
}

// What keeps EXPRESSION from being one expression, or NULL.
static const char *find_flaw(const char *expression) {
    int depth = 0;
    for (const char *at = expression; at && *at;) {
        if (strchr("'\"`[", *at)) {
            at = skip_quoted(at);
            if (!at)
                return "a quote is not closed";
            continue;
        }
        depth += (*at == '(') - (*at == ')');
        if (depth < 0)
            return "a parenthesis closes that was not opened";
        if (strchr(";?:@$#{}", *at))
            return "it has a sign that does not belong into one";
        if (strncmp(at, "--", 2) == 0 || strncmp(at, "/*", 2) == 0)
            return "it has a comment in it";
        at++;
    }
    return depth ? "a parenthesis is not closed" : NULL;
}

struct permission {
    const char *table;
    int selects;
    const char *refused; // what was asked for and not given
};

static int refuse(struct permission *permission, const char *what) {
    permission->refused = what;
    return SQLITE_DENY;
}

// The table itself, once, and functions whose value depends on their arguments alone.
static int authorize(void *context, int action, const char *first, const char *second,
                     const char *database, const char *trigger) {
    static const char *const unsteady[] = {"random",        "randomblob",        "changes",
                                           "total_changes", "last_insert_rowid", "load_extension",
                                           "fts3_tokenizer"};
    struct permission *permission = context;
    (void)database, (void)trigger;
    switch (action) {
    case SQLITE_SELECT:
        return permission->selects++ == 0 ? SQLITE_OK : refuse(permission, "it has a subquery");
    case SQLITE_READ:
        return strcasecmp(first, permission->table) == 0
                   ? SQLITE_OK
                   : refuse(permission, "it reads another table");
    case SQLITE_FUNCTION:
        for (size_t i = 0; i < ARRAY_LENGTH(unsteady); i++)
            if (strcasecmp(second, unsteady[i]) == 0)
                return refuse(permission, "it uses a function whose value is another every time");
        return SQLITE_OK;
    default: return refuse(permission, "it does more than compute");
    }
}

static int bad_metric(const struct description_metric *metric, const struct dataset_table *table,
                      const char *why, struct err *err) {
    return err_set(err, ERR_BAD_REQUEST,
                   DESCRIPTION_FILE
                   ": the metric %s is no expression over the columns of %s: %.200s",
                   metric->name, table->name, why);
}

static int prepare(sqlite3 *db, const char *format_before, const struct description_metric *metric,
                   const struct dataset_table *table, const char *behind,
                   sqlite3_stmt **ret_statement, struct err *err) {
    struct permission permission = {.table = table->name};
    cleanup_free char *sql = mem_format("SELECT %s((%s\n))%s FROM \"%s\"", format_before,
                                        metric->expression, behind, table->name);
    sqlite3_set_authorizer(db, authorize, &permission);
    int code = sqlite3_prepare_v2(db, sql, -1, ret_statement, NULL);
    sqlite3_set_authorizer(db, NULL, NULL);
    if (code == SQLITE_OK)
        return 0;
    return bad_metric(metric, table, permission.refused ? permission.refused : sqlite3_errmsg(db),
                      err);
}

int metric_check(sqlite3 *db, const struct description_metric *metric,
                 const struct dataset_table *table, struct err *err) {
    const char *flaw = find_flaw(metric->expression);
    if (flaw)
        return bad_metric(metric, table, flaw, err);
    sqlite3_stmt *sum cleanup(load_finalizep) = NULL, *texts cleanup(load_finalizep) = NULL;
    // SUM() around it: an aggregate or a window inside is then refused.
    int status = prepare(db, "sum", metric, table, "", &sum, err);
    if (!status)
        status = prepare(db, "total(typeof", metric, table, " IN ('text', 'blob'))", &texts, err);
    if (status)
        return status;
    if (sqlite3_step(texts) != SQLITE_ROW)
        return bad_metric(metric, table, sqlite3_errmsg(db), err);
    if (sqlite3_column_int64(texts, 0) > 0)
        return bad_metric(metric, table, "it gives no number for some rows", err);
    return 0;
}
