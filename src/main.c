// SPDX-License-Identifier: Apache-2.0
//
// The table of commands, and the way into one.
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "cmd/settings.h"

extern const struct command command_serve, command_ask, command_dataset, command_smoke,
    command_sandbox, command_token, command_health, command_docker_proxy, command_render_helm,
    command_runner, command_version, command_help;

const struct command *const commands[] = {
    &command_serve,
    &command_ask,
    &command_dataset,
    &command_smoke,
    &command_sandbox,
    &command_token,
    &command_health,
    &command_docker_proxy,
    &command_render_helm,
    &command_runner,
    &command_version,
    &command_help,
    NULL,
};

static const struct command *find(const char *name) {
    const char *names[16];
    size_t count = 0;
    for (; commands[count]; count++) {
        if (strcmp(commands[count]->name, name) == 0)
            return commands[count];
        names[count] = commands[count]->name;
    }
    const char *closest = str_closest(name, names, count);
    fprintf(stderr, "app: there is no command \"%s\".", name);
    fprintf(stderr, closest ? " Did you mean \"%s\"?\n" : " `app help` lists them.\n", closest);
    return NULL;
}

int main(int argument_count, char **arguments) {
    const char *name = argument_count > 1 ? arguments[1] : "help";
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
        name = "help";
    if (strcmp(name, "--version") == 0)
        name = "version";
    const struct command *command = find(name);
    struct settings settings;
    struct err err;
    if (!command)
        return 2;
    if (settings_read(command, argument_count > 2 ? argument_count - 2 : 0, arguments + 2,
                      &settings, &err)) {
        fprintf(stderr, "app %s: %s.%s%s\n", name, err.message, *err.hint ? " " : "", err.hint);
        return 2;
    }
    if (settings.wants_help) {
        settings_help(command);
        return 0;
    }
    int status = command->run(&settings);
    if ((fflush(stdout) != 0 || ferror(stdout)) && status == 0) {
        fprintf(stderr, "app %s: standard output cannot be written.\n", name);
        status = 1;
    }
    return status;
}
