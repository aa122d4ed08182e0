// SPDX-License-Identifier: Apache-2.0
//
// See measure.h.
#include "measure.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/path.h"
#include "examples.h"
#include "plan/form_rank.h"

#define THREADS 2
#define ROWS 200

struct asked {
    const struct wtq_question *question;
    enum plan_verdict verdict;
    bool was_asked, is_right, is_strict;
    double confidence;
    int unread;
    int64_t plan_us;
    char *understanding, *answer;
};

struct work {
    const char *folder, *cache;
    struct asked *asked;
    size_t count;
    _Atomic size_t next;
};

// ---- Running ------------------------------------------------------------------------------------

static void bind(sqlite3_stmt *statement, const struct plan_reading *reading) {
    for (size_t i = 0; i < reading->param_count; i++) {
        const struct plan_value *value = &reading->params[i];
        int at = (int)i + 1;
        if (value->kind == PLAN_VALUE_TEXT)
            sqlite3_bind_text(statement, at, value->text, -1, SQLITE_STATIC);
        else if (value->kind == PLAN_VALUE_INTEGER)
            sqlite3_bind_int64(statement, at, value->integer);
        else
            sqlite3_bind_double(statement, at, value->real);
    }
}

static json *cell_of(sqlite3_stmt *statement, int column) {
    switch (sqlite3_column_type(statement, column)) {
    case SQLITE_NULL: return cJSON_CreateNull();
    case SQLITE_TEXT:
        return cJSON_CreateString((const char *)sqlite3_column_text(statement, column));
    default: return cJSON_CreateNumber(sqlite3_column_double(statement, column));
    }
}

// The result as the runner would give it, NULL where the query fails.
static json *run(sqlite3 *db, const struct plan_reading *reading) {
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(db, reading->sql, -1, &statement, NULL) != SQLITE_OK) {
        fprintf(stderr, "answers: %s\n%s\n", sqlite3_errmsg(db), reading->sql);
        return NULL;
    }
    bind(statement, reading);
    json *result = cJSON_CreateObject(), *rows = cJSON_AddArrayToObject(result, "rows");
    while (cJSON_GetArraySize(rows) < ROWS && sqlite3_step(statement) == SQLITE_ROW) {
        json *row = cJSON_CreateArray();
        for (int i = 0; i < sqlite3_column_count(statement); i++)
            cJSON_AddItemToArray(row, cell_of(statement, i));
        cJSON_AddItemToArray(rows, row);
    }
    sqlite3_finalize(statement);
    return result;
}

static sqlite3 *connect(const struct dataset *dataset) {
    sqlite3 *db;
    char *path = path_join(dataset_folder(dataset), DATASET_FILE);
    sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL);
    free(path);
    return db;
}

// ---- Right and wrong ----------------------------------------------------------------------------

#define VALUES 256

struct values {
    char at[VALUES][WTQ_CANONICAL];
    size_t count;
};

static void add_value(struct values *values, const char *canonical) {
    for (size_t i = 0; i < values->count; i++)
        if (strcmp(values->at[i], canonical) == 0)
            return;
    if (values->count < VALUES)
        snprintf(values->at[values->count++], WTQ_CANONICAL, "%s", canonical);
}

static void read_result(const json *result, int column, struct values *values) {
    char canonical[WTQ_CANONICAL];
    const json *row;
    values->count = 0;
    cJSON_ArrayForEach (row, cJSON_GetObjectItemCaseSensitive(result, "rows")) {
        const json *cell = cJSON_GetArrayItem(row, column);
        if (cJSON_IsString(cell))
            wtq_canonical(cell->valuestring, canonical);
        else if (cJSON_IsNumber(cell))
            wtq_canonical_number(cell->valuedouble, canonical);
        if (!cJSON_IsNull(cell))
            add_value(values, canonical);
    }
}

static bool is_right(const struct wtq_question *question, const json *result, int column) {
    static _Thread_local struct values wanted, given;
    char canonical[WTQ_CANONICAL];
    wanted.count = 0;
    for (size_t i = 0; i < question->target_count; i++) {
        wtq_canonical(question->targets[i], canonical);
        add_value(&wanted, canonical);
    }
    read_result(result, column, &given);
    size_t count = given.count;
    for (size_t i = 0; i < wanted.count; i++)
        add_value(&given, wanted.at[i]);
    return count == wanted.count && given.count == count;
}

// ---- One question -------------------------------------------------------------------------------

