// SPDX-License-Identifier: Apache-2.0
//
// Theory of operation. A template is executed by walking its tree, writing to a buffer as it goes,
// with the semantics of Go's text/template set up as Helm does (missingkey=zero):
//
// - "No value" and "an interface that holds nil" differ. A field that is missing gives the latter,
//   and a field of that is an error; but the end of a pipeline, also of one in parentheses, turns
//   it into the former, whose fields are no value again. Hence `((.Values.a).b).c` is safe and
//   `.Values.a.b.c` is not.
// - Variables are a stack. A template that is called sees only `$`; a block's variables go at its
//   end; `=` sets the nearest of that name.
// - `and` and `or` stop at the first argument that decides.
// - What prints as nothing prints as `<no value>`, which Helm takes out of a file's text at the
// end.
//
// Errors do not unwind: the first is kept in the engine, everything after it does nothing and gives
// no value, and loops look at it. All is bounded: nesting, steps, output, memory.
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "helm/functions.h"
#include "helm/print.h"

enum flow { FLOW_ON, FLOW_BREAK, FLOW_CONTINUE };

static struct value eval_pipe(struct engine *engine, const struct node *pipe, struct value dot);
static enum flow walk(struct engine *engine, const struct node *node, struct value dot);

// ---- Failing

struct value engine_fail(struct engine *engine, const struct node *node, const char *format, ...) {
    char message[400];
    va_list arguments;
    va_start(arguments, format);
    if (!engine->has_failed) {
        vsnprintf(message, sizeof message, format, arguments);
        engine->has_failed = true;
        tree_complain(node->source, node->offset, engine->err, "%s", message);
    }
    va_end(arguments);
    return VALUE_OF_NOTHING;
}

struct value call_fail(struct call *call, const char *format, ...) {
    char message[400];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    return engine_fail(call->engine, call->node, "%s: %s", call->name, message);
}

bool engine_is_over(struct engine *engine, const struct node *node) {
    if (engine->has_failed)
        return true;
    if (engine->pool.is_full)
        engine_fail(engine, node, "the rendering takes more than %d MiB of memory",
                    LIMIT_RENDER_MEMORY >> 20);
    else if (engine->out->overflowed || engine->output_bytes > LIMIT_RENDER_OUTPUT)
        engine_fail(engine, node, "the text that is rendered grows past %d MiB",
                    LIMIT_RENDERED >> 20);
    else if (++engine->steps > LIMIT_RENDER_STEPS)
        engine_fail(engine, node, "the rendering takes more than %d steps", LIMIT_RENDER_STEPS);
    return engine->has_failed;
}

// ---- Variables

static void push(struct engine *engine, struct text name, struct value value) {
    if (engine->variable_count == engine->variable_room) {
        size_t room = engine->variable_room ? engine->variable_room * 2 : 64;
        struct variable *variables = pool_take(&engine->pool, room, sizeof *variables);
        if (engine->variable_count)
            memcpy(variables, engine->variables, engine->variable_count * sizeof *variables);
        engine->variables = variables;
        engine->variable_room = room;
    }
    engine->variables[engine->variable_count++] = (struct variable){name, value};
}

static struct variable *variable(struct engine *engine, const struct node *node, struct text name) {
    for (size_t i = engine->variable_count; i > engine->base; i--)
        if (text_compare(engine->variables[i - 1].name, name) == 0)
            return &engine->variables[i - 1];
    engine_fail(engine, node, "there is no variable %s", name.data);
    return NULL;
}

// ---- Fields and calls

static struct value dig(struct value value) {
    return value.kind == VALUE_NIL ? VALUE_OF_NOTHING : value;
}

static const char *letter_name(char letter) {
    switch (letter) {
    case 't': return "a text (string)";
    case 'i': return "an int";
    case 'f': return "a float64";
    case 'b': return "true or false (bool)";
    case 'm': return "a dict";
    default: return "a value";
    }
}

