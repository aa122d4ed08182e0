// SPDX-License-Identifier: Apache-2.0
//
// See check.h. `unit [WORD…]` runs the tests whose name or file has one of the words in it, or all.
#include "check.h"

#include <ftw.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define STATUS_SKIPPED 77

static struct check_test *tests, **tests_end = &tests;
static char folder[64];

void check_register(struct check_test *test) {
    *tests_end = test;
    tests_end = &test->next;
}

void check_fail(const char *file, int line, const char *format, ...) {
    va_list arguments;
    printf("# %s:%d: ", file, line);
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    printf("\n");
    fflush(stdout);
    _exit(1);
}

void check_text(const char *file, int line, const char *what, const char *actual,
                const char *expected) {
    if (actual == expected || (actual && expected && strcmp(actual, expected) == 0))
        return;
    check_fail(file, line, "%s\n#   is  %s\n#   not %s", what, actual ? actual : "NULL",
               expected ? expected : "NULL");
}

void check_int(const char *file, int line, const char *what, long long actual, long long expected) {
    if (actual != expected)
        check_fail(file, line, "%s is %lld, not %lld", what, actual, expected);
}

void check_skip(const char *reason) {
    printf("# skipped: %s\n", reason);
    fflush(stdout);
    _exit(STATUS_SKIPPED);
}

static void name_folder(char *name, size_t size, pid_t test) {
    const char *base = getenv("TMPDIR");
    snprintf(name, size, "%s/sandglass-test-%ld", base && *base ? base : "/tmp", (long)test);
}

const char *check_folder(void) {
    if (!*folder) {
        name_folder(folder, sizeof folder, getpid());
        char command[160];
        snprintf(command, sizeof command, "mkdir -m 700 %s", folder);
        if (system(command) != 0)
            check_fail(__FILE__, __LINE__, "cannot make %s", folder);
    }
    return folder;
}

const char *check_file(const char *name, const char *text) {
    // A list that is never looked at: it keeps the paths, which live as long as the test, in sight
    // of the leak checker.
    static struct made {
        struct made *next;
        char path[];
    } * made;
    struct made *latest = malloc(sizeof *latest + strlen(check_folder()) + strlen(name) + 2);
    latest->next = made;
    made = latest;
    char *path = latest->path;
    sprintf(path, "%s/%s", check_folder(), name);
    FILE *file = fopen(path, "w");
    if (!file || fputs(text, file) < 0 || fclose(file) != 0)
        check_fail(__FILE__, __LINE__, "cannot write %s", path);
    return path;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *walk) {
    (void)status, (void)type, (void)walk;
    return remove(path);
}

static int run_one(const struct check_test *test) {
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        test->run();
        fflush(stdout);
        exit(0); // not _exit(): the leak checker of the sanitized build runs at exit
    }
    int status = 0;
    waitpid(child, &status, 0);
    char left[64];
    name_folder(left, sizeof left, child);
    nftw(left, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    if (WIFSIGNALED(status))
        printf("# killed by signal %d (%s)\n", WTERMSIG(status), strsignal(WTERMSIG(status)));
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static bool is_wanted(const struct check_test *test, int count, char **words) {
    for (int i = 0; i < count; i++)
        if (strstr(test->name, words[i]) || strstr(test->file, words[i]))
            return true;
    return count == 0;
}

int main(int argument_count, char **arguments) {
    int passed = 0, failed = 0, skipped = 0;
    int other = check_other_main ? check_other_main(argument_count, arguments) : -1;
    if (other >= 0)
        return other;
    for (const struct check_test *test = tests; test; test = test->next) {
        if (!is_wanted(test, argument_count - 1, arguments + 1))
            continue;
        int status = run_one(test);
        char sentence[256];
        snprintf(sentence, sizeof sentence, "%s", test->name);
        for (char *at = sentence; *at; at++)
            *at = *at == '_' ? ' ' : *at;
        skipped += status == STATUS_SKIPPED;
        passed += status == 0;
        failed += status != 0 && status != STATUS_SKIPPED;
        printf("%sok - %s%s\n", status == 0 || status == STATUS_SKIPPED ? "" : "not ", sentence,
               status == STATUS_SKIPPED ? " # SKIP" : "");
    }
    printf("# pass %d\n# fail %d\n# skip %d\n", passed, failed, skipped);
    return failed > 0 || passed == 0;
}
