// SPDX-License-Identifier: Apache-2.0
//
// From a folder of tables to one SQLite file: names, profile, value index, keys and references that
// nobody declared, and that the same files give the same bytes.
#include <stdio.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/hash.h"
#include "base/path.h"
#include "dataset/import.h"
#include "tests/unit/check.h"
#include "tests/unit/dataset_fixture.h"

static void import(void) {
    if (fixture_import())
        check_fail(__FILE__, __LINE__, "%s", fixture_message());
}

static void import_strikes(void) {
    fixture_file("bird_strikes.csv",
                 "Flight Date,phase_of_flight,Cost: Total $,speedKnots,2nd pilot,Größe,#\n"
                 "2025-01-05,Climb,100,250.5,no,5,1\n"
                 "2025-02-06,Climb,300,300,no,6,2\n"
                 "2025-02-07,Approach,,300,yes,5,3\n"
                 "2025-03-08,,50,,no,5,4\n");
    import();
}

TEST(a_folder_of_table_files_is_a_data_set) {
    import_strikes();
    const struct dataset_table *table = fixture_table(0);
    CHECK_TEXT(table->name, "bird_strikes");
    CHECK_TEXT(table->title, "Bird strikes");
    CHECK_TEXT(table->row, "bird strike");
    CHECK_INT(table->row_count, 4);
    CHECK_TEXT(fixture_rows("SELECT group_concat(name || ' ' || type, ', ') FROM "
                            "pragma_table_info('bird_strikes')"),
               "flight_date DATE, phase_of_flight TEXT, cost_total INTEGER, speed_knots REAL, "
               "c_2nd_pilot BOOLEAN, grosse INTEGER, column_7 INTEGER, c_2nd_pilot_text TEXT");
    CHECK_TEXT(table->columns[0].title, "Flight Date");
    CHECK_TEXT(table->columns[1].title, "Phase of flight");
    CHECK_TEXT(table->columns[2].title, "Cost: Total $");
    CHECK_TEXT(table->columns[3].title, "Speed knots");
    CHECK_TEXT(table->columns[6].title, "#");
}

TEST(a_folder_without_tables_is_refused) {
    CHECK(fixture_import());
    cleanup_free char *message =
        mem_format("%s has no table: no file that is called *.csv, *.tsv, *.jsonl, *.ndjson, "
                   "*.sqlite or *.db",
                   check_folder());
    CHECK_TEXT(fixture_message(), message);
}

TEST(a_table_that_is_no_file_is_refused) {
    cleanup_free char *path = path_join(check_folder(), "t.csv");
    struct err err;
    CHECK_OK(path_make_folder(path, 0755, &err), err);
    CHECK(fixture_import());
    cleanup_free char *message = mem_format("%s is no file", path);
    CHECK_TEXT(fixture_message(), message);
}

TEST(every_column_has_its_profile) {
    import_strikes();
    const struct dataset_column *phase = fixture_column("phase_of_flight");
    CHECK_INT(phase->null_count, 1);
    CHECK_INT(phase->distinct_count, 2);
    CHECK_TEXT(phase->min, "Approach");
    CHECK_TEXT(phase->max, "Climb");
    CHECK_INT(phase->samples.count, 2);
    CHECK_TEXT(phase->samples.at[0], "Climb");
    CHECK_TEXT(phase->samples.at[1], "Approach");
    const struct dataset_column *cost = fixture_column("cost_total");
    CHECK_INT(cost->null_count, 1);
    CHECK_TEXT(cost->min, "50");
    CHECK_TEXT(cost->max, "300");
    CHECK(cost->min_number == 50 && cost->max_number == 300);
    const struct dataset_column *speed = fixture_column("speed_knots");
    CHECK_TEXT(speed->min, "250.5");
    CHECK_TEXT(speed->max, "300");
    CHECK(speed->min_number == 250.5 && speed->max_number == 300);
    CHECK_TEXT(speed->samples.at[0], "300");
    CHECK_TEXT(fixture_column("flight_date")->max, "2025-03-08");
}