static bool is_fitting(struct value value, char letter) {
    switch (letter) {
    case 't': return value.kind == VALUE_TEXT;
    case 'i': return value.kind == VALUE_INTEGER && value.type == TYPE_INT;
    case 'f': return value.kind == VALUE_REAL;
    case 'b': return value.kind == VALUE_BOOL;
    case 'm': return value.kind == VALUE_MAP && value.map->value_type == TYPE_ANY;
    default: return true;
    }
}

static struct value fit(struct engine *engine, const struct node *node, const char *name,
                        struct value value, char letter) {
    if (engine->has_failed || is_fitting(value, letter))
        return letter == 'a' && value.kind == VALUE_NONE ? value_nil() : value;
    if (letter == 'm' && value.kind == VALUE_NONE) {
        struct value map = value_map(&engine->pool, TYPE_ANY);
        map.map->is_nil = true;
        return map;
    }
    const char *hint = letter == 't'   ? "; `toString` makes a text of it"
                       : letter == 'i' ? "; `int` makes an int of it"
                                       : "";
    return engine_fail(engine, node, "wrong type for value: %s expects %s here and gets %s%s", name,
                       letter_name(letter),
                       value_is_nothing(value) ? "nil" : value_type_name(value),
                       value_is_nothing(value) ? "" : hint);
}

static struct value eval_argument(struct engine *engine, const struct node *node, struct value dot,
                                  const char *name, char letter);

static size_t fixed_arguments(const char *signature) {
    size_t length = strlen(signature);
    return length && signature[length - 1] == '*' ? length - 2 : length;
}

static char letter_of(const char *signature, size_t i) {
    size_t fixed = fixed_arguments(signature);
    return i < fixed ? signature[i] : signature[fixed];
}

static struct value eval_logic(struct engine *engine, const struct node *command, struct value dot,
                               bool is_or, const struct value *final) {
    struct value value = VALUE_OF_NOTHING;
    for (size_t i = 1; i < command->child_count; i++) {
        value = eval_argument(engine, command->children[i], dot, is_or ? "or" : "and", 'v');
        if (engine->has_failed || value_is_true(value) == is_or)
            return value;
    }
    return final ? *final : value;
}

// Arguments are the children of COMMAND but the first; ALONE is a function without a command.
static struct value eval_call(struct engine *engine, const struct node *node,
                              const struct node *command, struct value dot,
                              const struct value *final) {
    const struct function *function = node->function;
    size_t given = command ? command->child_count - 1 : 0, count = given + (final ? 1 : 0);
    size_t fixed = fixed_arguments(function->signature);
    bool is_open = function->signature[fixed] != '\0';
    if (count < fixed || (count > fixed && !is_open))
        return engine_fail(engine, node,
                           "wrong number of arguments for %s: it takes %s%zu, not %zu",
                           function->name, is_open ? "at least " : "", fixed, count);
    if (!function->run)
        return eval_logic(engine, command ? command : node, dot, *function->name == 'o', final);
    struct value few[8], *arguments = few;
    if (count > ARRAY_LENGTH(few))
        arguments = pool_take(&engine->pool, count, sizeof *arguments);
    for (size_t i = 0; i < given && !engine->has_failed; i++)
        arguments[i] = eval_argument(engine, command->children[i + 1], dot, function->name,
                                     letter_of(function->signature, i));
    if (final)
        arguments[given] =
            fit(engine, node, function->name, *final, letter_of(function->signature, given));
    if (engine_is_over(engine, node))
        return VALUE_OF_NOTHING;
    struct call call = {engine, node, function->name, arguments, count};
    return function->run(&call);
}

static struct value eval_method(struct engine *engine, const struct node *node, struct value dot,
                                struct value_object *object, struct text name,
                                const struct node *command, const struct value *final) {
    size_t given = command ? command->child_count - 1 : 0, count = given + (final ? 1 : 0);
    struct value *arguments = pool_take(&engine->pool, count + 1, sizeof *arguments);
    for (size_t i = 0; i < given; i++)
        arguments[i] = eval_argument(engine, command->children[i + 1], dot, name.data, 'a');
    if (final)
        arguments[given] = *final;
    char *word cleanup(mem_freep) = mem_text_n(name.data, name.length);
    struct call call = {engine, node, word, arguments, count};
    bool is_method;
    if (engine->has_failed)
        return VALUE_OF_NOTHING;
    struct value value = object_get(&call, object, &is_method);
    if (!is_method && count)
        return engine_fail(engine, node, "%s is no function, so it takes no arguments", word);
    return value;
}

