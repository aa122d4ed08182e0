// SPDX-License-Identifier: Apache-2.0
//
// `app dataset`: importing tables, and looking at what is there.
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/path.h"
#include "base/str.h"
#include "cmd/house.h"
#include "plan/openings.h"

static json *lines_of(const struct buf *text) {
    json *lines = cJSON_CreateArray();
    for (const char *at = buf_text(text); *at; at += strcspn(at, "\n"), at += *at == '\n') {
        cleanup_free char *line = mem_text_n(at, strcspn(at, "\n"));
        cJSON_AddItemToArray(lines, cJSON_CreateString(line));
    }
    return lines;
}

// For a program that started this one: how it ended, on one line.
static void print_built(const struct dataset_schema *schema, const struct buf *problems,
                        const struct err *err) {
    cleanup_json json *object = cJSON_CreateObject();
    if (schema) {
        json_add_text(object, "name", schema->name);
        json_add_integer(object, "tables", (int64_t)schema->table_count);
        json_add_integer(object, "rows", dataset_row_count(schema));
        json_add_text(object, "data_sha256", schema->data_sha256);
        json_add(object, "problems", lines_of(problems));
    } else {
        json *error = json_add_object(object, "error");
        json_add_text(error, "code", err_code_name(err->code));
        json_add_text(error, "message", err->message);
        json_add_text(error, "hint", err->hint);
    }
    cleanup_free char *text = json_write(object);
    puts(text);
}

static int build(const struct settings *settings, const char *folder, struct err *err) {
    cleanup_buf struct buf problems = BUF(64 * 1024);
    struct dataset *dataset cleanup(dataset_closep) = NULL;
    const char *target = str_is_empty(settings->output) ? folder : settings->output;
    if (settings->parent_pid) {
        prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
        if (getppid() != settings->parent_pid)
            _exit(128 + SIGKILL); // it died before the line above
    }
    int status = house_build_dataset(folder, target, &problems, err);
    if (status == 0)
        status = dataset_open(target, &dataset, err);
    if (settings->is_json)
        print_built(dataset ? dataset_schema(dataset) : NULL, &problems, err);
    if (status || settings->is_json)
        return status;
    const struct dataset_schema *schema = dataset_schema(dataset);
    long long rows = dataset_row_count(schema);
    printf("%s: %zu table%s, %lld row%s -> %s/%s\n", schema->name, schema->table_count,
           schema->table_count == 1 ? "" : "s", rows, rows == 1 ? "" : "s", target, DATASET_FILE);
    if (problems.length)
        printf("%s", buf_text(&problems));
    return 0;
}

static int list(const struct settings *settings, const char *unused, struct err *err) {
    struct dataset_catalogue *catalogue cleanup(dataset_catalogue_closep) = NULL;
    int status = house_open_catalogue(settings, &catalogue, err);
    (void)unused;
    if (status)
        return status;
    cleanup_json json *array = cJSON_CreateArray();
    struct dataset_list all cleanup(dataset_list_done) = {0};
    dataset_catalogue_list(catalogue, &all);
    for (size_t i = 0; i < all.count; i++) {
        const struct dataset_entry *entry = &all.entries[i];
        const struct dataset_schema *schema =
            entry->dataset ? dataset_schema(entry->dataset) : NULL;
        json *object = cJSON_CreateObject();
        json_add_text(object, "name", entry->name);
        json_add_text(object, "title", schema ? schema->title : NULL);
        json_add_integer(object, "tables", schema ? (int64_t)schema->table_count : 0);
        json_add_integer(object, "rows", schema ? dataset_row_count(schema) : 0);
        json_add_text(object, "problem", schema ? NULL : entry->problem.message);
        cJSON_AddItemToArray(array, object);
        if (settings->is_json || !isatty(STDOUT_FILENO))
            continue;
        if (schema)
            printf("%-14s %-28s %3zu table%s %9lld rows\n", entry->name, schema->title,
                   schema->table_count, schema->table_count == 1 ? " " : "s",
                   (long long)dataset_row_count(schema));
        else
            printf("%-14s cannot be used: %s\n", entry->name, entry->problem.message);
    }
    if (settings->is_json || !isatty(STDOUT_FILENO)) {
        cleanup_free char *text = json_write(array);
        puts(text);
    }
    return 0;
}

