// SPDX-License-Identifier: Apache-2.0
//
// Findings: what holds a sandbox here, what is weaker than it could be, what is missing, and how to
// get it. A finding a line, for people.
#pragma once

#include <stdbool.h>

#include "base/buf.h"
#include "base/json.h"

enum sandbox_finding_state { SANDBOX_HOLDS, SANDBOX_WEAKER, SANDBOX_MISSING };

struct sandbox_finding {
    enum sandbox_finding_state state;
    char what[40];    // "memory limit"
    char detail[360]; // "512 MiB (cgroup v2)"
    char hint[360];   // how to get it; "" where it holds
};

struct sandbox_report {
    struct sandbox_finding findings[32];
    size_t count;
};

// Adds a finding, in place of one of the same name. HINT may be NULL.
void sandbox_report_add(struct sandbox_report *report, enum sandbox_finding_state state,
                        const char *what, const char *hint, const char *detail_format, ...)
    __attribute__((format(printf, 5, 6)));
// Adds what a run's `confinement` says. WEAK_HINT tells how to get namespaces; NULL where a
// container is the outer wall, so that there are none to be had.
void sandbox_report_confinement(struct sandbox_report *report, const json *confinement,
                                const char *weak_hint);
// Adds all of MORE's findings.
void sandbox_report_join(struct sandbox_report *report, const struct sandbox_report *more);
// "holds", "weaker", "missing"
const char *sandbox_finding_state_name(enum sandbox_finding_state state);
// The findings as lines, hints below them, broken at WIDTH columns; with the states in colour for a
// terminal.
void sandbox_report_write(const struct sandbox_report *report, int width, bool with_colour,
                          struct buf *text);
// The findings as an array of {what, state, detail, hint}.
json *sandbox_report_json(const struct sandbox_report *report);
