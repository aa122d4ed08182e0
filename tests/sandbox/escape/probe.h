// SPDX-License-Identifier: Apache-2.0
//
// The prober: what takes the runner's place behind the walls and tries, with raw system calls, what
// an attacker who has taken over the runner would. A probe is one attempt, made in a sandbox of its
// own; each is written so that it does no harm where it succeeds, because the prober is also tried
// without any wall, to know that it sees.
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum verdict {
    HELD,    // refused, and by what
    OPEN,    // done, or let through as far as the thing itself
    ABSENT,  // nothing there to be had; held, where there is something outside
    UNTRIED, // could not be tried; why
};

struct finding {
    enum verdict verdict;
    char detail[160];
};

// What there is outside, for the prober to aim at.
struct aim {
    long server_pid;
    const char *secret;        // a file beside the server's state, which everybody may read
    const char *abstract_name; // a socket that listens, "@…" with a NUL for the @
};

enum trait {
    SEEN_BARE = 1,    // without a wall it is surely open for root: the prober must see that
    NOT_BARE = 2,     // would do harm without a wall
    IS_BOMB = 4,      // being ended is what holds it; never tried without a wall
    LEAVES_CHILD = 8, // open only if a process is left afterwards
    FLOODS_LOG = 16,  // open only if the log that is kept is too long
};

#define PROBE_ERRNOS 4

struct probe {
    const char *name;  // in the request
    const char *title; // in the table
    const char *note;  // what it means where it is open; NULL where that says itself
    void (*run)(const struct probe *probe, const struct aim *aim, struct finding *ret_finding);
    const char *path;
    int flags;
    long call, arguments[6];      // for probe_call
    int held_by[PROBE_ERRNOS];    // errors that refuse, besides the usual
    int reached_by[PROBE_ERRNOS]; // errors that come after every check, though they look like one
    unsigned traits;
};

struct theme {
    const char *title;
    const struct probe *probes;
    size_t count;
};

extern const struct theme theme_files, theme_masks, theme_writing, theme_network, theme_processes,
    theme_namespaces, theme_kernel, theme_identity, theme_descriptors, theme_resources;
extern const struct theme *const themes[];
extern const size_t theme_count;

const struct probe *probe_find(const char *name);

// The call's result, or a negative errno, without the C library's help.
long raw(long number, const long arguments[6]);
#define RAW(number, ...) raw((number), (const long[6]){__VA_ARGS__})
#define POINTER(pointer) ((long)(pointer))

void held(struct finding *finding, const char *format, ...) __attribute__((format(printf, 2, 3)));
void opened(struct finding *finding, const char *format, ...) __attribute__((format(printf, 2, 3)));
// What RESULT, negative for an error, says of the attempt: success is open, an error by its kind
// and the probe's own lists.
void judge(const struct probe *probe, long result, struct finding *ret_finding);
// "EPERM"
const char *error_name(int error);

// Common attempts.
void probe_call(const struct probe *probe, const struct aim *aim, struct finding *ret_finding);
void probe_read(const struct probe *probe, const struct aim *aim, struct finding *ret_finding);
void probe_open(const struct probe *probe, const struct aim *aim, struct finding *ret_finding);
// PATH may be a folder, or a file: open where it has anything in it.
void look_into(const struct probe *probe, const char *path, struct finding *ret_finding);

// Serves one request of which the SQL names a probe: takes it as the runner_options in CONTEXT say,
// tries, and writes the result line. The exit status.
int probe_serve(void *context);
// The line that says that the probe of the request that is being served is open; the caller frees
// it.
char *probe_open_line(const char *detail);
