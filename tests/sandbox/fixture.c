// SPDX-License-Identifier: Apache-2.0
//
// See fixture.h. sandbox_run() spawns /proc/self/exe, so this program is a runner too.
#include "tests/sandbox/fixture.h"

#include <dirent.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "runner/runner.h"
#include "tests/unit/check.h"

// The arguments are those of src/sandbox/local.c.
int check_other_main(int argument_count, char **arguments) {
    struct runner_options options = {.memory_mb = 64};
    if (argument_count < 2 || strcmp(arguments[1], "runner") != 0)
        return -1;
    for (int i = 2; i < argument_count; i++) {
        const char *value = i + 1 < argument_count ? arguments[i + 1] : "";
        if (strcmp(arguments[i], "--unshare") == 0)
            options.unshare = true;
        else if (strcmp(arguments[i], "--strict") == 0)
            options.strict = true;
        else if (strcmp(arguments[i], "--data") == 0)
            options.data_folder = value;
        else if (strcmp(arguments[i], "--dataset") == 0)
            options.dataset = value;
        else if (strcmp(arguments[i], "--memory-mb") == 0)
            options.memory_mb = atoi(value);
        else if (strcmp(arguments[i], "--cpu-s") == 0)
            options.cpu_s = atoi(value);
    }
    return runner_serve(&options);
}

const char *fixture_data(void) {
    static const char sql[] =
        "DROP TABLE IF EXISTS t; DROP TABLE IF EXISTS sandglass_meta;"
        "CREATE TABLE t (a INTEGER, b TEXT, d DATE);"
        "INSERT INTO t VALUES (1, 'one', '2024-01-01'), (2, 'two', NULL), (3, NULL, '2024-03-01');"
        "CREATE TABLE sandglass_meta (key TEXT PRIMARY KEY, value);"
        "INSERT INTO sandglass_meta VALUES ('format', 1), ('data_sha256', 'c0ffee');";
    char path[128];
    sqlite3 *connection;
    snprintf(path, sizeof path, "%s/data.sqlite", check_folder());
    if (sqlite3_open(path, &connection) != SQLITE_OK ||
        sqlite3_exec(connection, sql, NULL, NULL, NULL) != SQLITE_OK)
        check_fail(__FILE__, __LINE__, "cannot make %s: %s", path, sqlite3_errmsg(connection));
    sqlite3_close(connection);
    return check_folder();
}

static int has_text(const char *process, const char *text) {
    char path[300], line[4096];
    snprintf(path, sizeof path, "/proc/%s/cmdline", process);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = fd < 0 ? 0 : read(fd, line, sizeof line - 1);
    if (fd >= 0)
        close(fd);
    for (ssize_t i = 0; i < length; i++)
        if (!line[i])
            line[i] = ' ';
    line[length > 0 ? length : 0] = '\0';
    return strstr(line, text) != NULL;
}

int fixture_count_processes(const char *text) {
    int count = 0;
    DIR *list = opendir("/proc");
    for (struct dirent *entry; (entry = readdir(list));)
        if (*entry->d_name >= '1' && *entry->d_name <= '9')
            count += has_text(entry->d_name, text);
    closedir(list);
    return count;
}

int fixture_is_gone(const char *text) {
    for (int i = 0; i < 200; i++) {
        if (fixture_count_processes(text) == 0)
            return 1;
        usleep(10000);
    }
    return 0;
}
