// SPDX-License-Identifier: Apache-2.0
//
// The two clocks: one that never jumps, for durations, and the wall's, for what people read.
#pragma once

#include <stdint.h>

#define CLOCK_ISO_SIZE 25

int64_t clock_monotonic_us(void);
int64_t clock_wall_ms(void); // since 1970-01-01 UTC
// "2026-11-20T09:30:00.123Z" (RFC 3339); returns OUT.
const char *clock_iso(int64_t wall_ms, char out[CLOCK_ISO_SIZE]);
