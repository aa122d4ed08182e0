// SPDX-License-Identifier: Apache-2.0
//
// The matrix as a page of Markdown, and read back from it. What a row is found by is its title, and
// a column by its; of a cell only the first word counts when it is read.
#include "tests/sandbox/escape/matrix.h"

#include <linux/landlock.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/str.h"

#define PAGE_MAX ((size_t)1024 * 1024)

void matrix_cell_text(const struct finding *cell, char *ret_text, size_t size) {
    switch (cell->verdict) {
    case HELD: snprintf(ret_text, size, "held: %s", cell->detail); return;
    case OPEN: snprintf(ret_text, size, "**open**: %s", cell->detail); return;
    case ABSENT: snprintf(ret_text, size, "not there"); return;
    case UNTRIED:
        snprintf(ret_text, size, "%s%.100s", *cell->detail ? "not tried: " : "–", cell->detail);
    }
}

// ---- Writing

// Footnotes are numbered as they first appear; one text has one number.
struct notes {
    const char *texts[MATRIX_PROBES_MAX];
    int count;
};

static int note_number(struct notes *notes, const char *text) {
    for (int i = 0; i < notes->count; i++)
        if (strcmp(notes->texts[i], text) == 0)
            return i + 1;
    notes->texts[notes->count++] = text;
    return notes->count;
}

static void add_facts(struct buf *page) {
    struct utsname name;
    struct sysinfo memory;
    char date[32];
    time_t now = time(NULL);
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    uname(&name);
    sysinfo(&memory);
    strftime(date, sizeof date, "%Y-%m-%d", gmtime(&now));
    buf_add_format(page,
                   "Made on %s on Linux %s (%s), %ld processors, %lld MiB of memory, Landlock %ld, "
                   "%s, by user %u.\n\n",
                   date, name.release, name.machine, sysconf(_SC_NPROCESSORS_ONLN),
                   (long long)memory.totalram * memory.mem_unit / (1024 * 1024), abi > 0 ? abi : 0,
                   access("/sys/fs/cgroup/cgroup.controllers", F_OK) == 0 ? "cgroup v2"
                                                                          : "cgroup v1",
                   geteuid());
}

static int count_verdict(const struct matrix *matrix, int column, enum verdict verdict) {
    int count = 0;
    for (size_t i = 0; matrix_probe(i, NULL); i++)
        count += matrix->cells[column][i].verdict == verdict;
    return count;
}

static void add_head(struct buf *page, const struct matrix *matrix) {
    buf_add_text(
        page,
        "# What a sandbox holds\n\n"
        "A prober takes the runner's place inside of every kind of sandbox and tries, with raw "
        "system calls, what an attacker would who has taken over the runner. Each cell is one "
        "attempt in a sandbox of its own. `make security-matrix` writes this page anew; the test "
        "suite `sandbox/escape` fails when a cell gets worse, and when anything at all is open "
        "behind all walls.\n\n");
    add_facts(page);
    buf_add_text(page, "| column | what it is | held | open | not there |\n"
                       "| --- | --- | --: | --: | --: |\n");
    for (int i = 0; i < COLUMN_COUNT; i++) {
        buf_add_format(page, "| **%s** | %s |", columns[i].title, columns[i].about);
        if (*matrix->reasons[i])
            buf_add_format(page, " not tried here: %s | | |\n", matrix->reasons[i]);
        else
            buf_add_format(page, " %d | %d | %d |\n", count_verdict(matrix, i, HELD),
                           count_verdict(matrix, i, OPEN), count_verdict(matrix, i, ABSENT));
    }
    buf_add_text(
        page,
        "\nA cell says **held** and by what: the error that the attempt met, the signal that ended "
        "it, or how the run ended. **open** says that this door was not closed; where a single "
        "wall leaves one open, the note says what stands behind it. *not there* is what this "
        "machine does not have outside either. – is what is not tried: a bomb without a wall, or a "
        "whole column. A wall that stands alone is shown to see that neither hides a hole in the "
        "other; nobody runs behind one by choice.\n");
}

