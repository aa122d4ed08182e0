// SPDX-License-Identifier: Apache-2.0
//
// The escape matrix as tests: behind all walls nothing is open, behind one alone nothing is worse
// than docs/security-matrix.md says, and without any the prober sees that nothing holds.
//
//   build/tests/escape                     the tests
//   build/tests/escape --markdown FILE     writes the matrix
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "tests/sandbox/escape/matrix.h"
#include "tests/sandbox/fixture.h"
#include "tests/unit/check.h"

static void print_cell(int column, const struct probe *probe, const struct finding *cell,
                       const char *why) {
    char text[256];
    matrix_cell_text(cell, text, sizeof text);
    printf("# %s: %s: %s (%s)\n", columns[column].title, probe->title, text, why);
}

// How many cells of the column are worse than the page has them.
static int count_worse(const struct matrix *matrix, const char *path, int column,
                       bool may_be_open) {
    struct matrix_page *page = matrix_page_read(path);
    const struct probe *probe;
    int count = 0;
    if (!page)
        check_fail(__FILE__, __LINE__, "there is no %s: make security-matrix", path);
    for (size_t i = 0; (probe = matrix_probe(i, NULL)); i++) {
        const struct finding *cell = &matrix->cells[column][i];
        bool has_row;
        enum verdict before = matrix_page_verdict(page, probe, &columns[column], &has_row);
        bool was_good = before == HELD || before == ABSENT;
        const char *why = cell->verdict == OPEN && !may_be_open        ? "nothing may be open here"
                          : cell->verdict == OPEN && was_good          ? "it was held"
                          : cell->verdict == OPEN && before == UNTRIED ? "it is not in the matrix"
                          : cell->verdict == UNTRIED && before != UNTRIED ? "it could be tried"
                                                                          : NULL;
        if (why)
            print_cell(column, probe, cell, why);
        count += why != NULL;
    }
    return count;
}

static void check_column(int column, bool may_be_open) {
    struct matrix *matrix = matrix_new();
    // Another user's server has other rights over its own files, and makes no control groups.
    if (column == COLUMN_OUTER && geteuid() != 0)
        check_skip("the matrix has what holds for a server of root's");
    matrix_try(matrix, COLUMN_BARE);
    matrix_try(matrix, column);
    if (*matrix->reasons[column]) {
        // Where an engine or a cluster was named, it has to be there.
        if (((column == COLUMN_DOCKER || column == COLUMN_CONTAINER) && getenv("DOCKER_HOST")) ||
            ((column == COLUMN_KUBE || column == COLUMN_POD) && getenv("PROBE_IMAGE")))
            check_fail(__FILE__, __LINE__, "%s", matrix->reasons[column]);
        check_skip(matrix->reasons[column]);
    }
    CHECK_INT(count_worse(matrix, MATRIX_FILE, column, may_be_open), 0);
}

TEST(every_attempt_has_a_name_and_a_row_of_its_own_in_the_matrix) {
    struct matrix_page *page = matrix_page_read(MATRIX_FILE);
    const struct probe *probe, *other;
    CHECK(page != NULL);
    for (size_t i = 0; (probe = matrix_probe(i, NULL)); i++) {
        bool has_row;
        CHECK(i < MATRIX_PROBES_MAX);
        matrix_page_verdict(page, probe, &columns[COLUMN_LOCAL], &has_row);
        if (!has_row)
            check_fail(__FILE__, __LINE__, "%s has no row \"%s\": make security-matrix",
                       MATRIX_FILE, probe->title);
        CHECK(!strchr(probe->title, '|'));
        for (size_t at = 0; at < i && (other = matrix_probe(at, NULL)); at++)
            if (strcmp(probe->name, other->name) == 0 || strcmp(probe->title, other->title) == 0)
                check_fail(__FILE__, __LINE__, "there are two of %s", probe->name);
    }
}

