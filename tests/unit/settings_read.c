// SPDX-License-Identifier: Apache-2.0
//
// The command line and the environment (src/cmd/settings.h). settings.c is part of the program and
// of no library, so it is compiled into this test.
#include "cmd/settings.c"

#include "tests/unit/check.h"

static const struct command serve = {.name = "serve", .mask = FOR_SERVE},
                            ask = {.name = "ask",
                                   .mask = FOR_ASK,
                                   .max_arguments = SETTINGS_ARGUMENTS},
                            runner = {.name = "runner", .mask = FOR_RUNNER},
                            render = {.name = "render-helm", .mask = FOR_RENDER};
const struct command *const commands[] = {&serve, &ask, &runner, &render, NULL};

static struct settings settings;
static struct err err;

// The arguments are parted by spaces; "" is none. What settings point into is never freed.
static int read_line(const struct command *command, const char *line) {
    static char text[1000];
    char *arguments[64], *rest = text;
    int count = 0;
    snprintf(text, sizeof text, "%s", line);
    for (char *one; (one = strsep(&rest, " "));)
        if (*one)
            arguments[count++] = one;
    err = (struct err){0};
    memset(&settings, 0, sizeof settings);
    return settings_read(command, count, arguments, &settings, &err);
}

static const char *why_not(const struct command *command, const char *line) {
    return read_line(command, line) ? err.message : NULL;
}

static void forget_environment(void) {
    for (size_t i = 0; i < ARRAY_LENGTH(options); i++)
        if (options[i].variable)
            unsetenv(options[i].variable);
}

TEST(without_flags_and_environment_the_defaults_hold) {
    forget_environment();
    CHECK_OK(read_line(&serve, ""), err);
    CHECK_TEXT(settings.listen, "127.0.0.1:8080");
    CHECK_TEXT(settings.mode, "auto");
    CHECK_TEXT(settings.access_token, NULL);
    CHECK_INT(settings.max_rows, 200);
    CHECK_INT(settings.timeout_ms, 5000);
    CHECK_INT(settings.max_queued_runs, 64);
    CHECK_INT(settings.reading, -1);
    CHECK(!settings.strict);
}

TEST(the_environment_wins_over_the_defaults_and_flags_win_over_the_environment) {
    forget_environment();
    setenv("MAX_ROWS", "7", 1);
    setenv("RUN_TIMEOUT_MS", "", 1); // empty is not set
    setenv("SANDBOX_STRICT", "1", 1);
    CHECK_OK(read_line(&serve, ""), err);
    CHECK_INT(settings.max_rows, 7);
    CHECK_INT(settings.timeout_ms, 5000);
    CHECK(settings.strict);
    CHECK_OK(read_line(&serve, "--max-rows 8 --strict=0"), err);
    CHECK_INT(settings.max_rows, 8);
    CHECK(!settings.strict);
}

TEST(a_value_stands_behind_its_flag_or_behind_an_equals_sign) {
    forget_environment();
    CHECK_OK(read_line(&serve, "--listen=[::1]:0 --mode local --strict"), err);
    CHECK_TEXT(settings.listen, "[::1]:0");
    CHECK_TEXT(settings.mode, "local");
    CHECK(settings.strict);
    CHECK_OK(read_line(&ask, "--reading -1"), err);
    CHECK_INT(settings.reading, -1);
}

TEST(the_last_of_two_equal_flags_holds) {
    forget_environment();
    CHECK_OK(read_line(&serve, "--max-rows 8 --max-rows=9"), err);
    CHECK_INT(settings.max_rows, 9);
}

