// SPDX-License-Identifier: Apache-2.0
//
// A built data set opened: its values found, a damaged file refused; and the catalogue of a folder.
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/limits.h"
#include "base/path.h"
#include "dataset/catalogue.h"
#include "dataset/import.h"
#include "tests/unit/check.h"
#include "tests/unit/dataset_fixture.h"

// ---- Values -------------------------------------------------------------------------------------

// What is found for KEY: "table.column value count", one a line.
static const char *find(const char *key, bool containing, size_t max) {
    static char text[2048];
    struct dataset_value values[8];
    size_t count = dataset_find_values(fixture_dataset(), key, containing, values, max);
    text[0] = '\0';
    for (size_t i = 0; i < count; i++)
        sprintf(text + strlen(text), "%s%d.%d %s %lld", i ? "\n" : "", values[i].table,
                values[i].column, values[i].value, (long long)values[i].row_count);
    dataset_values_done(values, count);
    return text;
}

static void import_cities(void) {
    fixture_file("t.csv", "city,note\nNew York,York\nnew york,old\nYork,old\nYork,São Paulo\n"
                          "New Orleans,\n");
    if (fixture_import())
        check_fail(__FILE__, __LINE__, "%s", fixture_message());
}

TEST(a_value_is_found_by_its_key_in_all_its_spellings) {
    import_cities();
    CHECK_TEXT(find("new york", false, 8), "0.0 New York 1\n0.0 new york 1");
    CHECK_TEXT(find("sao paulo", false, 8), "0.1 São Paulo 1");
    CHECK_TEXT(find("york", false, 8), "0.0 York 2\n0.1 York 1");
    CHECK_TEXT(find("york", false, 1), "0.0 York 2");
    CHECK_TEXT(find("yor", false, 8), "");
    CHECK_TEXT(find("", false, 8), "");
}

TEST(values_are_found_by_words_that_they_contain) {
    import_cities();
    CHECK_TEXT(find("york", true, 8), "0.0 York 2\n0.0 New York 1\n0.0 new york 1\n0.1 York 1");
    CHECK_TEXT(find("york new", true, 8), "0.0 New York 1\n0.0 new york 1");
    CHECK_TEXT(find("york orlean", true, 8), "");
    CHECK_TEXT(find("york", true, 2), "0.0 York 2\n0.0 New York 1");
    CHECK_TEXT(find("", true, 8), "");
}

TEST(hidden_columns_are_not_in_the_index) {
    fixture_file("dataset.json", "{\"tables\":[{\"file\":\"t.csv\",\"columns\":[{\"header\":"
                                 "\"note\",\"hidden\":true}]}]}");
    import_cities();
    CHECK_TEXT(find("york", false, 8), "0.0 York 2");
}

// ---- Damaged files ------------------------------------------------------------------------------

static char *built_path(void) { return path_join(check_folder(), "built/" DATASET_FILE); }

static int reopen(struct err *err) {
    struct dataset *dataset cleanup(dataset_closep) = NULL;
    cleanup_free char *folder = path_join(check_folder(), "built");
    *err = (struct err){0};
    return dataset_open(folder, &dataset, err);
}

// That opening fails as corrupt, with this behind the path.
static void check_corrupt(const char *why) {
    struct err err;
    CHECK_INT(reopen(&err), ERR_CORRUPT);
    cleanup_free char *path = built_path(),
                      *message = mem_format("%s cannot be used: %s", path, why);
    CHECK_TEXT(err.message, message);
    CHECK_TEXT(err.hint, "Build it again from its tables.");
}