TEST(at_most_eight_samples_are_kept_the_commonest_first) {
    struct buf text cleanup_buf = BUF(1 << 16);
    buf_add_text(&text, "c\n");
    for (int i = 0; i < 20; i++)
        buf_add_format(&text, "v%02d\n%s", i, i == 15 || i == 7 ? "v15\nv07\n" : "");
    fixture_file("t.csv", buf_text(&text));
    import();
    const struct dataset_column *column = fixture_column("c");
    CHECK_INT(column->distinct_count, 20);
    CHECK_INT(column->samples.count, DATASET_SAMPLES);
    CHECK_TEXT(column->samples.at[0], "v07");
    CHECK_TEXT(column->samples.at[1], "v15");
    CHECK_TEXT(column->samples.at[2], "v00");
    CHECK_TEXT(column->samples.at[7], "v05");
}

TEST(a_column_without_values_has_an_empty_profile) {
    fixture_file("t.csv", "a,b\nx,\ny,\n");
    import();
    const struct dataset_column *column = fixture_column("b");
    CHECK_INT(column->null_count, 2);
    CHECK_INT(column->distinct_count, 0);
    CHECK(!column->min && !column->max);
    CHECK_INT(column->samples.count, 0);
    CHECK(!column->is_indexed);
}

TEST(long_texts_are_cut_in_the_profile_and_not_in_the_index) {
    struct buf text cleanup_buf = BUF(1 << 16);
    buf_add_text(&text, "c\nshort\n");
    for (int i = 0; i < 100; i++)
        buf_add_text(&text, "ä");
    fixture_file("t.csv", buf_text(&text));
    import();
    CHECK_INT(strlen(fixture_column("c")->max), 80);
    CHECK_INT(fixture_column("c")->samples.count, 1);
    CHECK_TEXT(fixture_rows("SELECT value FROM sandglass_value"), "short");
    CHECK_TEXT(fixture_rows("SELECT length(c) FROM t"), "5\n100");
}

TEST(columns_of_too_many_texts_are_not_in_the_index) {
    struct buf text cleanup_buf = BUF(1 << 20);
    buf_add_text(&text, "many,few\n");
    for (int i = 0; i <= 20000; i++)
        buf_add_format(&text, "v%d,f%d\n", i, i % 3);
    fixture_file("t.csv", buf_text(&text));
    import();
    CHECK(!fixture_column("many")->is_indexed);
    CHECK(fixture_column("few")->is_indexed);
    CHECK_TEXT(fixture_rows("SELECT value, row_count FROM sandglass_value ORDER BY value"),
               "f0|6667\nf1|6667\nf2|6667");
}

// ---- Keys and references ------------------------------------------------------------------------

TEST(a_declared_key_is_the_primary_key) {
    fixture_file("t.csv", "b,a\nx,2\ny,1\n");
    fixture_file("dataset.json", "{\"tables\":[{\"file\":\"t.csv\",\"key\":[\"a\"]}]}");
    import();
    CHECK_TEXT(fixture_rows("SELECT name, pk FROM pragma_table_info('t')"), "b|0\na|1");
    CHECK(fixture_column("a")->is_key);
}

TEST(rows_keep_the_order_of_the_file) {
    fixture_file("t.csv", "a\nz\nb\nm\na\n");
    import();
    CHECK_TEXT(fixture_rows("SELECT rowid, a FROM t ORDER BY rowid"), "1|z\n2|b\n3|m\n4|a");
}

TEST(references_that_nobody_declared_are_found_by_name_and_values) {
    fixture_file("customers.csv", "customer_id,name\n1,Ann\n2,Bob\n3,Cy\n");
    fixture_file("orders.csv", "id,customer_id,product,year\n"
                               "1,2,A,2024\n2,2,B,2025\n3,1,A,2025\n");
    fixture_file("products.csv", "product,year\nA,2024\nB,2025\n");
    import();
    const struct dataset_table *customers = fixture_table(0), *orders = fixture_table(1);
    CHECK(customers->columns[0].is_key && orders->columns[0].is_key);
    CHECK_INT(orders->columns[1].references_table, 0);
    CHECK_INT(orders->columns[1].references_column, 0);
    CHECK_INT(orders->columns[2].references_table, 2);
    CHECK_INT(orders->columns[2].references_column, 0);
    CHECK_INT(customers->columns[0].references_table, -1);
}

