// SPDX-License-Identifier: Apache-2.0
//
// One rendering: the definitions that were parsed, the memory, and the first error. Evaluating
// goes on only while there is none: every function here may be called after a failure and then
// does nothing.
#pragma once

#include "helm/tree.h"

struct variable {
    struct text name;
    struct value value;
};

struct engine {
    struct pool pool;
    struct definition *definitions; // that can be called at present
    struct variable *variables;     // a stack, of which a template sees what lies above `base`
    size_t variable_count, variable_room, base;
    struct buf *out;     // of the template that is being executed
    int nesting;         // templates in templates
    int depth;           // pipelines in pipelines
    size_t steps;        // nodes that were executed
    size_t output_bytes; // that were written, by all templates
    bool is_random;      // a random value was made
    bool has_failed;
    struct err *err;
};

struct call {
    struct engine *engine;
    const struct node *node;
    const char *name;
    const struct value *arguments;
    size_t count;
};

// A function as templates call it. The signature has a letter for each argument: a any, v any but
// known to be looked into, t text, i int, f float64, b bool, m map[string]interface{}; a * behind
// the last means any number of those.
struct function {
    const char *name, *signature;
    struct value (*run)(struct call *call);
};

// Sets the error of ENGINE at NODE, unless there is one; gives no value.
struct value engine_fail(struct engine *engine, const struct node *node, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
// The same at the call, with the function's name.
struct value call_fail(struct call *call, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

// What the template NAME makes of DOT, as the function `include`.
struct value engine_include(struct engine *engine, const struct node *node, struct text name,
                            struct value dot);
// What the template in TEXT makes of DOT, as the function `tpl`.
struct value engine_tpl(struct engine *engine, const struct node *node, struct text text,
                        struct value dot);
// Whether work is to stop: after an error, or at a limit, which this turns into an error at NODE.
bool engine_is_over(struct engine *engine, const struct node *node);

// A method or a field of an object. ARGUMENTS are those of a method. RET_IS_CALL says that there
// was a method.
struct value object_get(struct call *call, struct value_object *object, bool *ret_is_method);

static inline struct pool *call_pool(struct call *call) { return &call->engine->pool; }
static inline struct text call_text(struct call *call, size_t i) { return call->arguments[i].text; }

// The text that the definition NAME makes of DOT, as a file of the chart. ERR_BAD_REQUEST.
int engine_render(struct engine *engine, const char *name, struct value dot, struct text *ret_text);