static void show_column(const struct dataset_schema *schema, const struct dataset_column *column) {
    printf("    %-22s %-9s %7lld distinct", column->name, dataset_type_name(column->type),
           (long long)column->distinct_count);
    if (column->null_count)
        printf(", %lld null", (long long)column->null_count);
    if (column->min)
        printf(", %.24s … %.24s", column->min, column->max);
    if (!str_is_empty(column->unit))
        printf(" %s", column->unit);
    if (column->references_table >= 0)
        printf(" -> %s", schema->tables[column->references_table].name);
    putchar('\n');
}

static int show(const struct settings *settings, const char *name, struct err *err) {
    struct dataset_catalogue *catalogue cleanup(dataset_catalogue_closep) = NULL;
    struct dataset *dataset cleanup(dataset_closep) = NULL;
    int status = house_open_catalogue(settings, &catalogue, err);
    if (status == 0)
        status = dataset_catalogue_get(catalogue, name, &dataset, err);
    if (status)
        return status;
    const struct dataset_schema *schema = dataset_schema(dataset);
    if (settings->is_json || !isatty(STDOUT_FILENO)) {
        cleanup_json json *object = dataset_schema_write(schema);
        cleanup_free char *text = json_write(object);
        puts(text);
        return 0;
    }
    printf("%s: %s\n%s\n%s; %s\ndata %s\n", schema->name, schema->title, schema->description,
           schema->license, schema->source_name, schema->data_sha256);
    for (size_t i = 0; i < schema->table_count; i++) {
        const struct dataset_table *table = &schema->tables[i];
        printf("\n  %s, %lld rows. %s\n", table->name, (long long)table->row_count,
               table->description);
        for (size_t j = 0; j < table->column_count; j++)
            show_column(schema, &table->columns[j]);
    }
    printf("\n");
    for (size_t i = 0; i < schema->prompt_count; i++)
        printf("  %s\n", schema->prompts[i].question);
    const char *openings[PLAN_OPENINGS];
    size_t count = schema->prompt_count ? 0 : plan_openings(dataset, openings);
    for (size_t i = 0; i < count; i++)
        printf("  %s\n", openings[i]);
    return 0;
}

static const struct {
    const char *name, *argument;
    int (*run)(const struct settings *settings, const char *argument, struct err *err);
} actions[] = {{"build", "DIR", build}, {"list", NULL, list}, {"show", "NAME", show}};

static int run(const struct settings *settings) {
    struct err err = {0};
    const char *name = settings->argument_count ? settings->arguments[0] : "";
    house_prepare(settings);
    for (size_t i = 0; i < ARRAY_LENGTH(actions); i++) {
        if (strcmp(actions[i].name, name) != 0)
            continue;
        int wanted = actions[i].argument ? 2 : 1;
        if (settings->argument_count != wanted) {
            err_set(&err, ERR_BAD_REQUEST, "it is: app dataset %s%s%s", name,
                    actions[i].argument ? " " : "", actions[i].argument ? actions[i].argument : "");
            return house_complain("dataset", &err, 2);
        }
        int status = actions[i].run(settings, settings->arguments[1], &err);
        return status ? house_complain("dataset", &err, 1) : 0;
    }
    const char *names[] = {"build", "list", "show"}, *closest = str_closest(name, names, 3);
    err_set(&err, ERR_BAD_REQUEST,
            *name ? "\"%s\" is not something to do with data sets" : "what is to be done?%s", name);
    if (closest)
        err_hint(&err, "Did you mean \"%s\"?", closest);
    else
        err_hint(&err, "It is one of build, list, show.");
    return house_complain("dataset", &err, 2);
}

const struct command command_dataset = {
    .name = "dataset",
    .mask = FOR_DATASET,
    .max_arguments = SETTINGS_ARGUMENTS, // each action has its own number
    .synopsis = "build DIR | list | show NAME [OPTION]…",
    .summary = "import tables, list data sets, show what is in one",
    .description =
        "build DIR turns the tables in DIR into one SQLite file, data.sqlite, with their types, "
        "keys, profile and an index of "
        "their values. DIR holds a dataset.json and the tables that it names, or nothing but "
        "files of tables: CSV, TSV, JSON lines, each also with .gz, or SQLite. The tables are "
        "parsed in a sandbox. What had to be mended on the way is printed, a line each.\n\n"
        "list prints the data sets of DATASETS_PATH, show everything that is known about one.",
    .statuses = "0; 1 it failed; 2 the command line is wrong.",
    .examples = "app dataset build ~/tables/sales\napp dataset show weather",
    .run = run,
};