TEST(a_column_named_after_a_table_refers_to_its_id) {
    fixture_file("cities.csv", "id,name\n5,Rome\n6,Oslo\n");
    fixture_file("people.csv", "id,city_id\n5,6\n6,5\n");
    import();
    CHECK_INT(fixture_table(1)->columns[1].references_table, 0);
    CHECK_INT(fixture_table(1)->columns[0].references_table, -1);
}

TEST(columns_whose_values_are_elsewhere_are_no_references) {
    fixture_file("customers.csv", "customer_id,name\n1,Ann\n2,Bob\n");
    fixture_file("orders.csv", "id,customer_id\n1,1\n2,9\n3,9\n");
    import();
    CHECK_INT(fixture_table(1)->columns[1].references_table, -1);
}

// ---- Hash, determinism, prompts -----------------------------------------------------------------

TEST(the_same_files_give_the_same_bytes) {
    char first[HASH_HEX_SIZE], second[HASH_HEX_SIZE];
    struct buf bytes cleanup_buf = BUF(1 << 22);
    struct err err;
    cleanup_free char *path = path_join(check_folder(), "built/" DATASET_FILE);
    import_strikes();
    CHECK_OK(fd_read_file(path, &bytes, &err), err);
    hash_hex_of(bytes.data, bytes.length, first);
    buf_clear(&bytes);
    import();
    CHECK_OK(fd_read_file(path, &bytes, &err), err);
    hash_hex_of(bytes.data, bytes.length, second);
    CHECK_TEXT(second, first);
}

TEST(the_datas_hash_is_what_sha256sum_makes_of_it) {
    fixture_file("b.csv", "x\n1\n");
    fixture_file("a.csv", "y\n2\n");
    fixture_file("dataset.json", "{\"tables\":[{\"file\":\"b.csv\"},{\"file\":\"a.csv\"}]}");
    import();
    char output[80] = "";
    cleanup_free char *command =
        mem_format("cd %s && sha256sum dataset.json b.csv a.csv | sha256sum", check_folder());
    FILE *pipe = popen(command, "r");
    CHECK(pipe && fread(output, 1, 64, pipe) == 64);
    pclose(pipe);
    CHECK_TEXT(dataset_schema(fixture_dataset())->data_sha256, output);
    CHECK_TEXT(fixture_rows("SELECT value FROM sandglass_meta WHERE key = 'data_sha256'"), output);
}

TEST(a_data_set_has_the_prompts_of_its_author_alone) {
    import_strikes();
    CHECK_INT(dataset_schema(fixture_dataset())->prompt_count, 0);
}

TEST(what_an_import_writes_is_a_sound_sqlite_file) {
    import_strikes();
    CHECK_TEXT(fixture_rows("PRAGMA integrity_check"), "ok");
    CHECK_TEXT(fixture_rows("PRAGMA application_id"), "1398894180");
    CHECK_INT(atoi(fixture_rows("PRAGMA user_version")), DATASET_FORMAT);
    CHECK_TEXT(fixture_rows("SELECT key FROM sandglass_meta ORDER BY key"),
               "data_sha256\nformat\nname\nschema");
}

TEST(an_output_that_cannot_be_written_is_an_error) {
    struct dataset_sources *sources cleanup(dataset_sources_closep) = NULL;
    struct err err;
    fixture_file("t.csv", "a\n1\n");
    CHECK_OK(dataset_sources_open(check_folder(), &sources, &err), err);
    int pipes[2];
    CHECK_INT(pipe(pipes), 0);
    CHECK_INT(dataset_import(sources, pipes[0], NULL, &err), ERR_IO);
    CHECK_TEXT(err.message, "data.sqlite: cannot write: Bad file descriptor");
}
