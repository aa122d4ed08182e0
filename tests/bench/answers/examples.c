// SPDX-License-Identifier: Apache-2.0
//
// See examples.h. Two threads; tables are imported once and kept in the cache.
#include "examples.h"

#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"
#include "dataset/import.h"
#include "plan/form_rank.h"

#define THREADS 2

struct reader {
    struct examples *examples;
    const char *folder, *cache;
    _Atomic size_t next;
};

static void import_table(const char *folder, const char *source, const char *file,
                         const char *name) {
    struct err err = {0};
    cleanup_free char *command = mem_format("mkdir -p '%s' && cp '%s/tables/%s.csv' '%s/table.csv'",
                                            source, folder, name, source);
    struct dataset_sources *sources cleanup(dataset_sources_closep) = NULL;
    if (system(command) != 0 || dataset_sources_open(source, &sources, &err)) {
        fprintf(stderr, "answers: %s: %s\n", name, err.message);
        exit(1);
    }
    cleanup_free char *part = mem_format("%s.%lx", file, (unsigned long)pthread_self());
    int fd = open(part, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    int status = dataset_import(sources, fd, NULL, &err);
    close(fd);
    if (status) {
        fprintf(stderr, "answers: %s: %s\n", name, err.message);
        unlink(part);
    } else {
        rename(part, file);
    }
}

// The table of that name as a data set, imported where it is not yet; NULL where it cannot be.
struct dataset *examples_open(const char *wtq, const char *cache, const char *name) {
    struct err err = {0};
    cleanup_free char *folder = mem_format("%s/%s", cache, name),
                      *file = path_join(folder, DATASET_FILE),
                      *source = mem_format("%s/source.%lx", folder, (unsigned long)pthread_self());
    struct dataset *dataset = NULL;
    if (access(file, R_OK) != 0)
        import_table(wtq, source, file, name);
    if (access(file, R_OK) == 0 && dataset_open(folder, &dataset, &err))
        fprintf(stderr, "answers: %s: %s\n", file, err.message);
    return dataset;
}

bool examples_is_held_out(const char *table) {
    uint32_t hash = 7;
    for (; *table; table++)
        hash = feature_hash(hash, (uint8_t)*table);
    return hash % 5 == 0;
}

// ---- Right and wrong ----------------------------------------------------------------------------

struct target {
    char values[WTQ_VALUES][WTQ_CANONICAL]; // distinct
    size_t count;
};

static void add_distinct(struct target *target, const char *canonical) {
    for (size_t i = 0; i < target->count; i++)
        if (strcmp(target->values[i], canonical) == 0)
            return;
    if (target->count < WTQ_VALUES)
        snprintf(target->values[target->count++], WTQ_CANONICAL, "%s", canonical);
}

static void read_target(const struct wtq_question *question, struct target *target) {
    char canonical[WTQ_CANONICAL];
    target->count = 0;
    for (size_t i = 0; i < question->target_count; i++) {
        wtq_canonical(question->targets[i], canonical);
        add_distinct(target, canonical);
    }
}

static bool is_target(const struct target *target, const char *canonical) {
    for (size_t i = 0; i < target->count; i++)
        if (strcmp(target->values[i], canonical) == 0)
            return true;
    return false;
}

static bool is_right(char *const *canonical, const struct target *target,
                     const struct form_memory_answer *answer) {
    char own[WTQ_CANONICAL];
    if (answer->kind == FORM_MEMORY_NOTHING)
        return false;
    if (answer->kind == FORM_MEMORY_CELLS) {
        static _Thread_local struct target given;
        given.count = 0;
        for (size_t i = 0; i < answer->count; i++) {
            if (!is_target(target, canonical[answer->values[i]]))
                return false;
            add_distinct(&given, canonical[answer->values[i]]);
        }
        return given.count == target->count;
    }
    if (answer->kind == FORM_MEMORY_TRUTH)
        snprintf(own, sizeof own, "t %s", answer->number != 0 ? "yes" : "no");
    else
        wtq_canonical_number(answer->number, own);
    return target->count == 1 && is_target(target, own);
}

// Whether the question says every cell of the answer.
static bool is_in_question(const struct form_memory_table *table, const struct form_set *set,
                           const struct form_memory_answer *answer) {
    for (size_t i = 0; i < answer->count; i++)
        if (!features_is_said(set, table->values[answer->values[i]]))
            return false;
    return answer->count > 0;
}

// ---- One question -------------------------------------------------------------------------------

struct workspace {
    struct question question;
    struct form_set set;
    struct feature_set features;
    struct form_memory_run run;
    struct form_memory_answer answer;
    struct target target;
};

static void copy_out(struct example *example, const struct feature_set *features) {
    example->gram_count = features->gram_count;
    example->grams = mem_zero(features->gram_count + 1, sizeof *example->grams);
    memcpy(example->grams, features->grams, features->gram_count * sizeof *example->grams);
    example->predicate_count = features->predicate_count;
    example->predicates = mem_zero(features->predicate_count + 1, sizeof *example->predicates);
    memcpy(example->predicates, features->predicates,
           features->predicate_count * sizeof *example->predicates);
}

// The cells of the table in their one spelling.
static char **canonical_cells(const struct form_memory_table *table) {
    char **cells = mem_zero(table->value_count + 1, sizeof *cells), canonical[WTQ_CANONICAL];
    for (size_t i = 0; i < table->value_count; i++) {
        wtq_canonical(table->values[i], canonical);
        cells[i] = mem_text(canonical);
    }
    return cells;
}

static void fill(struct workspace *work, const struct form_memory_table *table,
                 struct example *example) {
    const struct form_set *set = &work->set;
    struct target *target = &work->target;
    char **canonical = canonical_cells(table);
    read_target(example->question, target);
    size_t room = 64 * set->form_count + 1024, used = 0;
    example->form_count = set->form_count;
    example->form_begins = mem_zero(set->form_count + 1, sizeof *example->form_begins);
    example->is_right = mem_zero(set->form_count + 1, sizeof *example->is_right);
    example->form_predicates = mem_zero(room, sizeof *example->form_predicates);
    for (size_t i = 0; i < set->form_count; i++) {
        form_memory_answer(&work->run, &set->forms[i], &work->answer);
        const struct form_memory_answer *answer = &work->answer;
        struct feature_answer known = {.kind = answer->kind == FORM_MEMORY_NOTHING  ? ANSWER_NOTHING
                                               : answer->kind == FORM_MEMORY_CELLS  ? ANSWER_CELLS
                                               : answer->kind == FORM_MEMORY_NUMBER ? ANSWER_NUMBER
                                                                                    : ANSWER_TRUTH,
                                       .count = answer->count,
                                       .number = answer->number,
                                       .is_in_question = answer->kind == FORM_MEMORY_CELLS &&
                                                         is_in_question(table, set, answer)};
        if (used + FEATURE_OF_FORM + FEATURE_OF_ANSWER > room) {
            room *= 2;
            example->form_predicates =
                mem_resize(example->form_predicates, room, sizeof *example->form_predicates);
        }
        used += features_of(&work->features, &set->forms[i], example->form_predicates + used, NULL);
        used += features_of_answer(&work->features, &set->forms[i], &known,
                                   example->form_predicates + used);
        example->form_begins[i + 1] = (uint32_t)used;
        example->is_right[i] = is_right(canonical, target, answer);
        example->right_count += example->is_right[i];
    }
    for (size_t i = 0; i < table->value_count; i++)
        free(canonical[i]);
    free(canonical);
    example->form_predicates =
        mem_resize(example->form_predicates, used + 1, sizeof *example->form_predicates);
    copy_out(example, &work->features);
}

static void read_example(struct reader *reader, struct workspace *work, struct example *example) {
    struct dataset *dataset cleanup(dataset_closep) =
        examples_open(reader->folder, reader->cache, example->question->table);
    struct form_memory_table *table = dataset ? form_memory_read(dataset) : NULL;
    if (!table)
        return;
    cleanup_arena struct arena arena = ARENA(64 * 1024 * 1024);
    form_question(dataset, example->question->text, &arena, &work->question);
    form_make(&work->question, 0, &work->set);
    features_init(&work->features, &work->set);
    form_memory_run_init(&work->run, table, &work->set);
    fill(work, table, example);
    form_memory_run_done(&work->run);
    form_memory_free(table);
}

static void *read_some(void *context) {
    struct reader *reader = context;
    struct workspace *work = mem_zero(1, sizeof *work);
    size_t at;
    while ((at = atomic_fetch_add(&reader->next, 1)) < reader->examples->count) {
        struct example *example = &reader->examples->examples[at];
        example->question = &reader->examples->wtq->questions[at];
        example->is_held_out = examples_is_held_out(example->question->table);
        read_example(reader, work, example);
    }
    free(work);
    return NULL;
}

struct examples *examples_read(const char *folder, const char *cache, const char *file) {
    struct examples *examples = mem_zero(1, sizeof *examples);
    examples->wtq = wtq_read(file);
    examples->count = examples->wtq->count;
    examples->examples = mem_zero(examples->count + 1, sizeof *examples->examples);
    struct reader reader = {examples, folder, cache, 0};
    pthread_t threads[THREADS];
    for (size_t i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, read_some, &reader);
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    return examples;
}

void examples_free(struct examples *examples) {
    for (size_t i = 0; i < examples->count; i++) {
        struct example *example = &examples->examples[i];
        free(example->grams);
        free(example->predicates);
        free(example->form_predicates);
        free(example->form_begins);
        free(example->is_right);
    }
    free(examples->examples);
    wtq_free(examples->wtq);
    free(examples);
}
