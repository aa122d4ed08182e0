// SPDX-License-Identifier: Apache-2.0
//
// Functions of numbers. `add` and its like work on 64-bit integers and give int64, as in sprig;
// the ones that end in f work on float64.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "helm/functions.h"
#include "helm/print.h"

static int64_t integer(struct call *call, size_t i) {
    return functions_to_integer(call->arguments[i]);
}

static double real(struct call *call, size_t i) { return functions_to_real(call->arguments[i]); }

// Overflow wraps around, as in Go.
static int64_t sum(int64_t left, int64_t right) {
    return (int64_t)((uint64_t)left + (uint64_t)right);
}

static int64_t product(int64_t left, int64_t right) {
    return (int64_t)((uint64_t)left * (uint64_t)right);
}

static struct value run_add(struct call *call) {
    int64_t total = 0;
    for (size_t i = 0; i < call->count; i++)
        total = sum(total, integer(call, i));
    return value_int64(total);
}

static struct value run_add1(struct call *call) { return value_int64(sum(integer(call, 0), 1)); }

static struct value run_sub(struct call *call) {
    return value_int64((int64_t)((uint64_t)integer(call, 0) - (uint64_t)integer(call, 1)));
}

static struct value run_mul(struct call *call) {
    int64_t total = integer(call, 0);
    for (size_t i = 1; i < call->count; i++)
        total = product(total, integer(call, i));
    return value_int64(total);
}

static struct value run_div(struct call *call) {
    int64_t right = integer(call, 1);
    if (right == 0)
        return call_fail(call, "integer divide by zero");
    if (right == -1)
        return value_int64((int64_t)(0 - (uint64_t)integer(call, 0)));
    return value_int64(integer(call, 0) / right);
}

static struct value run_mod(struct call *call) {
    int64_t right = integer(call, 1);
    if (right == 0)
        return call_fail(call, "integer divide by zero");
    return value_int64(right == -1 ? 0 : integer(call, 0) % right);
}

static struct value run_max(struct call *call) {
    int64_t most = integer(call, 0);
    for (size_t i = 1; i < call->count; i++)
        most = integer(call, i) > most ? integer(call, i) : most;
    return value_int64(most);
}

static struct value run_min(struct call *call) {
    int64_t least = integer(call, 0);
    for (size_t i = 1; i < call->count; i++)
        least = integer(call, i) < least ? integer(call, i) : least;
    return value_int64(least);
}

// ---- Reals. sprig adds decimal numbers: the sum of what they print as. The nearest that a long
// double gives, read back at 16 digits, is the same for the numbers of charts.

static double decimal(long double number) {
    char text[64];
    double nearest = (double)number;
    snprintf(text, sizeof text, "%.16Lg", number);
    double rounded = strtod(text, NULL);
    return fabsl((long double)rounded - number) < 1e-12L * fabsl(number) ? rounded : nearest;
}

static struct value run_addf(struct call *call) {
    long double total = 0;
    for (size_t i = 0; i < call->count; i++)
        total += (long double)real(call, i);
    return value_real(decimal(total));
}

static struct value run_add1f(struct call *call) {
    return value_real(decimal((long double)real(call, 0) + 1));
}

static struct value run_subf(struct call *call) {
    long double total = (long double)real(call, 0);
    for (size_t i = 1; i < call->count; i++)
        total -= (long double)real(call, i);
    return value_real(decimal(total));
}

static struct value run_mulf(struct call *call) {
    long double total = (long double)real(call, 0);
    for (size_t i = 1; i < call->count; i++)
        total *= (long double)real(call, i);
    return value_real(decimal(total));
}

static struct value run_divf(struct call *call) {
    long double total = (long double)real(call, 0);
    for (size_t i = 1; i < call->count; i++) {
        if (real(call, i) == 0)
            return call_fail(call, "decimal division by 0");
        total /= (long double)real(call, i);
    }
    return value_real(decimal(total));
}

static struct value run_maxf(struct call *call) {
    double most = real(call, 0);
    for (size_t i = 1; i < call->count; i++)
        most = fmax(most, real(call, i));
    return value_real(most);
}

static struct value run_minf(struct call *call) {
    double least = real(call, 0);
    for (size_t i = 1; i < call->count; i++)
        least = fmin(least, real(call, i));
    return value_real(least);
}

