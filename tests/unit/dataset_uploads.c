// SPDX-License-Identifier: Apache-2.0
//
// Data sets that people bring: names, one upload in pieces, what a crash leaves, and a catalogue
// that changes while it is read. Tables are read here without a sandbox; tests/http has the whole.
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/path.h"
#include "base/str.h"
#include "dataset/import.h"
#include "dataset/upload_name.h"
#include "dataset/uploads.h"
#include "tests/unit/check.h"
#include "tests/unit/dataset_fixture.h"

static struct dataset_catalogue *catalogue;
static struct dataset_uploads *uploads;
static struct err err;

static int read_tables(const char *folder, dataset_over_function *is_over, void *context,
                       struct buf *problems, struct err *failure) {
    struct dataset_sources *sources cleanup(dataset_sources_closep) = NULL;
    cleanup_free char *path = path_join(folder, DATASET_FILE);
    if (is_over && is_over(context))
        return err_set(failure, ERR_CANCELLED, "over");
    int status = dataset_sources_open(folder, &sources, failure);
    cleanup_fd int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    return status ? status : dataset_import(sources, fd, problems, failure);
}

static void end(void) {
    dataset_uploads_close(mem_take(uploads));
    dataset_catalogue_close(mem_take(catalogue));
}

__attribute__((destructor)) static void end_all(void) { end(); }

// Opens everything, as a server that starts anew does.
static void start(int64_t max_bytes, int64_t total_bytes) {
    cleanup_free char *sets = path_join(check_folder(), "sets/shop"),
                      *all = path_join(check_folder(), "sets"),
                      *cache = path_join(check_folder(), "cache"),
                      *folder = path_join(check_folder(), "uploads");
    struct dataset_uploads_settings settings = {
        .folder = folder, .max_bytes = max_bytes, .total_bytes = total_bytes, .read = read_tables};
    end();
    CHECK_OK(path_make_folder(sets, 0755, &err), err);
    CHECK_OK(dataset_catalogue_open(all, cache, DATASET_FOLDER, NULL, NULL, &catalogue, &err), err);
    CHECK_OK(dataset_uploads_open(&settings, true, catalogue, &uploads, &err), err);
}

static void start_usual(void) { start(1 << 20, 64 << 20); }

// Uploads TEXT; 0 with the name in RET_NAME (which the test leaks no more than once), or the error.
static int bring(struct dataset_upload_request request, const char *text, char ret_name[200]) {
    struct dataset_upload *upload cleanup(dataset_upload_freep) = NULL;
    cleanup_free char *name = NULL;
    err = (struct err){0};
    int status = dataset_upload_begin(uploads, &request, &upload, &err);
    for (size_t i = 0; !status && i < strlen(text); i += 3)
        status = dataset_upload_write(upload, text + i, strnlen(text + i, 3), &err);
    if (!status)
        status = dataset_upload_finish(upload, NULL, NULL, &name, &err);
    if (!status && ret_name)
        snprintf(ret_name, 200, "%s", name);
    return status;
}

#define FILE_OF(name_)                                                                             \
    (struct dataset_upload_request) { .file = (name_), .size_bytes = -1 }

static int files_in(const char *name) {
    cleanup_free char *path = path_join(check_folder(), name);
    DIR *directory = opendir(path);
    int count = 0;
    for (const struct dirent *entry; directory && (entry = readdir(directory));)
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    if (directory)
        closedir(directory);
    return count;
}

static int64_t rows_of(const char *name) {
    struct dataset *dataset cleanup(dataset_closep) = NULL;
    return dataset_catalogue_get(catalogue, name, &dataset, &err)
               ? -1
               : dataset_row_count(dataset_schema(dataset));
}

// ---- Names --------------------------------------------------------------------------------------

TEST(a_title_keeps_the_words_and_loses_what_cannot_be_seen) {
    static const char *const cases[][2] = {{"Loans  of\t2020", "Loans of 2020"},
                                           {"\xE2\x80\xAEgnp.csv", "gnp.csv"},
                                           {"a\x01z\x7F", "az"},
                                           {" \xEF\xBB\xBF x\xC2\xA0y ", "x y"},
                                           {"\xF0\x9F\x93\x88 Gewinn", "\xF0\x9F\x93\x88 Gewinn"},
                                           {"bad \xFF\xFE byte", "bad byte"},
                                           {"\xE2\x80\x8B", ""}};
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        cleanup_free char *title = upload_title(cases[i][0]);
        CHECK_TEXT(title, cases[i][1]);
    }
    char text[2000];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    cleanup_free char *cut = upload_title(text);
    CHECK_INT((int)strlen(cut), 120);
}