TEST(options_that_may_be_repeated_are_kept_in_their_order) {
    static const char *const kept[][2] = {
        {"--set", "a=1"}, {"--values", "x"}, {"--set-string", "b=2"}, {"--set", "c=3"}};
    CHECK_OK(read_line(&render, "--set a=1 -f x --set-string=b=2 -n there --set c=3"), err);
    CHECK_INT(settings.repeated_count, ARRAY_LENGTH(kept));
    for (size_t i = 0; i < ARRAY_LENGTH(kept); i++) {
        CHECK_TEXT(settings.repeated[i].flag, kept[i][0]);
        CHECK_TEXT(settings.repeated[i].text, kept[i][1]);
    }
    CHECK_TEXT(settings.namespace, "there");
    CHECK_TEXT(why_not(&render, "--set"), "--set needs a value: --set NAME=VALUE,…");
}

TEST(more_repeated_options_than_fit_are_refused) {
    static char *arguments[2 * (SETTINGS_REPEATED + 1)];
    for (size_t i = 0; i < ARRAY_LENGTH(arguments); i++)
        arguments[i] = i % 2 ? "a=1" : "--set";
    CHECK_OK(settings_read(&render, 2 * SETTINGS_REPEATED, arguments, &settings, &err), err);
    CHECK_INT(settings_read(&render, ARRAY_LENGTH(arguments), arguments, &settings, &err),
              ERR_TOO_LARGE);
}

TEST(what_is_no_option_is_an_argument_and_behind_two_dashes_everything_is) {
    forget_environment();
    CHECK_OK(read_line(&ask, "how --json many - -- --strict --"), err);
    CHECK_INT(settings.argument_count, 5);
    CHECK_TEXT(settings.arguments[0], "how");
    CHECK_TEXT(settings.arguments[1], "many");
    CHECK_TEXT(settings.arguments[2], "-");
    CHECK_TEXT(settings.arguments[3], "--strict");
    CHECK_TEXT(settings.arguments[4], "--");
    CHECK(settings.is_json && !settings.strict);
}

TEST(an_argument_too_many_is_refused) {
    forget_environment();
    CHECK_TEXT(why_not(&ask, "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16"), NULL);
    CHECK_TEXT(why_not(&ask, "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17"),
               "\"17\" is one argument too many");
    CHECK_TEXT(why_not(&serve, "--strict now"), "\"now\" is one argument too many");
}

TEST(an_option_that_does_not_exist_is_refused_with_the_nearest) {
    forget_environment();
    CHECK_TEXT(why_not(&serve, "--lisen 1"), "--lisen is not an option of app serve");
    CHECK_TEXT(err.hint, "Did you mean --listen?");
    CHECK_TEXT(why_not(&serve, "--max-row=9"), "--max-row is not an option of app serve");
    CHECK_TEXT(err.hint, "Did you mean --max-rows?");
    CHECK_TEXT(why_not(&serve, "--frobnicate"), "--frobnicate is not an option of app serve");
    CHECK_TEXT(err.hint, "app serve --help lists the options.");
    CHECK_TEXT(why_not(&serve, "-x"), "-x is not an option of app serve");
}

TEST(an_option_of_another_command_is_not_one_of_this) {
    forget_environment();
    CHECK_TEXT(why_not(&ask, "--listen 127.0.0.1:1"), "--listen is not an option of app ask");
    CHECK_TEXT(why_not(&runner, "--assets x"), "--assets is not an option of app runner");
    setenv("LISTEN", "nonsense", 1);
    setenv("MAX_QUEUED_RUNS", "nonsense", 1);
    CHECK_TEXT(why_not(&ask, ""), NULL); // nor is its variable
}

TEST(an_option_without_its_value_says_what_it_needs) {
    forget_environment();
    CHECK_TEXT(why_not(&serve, "--max-rows"), "--max-rows needs a value: --max-rows N");
    CHECK_TEXT(why_not(&serve, "--strict --listen"), "--listen needs a value: --listen HOST:PORT");
}

