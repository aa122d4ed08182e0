// SPDX-License-Identifier: Apache-2.0
//
// See trigram.h.
#include "dataset/trigram.h"

#include <string.h>

#include "dataset/load.h"

size_t trigram_split(const char *word, int ret_trigrams[TRIGRAMS_MAX]) {
    size_t length = strlen(word), count = 0;
    if (length < TRIGRAM_WORD_MIN || length >= WORDS_TEXT || (*word >= '0' && *word <= '9'))
        return 0;
    unsigned char marked[WORDS_TEXT + 2];
    marked[0] = 1;
    memcpy(marked + 1, word, length);
    marked[length + 1] = 2;
    for (size_t i = 0; i < length; i++)
        ret_trigrams[count++] = marked[i] << 16 | marked[i + 1] << 8 | marked[i + 2];
    return count;
}

unsigned trigram_typos(size_t length) { return length < 6 ? 1 : length < 12 ? 2 : 3; }

static int insert_word(sqlite3 *db, sqlite3_stmt *insert, const char *word, struct err *err) {
    int trigrams[TRIGRAMS_MAX];
    size_t count = trigram_split(word, trigrams);
    for (size_t i = 0; i < count; i++) {
        sqlite3_bind_int(insert, 1, trigrams[i]);
        sqlite3_bind_text(insert, 2, word, -1, SQLITE_STATIC);
        int code = sqlite3_step(insert);
        sqlite3_reset(insert);
        if (code != SQLITE_DONE)
            return load_failure(db, err);
    }
    return 0;
}

int trigram_index(sqlite3 *db, struct err *err) {
    sqlite3_stmt *words cleanup(load_finalizep) = NULL, *insert cleanup(load_finalizep) = NULL;
    int status = load_run(db,
                          "CREATE TABLE sandglass_trigram (trigram INTEGER NOT NULL, word TEXT NOT "
                          "NULL, PRIMARY KEY (trigram, word)) WITHOUT ROWID",
                          err);
    if (!status)
        status = load_prepare(db, "SELECT DISTINCT word FROM sandglass_word", &words, err);
    if (!status)
        status =
            load_prepare(db, "INSERT OR IGNORE INTO sandglass_trigram VALUES (?, ?)", &insert, err);
    int code = SQLITE_DONE;
    while (!status && (code = sqlite3_step(words)) == SQLITE_ROW)
        status = insert_word(db, insert, (const char *)sqlite3_column_text(words, 0), err);
    return status || code == SQLITE_DONE ? status : load_failure(db, err);
}
