// SPDX-License-Identifier: Apache-2.0
//
// See report.h.
#include "sandbox/report.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define WHAT_WIDTH 18
#define DETAIL_COLUMN 30 // where details and hints begin

void sandbox_report_add(struct sandbox_report *report, enum sandbox_finding_state state,
                        const char *what, const char *hint, const char *detail_format, ...) {
    size_t at = 0;
    while (at < report->count && strcmp(report->findings[at].what, what) != 0)
        at++;
    if (at == ARRAY_LENGTH(report->findings))
        return;
    report->count += at == report->count;
    struct sandbox_finding *finding = &report->findings[at];
    va_list arguments;
    finding->state = state;
    snprintf(finding->what, sizeof finding->what, "%s", what);
    snprintf(finding->hint, sizeof finding->hint, "%s", hint ? hint : "");
    va_start(arguments, detail_format);
    vsnprintf(finding->detail, sizeof finding->detail, detail_format, arguments);
    va_end(arguments);
}

void sandbox_report_join(struct sandbox_report *report, const struct sandbox_report *more) {
    for (size_t i = 0; i < more->count; i++) {
        const struct sandbox_finding *finding = &more->findings[i];
        sandbox_report_add(report, finding->state, finding->what, finding->hint, "%s",
                           finding->detail);
    }
}

const char *sandbox_finding_state_name(enum sandbox_finding_state state) {
    static const char *const names[] = {"holds", "weaker", "missing"};
    return names[state];
}

// ---- What a run was held by ---------------------------------------------------------------------

static void add_namespaces(struct sandbox_report *report, const json *confinement,
                           const char *weak_hint) {
    cleanup_buf struct buf names = BUF(256);
    const json *name;
    cJSON_ArrayForEach (name, cJSON_GetObjectItemCaseSensitive(confinement, "namespaces"))
        buf_add_format(&names, "%s%s", names.length ? ", " : "", name->valuestring);
    if (names.length)
        sandbox_report_add(report, SANDBOX_HOLDS, "namespaces", NULL, "%s", buf_text(&names));
    else if (weak_hint)
        sandbox_report_add(report, SANDBOX_WEAKER, "namespaces", weak_hint,
                           "none: the inner walls hold alone");
    else
        sandbox_report_add(report, SANDBOX_HOLDS, "namespaces", NULL,
                           "none of its own: the container is the outer wall");
}

static void add_inner_walls(struct sandbox_report *report, const json *confinement) {
    int64_t landlock = json_integer(confinement, "landlock", 0);
    bool has_filter = json_bool(confinement, "seccomp", false),
         is_bound = json_bool(confinement, "no_new_privs", false) &&
                    json_integer(confinement, "capabilities", -1) == 0 &&
                    json_integer(confinement, "uid", 0) != 0;
    const char *network = json_text(confinement, "network");
    bool has_no_network = network && strcmp(network, "none") == 0;
    if (landlock)
        sandbox_report_add(report, SANDBOX_HOLDS, "Landlock", NULL,
                           "ABI %lld: no path can be opened", (long long)landlock);
    else
        sandbox_report_add(report, SANDBOX_WEAKER, "Landlock",
                           "Linux 5.13 or later has it; where it is built but off, add landlock to "
                           "the lsm= list of the kernel's command line.",
                           "not in this kernel; the system call filter refuses to open files");
    sandbox_report_add(report, has_filter ? SANDBOX_HOLDS : SANDBOX_MISSING, "system calls", NULL,
                       has_filter ? "an allow-list without open, socket, execve or clone"
                                  : "no filter is in force");
    sandbox_report_add(report, is_bound ? SANDBOX_HOLDS : SANDBOX_WEAKER, "privileges",
                       is_bound ? NULL
                                : "A user namespace makes a local sandbox nobody; in a "
                                  "container or Pod, run it as another user than root.",
                       "uid %lld, %lld capabilities, no_new_privs %s",
                       (long long)json_integer(confinement, "uid", -1),
                       (long long)json_integer(confinement, "capabilities", -1),
                       json_bool(confinement, "no_new_privs", false) ? "on" : "off");
    sandbox_report_add(report, has_no_network ? SANDBOX_HOLDS : SANDBOX_WEAKER, "network",
                       has_no_network ? NULL
                                      : "A local sandbox has none once it has namespaces; "
                                        "for Pods, deny it by a NetworkPolicy.",
                       has_no_network ? "none, not even this machine"
                                      : "interfaces can be seen, but no socket can be made");
}