TEST(a_file_gets_a_plain_name_whatever_it_was_called) {
    static const char *const cases[][3] = {
        {"../../etc/passwd.csv", "passwd.csv", "Passwd"},
        {"C:\\Data\\Loans 2020.CSV", "loans_2020.csv", "Loans 2020"},
        {"a_b.tsv.gz", "a_b.tsv.gz", "A b"},
        {"\xE6\x9D\xB1\xE4\xBA\xAC.json", "table.jsonl", "\xE6\x9D\xB1\xE4\xBA\xAC"},
        {"2020.txt", "t_2020.csv", "2020"},
        {"<img onerror=x>.csv", "img_onerror_x.csv", "<img onerror=x>"},
        {"data.sqlite", "data_2.sqlite", "Data"}};
    char *const taken[] = {"data.sqlite"};
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        cleanup_free char *file = NULL, *title = upload_title_of_file(cases[i][0]);
        CHECK_OK(upload_file_name(cases[i][0], taken, 1, &file, &err), err);
        CHECK_TEXT(file, cases[i][1]);
        CHECK_TEXT(title, cases[i][2]);
    }
}

TEST(a_file_of_another_kind_is_refused_with_what_is_read) {
    char *file;
    CHECK_INT(upload_file_name("loans.xlsx", NULL, 0, &file, &err), ERR_BAD_REQUEST);
    CHECK_TEXT(err.message, "the file \"loans.xlsx\" is not of a kind that is read");
    CHECK(strstr(err.hint, "CSV"));
}

// ---- Bringing -----------------------------------------------------------------------------------

TEST(what_is_uploaded_in_pieces_is_a_data_set_with_its_problems) {
    char name[200];
    start_usual();
    CHECK_OK(bring(FILE_OF("Loans of 2020.csv"), "city,sum\nParis,1\nLyon\n", name), err);
    CHECK_TEXT(name, "loans_of_2020");
    struct dataset_entry entry cleanup(dataset_entry_done) = {0};
    CHECK_OK(dataset_catalogue_find(catalogue, name, &entry, &err), err);
    CHECK_TEXT(dataset_schema(entry.dataset)->title, "Loans of 2020");
    CHECK_INT(entry.origin, DATASET_UPLOAD);
    CHECK_INT((int)entry.problems.count, 1);
    CHECK(strstr(entry.problems.at[0], "line 3"));
    CHECK(entry.size_bytes > 0 && entry.created_ms > 0);
    CHECK_INT(files_in("uploads"), 1);
}

TEST(an_upload_that_is_broken_off_leaves_nothing) {
    struct dataset_upload *upload = NULL;
    struct dataset_upload_request request = FILE_OF("a.csv");
    start_usual();
    CHECK_OK(dataset_upload_begin(uploads, &request, &upload, &err), err);
    CHECK_OK(dataset_upload_write(upload, "a\n1\n", 4, &err), err);
    CHECK_INT(files_in("uploads"), 1);
    dataset_upload_free(upload);
    CHECK_INT(files_in("uploads"), 0);
    CHECK_INT(rows_of("a"), -1);
}

TEST(a_table_that_cannot_be_read_is_told_by_file_and_line_and_leaves_nothing) {
    start_usual();
    CHECK_INT(bring(FILE_OF("a.csv"), "x,y\n1,\"2\n", NULL), ERR_BAD_REQUEST);
    CHECK_TEXT(err.message, "the file a.csv, line 2: a quote opens here and is never closed");
    CHECK_INT(bring(FILE_OF("a.csv"), "", NULL), ERR_BAD_REQUEST);
    CHECK_TEXT(err.message, "the file a.csv is empty");
    CHECK_INT(files_in("uploads"), 0);
}

static bool is_over(void *context) { return context == NULL; }

TEST(an_upload_that_nobody_waits_for_is_given_up) {
    struct dataset_upload *upload cleanup(dataset_upload_freep) = NULL;
    struct dataset_upload_request request = FILE_OF("a.csv");
    char *name;
    start_usual();
    CHECK_OK(dataset_upload_begin(uploads, &request, &upload, &err), err);
    CHECK_OK(dataset_upload_write(upload, "a\n1\n", 4, &err), err);
    CHECK_INT(dataset_upload_finish(upload, is_over, NULL, &name, &err), ERR_CANCELLED);
    dataset_upload_free(mem_take(upload));
    CHECK_INT(files_in("uploads"), 0);
}

