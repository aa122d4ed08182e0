// SPDX-License-Identifier: Apache-2.0
//
// The one error convention. A function that can fail returns 0, or a negative `enum err_code` after
// filling `struct err *err`, its last argument. The struct is a fixed-size value: it owns nothing
// and copies by assignment. The message is one sentence that says what and where; the hint, where
// there is one, says what to do.
#pragma once

enum err_code {
    ERR_OK = 0,
    ERR_BAD_REQUEST = -1, // the caller's input is wrong
    ERR_NOT_FOUND = -2,   // what it names is not there
    ERR_CONFLICT = -3,    // not possible in the present state
    ERR_TOO_LARGE = -4,   // over a limit; the message names the limit
    ERR_BUSY = -5,        // over a limit of things under way; try again later
    ERR_UNAVAILABLE = -6, // something that we need is not there
    ERR_REFUSED = -7,     // not allowed
    ERR_IO = -8,          // the operating system said no
    ERR_CORRUPT = -9,     // a file of ours is not what it should be
    ERR_INTERNAL = -10,   // our mistake
    ERR_CANCELLED = -11,  // somebody asked for it to stop
    ERR_NO_SPACE = -12,   // no room to keep it
};

struct err {
    int code;
    char message[512];
    char hint[256];
};

// Fills ERR (which may be NULL) and returns CODE.
int err_set(struct err *err, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
// As err_set(), with ": <strerror of ERRNO_VALUE>" behind the message; code ERR_IO.
int err_set_errno(struct err *err, int errno_value, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
// Sets the hint and returns the error's code, so that it can stand in a return.
int err_hint(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));
// Puts "<prefix>: " before the message and returns the error's code.
int err_prefix(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));
// The code's name as it stands in problem documents: "not_found".
const char *err_code_name(int code);
// The code of that name, ERR_INTERNAL for one that there is not.
int err_code_from_name(const char *name);