static struct value eval_field(struct engine *engine, const struct node *node, struct value dot,
                               struct value receiver, struct text name, const struct node *command,
                               const struct value *final) {
    int shown = (int)(name.length < 100 ? name.length : 100);
    if (receiver.kind == VALUE_NONE)
        return VALUE_OF_NOTHING;
    if (receiver.kind == VALUE_NIL)
        return engine_fail(engine, node,
                           "nil pointer evaluating interface {}.%.*s: what stands before .%.*s has "
                           "no value",
                           shown, name.data, shown, name.data);
    if (receiver.kind == VALUE_OBJECT)
        return eval_method(engine, node, dot, receiver.object, name, command, final);
    if (receiver.kind != VALUE_MAP)
        return engine_fail(engine, node, "can't evaluate field %.*s in type %s", shown, name.data,
                           value_type_name(receiver));
    if ((command && command->child_count > 1) || final)
        return engine_fail(engine, node, "%.*s is no function, so it takes no arguments", shown,
                           name.data);
    const struct value *value = map_get(receiver.map, name);
    return value                                     ? *value
           : receiver.map->value_type == TYPE_STRING ? value_text(TEXT(""))
                                                     : value_nil();
}

static struct value eval_fields(struct engine *engine, const struct node *node, struct value dot,
                                struct value receiver, size_t first, const struct node *command,
                                const struct value *final) {
    for (size_t i = first; i < node->name_count && !engine->has_failed; i++) {
        bool is_last = i + 1 == node->name_count;
        receiver = eval_field(engine, node, dot, receiver, node->names[i], is_last ? command : NULL,
                              is_last ? final : NULL);
    }
    return receiver;
}

// ---- Expressions

static struct value eval_variable(struct engine *engine, const struct node *node, struct value dot,
                                  const struct node *command, const struct value *final) {
    const struct variable *found = variable(engine, node, node->names[0]);
    if (!found)
        return VALUE_OF_NOTHING;
    struct value value = found->value;
    if (node->name_count > 1)
        return eval_fields(engine, node, dot, value, 1, command, final);
    if ((command && command->child_count > 1) || final)
        return engine_fail(engine, node, "%s is no function, so it takes no arguments",
                           node->names[0].length == 1 ? "$" : "a variable");
    return value;
}

// An operand; COMMAND has its arguments, where it begins one, and FINAL what is piped into it.
static struct value eval_operand(struct engine *engine, const struct node *node, struct value dot,
                                 const struct node *command, const struct value *final) {
    bool has_arguments = (command && command->child_count > 1) || final;
    switch (node->kind) {
    case NODE_FIELD: return eval_fields(engine, node, dot, dot, 0, command, final);
    case NODE_VARIABLE: return eval_variable(engine, node, dot, command, final);
    case NODE_FUNCTION: return eval_call(engine, node, command, dot, final);
    case NODE_CHAIN:
        return eval_fields(engine, node, dot,
                           eval_operand(engine, node->children[0], dot, NULL, NULL), 0, command,
                           final);
    default: break;
    }
    if (has_arguments)
        return engine_fail(engine, node, "a value is no function, so it takes no arguments");
    if (node->kind == NODE_PIPE)
        return eval_pipe(engine, node, dot);
    if (node->kind == NODE_DOT)
        return dot;
    if (node->kind == NODE_CONSTANT)
        return node->value;
    return engine_fail(engine, node, "nil is no value that can stand alone");
}