static void add_row(struct buf *page, const struct matrix *matrix, size_t index,
                    const struct probe *probe, struct notes *notes) {
    char text[256];
    buf_add_format(page, "| %s |", probe->title);
    for (int i = 0; i < COLUMN_COUNT; i++) {
        const struct finding *cell = &matrix->cells[i][index];
        matrix_cell_text(cell, text, sizeof text);
        buf_add_format(page, " %s", *matrix->reasons[i] ? "–" : text);
        if (cell->verdict == OPEN && i != COLUMN_BARE && probe->note && !*matrix->reasons[i])
            buf_add_format(page, "[^%d]", note_number(notes, probe->note));
        buf_add_text(page, " |");
    }
    buf_add_char(page, '\n');
}

static void add_table_head(struct buf *page, const struct theme *theme) {
    buf_add_format(page, "\n## %s\n\n| attempt |", theme->title);
    for (int i = 0; i < COLUMN_COUNT; i++)
        buf_add_format(page, " %s |", columns[i].title);
    buf_add_text(page, "\n| --- |");
    for (int i = 0; i < COLUMN_COUNT; i++)
        buf_add_text(page, " --- |");
    buf_add_char(page, '\n');
}

int matrix_write(const struct matrix *matrix, const char *path) {
    cleanup_buf struct buf page = BUF(PAGE_MAX);
    struct notes notes = {.count = 0};
    const struct theme *theme = NULL, *previous = NULL;
    const struct probe *probe;
    struct err err = {0};
    add_head(&page, matrix);
    for (size_t i = 0; (probe = matrix_probe(i, &theme)); i++) {
        if (theme != previous)
            add_table_head(&page, theme);
        previous = theme;
        add_row(&page, matrix, i, probe, &notes);
    }
    for (int i = 0; i < notes.count; i++)
        buf_add_format(&page, "%s[^%d]: %s\n", i ? "" : "\n", i + 1, notes.texts[i]);
    if (fd_replace_file(path, buf_text(&page), page.length, 0644, &err) == 0)
        return 0;
    fprintf(stderr, "%s\n", err.message);
    return -1;
}

// ---- Reading

struct matrix_page {
    struct buf text;
};

struct matrix_page *matrix_page_read(const char *path) {
    struct matrix_page *page = mem_zero(1, sizeof *page);
    struct err err = {0};
    page->text = BUF(PAGE_MAX);
    if (fd_read_file(path, &page->text, &err) == 0)
        return page;
    free(page);
    return NULL;
}

// The start of cell NUMBER of a line, 0 being the first; NULL where it has not as many.
static const char *cell_at(const char *line, int number) {
    const char *end = strchrnul(line, '\n');
    for (const char *at = line; (at = memchr(at, '|', (size_t)(end - at))) && ++at < end; number--)
        if (number == 0)
            return *at == ' ' ? at + 1 : at;
    return NULL;
}

static bool cell_is(const char *cell, const char *text) {
    return cell && str_has_prefix(cell, text) && str_has_prefix(cell + strlen(text), " |");
}

static int find_column(const struct matrix_page *page, const char *title) {
    const char *head = strstr(buf_text(&page->text), "\n| attempt |"), *cell;
    for (int i = 1; head && (cell = cell_at(head + 1, i)); i++)
        if (cell_is(cell, title))
            return i;
    return -1;
}

enum verdict matrix_page_verdict(const struct matrix_page *page, const struct probe *probe,
                                 const struct column *column, bool *ret_has_row) {
    static const struct {
        const char *word;
        enum verdict verdict;
    } words[] = {{"held", HELD}, {"**open**", OPEN}, {"not there", ABSENT}};
    int number = find_column(page, column->title);
    const char *line = buf_text(&page->text), *cell;
    *ret_has_row = false;
    for (; (line = strchr(line, '\n')); line++) {
        if (!cell_is(cell_at(line + 1, 0), probe->title))
            continue;
        *ret_has_row = true;
        cell = number > 0 ? cell_at(line + 1, number) : NULL;
        for (size_t i = 0; cell && i < ARRAY_LENGTH(words); i++)
            if (str_has_prefix(cell, words[i].word))
                return words[i].verdict;
        break;
    }
    return UNTRIED;
}