static char *first_cell(const json *result) {
    const json *cell = cJSON_GetArrayItem(
        cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(result, "rows"), 0), 0);
    return cell ? cJSON_PrintUnformatted(cell) : mem_text("nothing");
}

// The processor time of this thread, which other work on the machine does not add to.
static int64_t thread_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void ask(const struct dataset *dataset, struct asked *asked) {
    int64_t start_us = thread_us();
    struct plan_answer *answer cleanup(plan_answer_freep) =
        plan_question(dataset, asked->question->text);
    asked->plan_us = thread_us() - start_us;
    sqlite3 *db = connect(dataset);
    const json *results[PLAN_TRIALS];
    for (size_t i = 0; i < answer->trial_count; i++)
        results[i] = run(db, &answer->trials[i]);
    asked->is_strict = !answer->trial_count;
    plan_settle(answer, results);
    asked->verdict = answer->verdict;
    asked->confidence = asked->is_strict ? 1 : answer->confidence;
    // What would be said first, also where the planner would ask back or give up.
    const struct plan_reading *best = answer->reading_count ? &answer->readings[0]
                                      : answer->trial_count ? &answer->trials[0]
                                                            : NULL;
    json *result = best ? run(db, best) : NULL;
    asked->is_right = best && is_right(asked->question, result,
                                       plan_answer_column(best) < 0 ? 0 : plan_answer_column(best));
    asked->unread = answer->trial_count && best && best->form
                        ? __builtin_popcountll(best->forms->trials[0].unread)
                        : 0;
    asked->understanding = mem_text(best && best->understanding ? best->understanding
                                    : best                      ? best->sql
                                                                : "");
    asked->answer = first_cell(result);
    json_free(result);
    for (size_t i = 0; i < answer->trial_count; i++)
        json_free((json *)results[i]);
    sqlite3_close(db);
}

static void *work_on(void *context) {
    struct work *work = context;
    size_t at;
    while ((at = atomic_fetch_add(&work->next, 1)) < work->count) {
        struct asked *asked = &work->asked[at];
        if (!asked->was_asked)
            continue;
        struct dataset *dataset cleanup(dataset_closep) =
            examples_open(work->folder, work->cache, asked->question->table);
        if (dataset)
            ask(dataset, asked);
    }
    return NULL;
}

// ---- Figures ------------------------------------------------------------------------------------

struct tally {
    size_t asked, right;
};

static void count_in(struct tally *tally, const struct asked *asked) {
    tally->asked++;
    tally->right += asked->is_right;
}

static void print_tally(const char *name, const struct tally *tally, size_t all) {
    printf("  %-28s %6zu  %5.1f%%  right %5.1f%%\n", name, tally->asked,
           100.0 * (double)tally->asked / (double)(all ? all : 1),
           100.0 * (double)tally->right / (double)(tally->asked ? tally->asked : 1));
}

// The class of a question, by its words alone.
static const char *const classes[] = {"how many",
                                      "how many more, difference",
                                      "most, least, -est",
                                      "first, last",
                                      "before, after",
                                      "same as, other than",
                                      "total, average",
                                      "yes or no",
                                      "A or B",
                                      "other lookups"};

static bool has_word(const char *text, const char *const *words) {
    for (; *words; words++) {
        const char *found = strstr(text, *words);
        if (found)
            return true;
    }
    return false;
}

static size_t class_of(const char *text) {
    static const char *const
        difference[] = {"how many more", "difference",     "how much more",
                        "how many less", "how many fewer", NULL},
        *const total[] = {"total", "average", "combined", " sum ", NULL},
        *const many[] = {"how many", "number of", NULL}, *const next[] = {" after ",    " before ",
                                                                          " next",      " previous",
                                                                          " above ",    " below ",
                                                                          " following", NULL},
        *const ends[] = {" first", " last", " final", NULL}, *const most[] = {" most",  " least",
                                                                              "est ",   "est?",
                                                                              " only ", " top ",
                                                                              NULL},
        *const same[] = {" same ", " other than", "besides", NULL},
        *const either[] = {" or ", NULL};
    bool is_truth = strncmp(text, "is ", 3) == 0 || strncmp(text, "did ", 4) == 0 ||
                    strncmp(text, "was ", 4) == 0 || strncmp(text, "are ", 4) == 0 ||
                    strncmp(text, "does ", 5) == 0 || strncmp(text, "were ", 5) == 0 ||
                    strncmp(text, "has ", 4) == 0 || strncmp(text, "do ", 3) == 0;
    return has_word(text, difference) ? 1
           : is_truth                 ? 7
           : has_word(text, either)   ? 8
           : has_word(text, same)     ? 5
           : has_word(text, total)    ? 6
           : has_word(text, many)     ? 0
           : has_word(text, next)     ? 4
           : has_word(text, ends)     ? 3
           : has_word(text, most)     ? 2
                                      : 9;
}