TEST(processors_are_a_decimal_number_or_thousandths_as_kubernetes_writes_them) {
    static const struct {
        const char *line;
        int64_t millis;
    } cases[] = {{"", 500}, {"--cpus 2", 2000}, {"--cpus 0.01", 10}, {"--cpus 250m", 250}};
    forget_environment();
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        CHECK_OK(read_line(&serve, cases[i].line), err);
        CHECK_INT(settings.cpu_millis, cases[i].millis);
        CHECK_INT(settings.kube_request_cpu_millis, 0);
    }
    static const char *const wrong[] = {"0", "0.009", "9m",  "1025", "1m2",
                                        "m", "half",  "nan", "inf"};
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++) {
        cleanup_free char *line = mem_format("--cpus %s", wrong[i]);
        cleanup_free char *message = mem_format(
            "--cpus is \"%s\", but must be a number from 0.01 to 1024, or as in 500m", wrong[i]);
        CHECK_TEXT(why_not(&serve, line), message);
    }
}

TEST(a_number_is_whole_and_within_its_range_wherever_it_comes_from) {
    forget_environment();
    static const char *const bad[] = {"0", "10001", "-5", "1.5", "many", "5x", "1e3"};
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        cleanup_free char *line = mem_format("--max-rows %s", bad[i]),
                          *expected =
                              mem_format("--max-rows is \"%s\", but must be a whole number from 1 "
                                         "to 10000",
                                         bad[i]);
        CHECK_TEXT(why_not(&serve, line), expected);
    }
    CHECK_TEXT(why_not(&serve, "--max-rows="),
               "--max-rows is \"\", but must be a whole number from 1 to 10000");
    CHECK_TEXT(why_not(&serve, "--max-rows 1"), NULL);
    CHECK_TEXT(why_not(&serve, "--max-rows 10000"), NULL);
    setenv("RUN_MEMORY_MB", "lots", 1);
    CHECK_TEXT(why_not(&serve, ""),
               "RUN_MEMORY_MB is \"lots\", but must be a whole number from 16 to 1048576");
}

TEST(a_choice_is_one_of_the_list_and_a_flag_is_1_or_0) {
    forget_environment();
    CHECK_TEXT(why_not(&serve, "--mode docke"),
               "--mode is \"docke\", but must be one of auto|local|docker|k8s");
    CHECK_TEXT(why_not(&serve, "--mode aut"),
               "--mode is \"aut\", but must be one of auto|local|docker|k8s");
    CHECK_TEXT(why_not(&serve, "--mode auto|local"),
               "--mode is \"auto|local\", but must be one of auto|local|docker|k8s");
    CHECK_TEXT(why_not(&serve, "--mode="),
               "--mode is \"\", but must be one of auto|local|docker|k8s");
    setenv("SANDBOX_STRICT", "yes", 1);
    CHECK_TEXT(why_not(&serve, ""), "SANDBOX_STRICT is \"yes\", but must be 1 or 0");
}

TEST(a_request_in_the_environment_is_no_longer_than_it_may_be) {
    forget_environment();
    size_t length = LIMIT_RUN_REQUEST_ENV;
    char *text = mem_zero(length + 2, 1);
    memset(text, 'x', length);
    setenv("RUN_REQUEST", text, 1);
    CHECK_TEXT(why_not(&runner, ""), NULL);
    text[length] = 'x';
    setenv("RUN_REQUEST", text, 1);
    CHECK_TEXT(why_not(&runner, ""), "RUN_REQUEST has more than 98304 bytes");
    free(text);
}

TEST(help_is_asked_for_in_two_ways_and_every_command_has_it) {
    forget_environment();
    for (size_t i = 0; commands[i]; i++) {
        CHECK_OK(read_line(commands[i], "--help"), err);
        CHECK(settings.wants_help);
        CHECK_OK(read_line(commands[i], "-h"), err);
        CHECK(settings.wants_help);
    }
}

TEST(every_option_can_be_explained) {
    for (size_t i = 0; i < ARRAY_LENGTH(options); i++) {
        const struct option *option = &options[i];
        CHECK(option->flag || option->variable);
        CHECK(!option->flag || str_has_prefix(option->flag, "--"));
        CHECK(str_has_suffix(option->help, "."));
        CHECK((option->kind == FLAG) == (option->value == NULL));
        CHECK(option->mask != 0);
    }
}
