// SPDX-License-Identifier: Apache-2.0
//
// See migrations.h. Step n leads from version n to n + 1 (PRAGMA user_version), in a transaction of
// its own. A step that was released is never changed; what it got wrong the next one mends.
#include "store/migrations.h"

#include "base/mem.h"

static const char *const steps[] = {
    "CREATE TABLE conversation (id TEXT PRIMARY KEY, dataset TEXT NOT NULL, title TEXT NOT NULL,"
    " created_ms INTEGER NOT NULL, updated_ms INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE INDEX conversation_by_use ON conversation (updated_ms);"
    "CREATE TABLE turn (id TEXT PRIMARY KEY, conversation_id TEXT NOT NULL REFERENCES "
    "conversation, ordinal INTEGER NOT NULL,"
    " status TEXT NOT NULL, run_id TEXT, body TEXT NOT NULL, events TEXT, UNIQUE (conversation_id, "
    "ordinal));"
    "CREATE INDEX turn_under_way ON turn (status) WHERE status = 'running';"
    "CREATE TABLE run (id TEXT PRIMARY KEY, turn_id TEXT, outcome TEXT, body TEXT NOT NULL, result "
    "TEXT);"
    "CREATE INDEX run_under_way ON run (id) WHERE outcome IS NULL;",

    // What is searched stands apart from the large bodies; a run knows whose it is, so that it can
    // go with its conversation.
    "ALTER TABLE conversation ADD COLUMN deleted_ms INTEGER;"
    "CREATE INDEX conversation_deleted ON conversation (deleted_ms) WHERE deleted_ms IS NOT NULL;"
    "ALTER TABLE turn ADD COLUMN feedback TEXT;"
    "CREATE TABLE turn_text (conversation_id TEXT NOT NULL REFERENCES conversation, ordinal INTEGER"
    " NOT NULL, turn_id TEXT NOT NULL REFERENCES turn, question TEXT NOT NULL, sentence TEXT,"
    " PRIMARY KEY (conversation_id, ordinal)) WITHOUT ROWID;"
    "INSERT INTO turn_text SELECT conversation_id, ordinal, id, coalesce(json_extract(body, "
    "'$.question'), ''), json_extract(body, '$.sentence') FROM turn;"
    "ALTER TABLE run ADD COLUMN conversation_id TEXT;"
    "UPDATE run SET conversation_id = (SELECT t.conversation_id FROM turn t WHERE t.id = "
    "run.turn_id);"
    "UPDATE run SET conversation_id = (SELECT o.conversation_id FROM run o WHERE o.id = "
    "json_extract(run.body, '$.replay_of')) WHERE conversation_id IS NULL;"
    "CREATE INDEX run_of_conversation ON run (conversation_id) WHERE conversation_id IS NOT NULL;",

    "CREATE TABLE pin (id TEXT PRIMARY KEY, turn_id TEXT NOT NULL, position INTEGER NOT NULL,"
    " deleted_ms INTEGER, body TEXT NOT NULL, run TEXT NOT NULL);"
    "CREATE UNIQUE INDEX pin_of_turn ON pin (turn_id) WHERE deleted_ms IS NULL;",
};

static int version_of(sqlite3 *connection) {
    sqlite3_stmt *statement;
    int version = -1;
    if (sqlite3_prepare_v2(connection, "PRAGMA user_version", -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW)
        version = sqlite3_column_int(statement, 0);
    sqlite3_finalize(statement);
    return version;
}

int migrations_run(sqlite3 *connection, struct err *err) {
    int version = version_of(connection), present = (int)ARRAY_LENGTH(steps);
    if (version < 0)
        return err_set(err, ERR_CORRUPT, "it cannot be read (%s)", sqlite3_errmsg(connection));
    if (version > present)
        return err_set(err, ERR_CORRUPT,
                       "it is of version %d; this program knows versions up to %d", version,
                       present);
    for (; version < present; version++) {
        cleanup_free char *sql = mem_format("BEGIN IMMEDIATE; %s PRAGMA user_version = %d; COMMIT",
                                            steps[version], version + 1);
        if (sqlite3_exec(connection, sql, NULL, NULL, NULL) != SQLITE_OK) {
            err_set(err, ERR_CORRUPT, "it cannot be brought to version %d (%s)", version + 1,
                    sqlite3_errmsg(connection));
            sqlite3_exec(connection, "ROLLBACK", NULL, NULL, NULL);
            return err->code;
        }
    }
    return 0;
}