TEST(a_file_over_the_limit_is_refused_before_it_comes_and_while_it_comes) {
    start(6, 64 << 20);
    struct dataset_upload_request request = {.file = "a.csv", .size_bytes = 7};
    struct dataset_upload *upload;
    CHECK_INT(dataset_upload_begin(uploads, &request, &upload, &err), ERR_TOO_LARGE);
    CHECK_INT(bring(FILE_OF("a.csv"), "a\n1\n2\n3", NULL), ERR_TOO_LARGE);
    CHECK_OK(bring(FILE_OF("a.csv"), "a\n1\n2\n", NULL), err);
    CHECK_INT(files_in("uploads"), 1);
}

TEST(all_uploads_together_have_a_limit) {
    start(1 << 20, 40000);
    struct dataset_upload_request request = {.file = "a.csv", .size_bytes = 30000};
    struct dataset_upload *upload;
    CHECK_INT(dataset_upload_begin(uploads, &request, &upload, &err), ERR_NO_SPACE);
    CHECK(strstr(err.hint, "UPLOAD_TOTAL_MB"));
}

TEST(a_few_uploads_are_under_way_at_a_time_and_no_more) {
    struct dataset_upload *some[8] = {NULL};
    struct dataset_upload_request request = FILE_OF("a.csv");
    int count = 0;
    start_usual();
    while (count < 8 && dataset_upload_begin(uploads, &request, &some[count], &err) == 0)
        count++;
    CHECK_INT(count, 4);
    CHECK_INT(err.code, ERR_BUSY);
    dataset_upload_free(some[0]);
    CHECK_OK(dataset_upload_begin(uploads, &request, &some[0], &err), err);
    for (int i = 0; i < count; i++)
        dataset_upload_free(some[i]);
    CHECK_INT(files_in("uploads"), 0);
}

TEST(a_name_that_is_taken_is_refused_where_it_was_given_and_another_is_made_where_not) {
    char name[200];
    struct dataset_upload_request named = {.file = "b.csv", .name = "a", .size_bytes = -1};
    start_usual();
    CHECK_OK(bring(FILE_OF("a.csv"), "a\n1\n", NULL), err);
    CHECK_INT(bring(named, "a\n1\n", NULL), ERR_CONFLICT);
    CHECK_OK(bring(FILE_OF("a.csv"), "a\n1\n", name), err);
    CHECK_TEXT(name, "a_2");
    struct dataset *second cleanup(dataset_closep) = NULL;
    CHECK_OK(dataset_catalogue_get(catalogue, "a_2", &second, &err), err);
    CHECK_TEXT(dataset_schema(second)->title, "A (2)");
    named.name = "../a";
    CHECK_INT(bring(named, "a\n1\n", NULL), ERR_BAD_REQUEST);
}

TEST(a_table_that_is_added_is_read_with_those_before_it) {
    struct dataset_upload_request more = {.file = "cities.csv", .into = "a", .size_bytes = -1};
    start_usual();
    CHECK_OK(bring(FILE_OF("a.csv"), "a\n1\n", NULL), err);
    struct dataset *before cleanup(dataset_closep) = NULL;
    CHECK_OK(dataset_catalogue_get(catalogue, "a", &before, &err), err);
    CHECK_OK(bring(more, "city\nParis\nLyon\n", NULL), err);
    CHECK_INT(rows_of("a"), 3);
    // Who asked before goes on over what was there; it goes when nobody does any more.
    CHECK_INT(dataset_row_count(dataset_schema(before)), 1);
    CHECK(path_is_folder(dataset_folder(before)));
    CHECK_INT(files_in("uploads/a"), 3);
    dataset_close(mem_take(before));
    CHECK_INT(files_in("uploads/a"), 2);
    more.into = "shop";
    fixture_file("sets/shop/z.csv", "a\n1\n");
    start_usual();
    CHECK_INT(rows_of("a"), 3);
    CHECK_INT(bring(more, "a\n1\n", NULL), ERR_REFUSED);
    more.into = "nothing";
    CHECK_INT(bring(more, "a\n1\n", NULL), ERR_NOT_FOUND);
}

TEST(a_table_that_cannot_be_read_leaves_the_data_set_as_it_is) {
    struct dataset_upload_request more = {.file = "b.csv", .into = "a", .size_bytes = -1};
    start_usual();
    CHECK_OK(bring(FILE_OF("a.csv"), "a\n1\n", NULL), err);
    CHECK_INT(bring(more, "x\n\"", NULL), ERR_BAD_REQUEST);
    CHECK_INT(rows_of("a"), 1);
    CHECK_INT(files_in("uploads"), 1);
}

// ---- Keeping ------------------------------------------------------------------------------------