static struct value run_ceil(struct call *call) { return value_real(ceil(real(call, 0))); }
static struct value run_floor(struct call *call) { return value_real(floor(real(call, 0))); }

static struct value run_round(struct call *call) {
    double power = pow(10, (double)call->arguments[1].integer), digit = power * real(call, 0),
           whole;
    double threshold = call->count > 2 ? call->arguments[2].real : 0.5;
    return value_real((modf(digit, &whole) >= threshold ? ceil(digit) : floor(digit)) / power);
}

// ---- Conversions

static struct value run_int(struct call *call) { return value_int(integer(call, 0)); }
static struct value run_int64(struct call *call) { return value_int64(integer(call, 0)); }
static struct value run_float64(struct call *call) { return value_real(real(call, 0)); }

static struct value run_atoi(struct call *call) {
    struct text text = call_text(call, 0);
    size_t digits = text.length && strchr("+-", text.data[0]) && text.data[0];
    size_t length = strspn(text.data + digits, "0123456789");
    bool is_number = length && digits + length == text.length && length < 19;
    return value_int(is_number ? strtoll(text.data, NULL, 10) : 0);
}

// ---- Rows of numbers

static struct value row(struct call *call, int64_t start, int64_t stop, int64_t step) {
    bool is_down = stop < start;
    uint64_t distance =
        is_down ? (uint64_t)start - (uint64_t)stop : (uint64_t)stop - (uint64_t)start;
    uint64_t stride = step < 0 ? 0 - (uint64_t)step : (uint64_t)step;
    bool is_empty = distance == 0 || step == 0 || (is_down ? step > 0 : step < 0);
    uint64_t count = is_empty ? 0 : (distance - 1) / stride + 1;
    if (count > LIMIT_RENDER_ROW)
        return call_fail(call, "a row of %llu numbers is longer than %d", (unsigned long long)count,
                         LIMIT_RENDER_ROW);
    struct value list = value_list(call_pool(call), TYPE_INT, (size_t)count);
    for (uint64_t i = 0; i < count; i++)
        list.list->items[i] = value_int(sum(start, product((int64_t)i, step)));
    return list;
}

static struct value run_until(struct call *call) {
    int64_t count = call->arguments[0].integer;
    return row(call, 0, count, count < 0 ? -1 : 1);
}

static struct value run_until_step(struct call *call) {
    return row(call, call->arguments[0].integer, call->arguments[1].integer,
               call->arguments[2].integer);
}

static struct value run_seq(struct call *call) {
    int64_t start = 1, step, end;
    if (call->count == 0 || call->count > 3)
        return value_text(TEXT(""));
    end = call->arguments[call->count - 1].integer;
    if (call->count > 1)
        start = call->arguments[0].integer;
    int64_t direction = end < start ? -1 : 1;
    step = call->count == 3 ? call->arguments[1].integer : direction;
    if (call->count == 3 && direction < 0 && step > 0)
        return value_text(TEXT(""));
    struct value list = row(call, start, sum(end, direction), step);
    cleanup_buf struct buf out = BUF(LIMIT_RENDERED);
    for (size_t i = 0; list.kind == VALUE_LIST && i < list.list->count; i++)
        buf_add_format(&out, "%s%lld", i ? " " : "", (long long)list.list->items[i].integer);
    return value_text(text_take(call_pool(call), &out));
}

const struct function functions_number[] = {
    {"add", "a*", run_add},       {"add1", "a", run_add1},
    {"add1f", "a", run_add1f},    {"addf", "a*", run_addf},
    {"atoi", "t", run_atoi},      {"biggest", "aa*", run_max},
    {"ceil", "a", run_ceil},      {"div", "aa", run_div},
    {"divf", "aa*", run_divf},    {"float64", "a", run_float64},
    {"floor", "a", run_floor},    {"int", "a", run_int},
    {"int64", "a", run_int64},    {"max", "aa*", run_max},
    {"maxf", "aa*", run_maxf},    {"min", "aa*", run_min},
    {"minf", "aa*", run_minf},    {"mod", "aa", run_mod},
    {"mul", "aa*", run_mul},      {"mulf", "aa*", run_mulf},
    {"round", "aif*", run_round}, {"seq", "i*", run_seq},
    {"sub", "aa", run_sub},       {"subf", "aa*", run_subf},
    {"until", "i", run_until},    {"untilStep", "iii", run_until_step},
    {NULL, NULL, NULL},
};