static void set_cell(struct matrix *matrix, size_t index, enum verdict verdict) {
    matrix->cells[COLUMN_OUTER][index] = (struct finding){verdict, "EPERM"};
}

TEST(a_cell_that_gets_worse_is_found_and_one_that_is_held_by_another_error_is_not) {
    struct matrix *matrix = matrix_new();
    char path[128];
    snprintf(path, sizeof path, "%s/matrix.md", check_folder());
    for (size_t i = 0; matrix_probe(i, NULL); i++)
        set_cell(matrix, i, HELD);
    set_cell(matrix, 1, OPEN);
    set_cell(matrix, 2, ABSENT);
    CHECK_INT(matrix_write(matrix, path), 0);
    CHECK_INT(count_worse(matrix, path, COLUMN_OUTER, true), 0);
    CHECK_INT(count_worse(matrix, path, COLUMN_OUTER, false), 1);
    snprintf(matrix->cells[COLUMN_OUTER][0].detail, 16, "EACCES");
    set_cell(matrix, 2, HELD);
    CHECK_INT(count_worse(matrix, path, COLUMN_OUTER, true), 0);
    set_cell(matrix, 2, OPEN);
    set_cell(matrix, 3, OPEN);
    set_cell(matrix, 4, UNTRIED);
    CHECK_INT(count_worse(matrix, path, COLUMN_OUTER, true), 3);
}

TEST(without_any_wall_the_prober_sees_that_nothing_holds) {
    struct matrix *matrix = matrix_new();
    const struct probe *probe;
    int blind = 0, seen = 0;
    if (geteuid() != 0)
        check_skip("only root has nothing in its way");
    matrix_try(matrix, COLUMN_BARE);
    if (matrix->cells[COLUMN_BARE][0].verdict == UNTRIED)
        check_skip("root may make no mount namespace to throw away");
    for (size_t i = 0; (probe = matrix_probe(i, NULL)); i++) {
        const struct finding *cell = &matrix->cells[COLUMN_BARE][i];
        bool is_blind = probe->traits & SEEN_BARE && cell->verdict != OPEN;
        if (is_blind)
            print_cell(COLUMN_BARE, probe, cell, "it should be open");
        blind += is_blind;
        seen += cell->verdict == OPEN;
    }
    CHECK_INT(blind, 0);
    CHECK(seen > 80);
}

TEST(nothing_is_open_behind_all_walls_of_a_local_sandbox) { check_column(COLUMN_LOCAL, false); }
TEST(the_outer_wall_alone_holds_what_the_matrix_says) { check_column(COLUMN_OUTER, true); }
TEST(the_inner_wall_alone_holds_what_the_matrix_says) { check_column(COLUMN_INNER, true); }
TEST(nothing_is_open_in_a_docker_sandbox) { check_column(COLUMN_DOCKER, false); }
TEST(a_docker_container_alone_holds_what_the_matrix_says) { check_column(COLUMN_CONTAINER, true); }
TEST(nothing_is_open_in_a_kubernetes_sandbox) { check_column(COLUMN_KUBE, false); }
TEST(a_pod_alone_holds_what_the_matrix_says) { check_column(COLUMN_POD, true); }

int fixture_other_main(int argument_count, char **arguments) {
    if (argument_count != 3 || strcmp(arguments[1], "--markdown") != 0)
        return -1;
    struct matrix *matrix = matrix_new();
    matrix_try(matrix, COLUMN_BARE);
    for (int i = 0; i < COLUMN_COUNT; i++)
        if (i != COLUMN_BARE)
            matrix_try(matrix, i);
    for (int i = 0; i < COLUMN_COUNT; i++)
        if (*matrix->reasons[i])
            fprintf(stderr, "%s is not tried: %s.\n", columns[i].title, matrix->reasons[i]);
    cleanup_free char *remove = mem_format("rm -rf %s", check_folder());
    int status = matrix_write(matrix, arguments[2]);
    return system(remove) == 0 && status == 0 ? 0 : 1;
}
