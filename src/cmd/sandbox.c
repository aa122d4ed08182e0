// SPDX-License-Identifier: Apache-2.0
//
// `app sandbox check`: what this machine or cluster can do, what is missing, and how to get it. It
// makes a real run, so that its exit status can be trusted.
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/str.h"
#include "cmd/house.h"

static int width_of_terminal(void) {
    struct winsize size;
    int width = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col : 80;
    return width < 60 ? 60 : width > 110 ? 110 : width;
}

static void print_text(const struct sandbox *sandbox, const struct sandbox_report *report,
                       const struct sandbox_health *health) {
    bool is_terminal = isatty(STDOUT_FILENO);
    cleanup_buf struct buf text = BUF(64 * 1024);
    sandbox_report_write(report, width_of_terminal(), is_terminal, &text);
    printf("%s sandboxes\n\n%s\n", sandbox_title(sandbox), buf_text(&text));
    if (health->is_healthy)
        printf("A run was made: its sandbox stood after %.1f ms, SELECT 1 took %.1f ms.\n",
               (double)health->starting_us / 1000, (double)health->elapsed_us / 1000);
    else
        printf("%s%s\n", health->summary, *health->hint ? "" : ".");
    if (*health->hint && !health->is_weak)
        printf("%s\n", health->hint);
}

static void print_json(const struct sandbox *sandbox, const struct sandbox_report *report,
                       const struct sandbox_health *health) {
    cleanup_json json *object = cJSON_CreateObject();
    json_add_text(object, "backend", sandbox_backend(sandbox));
    json_add_bool(object, "healthy", health->is_healthy);
    json_add_bool(object, "weak", health->is_weak);
    json_add_text(object, "summary", health->summary);
    json_add_text(object, "hint", health->hint);
    json_add_integer(object, "starting_us", health->starting_us);
    json_add_integer(object, "elapsed_us", health->elapsed_us);
    json_add(object, "findings", sandbox_report_json(report));
    cleanup_free char *text = json_write(object);
    puts(text);
}

static int check(const struct settings *settings, struct err *err) {
    struct house house;
    int status = house_open(settings, true, &house, err);
    if (status)
        return status;
    struct sandbox_report report = {0};
    struct sandbox_health health = {0};
    struct dataset *dataset = dataset_catalogue_first(house.catalogue);
    if (dataset)
        sandbox_check(house.sandbox, dataset_schema(dataset)->name, dataset_folder(dataset),
                      &health, &report);
    else
        snprintf(health.summary, sizeof health.summary,
                 "No run was made: there is no data set to make it over. Name a folder of them "
                 "with --datasets or DATASETS_PATH");
    sandbox_look(house.sandbox, &report);
    if (settings->is_json)
        print_json(house.sandbox, &report, &health);
    else
        print_text(house.sandbox, &report, &health);
    dataset_close(dataset);
    house_close(&house);
    return health.is_healthy ? 0 : ERR_UNAVAILABLE;
}

static int run(const struct settings *settings) {
    struct err err = {0};
    house_prepare(settings);
    if (settings->argument_count != 1 || strcmp(settings->arguments[0], "check") != 0) {
        err_set(&err, ERR_BAD_REQUEST, "it is: app sandbox check");
        return house_complain("sandbox", &err, 2);
    }
    int status = check(settings, &err);
    if (*err.message)
        return house_complain("sandbox", &err, status == ERR_BAD_REQUEST ? 2 : 1);
    return status ? 1 : 0;
}

const struct command command_sandbox = {
    .name = "sandbox",
    .mask = FOR_SANDBOX,
    .max_arguments = 1,
    .synopsis = "check [OPTION]…",
    .summary = "what holds a sandbox here, and what is missing",
    .description = "check looks at what this machine, its Docker Engine or the cluster can do for "
                   "sandboxes, makes a real run, and prints what held it, what is weaker than it "
                   "could be, and how to get it.",
    .statuses = "0 a run was made; 1 none could be made; 2 the command line is wrong.",
    .examples = "app sandbox check\napp sandbox check --mode docker\n"
                "app sandbox check --mode k8s --kubeconfig ~/.kube/config --json",
    .run = run,
};
