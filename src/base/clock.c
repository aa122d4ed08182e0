// SPDX-License-Identifier: Apache-2.0
//
// See clock.h.
#include "base/clock.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

int64_t clock_monotonic_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t clock_wall_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

const char *clock_iso(int64_t wall_ms, char out[CLOCK_ISO_SIZE]) {
    time_t seconds = (time_t)(wall_ms / 1000);
    struct tm utc;
    char milliseconds[8];
    gmtime_r(&seconds, &utc);
    strftime(out, CLOCK_ISO_SIZE, "%Y-%m-%dT%H:%M:%S", &utc);
    snprintf(milliseconds, sizeof milliseconds, ".%03dZ", (int)(wall_ms % 1000));
    strncat(out, milliseconds, CLOCK_ISO_SIZE - strlen(out) - 1);
    return out;
}
