// SPDX-License-Identifier: Apache-2.0
//
// See tally.h. Numbers are turned into keys of 64 bits that have their order and sorted by radix;
// texts go into a hash table, and only the distinct ones are sorted. A column has values of one
// kind, as its import gave it. What would take too much memory is left to SQLite's sorter.
#include "dataset/tally.h"

#include "base/mem.h"
#include "dataset/load.h"

#define RADIX_BITS 8
#define RADIX_BUCKETS (1 << RADIX_BITS)
#define TABLE_MIN 1024 // places of the hash table, a power of two

struct text {
    uint64_t hash;
    size_t start, length; // in `bytes`
    int64_t row_count;
};

struct tally {
    int64_t null_count;
    bool is_real;
    uint64_t *keys; // of numbers
    size_t key_count, key_room;
    char *bytes; // of texts, each with its NUL
    size_t byte_count, byte_room;
    struct text *texts;
    size_t text_count, text_room;
    uint32_t *table; // of places in `texts` plus one, 0 for none
    size_t table_size;
};

static void tally_done(struct tally *tally) {
    free(tally->keys);
    free(tally->bytes);
    free(tally->texts);
    free(tally->table);
}

// ---- Numbers ------------------------------------------------------------------------------------

#define TOP_BIT (UINT64_C(1) << 63)

static uint64_t key_of_integer(int64_t integer) { return (uint64_t)integer ^ TOP_BIT; }

// IEEE 754: the bits of positive numbers have their order, those of negative ones the opposite.
static uint64_t key_of_real(double real) {
    uint64_t bits;
    real = real == 0 ? 0 : real; // -0.0 equals 0.0
    memcpy(&bits, &real, sizeof bits);
    return bits & TOP_BIT ? ~bits : bits | TOP_BIT;
}

static struct tally_value value_of_key(const struct tally *tally, uint64_t key) {
    struct tally_value value = {.kind = tally->is_real ? TALLY_REAL : TALLY_INTEGER};
    uint64_t bits = key & TOP_BIT ? key ^ TOP_BIT : ~key;
    if (tally->is_real)
        memcpy(&value.real, &bits, sizeof bits);
    else
        value.integer = (int64_t)(key ^ TOP_BIT);
    return value;
}

static void add_key(struct tally *tally, uint64_t key) {
    if (tally->key_count == tally->key_room) {
        tally->key_room = tally->key_room ? 2 * tally->key_room : 1024;
        tally->keys = mem_resize(tally->keys, tally->key_room, sizeof *tally->keys);
    }
    tally->keys[tally->key_count++] = key;
}

// Sorts by the lowest digit first; a digit that all keys share needs no pass.
static void sort_keys(struct tally *tally) {
    uint64_t *from = tally->keys, *to = mem_resize(NULL, tally->key_count + 1, sizeof *to);
    for (int shift = 0; shift < 64; shift += RADIX_BITS) {
        size_t starts[RADIX_BUCKETS] = {0}, start = 0;
        for (size_t i = 0; i < tally->key_count; i++)
            starts[from[i] >> shift & (RADIX_BUCKETS - 1)]++;
        if (starts[from[0] >> shift & (RADIX_BUCKETS - 1)] == tally->key_count)
            continue;
        for (size_t i = 0; i < RADIX_BUCKETS; i++) {
            size_t count = starts[i];
            starts[i] = start;
            start += count;
        }
        for (size_t i = 0; i < tally->key_count; i++)
            to[starts[from[i] >> shift & (RADIX_BUCKETS - 1)]++] = from[i];
        uint64_t *swapped = from;
        from = to;
        to = swapped;
    }
    tally->keys = from;
    free(to);
}

static void visit_keys(struct tally *tally, tally_visit *visit, void *context) {
    if (tally->key_count == 0)
        return;
    sort_keys(tally);
    for (size_t i = 0, next; i < tally->key_count; i = next) {
        struct tally_value value = value_of_key(tally, tally->keys[i]);
        for (next = i + 1; next < tally->key_count && tally->keys[next] == tally->keys[i];)
            next++;
        value.row_count = (int64_t)(next - i);
        visit(&value, context);
    }
}

// ---- Texts --------------------------------------------------------------------------------------

static uint64_t hash_of(const char *text, size_t length) { // FNV-1a
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)text[i]) * UINT64_C(0x100000001b3);
    return hash ^ hash >> 32;
}

static void grow_table(struct tally *tally) {
    tally->table_size = tally->table_size ? 2 * tally->table_size : TABLE_MIN;
    free(tally->table);
    tally->table = mem_zero(tally->table_size, sizeof *tally->table);
    for (size_t i = 0; i < tally->text_count; i++) {
        size_t at = tally->texts[i].hash & (tally->table_size - 1);
        while (tally->table[at])
            at = (at + 1) & (tally->table_size - 1);
        tally->table[at] = (uint32_t)i + 1;
    }
}

static void keep_text(struct tally *tally, const char *text, size_t length, uint64_t hash) {
    if (tally->text_count == tally->text_room) {
        tally->text_room = tally->text_room ? 2 * tally->text_room : 256;
        tally->texts = mem_resize(tally->texts, tally->text_room, sizeof *tally->texts);
    }
    if (tally->byte_count + length + 1 > tally->byte_room) {
        tally->byte_room = 2 * (tally->byte_room + length + 1);
        tally->bytes = mem_resize(tally->bytes, tally->byte_room, 1);
    }
    memcpy(tally->bytes + tally->byte_count, text, length);
    tally->bytes[tally->byte_count + length] = '\0';
    tally->texts[tally->text_count++] = (struct text){hash, tally->byte_count, length, 1};
    tally->byte_count += length + 1;
}