static void add_limits(struct sandbox_report *report, const json *confinement) {
    static const struct {
        const char *key, *what, *format;
        double unit;
    } kinds[] = {
        {"memory_bytes", "memory limit", "%.0f MiB (%s)", 1 << 20},
        {"address_space_bytes", "address space", "%.0f MiB (%s)", 1 << 20},
        {"processes", "process limit", "%.0f (%s)", 1},
        {"more_processes", "new processes", "%.0f (%s)", 1},
        {"cpu_millis", "processor limit", "%g processors (%s)", 1000},
        {"cpu_time_s", "processor time", "%.0f s (%s)", 1},
    };
    const json *limit;
    cJSON_ArrayForEach (limit, cJSON_GetObjectItemCaseSensitive(confinement, "limits")) {
        const char *what = json_text(limit, "what"), *by = json_text(limit, "by");
        for (size_t i = 0; what && by && i < ARRAY_LENGTH(kinds); i++) {
            char detail[80];
            if (strcmp(kinds[i].key, what) != 0)
                continue;
            snprintf(detail, sizeof detail, kinds[i].format,
                     (double)json_integer(limit, "value", 0) / kinds[i].unit, by);
            sandbox_report_add(report, SANDBOX_HOLDS, kinds[i].what, NULL, "%s", detail);
        }
    }
}

void sandbox_report_confinement(struct sandbox_report *report, const json *confinement,
                                const char *weak_hint) {
    add_namespaces(report, confinement, weak_hint);
    add_inner_walls(report, confinement);
    add_limits(report, confinement);
}

// ---- As text and as JSON ------------------------------------------------------------------------

// TEXT at DETAIL_COLUMN, where the line stands already, broken at spaces.
static void add_wrapped(struct buf *text, const char *words, int width) {
    int column = DETAIL_COLUMN;
    while (*words) {
        int length = (int)strcspn(words, " ");
        if (column > DETAIL_COLUMN && column + 1 + length > width) {
            buf_add_format(text, "\n%*s", DETAIL_COLUMN, "");
            column = DETAIL_COLUMN;
        }
        column += length + (column > DETAIL_COLUMN);
        buf_add_format(text, "%s%.*s", column - length > DETAIL_COLUMN ? " " : "", length, words);
        words += length + (words[length] == ' ');
    }
    buf_add_char(text, '\n');
}

void sandbox_report_write(const struct sandbox_report *report, int width, bool with_colour,
                          struct buf *text) {
    static const char *const colours[] = {"\033[32m", "\033[33m", "\033[31m"};
    for (size_t i = 0; i < report->count; i++) {
        const struct sandbox_finding *finding = &report->findings[i];
        buf_add_format(text, "  %s%-8s%s  %-*s", with_colour ? colours[finding->state] : "",
                       sandbox_finding_state_name(finding->state), with_colour ? "\033[0m" : "",
                       WHAT_WIDTH, finding->what);
        if (strlen(finding->what) >= WHAT_WIDTH)
            buf_add_format(text, "\n%*s", DETAIL_COLUMN, "");
        add_wrapped(text, finding->detail, width);
        if (*finding->hint) {
            buf_add_format(text, "%*s", DETAIL_COLUMN, "");
            add_wrapped(text, finding->hint, width);
        }
    }
}

json *sandbox_report_json(const struct sandbox_report *report) {
    json *findings = cJSON_CreateArray();
    for (size_t i = 0; i < report->count; i++) {
        const struct sandbox_finding *finding = &report->findings[i];
        json *object = cJSON_CreateObject();
        json_add_text(object, "what", finding->what);
        json_add_text(object, "state", sandbox_finding_state_name(finding->state));
        json_add_text(object, "detail", finding->detail);
        json_add_text(object, "hint", *finding->hint ? finding->hint : NULL);
        cJSON_AddItemToArray(findings, object);
    }
    return findings;
}