TEST(what_was_uploaded_is_there_after_a_restart_with_its_words) {
    start_usual();
    CHECK_OK(bring(FILE_OF("a.csv"), "a,b\n1,2\n3\n", NULL), err);
    CHECK_OK(dataset_uploads_change(uploads, "a", "Other\xE2\x80\xAE words", "Said", &err), err);
    start_usual();
    struct dataset_entry entry cleanup(dataset_entry_done) = {0};
    CHECK_OK(dataset_catalogue_find(catalogue, "a", &entry, &err), err);
    CHECK_TEXT(dataset_schema(entry.dataset)->title, "Other words");
    CHECK_TEXT(dataset_schema(entry.dataset)->description, "Said");
    CHECK_TEXT(dataset_schema(entry.dataset)->name, "a");
    CHECK_INT((int)entry.problems.count, 1);
    CHECK_INT(dataset_uploads_change(uploads, "a", " \x01 ", NULL, &err), ERR_BAD_REQUEST);
}

TEST(what_is_removed_can_be_restored_and_its_name_is_kept_for_it) {
    char name[200];
    start_usual();
    CHECK_OK(bring(FILE_OF("a.csv"), "a\n1\n", NULL), err);
    CHECK_OK(dataset_uploads_remove(uploads, "a", &err), err);
    CHECK_INT(rows_of("a"), -1);
    CHECK_INT(dataset_uploads_remove(uploads, "a", &err), ERR_NOT_FOUND);
    CHECK_INT(dataset_uploads_change(uploads, "a", "x", NULL, &err), ERR_NOT_FOUND);
    CHECK_OK(bring(FILE_OF("a.csv"), "a\n1\n2\n", name), err);
    CHECK_TEXT(name, "a_2");
    start_usual();
    CHECK_INT(rows_of("a"), -1);
    CHECK_OK(dataset_uploads_restore(uploads, "a", &err), err);
    CHECK_INT(rows_of("a"), 1);
    CHECK_INT(rows_of("a_2"), 2);
    CHECK_INT(dataset_uploads_restore(uploads, "b", &err), ERR_NOT_FOUND);
}

// Makes what was removed have been so two hours ago.
static void age(const char *record) {
    cleanup_free char *path = path_join(check_folder(), record);
    cleanup_buf struct buf text = BUF(4096);
    CHECK_OK(fd_read_file(path, &text, &err), err);
    char *at = strstr(text.data, "\"removed_ms\":") + 13;
    CHECK(*at != '0');
    at[0] = '0' + (at[0] - '0') - 1; // some thirty years earlier
    CHECK_OK(fd_replace_file(path, text.data, text.length, 0600, &err), err);
}

TEST(what_was_removed_an_hour_ago_is_gone_for_good) {
    start_usual();
    CHECK_OK(bring(FILE_OF("a.csv"), "a\n1\n", NULL), err);
    CHECK_OK(dataset_uploads_remove(uploads, "a", &err), err);
    dataset_uploads_sweep(uploads);
    CHECK_INT(files_in("uploads"), 1);
    age("uploads/a/upload.json");
    start_usual();
    CHECK_INT(files_in("uploads"), 0);
    CHECK_INT(dataset_uploads_restore(uploads, "a", &err), ERR_NOT_FOUND);
}