static struct value eval_argument(struct engine *engine, const struct node *node, struct value dot,
                                  const char *name, char letter) {
    if (engine->has_failed)
        return VALUE_OF_NOTHING;
    if (node->kind == NODE_NIL)
        return letter == 'a' || letter == 'v' || letter == 'm'
                   ? fit(engine, node, name, VALUE_OF_NOTHING, letter)
                   : engine_fail(engine, node, "%s expects %s here and gets nil", name,
                                 letter_name(letter));
    struct value value = eval_operand(engine, node, dot, NULL, NULL);
    if (node->kind == NODE_CONSTANT && letter == 'i' && value.kind == VALUE_REAL &&
        node->is_integer)
        value = value_int((int64_t)value.real);
    if (node->kind == NODE_CONSTANT && letter == 'f' && value.kind == VALUE_INTEGER)
        value = value_real((double)value.integer);
    return fit(engine, node, name, value, letter);
}

static struct value eval_pipe(struct engine *engine, const struct node *pipe, struct value dot) {
    struct value value = VALUE_OF_NOTHING;
    if (!pipe || engine_is_over(engine, pipe))
        return value;
    if (++engine->depth > LIMIT_RENDER_DEPTH)
        return engine_fail(engine, pipe, "templates and pipelines are nested too deeply");
    for (size_t i = 0; i < pipe->child_count && !engine->has_failed; i++) {
        const struct node *command = pipe->children[i];
        struct value before = value;
        value = dig(eval_operand(engine, command->children[0], dot, command, i ? &before : NULL));
    }
    engine->depth--;
    for (size_t i = 0; i < pipe->name_count && !engine->has_failed; i++) {
        if (!pipe->is_assignment) {
            push(engine, pipe->names[i], value);
            continue;
        }
        struct variable *found = variable(engine, pipe, pipe->names[i]);
        if (found)
            found->value = value;
    }
    return value;
}

// ---- Statements

static enum flow walk_if(struct engine *engine, const struct node *node, struct value dot) {
    size_t mark = engine->variable_count;
    struct value value = eval_pipe(engine, node->pipe, dot);
    enum flow flow = FLOW_ON;
    if (!engine->has_failed) {
        if (value_is_true(value))
            flow = walk(engine, node->body, node->kind == NODE_WITH ? value : dot);
        else if (node->otherwise)
            flow = walk(engine, node->otherwise, dot);
    }
    engine->variable_count = mark;
    return flow;
}

struct iteration {
    struct engine *engine;
    const struct node *node;
    size_t mark; // the variables that the pipe declares lie below it
};

static void set_range_variable(struct iteration *iteration, size_t i, struct value value) {
    const struct node *pipe = iteration->node->pipe;
    if (pipe->is_assignment) {
        struct variable *found = variable(iteration->engine, pipe, pipe->names[i]);
        if (found)
            found->value = value;
    } else {
        iteration->engine->variables[iteration->mark - pipe->name_count + i].value = value;
    }
}

static enum flow iterate(struct iteration *iteration, struct value key, struct value item) {
    size_t names = iteration->node->pipe->name_count;
    if (engine_is_over(iteration->engine, iteration->node))
        return FLOW_BREAK;
    if (names == 2)
        set_range_variable(iteration, 0, key);
    if (names)
        set_range_variable(iteration, names - 1, item);
    enum flow flow = walk(iteration->engine, iteration->node->body, item);
    iteration->engine->variable_count = iteration->mark;
    return flow;
}

static void iterate_map(struct iteration *iteration, const struct value_map *map) {
    struct value_map kept = *map; // the body may change it
    kept.entries = pool_take(&iteration->engine->pool, map->count, sizeof *kept.entries);
    memcpy(kept.entries, map->entries, map->count * sizeof *kept.entries);
    for (size_t i = 0; i < kept.count; i++)
        if (iterate(iteration, value_text(kept.entries[i].key), kept.entries[i].value) ==
            FLOW_BREAK)
            return;
}