static void damage(const char *sql) {
    cleanup_free char *path = built_path();
    sqlite3 *db = NULL;
    CHECK_INT(sqlite3_open(path, &db), SQLITE_OK);
    CHECK_INT(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

TEST(a_missing_file_is_not_found) {
    struct err err;
    import_cities();
    cleanup_free char *path = built_path(), *message = mem_format("%s is not there", path);
    unlink(path);
    CHECK_INT(reopen(&err), ERR_NOT_FOUND);
    CHECK_TEXT(err.message, message);
}

TEST(a_file_that_is_no_sqlite_file_is_corrupt) {
    import_cities();
    fixture_bytes("built/" DATASET_FILE, "hello, this is no database at all, just some text", 49);
    check_corrupt("it is no SQLite file");
    fixture_bytes("built/" DATASET_FILE, "", 0);
    check_corrupt("it is an SQLite file, but not one that this program made");
}

TEST(another_programs_sqlite_file_is_refused) {
    import_cities();
    damage("PRAGMA application_id = 7");
    check_corrupt("it is an SQLite file, but not one that this program made");
}

TEST(another_format_is_refused) {
    import_cities();
    damage("PRAGMA user_version = 9");
    check_corrupt("it has format 9, and this program reads 3");
}

TEST(a_view_in_place_of_our_own_table_is_refused) {
    import_cities();
    damage("DROP TABLE sandglass_value; CREATE VIEW sandglass_value AS SELECT 1 AS key");
    check_corrupt("its own tables are not there");
}

TEST(a_damaged_schema_is_refused_with_what_is_wrong) {
    import_cities();
    damage("UPDATE sandglass_meta SET value = '{' WHERE key = 'schema'");
    check_corrupt("its schema: not valid JSON at line 1, column 1");
    damage("UPDATE sandglass_meta SET value = '{}' WHERE key = 'schema'");
    check_corrupt("its schema: \"name\" is missing");
    damage("DELETE FROM sandglass_meta WHERE key = 'schema'");
    check_corrupt("its schema is not there");
}

TEST(a_table_that_the_schema_has_and_the_file_has_not_is_refused) {
    import_cities();
    damage("ALTER TABLE t RENAME COLUMN note TO other");
    check_corrupt("t.note is not there");
}

TEST(indexes_of_values_that_point_nowhere_are_passed_over) {
    import_cities();
    damage("UPDATE sandglass_value SET table_no = 99 WHERE value = 'New York'; "
           "UPDATE sandglass_value SET column_no = -1 WHERE value = 'new york'");
    CHECK_TEXT(find("new york", false, 8), "");
    CHECK_TEXT(find("new york", true, 8), "");
}

TEST(a_file_that_is_cut_off_anywhere_is_refused_or_safe) {
    struct buf bytes cleanup_buf = BUF(1 << 22);
    struct err err;
    import_cities();
    cleanup_free char *path = built_path();
    CHECK_OK(fd_read_file(path, &bytes, &err), err);
    for (size_t length = 0; length < bytes.length; length += 1000) {
        fixture_bytes("built/" DATASET_FILE, bytes.data, length);
        CHECK(reopen(&err) != 0);
        CHECK(*err.message);
    }
}

TEST(a_file_with_changed_bytes_is_refused_or_safe) {
    struct buf bytes cleanup_buf = BUF(1 << 22);
    struct err err;
    struct dataset_value values[8];
    import_cities();
    cleanup_free char *path = built_path(), *folder = path_join(check_folder(), "built");
    CHECK_OK(fd_read_file(path, &bytes, &err), err);
    unsigned seed = 1;
    for (int i = 0; i < 300; i++) {
        struct dataset *dataset cleanup(dataset_closep) = NULL;
        size_t at = (size_t)rand_r(&seed) % bytes.length;
        char before = bytes.data[at];
        bytes.data[at] = (char)rand_r(&seed);
        fixture_bytes("built/" DATASET_FILE, bytes.data, bytes.length);
        bytes.data[at] = before;
        if (dataset_open(folder, &dataset, &err) != 0)
            continue;
        dataset_values_done(values, dataset_find_values(dataset, "york", true, values, 8));
    }
}

TEST(a_path_with_signs_of_a_uri_is_opened) {
    struct dataset *dataset cleanup(dataset_closep) = NULL;
    struct err err;
    import_cities();
    cleanup_free char *from = path_join(check_folder(), "built");
    cleanup_free char *to = path_join(check_folder(), "a?mode=rwc&b%41#c d");
    CHECK_INT(rename(from, to), 0);
    CHECK_OK(dataset_open(to, &dataset, &err), err);
    CHECK_TEXT(dataset_folder(dataset), to);
}

// ---- The catalogue ------------------------------------------------------------------------------

static int builds;

static int build(const char *source, const char *target, void *context, struct err *err) {
    struct dataset_sources *sources cleanup(dataset_sources_closep) = NULL;
    cleanup_free char *path = path_join(target, DATASET_FILE);
    (void)context;
    builds++;
    int status = dataset_sources_open(source, &sources, err);
    cleanup_fd int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    return status ? status : dataset_import(sources, fd, NULL, err);
}

static struct dataset_catalogue *open_catalogue(const char *folder) {
    struct dataset_catalogue *catalogue = NULL;
    struct err err;
    cleanup_free char *cache = path_join(check_folder(), "cache");
    cleanup_free char *path = path_join(check_folder(), folder);
    CHECK_OK(dataset_catalogue_open(path, cache, DATASET_FOLDER, build, NULL, &catalogue, &err),
             err);
    return catalogue;
}

// What is in CATALOGUE now; it lives until the next call.
static const struct dataset_list *entries_of(const struct dataset_catalogue *catalogue) {
    static struct dataset_list list;
    dataset_list_done(&list);
    dataset_catalogue_list(catalogue, &list);
    return &list;
}

static void make_folder(const char *name) {
    cleanup_free char *path = path_join(check_folder(), name);
    struct err err;
    CHECK_OK(path_make_folder(path, 0755, &err), err);
}

TEST(a_catalogue_has_every_data_set_of_a_folder_by_name) {
    make_folder("sets/zebra");
    make_folder("sets/apple");
    make_folder("sets/empty");
    make_folder("sets/.hidden");
    fixture_file("sets/zebra/z.csv", "a\n1\n");
    fixture_file("sets/apple/dataset.json", "{\"tables\":[{\"file\":\"x.txt\"}]}");
    fixture_file("sets/apple/x.txt", "a\n1\n");
    fixture_file("sets/.hidden/z.csv", "a\n1\n");
    fixture_file("sets/README.md", "no data set");
    struct dataset_catalogue *catalogue cleanup(dataset_catalogue_closep) = open_catalogue("sets");
    CHECK_INT(entries_of(catalogue)->count, 2);
    CHECK_TEXT(entries_of(catalogue)->entries[0].name, "apple");
    CHECK_TEXT(entries_of(catalogue)->entries[1].name, "zebra");
    CHECK_TEXT(dataset_schema(entries_of(catalogue)->entries[1].dataset)->name, "zebra");
}

TEST(a_folder_that_is_a_data_set_is_the_only_one) {
    make_folder("shop");
    fixture_file("shop/z.csv", "a\n1\n");
    struct dataset_catalogue *catalogue cleanup(dataset_catalogue_closep) = open_catalogue("shop");
    CHECK_INT(entries_of(catalogue)->count, 1);
    CHECK_TEXT(entries_of(catalogue)->entries[0].name, "shop");
}

TEST(a_data_set_is_built_once_and_again_when_a_file_changes) {
    make_folder("shop");
    fixture_file("shop/z.csv", "a\n1\n");
    dataset_catalogue_close(open_catalogue("shop"));
    dataset_catalogue_close(open_catalogue("shop"));
    CHECK_INT(builds, 1);
    fixture_file("shop/z.csv", "a\n1\n2\n");
    struct dataset_catalogue *catalogue cleanup(dataset_catalogue_closep) = open_catalogue("shop");
    CHECK_INT(builds, 2);
    CHECK_INT(dataset_row_count(dataset_schema(entries_of(catalogue)->entries[0].dataset)), 2);
}

TEST(a_damaged_file_in_the_cache_is_built_again) {
    make_folder("shop");
    fixture_file("shop/z.csv", "a\n1\n");
    struct dataset_catalogue *catalogue = open_catalogue("shop");
    cleanup_free char *path =
        path_join(dataset_folder(entries_of(catalogue)->entries[0].dataset), DATASET_FILE);
    dataset_catalogue_close(catalogue);
    CHECK_INT(truncate(path, 10), 0);
    catalogue = open_catalogue("shop");
    CHECK(entries_of(catalogue)->entries[0].dataset);
    CHECK_INT(builds, 2);
    dataset_catalogue_close(catalogue);
}

// Makes what is in the cache as old as two hours.
static void age(const char *name) {
    cleanup_free char *path = path_join(check_folder(), name);
    struct timespec times[2] = {{.tv_sec = time(NULL) - 7200}, {.tv_sec = time(NULL) - 7200}};
    CHECK_INT(utimensat(AT_FDCWD, path, times, 0), 0);
}

static bool is_there(const char *name) {
    cleanup_free char *path = path_join(check_folder(), name);
    return path_is_folder(path);
}

TEST(what_was_built_and_nobody_refers_to_is_removed_once_it_is_old) {
    static const char *const old[] = {"cache/shop-0123456789abcdef",
                                      "cache/a-b-0123456789abcdef.77.new"},
                             *const kept[] = {"cache/shop-0123456789abcde", "cache/other",
                                              "cache/-0123456789abcdef"};
    make_folder("shop");
    fixture_file("shop/z.csv", "a\n1\n");
    for (size_t i = 0; i < ARRAY_LENGTH(old); i++)
        make_folder(old[i]);
    for (size_t i = 0; i < ARRAY_LENGTH(kept); i++)
        make_folder(kept[i]);
    make_folder("cache/young-0123456789abcdef");
    fixture_file("cache/shop-0123456789abcdef/" DATASET_FILE, "of format 1");
    fixture_file("cache/a-b-0123456789abcdef.77.new/" DATASET_FILE ".77.new", "");
    struct dataset_catalogue *catalogue cleanup(dataset_catalogue_closep) = open_catalogue("shop");
    const char *built = dataset_folder(entries_of(catalogue)->entries[0].dataset);
    cleanup_free char *used = path_join("cache", strrchr(built, '/') + 1);
    for (size_t i = 0; i < ARRAY_LENGTH(old); i++)
        age(old[i]);
    for (size_t i = 0; i < ARRAY_LENGTH(kept); i++)
        age(kept[i]);
    age(used);
    cleanup_free char *cache = path_join(check_folder(), "cache");
    CHECK_INT((int)dataset_catalogue_clean(catalogue, cache), 2);
    for (size_t i = 0; i < ARRAY_LENGTH(old); i++)
        CHECK(!is_there(old[i]));
    for (size_t i = 0; i < ARRAY_LENGTH(kept); i++)
        CHECK(is_there(kept[i]));
    CHECK(is_there(used));
    CHECK(is_there("cache/young-0123456789abcdef"));
    CHECK_INT((int)dataset_catalogue_clean(catalogue, "/nowhere"), 0);
}

TEST(a_link_to_a_folder_is_a_data_set_by_the_links_name) {
    make_folder("elsewhere");
    make_folder("sets");
    fixture_file("elsewhere/z.csv", "a\n1\n");
    cleanup_free char *link = path_join(check_folder(), "sets/linked");
    CHECK_INT(symlink("../elsewhere", link), 0);
    struct dataset_catalogue *catalogue cleanup(dataset_catalogue_closep) = open_catalogue("sets");
    CHECK_INT(entries_of(catalogue)->count, 1);
    CHECK_TEXT(dataset_schema(entries_of(catalogue)->entries[0].dataset)->name, "linked");
}

TEST(what_cannot_be_used_is_in_the_catalogue_with_its_problem) {
    struct dataset *dataset cleanup(dataset_closep) = NULL;
    struct err err;
    make_folder("sets/bad");
    make_folder("sets/my data");
    make_folder("sets/good");
    fixture_file("sets/bad/z.csv", "a\n\"x\n");
    fixture_file("sets/my data/z.csv", "a\n1\n");
    fixture_file("sets/good/z.csv", "a\n1\n");
    struct dataset_catalogue *catalogue cleanup(dataset_catalogue_closep) = open_catalogue("sets");
    CHECK_INT(entries_of(catalogue)->count, 3);
    CHECK_INT(dataset_catalogue_get(catalogue, "bad", &dataset, &err), ERR_BAD_REQUEST);
    CHECK_TEXT(err.message, "z.csv, line 2: a quote opens here and is never closed");
    CHECK_TEXT(entries_of(catalogue)->entries[2].problem.message,
               "the folder \"my data\" cannot be a data set: its name does not fit");
    CHECK_INT(dataset_catalogue_get(catalogue, "good", &dataset, &err), 0);
    CHECK_TEXT(dataset_schema(dataset)->name, "good");
}

TEST(a_name_that_is_not_in_the_catalogue_is_answered_with_the_nearest_or_all) {
    struct dataset *dataset = NULL;
    struct err err;
    make_folder("sets/weather");
    make_folder("sets/shop");
    fixture_file("sets/weather/z.csv", "a\n1\n");
    fixture_file("sets/shop/z.csv", "a\n1\n");
    struct dataset_catalogue *catalogue cleanup(dataset_catalogue_closep) = open_catalogue("sets");
    CHECK_INT(dataset_catalogue_get(catalogue, "wether", &dataset, &err), ERR_NOT_FOUND);
    CHECK_TEXT(err.message, "there is no data set \"wether\"");
    CHECK_TEXT(err.hint, "Did you mean \"weather\"?");
    CHECK_INT(dataset_catalogue_get(catalogue, "birdstrikes", &dataset, &err), ERR_NOT_FOUND);
    CHECK_TEXT(err.hint, "There are: shop, weather.");
}

TEST(a_catalogue_of_a_folder_that_is_not_there_is_refused) {
    struct dataset_catalogue *catalogue = NULL;
    struct err err;
    CHECK_INT(dataset_catalogue_open("/nowhere/at/all", "/tmp", DATASET_FOLDER, NULL, NULL,
                                     &catalogue, &err),
              ERR_NOT_FOUND);
    CHECK_TEXT(err.message, "/nowhere/at/all is no folder");
}
