// SPDX-License-Identifier: Apache-2.0
//
// One line to standard error per event: time, level, what happened, and `key=value` behind it where
// that helps. Only src/cmd and the top of a worker log; everything below returns its error (see
// err.h).
#pragma once

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR };

// Lines below LEVEL are left out; at first that is LOG_INFO.
void log_set_level(enum log_level level);
void log_write(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define log_debug(...) log_write(LOG_DEBUG, __VA_ARGS__)
#define log_info(...) log_write(LOG_INFO, __VA_ARGS__)
#define log_warning(...) log_write(LOG_WARNING, __VA_ARGS__)
#define log_error(...) log_write(LOG_ERROR, __VA_ARGS__)
