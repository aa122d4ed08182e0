// SPDX-License-Identifier: Apache-2.0
//
// The test harness: a test is a sentence with a body. Each runs in a process of its own, so one
// that crashes fails alone; the results are printed as TAP. A check that fails says where and what,
// and ends its test.
//
//   TEST(an_empty_question_is_not_understood) { CHECK_INT(answer->verdict, PLAN_NOT_UNDERSTOOD); }
#pragma once

#include <stddef.h>

struct check_test {
    const char *name, *file;
    void (*run)(void);
    struct check_test *next;
};

void check_register(struct check_test *test);
_Noreturn void check_fail(const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void check_text(const char *file, int line, const char *what, const char *actual,
                const char *expected);
void check_int(const char *file, int line, const char *what, long long actual, long long expected);
// Ends the test as skipped; the reason is printed.
_Noreturn void check_skip(const char *reason);
// A new empty folder that is removed, with what is in it, after the test.
const char *check_folder(void);
// Writes TEXT to NAME in check_folder(); the path, which lives as long as the test.
const char *check_file(const char *name, const char *text);

// A test program may be spawned as something else: where a test file defines this and it gives 0 or
// more, that is the exit status, and no test runs.
int check_other_main(int argument_count, char **arguments) __attribute__((weak));

#define TEST(sentence)                                                                             \
    static void test_##sentence(void);                                                             \
    __attribute__((constructor)) static void register_##sentence(void) {                           \
        static struct check_test test = {                                                          \
            .name = #sentence, .file = __FILE__, .run = test_##sentence};                          \
        check_register(&test);                                                                     \
    }                                                                                              \
    static void test_##sentence(void)

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition))                                                                          \
            check_fail(__FILE__, __LINE__, "not true: %s", #condition);                            \
    } while (0)
#define CHECK_TEXT(actual, expected) check_text(__FILE__, __LINE__, #actual, actual, expected)
#define CHECK_INT(actual, expected)                                                                \
    check_int(__FILE__, __LINE__, #actual, (long long)(actual), (long long)(expected))
// That CALL succeeds; it has an `err` to fill.
#define CHECK_OK(call, err)                                                                        \
    do {                                                                                           \
        if ((call) != 0)                                                                           \
            check_fail(__FILE__, __LINE__, "%s: %s", #call, (err).message);                        \
    } while (0)