static int by_confidence(const void *left, const void *right) {
    const struct asked *one = *(const struct asked *const *)left,
                       *other = *(const struct asked *const *)right;
    return (one->confidence < other->confidence) - (one->confidence > other->confidence);
}

static int by_time(const void *left, const void *right) {
    int64_t one = *(const int64_t *)left, other = *(const int64_t *)right;
    return (one > other) - (one < other);
}

static void print_margins(const struct work *work, size_t all) {
    const struct asked **order = mem_zero(work->count + 1, sizeof *order);
    size_t count = 0, right = 0;
    for (size_t i = 0; i < work->count; i++)
        if (work->asked[i].was_asked)
            order[count++] = &work->asked[i];
    qsort(order, count, sizeof *order, by_confidence);
    printf("The surest of all, by how sure the planner is:\n");
    for (size_t i = 0; i < count; i++) {
        right += order[i]->is_right;
        if ((i + 1) * 10 / count != i * 10 / count)
            printf("  surest %3zu%%  at least %.2f sure  right %5.1f%%\n", (i + 1) * 100 / count,
                   order[i]->confidence, 100.0 * (double)right / (double)(i + 1));
    }
    (void)all;
    free(order);
}

static void print_figures(const struct work *work) {
    static const char *const verdicts[] = {"answers", "asks which is meant",
                                           "says it did not understand"};
    struct tally all = {0}, strict = {0}, by_verdict[3] = {{0}},
                 by_class[ARRAY_LENGTH(classes)] = {{0}};
    int64_t *times = mem_zero(work->count + 1, sizeof *times);
    for (size_t i = 0; i < work->count; i++) {
        const struct asked *asked = &work->asked[i];
        if (!asked->was_asked)
            continue;
        times[all.asked] = asked->plan_us;
        count_in(&all, asked);
        count_in(&by_verdict[asked->verdict], asked);
        count_in(&by_class[class_of(asked->question->text)], asked);
        if (asked->is_strict)
            count_in(&strict, asked);
    }
    printf("%zu questions, %zu answered right: %.1f%%\n", all.asked, all.right,
           100.0 * (double)all.right / (double)(all.asked ? all.asked : 1));
    printf("By class of question:\n");
    for (size_t i = 0; i < ARRAY_LENGTH(classes); i++)
        print_tally(classes[i], &by_class[i], all.asked);
    printf("By what the planner does:\n");
    for (size_t i = 0; i < 3; i++)
        print_tally(verdicts[i], &by_verdict[i], all.asked);
    print_tally("every word accounted for", &strict, all.asked);
    print_margins(work, all.asked);
    qsort(times, all.asked, sizeof *times, by_time);
    printf("Planning, processor time: p50 %.2f ms, p99 %.2f ms\n",
           (double)times[all.asked / 2] / 1000, (double)times[all.asked * 99 / 100] / 1000);
    free(times);
}

void measure(const char *folder, const char *cache, const char *file, enum measure_part part,
             bool verbose) {
    struct wtq *wtq = wtq_read(file);
    struct work work = {.folder = folder, .cache = cache, .count = wtq->count};
    pthread_t threads[THREADS];
    work.asked = mem_zero(wtq->count + 1, sizeof *work.asked);
    for (size_t i = 0; i < wtq->count; i++) {
        work.asked[i].question = &wtq->questions[i];
        work.asked[i].verdict = PLAN_NOT_UNDERSTOOD;
        work.asked[i].was_asked =
            part == MEASURE_ALL || examples_is_held_out(wtq->questions[i].table);
    }
    for (size_t i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, work_on, &work);
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    for (size_t i = 0; i < wtq->count; i++) {
        struct asked *asked = &work.asked[i];
        if (verbose && asked->was_asked)
            printf("%s\t%s\t%s\t%.2f\t%s\t%s\t%s\t%d\n", asked->is_right ? "right" : "wrong",
                   asked->question->id, asked->is_strict ? "strict" : "forms", asked->confidence,
                   asked->question->text, asked->understanding ? asked->understanding : "",
                   asked->answer ? asked->answer : "", asked->unread);
        free(asked->understanding);
        free(asked->answer);
    }
    print_figures(&work);
    free(work.asked);
    wtq_free(wtq);
}