TEST(what_a_dead_process_left_is_removed_and_what_a_living_one_is_at_stays) {
    start_usual();
    CHECK_OK(bring(FILE_OF("a.csv"), "a\n1\n", NULL), err);
    cleanup_free char *dead = path_join(check_folder(), "uploads/.new-DEAD/CONTENT"),
                      *living = path_join(check_folder(), "uploads/.new-LIVING"),
                      *content = path_join(check_folder(), "uploads/a/01ARZ3NDEKTSV4RRFFQ69G5FAV");
    CHECK_OK(path_make_folder(dead, 0700, &err), err);
    CHECK_OK(path_make_folder(living, 0700, &err), err);
    CHECK_OK(path_make_folder(content, 0700, &err), err);
    fixture_file("uploads/.new-DEAD/CONTENT/x.csv", "a\n1\n");
    fixture_file("uploads/a/01ARZ3NDEKTSV4RRFFQ69G5FAV/x.csv", "a\n1\n");
    cleanup_fd int lock = open(living, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    CHECK_INT(flock(lock, LOCK_EX), 0);
    start_usual();
    CHECK_INT(files_in("uploads"), 2);
    CHECK_INT(files_in("uploads/a"), 2);
    CHECK_INT(rows_of("a"), 1);
}

TEST(a_damaged_file_is_made_anew_of_what_was_uploaded) {
    char path[1000];
    start_usual();
    CHECK_OK(bring(FILE_OF("a.csv"), "a\n1\n", NULL), err);
    struct dataset *dataset = NULL;
    CHECK_OK(dataset_catalogue_get(catalogue, "a", &dataset, &err), err);
    snprintf(path, sizeof path, "%s/" DATASET_FILE, dataset_folder(dataset));
    dataset_close(dataset);
    end();
    CHECK_INT(truncate(path, 100), 0);
    start_usual();
    CHECK_INT(rows_of("a"), 1);
}

TEST(a_damaged_record_is_told_and_can_be_removed) {
    start_usual();
    CHECK_OK(bring(FILE_OF("a.csv"), "a\n1\n", NULL), err);
    fixture_file("uploads/a/upload.json", "{\"version\":1");
    start_usual();
    CHECK_INT(rows_of("a"), -1);
    CHECK_INT(err.code, ERR_CORRUPT);
    CHECK(strstr(err.message, "upload.json"));
    CHECK_OK(dataset_uploads_remove(uploads, "a", &err), err);
    CHECK_INT(files_in("uploads"), 0);
}

TEST(an_operators_data_set_of_the_same_name_hides_an_upload_until_it_is_gone) {
    start_usual();
    CHECK_OK(bring(FILE_OF("shop.csv"), "a\n1\n2\n", NULL), err);
    fixture_file("sets/shop/z.csv", "a\n1\n");
    start_usual();
    struct dataset_entry entry cleanup(dataset_entry_done) = {0};
    CHECK_OK(dataset_catalogue_find(catalogue, "shop", &entry, &err), err);
    CHECK_INT(entry.origin, DATASET_FOLDER);
    CHECK_INT(dataset_uploads_remove(uploads, "shop", &err), ERR_REFUSED);
    cleanup_free char *file = path_join(check_folder(), "sets/shop/z.csv");
    CHECK_INT(unlink(file), 0);
    start_usual();
    CHECK_INT(rows_of("shop"), 2);
}

TEST(uploads_that_are_refused_say_why) {
    struct dataset_uploads_settings settings = {.folder = "/nowhere/at/all", .read = read_tables};
    err_set(&settings.refusal, ERR_REFUSED, "none are taken");
    start_usual();
    dataset_uploads_close(mem_take(uploads));
    CHECK_OK(dataset_uploads_open(&settings, true, catalogue, &uploads, &err), err);
    CHECK_INT(bring(FILE_OF("a.csv"), "a\n1\n", NULL), ERR_REFUSED);
    CHECK_TEXT(err.message, "none are taken");
}

// ---- Threads ------------------------------------------------------------------------------------

static atomic_bool is_ended;

static void *ask(void *context) {
    struct err ignored;
    int64_t *asked = context;
    while (!atomic_load(&is_ended)) {
        struct dataset *dataset cleanup(dataset_closep) = NULL;
        struct dataset_list list cleanup(dataset_list_done) = {0};
        struct dataset_value values[2];
        dataset_catalogue_list(catalogue, &list);
        if (dataset_catalogue_get(catalogue, "a", &dataset, &ignored))
            continue;
        size_t found = dataset_find_values(dataset, "paris", false, values, 2);
        dataset_values_done(values, found);
        *asked += found == 1 && dataset_row_count(dataset_schema(dataset)) > 0;
    }
    return NULL;
}

TEST(a_catalogue_changes_while_it_is_asked) {
    pthread_t threads[3];
    int64_t asked[3] = {0};
    struct dataset_upload_request more = {.into = "a", .size_bytes = -1};
    start_usual();
    CHECK_OK(bring(FILE_OF("a.csv"), "a\nParis\n", NULL), err);
    for (size_t i = 0; i < ARRAY_LENGTH(threads); i++)
        CHECK_INT(pthread_create(&threads[i], NULL, ask, &asked[i]), 0);
    for (int i = 0; i < 12; i++) {
        cleanup_free char *file = mem_format("b%d.csv", i);
        more.file = file;
        CHECK_OK(bring(more, "b\n1\n", NULL), err);
        CHECK_OK(dataset_uploads_remove(uploads, "a", &err), err);
        CHECK_OK(dataset_uploads_restore(uploads, "a", &err), err);
        CHECK_OK(dataset_uploads_change(uploads, "a", file, NULL, &err), err);
    }
    atomic_store(&is_ended, true);
    for (size_t i = 0; i < ARRAY_LENGTH(threads); i++)
        pthread_join(threads[i], NULL);
    CHECK(asked[0] + asked[1] + asked[2] > 0);
    CHECK_INT(rows_of("a"), 13);
    CHECK_INT(files_in("uploads/a"), 2);
}
