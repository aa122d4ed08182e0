// SPDX-License-Identifier: Apache-2.0
//
// Times the built-in planner: questions about each bundled data set, and about one made up of 100
// tables with 50 columns each; and what it takes to find what may be said next. `plan FOLDER…`
// prints one JSON object for each: count, p50_us, p90_us, p99_us, max_us, and of what is said next
// next_p50_us and next_p99_us; the folder `-` is the one made up.
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/path.h"
#include "dataset/import.h"
#include "plan/next.h"

#define TABLES 100
#define COLUMNS 50
#define ROWS 20
#define ROUNDS 40

static const char *const nouns[] = {"order",    "customer", "product", "invoice",  "payment",
                                    "employee", "project",  "ticket",  "vehicle",  "trip",
                                    "sensor",   "event",    "account", "contract", "asset",
                                    "shipment", "region",   "store",   "team",     "visit"};
static const char *const parts[] = {
    "name",  "status", "amount", "price", "date", "city",   "type",  "weight", "score",  "count",
    "level", "group",  "color",  "note",  "rate", "length", "owner", "year",   "volume", "rank"};

static const char *const kinds[] = {"", "archived_", "draft_", "foreign_", "test_"};

static void write_table(const char *folder, int table) {
    char name[64];
    snprintf(name, sizeof name, "%s%s.csv", kinds[table / 20], nouns[table % 20]);
    cleanup_free char *path = path_join(folder, name);
    FILE *file = fopen(path, "w");
    if (!file)
        return;
    fprintf(file, "%s_id", nouns[table % 20]);
    for (int i = 1; i < COLUMNS; i++)
        fprintf(file, ",%s %s", nouns[(table + i / 20 * 7) % 20], parts[i % 20]);
    for (int row = 0; row < ROWS; row++) {
        fprintf(file, "\n%d", row + 1);
        for (int i = 1; i < COLUMNS; i++)
            if (i % 20 == 4)
                fprintf(file, ",2020-%02d-%02d", row % 12 + 1, i % 28 + 1);
            else if (i % 3 == 0)
                fprintf(file, ",%d.%d", row * i + table, row);
            else
                fprintf(file, ",%s %c%d", nouns[(row + i) % 20], 'a' + table % 26, row % 7);
    }
    fputc('\n', file);
    fclose(file);
}

static struct dataset *open_folder(const char *source, const char *target) {
    struct err err = {0};
    struct dataset_sources *sources;
    struct dataset *dataset = NULL;
    cleanup_free char *path = path_join(target, DATASET_FILE);
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    int status = fd < 0 ? -1 : dataset_sources_open(source, &sources, &err);
    if (status == 0) {
        status = dataset_import(sources, fd, NULL, &err);
        dataset_sources_close(sources);
    }
    if (status == 0)
        status = dataset_open(target, &dataset, &err);
    if (status)
        fprintf(stderr, "plan: %s: %s\n", source, err.message);
    if (fd >= 0)
        close(fd);
    return dataset;
}

static int compare(const void *left, const void *right) {
    int64_t difference = *(const int64_t *)left - *(const int64_t *)right;
    return difference < 0 ? -1 : difference > 0;
}

static void measure(const struct dataset *dataset, const char *name, bool is_made) {
    static const char *const asked[] = {"how many orders are there",
                                        "total amount of invoices by city",
                                        "which customer has the highest score",
                                        "average price of products in 2020 by month",
                                        "top 5 stores by number of visits",
                                        "orders with amount over 100 and status order a1",
                                        "most expensive trip",
                                        "share of tickets by type",
                                        "how many employees have no owner",
                                        "difference between customer a1 and customer a2",
                                        "what does the fox say about it"};
    static int64_t times_us[4096], next_us[4096];
    const char *texts[PLAN_NEXT];
    const struct dataset_schema *schema = dataset_schema(dataset);
    size_t own = is_made ? ARRAY_LENGTH(asked) : schema->prompt_count, count = 0;
    for (int round = 0; round < ROUNDS; round++)
        for (size_t i = 0; i < own && count < ARRAY_LENGTH(times_us); i++) {
            const char *question = is_made ? asked[i] : schema->prompts[i].question;
            int64_t start_us = clock_monotonic_us();
            struct plan_answer *answer = plan_question(dataset, question);
            int64_t planned_us = clock_monotonic_us();
            plan_next(answer, -1, texts);
            next_us[count] = clock_monotonic_us() - planned_us;
            times_us[count++] = planned_us - start_us;
            plan_answer_free(answer);
        }
    qsort(times_us, count, sizeof *times_us, compare);
    qsort(next_us, count, sizeof *next_us, compare);
    printf("{\"data\":\"%s\",\"count\":%zu,\"p50_us\":%lld,\"p90_us\":%lld,\"p99_us\":%lld,"
           "\"max_us\":%lld,\"next_p50_us\":%lld,\"next_p99_us\":%lld}\n",
           name, count, (long long)times_us[count / 2], (long long)times_us[count * 9 / 10],
           (long long)times_us[count * 99 / 100], (long long)times_us[count - 1],
           (long long)next_us[count / 2], (long long)next_us[count * 99 / 100]);
}

static void remove_folder(const char *folder) {
    for (int table = 0; table <= TABLES; table++) {
        char name[64] = DATASET_FILE;
        if (table < TABLES)
            snprintf(name, sizeof name, "%s%s.csv", kinds[table / 20], nouns[table % 20]);
        cleanup_free char *path = path_join(folder, name);
        unlink(path);
    }
    rmdir(folder);
}

int main(int count, char **arguments) {
    char target[] = "/tmp/sandglass-plan-XXXXXX";
    if (count < 2 || !mkdtemp(target)) {
        fprintf(stderr, "usage: plan FOLDER…\n");
        return 2;
    }
    for (int i = 1; i < count; i++) {
        bool is_made = strcmp(arguments[i], "-") == 0;
        for (int table = 0; is_made && table < TABLES; table++)
            write_table(target, table);
        struct dataset *dataset = open_folder(is_made ? target : arguments[i], target);
        if (!dataset)
            return 1;
        measure(dataset, is_made ? "100 tables of 50 columns" : arguments[i], is_made);
        dataset_close(dataset);
    }
    remove_folder(target);
    return 0;
}
