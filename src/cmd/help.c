// SPDX-License-Identifier: Apache-2.0
//
// `app help`: the program's page, or a command's.
#include <stdio.h>
#include <string.h>

#include "cmd/settings.h"

static int run(const struct settings *settings) {
    if (settings->is_markdown) {
        settings_markdown();
        return 0;
    }
    if (settings->argument_count == 0) {
        settings_help(NULL);
        return 0;
    }
    for (size_t i = 0; commands[i]; i++) {
        if (strcmp(commands[i]->name, settings->arguments[0]) == 0) {
            settings_help(commands[i]);
            return 0;
        }
    }
    fprintf(stderr, "app: there is no command \"%s\". `app help` lists them.\n",
            settings->arguments[0]);
    return 2;
}

const struct command command_help = {
    .name = "help",
    .mask = FOR_HELP,
    .max_arguments = 1,
    .synopsis = "[COMMAND]",
    .summary = "show this, or the page of a command",
    .description = "Shows what there is, or everything about one command.",
    .statuses = "0, or 2 where there is no such command.",
    .run = run,
};