static enum flow walk_range(struct engine *engine, const struct node *node, struct value dot) {
    size_t mark = engine->variable_count;
    struct value value = value_inside(eval_pipe(engine, node->pipe, dot));
    struct iteration iteration = {engine, node, engine->variable_count};
    enum flow flow = FLOW_ON;
    bool is_empty = value_is_empty(value);
    if (engine->has_failed)
        return FLOW_ON;
    if (value.kind == VALUE_LIST) {
        for (size_t i = 0; i < value.list->count; i++)
            if (iterate(&iteration, value_int((int64_t)i), value.list->items[i]) == FLOW_BREAK)
                break;
    } else if (value.kind == VALUE_MAP && !is_empty) {
        iterate_map(&iteration, value.map);
    } else if (value.kind == VALUE_INTEGER && node->pipe->name_count < 2) {
        for (int64_t i = 0; i < value.integer; i++)
            if (iterate(&iteration, value_int(i), value_int(i)) == FLOW_BREAK)
                break;
        is_empty = value.integer <= 0;
    } else if (value.kind != VALUE_NONE && value.kind != VALUE_MAP) {
        engine_fail(engine, node->pipe, "range can't iterate over a %s", value_type_name(value));
    }
    engine->variable_count = iteration.mark;
    if (is_empty && node->otherwise)
        flow = walk(engine, node->otherwise, dot);
    engine->variable_count = mark;
    return flow;
}

// Executes BODY with DOT and no other variables.
static void execute(struct engine *engine, const struct node *node, const struct node *body,
                    struct value dot) {
    size_t base = engine->base, mark = engine->variable_count;
    if (engine->nesting >= LIMIT_TEMPLATE_NESTING) {
        engine_fail(engine, node, "templates include each other %d levels deep, so they never end",
                    LIMIT_TEMPLATE_NESTING);
        return;
    }
    engine->nesting++;
    engine->base = mark;
    push(engine, TEXT("$"), dot);
    walk(engine, body, dot);
    engine->variable_count = mark;
    engine->base = base;
    engine->nesting--;
}

static void walk_template(struct engine *engine, const struct node *node, struct value dot) {
    const struct definition *found = tree_find(engine->definitions, node->text);
    if (!found) {
        engine_fail(engine, node, "no template \"%.100s\" is defined", node->text.data);
        return;
    }
    struct value given = eval_pipe(engine, node->pipe, dot);
    if (!engine->has_failed)
        execute(engine, node, found->body, given);
}

static void write_value(struct engine *engine, struct value value) {
    size_t before = engine->out->length;
    if (value_is_nothing(value))
        buf_add_text(engine->out, "<no value>");
    else
        print_value(engine->out, value);
    engine->output_bytes += engine->out->length - before;
}

static enum flow walk(struct engine *engine, const struct node *node, struct value dot) {
    enum flow flow = FLOW_ON;
    if (engine_is_over(engine, node))
        return FLOW_BREAK;
    switch (node->kind) {
    case NODE_TEXT:
        buf_add(engine->out, node->text.data, node->text.length);
        engine->output_bytes += node->text.length;
        return FLOW_ON;
    case NODE_ACTION: {
        struct value value = eval_pipe(engine, node->pipe, dot);
        if (node->pipe->name_count == 0 && !engine->has_failed)
            write_value(engine, value);
        return FLOW_ON;
    }
    case NODE_LIST:
        if (++engine->depth > LIMIT_RENDER_DEPTH)
            engine_fail(engine, node, "templates and pipelines are nested too deeply");
        for (size_t i = 0; i < node->child_count && flow == FLOW_ON && !engine->has_failed; i++)
            flow = walk(engine, node->children[i], dot);
        engine->depth--;
        return flow;
    case NODE_IF:
    case NODE_WITH: return walk_if(engine, node, dot);
    case NODE_RANGE: return walk_range(engine, node, dot);
    case NODE_TEMPLATE: walk_template(engine, node, dot); return FLOW_ON;
    case NODE_BREAK: return FLOW_BREAK;
    case NODE_CONTINUE: return FLOW_CONTINUE;
    default: engine_fail(engine, node, "this is no statement"); return FLOW_BREAK;
    }
}