static void add_text(struct tally *tally, const char *text, size_t length) {
    uint64_t hash = hash_of(text, length);
    if (2 * tally->text_count >= tally->table_size)
        grow_table(tally);
    for (size_t at = hash & (tally->table_size - 1);; at = (at + 1) & (tally->table_size - 1)) {
        if (!tally->table[at]) {
            keep_text(tally, text, length, hash);
            tally->table[at] = (uint32_t)tally->text_count;
            return;
        }
        struct text *there = &tally->texts[tally->table[at] - 1];
        if (there->hash == hash && there->length == length &&
            memcmp(tally->bytes + there->start, text, length) == 0) {
            there->row_count++;
            return;
        }
    }
}

static bool is_less(const struct tally *tally, const struct text *left, const struct text *right) {
    size_t common = left->length < right->length ? left->length : right->length;
    int order = memcmp(tally->bytes + left->start, tally->bytes + right->start, common);
    return order ? order < 0 : left->length < right->length;
}

// Merges runs of growing length from one array into another.
static void sort_texts(struct tally *tally) {
    size_t count = tally->text_count;
    struct text *from = tally->texts, *to = mem_resize(NULL, count + 1, sizeof *to);
    for (size_t run = 1; run < count; run *= 2) {
        for (size_t start = 0; start < count; start += 2 * run) {
            size_t left = start, middle = start + run < count ? start + run : count, right = middle,
                   end = start + 2 * run < count ? start + 2 * run : count;
            for (size_t at = start; at < end; at++) {
                bool takes_right =
                    left == middle || (right < end && is_less(tally, &from[right], &from[left]));
                to[at] = from[takes_right ? right++ : left++];
            }
        }
        struct text *swapped = from;
        from = to;
        to = swapped;
    }
    tally->texts = from;
    free(to);
}

static void visit_texts(struct tally *tally, tally_visit *visit, void *context) {
    sort_texts(tally);
    for (size_t i = 0; i < tally->text_count; i++) {
        const struct text *text = &tally->texts[i];
        struct tally_value value = {.kind = TALLY_TEXT,
                                    .text = tally->bytes + text->start,
                                    .length = text->length,
                                    .row_count = text->row_count};
        visit(&value, context);
    }
}

// ---- The column ---------------------------------------------------------------------------------

static bool is_full(const struct tally *tally, size_t max_bytes) {
    return tally->key_count * sizeof *tally->keys + tally->byte_count +
               tally->text_count * sizeof *tally->texts >=
           max_bytes;
}

static void add_value(struct tally *tally, sqlite3_stmt *statement) {
    switch (sqlite3_column_type(statement, 0)) {
    case SQLITE_NULL: tally->null_count++; break;
    case SQLITE_INTEGER:
        add_key(tally, tally->is_real ? key_of_real(sqlite3_column_double(statement, 0))
                                      : key_of_integer(sqlite3_column_int64(statement, 0)));
        break;
    case SQLITE_FLOAT: add_key(tally, key_of_real(sqlite3_column_double(statement, 0))); break;
    default: {
        const char *text = (const char *)sqlite3_column_text(statement, 0);
        add_text(tally, text ? text : "", (size_t)sqlite3_column_bytes(statement, 0));
    }
    }
}

// By SQLite's sorter, which needs no more memory than its cache.
static int visit_sorted(sqlite3 *db, const struct dataset_table *table,
                        const struct dataset_column *column, tally_visit *visit, void *context,
                        struct err *err) {
    sqlite3_stmt *statement cleanup(load_finalizep) = NULL;
    cleanup_free char *sql = mem_format("SELECT \"%s\", count(*) FROM \"%s\" GROUP BY 1 ORDER BY 1",
                                        column->name, table->name);
    int status = load_prepare(db, sql, &statement, err), code;
    if (status)
        return status;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        struct tally_value value = {.kind = TALLY_NULL,
                                    .row_count = sqlite3_column_int64(statement, 1)};
        switch (sqlite3_column_type(statement, 0)) {
        case SQLITE_NULL: break;
        case SQLITE_INTEGER:
            value.kind = TALLY_INTEGER;
            value.integer = sqlite3_column_int64(statement, 0);
            break;
        case SQLITE_FLOAT:
            value.kind = TALLY_REAL;
            value.real = sqlite3_column_double(statement, 0);
            break;
        default:
            value.kind = TALLY_TEXT;
            value.text = (const char *)sqlite3_column_text(statement, 0);
            value.length = (size_t)sqlite3_column_bytes(statement, 0);
        }
        visit(&value, context);
    }
    return code == SQLITE_DONE ? 0 : load_failure(db, err);
}

int tally_column(sqlite3 *db, const struct dataset_table *table,
                 const struct dataset_column *column, size_t max_bytes, tally_visit *visit,
                 void *context, struct err *err) {
    struct tally tally cleanup(tally_done) = {.is_real = column->type == DATASET_REAL};
    sqlite3_stmt *statement cleanup(load_finalizep) = NULL;
    cleanup_free char *sql = mem_format("SELECT \"%s\" FROM \"%s\"", column->name, table->name);
    int status = load_prepare(db, sql, &statement, err), code = SQLITE_DONE;
    if (status)
        return status;
    while (!is_full(&tally, max_bytes) && (code = sqlite3_step(statement)) == SQLITE_ROW)
        add_value(&tally, statement);
    if (is_full(&tally, max_bytes))
        return visit_sorted(db, table, column, visit, context, err);
    if (code != SQLITE_DONE)
        return load_failure(db, err);
    struct tally_value null = {.kind = TALLY_NULL, .row_count = tally.null_count};
    if (tally.null_count)
        visit(&null, context);
    visit_keys(&tally, visit, context);
    visit_texts(&tally, visit, context);
    return 0;
}