// ---- Templates as functions

// "It is included from A, from B." as the error leaves B on its way out.
static void add_hint(struct engine *engine, const struct node *node) {
    cleanup_buf struct buf hint = BUF(sizeof engine->err->hint - 1);
    struct err place;
    tree_complain(node->source, node->offset, &place, "%s", "");
    size_t length = strlen(place.message), used = strlen(engine->err->hint);
    place.message[length > 2 ? length - 2 : 0] = '\0';
    if (strstr(engine->err->hint, place.message)) // a template that includes itself
        return;
    buf_add(&hint, engine->err->hint, used ? used - 1 : 0);
    buf_add_format(&hint, used ? ", from %s." : "It is included from %s.", place.message);
    if (!hint.overflowed)
        err_hint(engine->err, "%s", buf_text(&hint));
}

static struct value run_body(struct engine *engine, const struct node *node,
                             const struct node *body, struct value dot) {
    cleanup_buf struct buf out = BUF(LIMIT_RENDERED);
    struct buf *outer = engine->out;
    engine->out = &out;
    execute(engine, node, body, dot);
    if (!engine->has_failed)
        engine_is_over(engine, node);
    engine->out = outer;
    if (engine->has_failed) {
        add_hint(engine, node);
        return VALUE_OF_NOTHING;
    }
    return value_text(text_take(&engine->pool, &out));
}

struct value engine_include(struct engine *engine, const struct node *node, struct text name,
                            struct value dot) {
    const struct definition *found = tree_find(engine->definitions, name);
    if (!found)
        return engine_fail(engine, node, "include: no template \"%.100s\" is defined", name.data);
    return run_body(engine, node, found->body, dig(dot));
}

static struct text without_no_value(struct pool *pool, struct text text) {
    static const char mark[] = "<no value>";
    cleanup_buf struct buf out = BUF(LIMIT_RENDERED);
    const char *at = text.data, *end = text.data + text.length, *found;
    if (!memmem(at, text.length, mark, sizeof mark - 1))
        return text;
    while ((found = memmem(at, (size_t)(end - at), mark, sizeof mark - 1)) != NULL) {
        buf_add(&out, at, (size_t)(found - at));
        at = found + sizeof mark - 1;
    }
    buf_add(&out, at, (size_t)(end - at));
    return text_take(pool, &out);
}

struct value engine_tpl(struct engine *engine, const struct node *node, struct text text,
                        struct value dot) {
    struct definition *kept = engine->definitions, *definitions = kept;
    struct source *source = pool_take(&engine->pool, 1, sizeof *source);
    *source = (struct source){node->source->name, text, true};
    struct value value = VALUE_OF_NOTHING;
    struct text name = text_of(node->source->name);
    if (tree_parse(&engine->pool, source, name, &definitions, engine->err)) {
        engine->has_failed = true;
        return value;
    }
    const struct definition *found = tree_find(definitions, name);
    engine->definitions = definitions; // they hide others of their names for as long as this runs
    if (found && found->body->source == source)
        value = run_body(engine, node, found->body, dig(dot));
    else
        value = value_text(TEXT(""));
    engine->definitions = kept;
    if (value.kind == VALUE_TEXT)
        value.text = without_no_value(&engine->pool, value.text);
    return value;
}

// ---- Files

int engine_render(struct engine *engine, const char *name, struct value dot,
                  struct text *ret_text) {
    cleanup_buf struct buf out = BUF(LIMIT_RENDERED);
    const struct definition *found = tree_find(engine->definitions, text_of(name));
    if (!found) { // nothing but definitions
        *ret_text = TEXT("");
        return 0;
    }
    engine->out = &out;
    execute(engine, found->body, found->body, dot);
    if (!engine->has_failed)
        engine_is_over(engine, found->body);
    engine->out = NULL;
    if (engine->has_failed)
        return ERR_BAD_REQUEST;
    *ret_text = without_no_value(&engine->pool, text_take(&engine->pool, &out));
    return 0;
}
