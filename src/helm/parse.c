// SPDX-License-Identifier: Apache-2.0
//
// The parser of templates: recursive descent over the items of lex.c, as deep as
// LIMIT_TEMPLATE_DEPTH. What Go finds while parsing is found here, so that a template with a
// misspelt function or variable is refused even where it is never reached.
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "helm/functions.h"
#include "helm/tree.h"

struct parser {
    struct pool *pool;
    const struct source *source;
    struct item *items;
    size_t count, at;
    struct definition **definitions;
    struct text variables[LIMIT_TEMPLATE_VARIABLES]; // that are in scope
    size_t variable_count;
    int depth, range_depth;
    size_t action; // where the action begins that is being read
    struct err *err;
};

int tree_complain(const struct source *source, size_t offset, struct err *err, const char *format,
                  ...) {
    char message[400];
    size_t line = 1, column = 1;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    for (size_t i = 0; i < offset && i < source->text.length; i++) {
        column = source->text.data[i] == '\n' ? 1 : column + 1;
        line += source->text.data[i] == '\n';
    }
    return source->is_inline
               ? err_set(err, ERR_BAD_REQUEST, "%s: in the text given to tpl, %zu:%zu: %s",
                         source->name, line, column, message)
               : err_set(err, ERR_BAD_REQUEST, "%s:%zu:%zu: %s", source->name, line, column,
                         message);
}

const struct definition *tree_find(const struct definition *definitions, struct text name) {
    for (; definitions; definitions = definitions->next)
        if (text_compare(definitions->name, name) == 0)
            return definitions;
    return NULL;
}

// ---- Items

static struct item *peek(struct parser *parser) { return &parser->items[parser->at]; }

static struct item *next(struct parser *parser) {
    struct item *item = peek(parser);
    parser->at += item->kind != ITEM_END;
    return item;
}

static struct item *peek_past_space(struct parser *parser) {
    while (peek(parser)->kind == ITEM_SPACE)
        parser->at++;
    return peek(parser);
}

static struct item *next_past_space(struct parser *parser) {
    peek_past_space(parser);
    return next(parser);
}

static struct text text_at(const struct parser *parser, const struct item *item) {
    return (struct text){parser->source->text.data + item->offset, item->length};
}

static bool is_word(const struct parser *parser, const struct item *item, const char *word) {
    return item->kind == ITEM_WORD && text_is(text_at(parser, item), word);
}

static int unexpected(struct parser *parser, const struct item *item, const char *context) {
    struct text text = text_at(parser, item);
    if (item->kind == ITEM_END)
        return tree_complain(parser->source, parser->action, parser->err,
                             "the %s that begins here has no {{ end }}", context);
    if (item->kind == ITEM_RIGHT)
        return tree_complain(parser->source, item->offset, parser->err,
                             "something is missing before }} in the %s", context);
    return tree_complain(parser->source, item->offset, parser->err,
                         "\"%.*s\" is not expected in the %s",
                         (int)(text.length < 60 ? text.length : 60), text.data, context);
}

static int expect_right(struct parser *parser, const char *context) {
    struct item *item = next_past_space(parser);
    return item->kind == ITEM_RIGHT ? 0 : unexpected(parser, item, context);
}

// ---- Nodes

static struct node *new_node(struct parser *parser, enum node_kind kind, size_t offset) {
    struct node *node = pool_take(parser->pool, 1, sizeof *node);
    node->kind = kind;
    node->source = parser->source;
    node->offset = offset;
    return node;
}

static void add_child(struct parser *parser, struct node *node, struct node *child) {
    if (node->child_count == node->child_room) {
        size_t room = node->child_room ? node->child_room * 2 : 4;
        struct node **children = pool_take(parser->pool, room, sizeof(struct node *));
        if (node->child_count)
            memcpy(children, node->children, node->child_count * sizeof(struct node *));
        node->children = children;
        node->child_room = room;
    }
    node->children[node->child_count++] = child;
}

static void add_name(struct parser *parser, struct node *node, struct text name) {
    struct text *names = pool_take(parser->pool, node->name_count + 1, sizeof *names);
    if (node->name_count)
        memcpy(names, node->names, node->name_count * sizeof *names);
    names[node->name_count++] = name;
    node->names = names;
}

// ---- Constants

static int hex_digits(const char *at, const char *end, int count, uint32_t *ret_value) {
    *ret_value = 0;
    for (int i = 0; i < count; i++) {
        const char *digits = "0123456789abcdef";
        const char *found = at + i < end && at[i]
                                ? strchr(digits, at[i] >= 'A' && at[i] <= 'F' ? at[i] + 32 : at[i])
                                : NULL;
        if (!found)
            return -1;
        *ret_value = *ret_value * 16 + (uint32_t)(found - digits);
    }
    return 0;
}

// The escape behind a backslash at *AT, which is passed; -1 where there is no such.
static int read_escape(const char **at, const char *end, char quote, struct buf *out) {
    static const char names[] = "a\ab\bf\fn\nr\rt\tv\v\\\\";
    char letter = *at < end ? *(*at)++ : '\0', bytes[4];
    uint32_t value;
    for (size_t i = 0; i + 1 < sizeof names; i += 2)
        if (names[i] == letter)
            return buf_add_char(out, names[i + 1]);
    if (letter == quote)
        return buf_add_char(out, quote);
    if (letter >= '0' && letter <= '7') {
        if (end - *at < 2 || (*at)[0] < '0' || (*at)[0] > '7' || (*at)[1] < '0' || (*at)[1] > '7')
            return -1;
        int octal = (letter - '0') * 64 + ((*at)[0] - '0') * 8 + ((*at)[1] - '0');
        *at += 2;
        return octal > 255 ? -1 : buf_add_char(out, (char)octal);
    }
    int count = letter == 'x' ? 2 : letter == 'u' ? 4 : letter == 'U' ? 8 : 0;
    if (!count || hex_digits(*at, end, count, &value))
        return -1;
    *at += count;
    if (letter == 'x')
        return buf_add_char(out, (char)value);
    if (value > 0x10FFFF || (value >= 0xD800 && value < 0xE000))
        return -1;
    return buf_add(out, bytes, str_put_character(value, bytes));
}

// The text in quotes that ITEM is.
static int unquote(struct parser *parser, const struct item *item, struct text *ret_text) {
    struct text text = text_at(parser, item);
    char quote = text.data[0];
    const char *at = text.data + 1, *end = text.data + text.length - 1;
    cleanup_buf struct buf out = BUF(LIMIT_RENDERED);
    while (at < end) {
        char character = *at++;
        if (quote == '`' && character == '\r')
            continue;
        if (quote == '`' || character != '\\')
            buf_add_char(&out, character);
        else if (read_escape(&at, end, quote, &out))
            return tree_complain(parser->source, item->offset, parser->err,
                                 "%.*s holds a backslash that means nothing; write \\\\ for one",
                                 (int)(text.length < 60 ? text.length : 60), text.data);
    }
    *ret_text = text_take(parser->pool, &out);
    return 0;
}

// Underscores may stand between digits, or behind the prefix of a base.
static bool drop_underscores(const struct text *text, char *out, size_t size) {
    size_t length = 0;
    for (size_t i = 0; i < text->length; i++) {
        bool is_between = i > 0 && i + 1 < text->length &&
                          isalnum((unsigned char)text->data[i - 1]) &&
                          isxdigit((unsigned char)text->data[i + 1]);
        if (text->data[i] != '_')
            out[length++] = text->data[i];
        else if (!is_between)
            return false;
        if (length + 1 == size)
            return false;
    }
    out[length] = '\0';
    return length > 0;
}

static bool to_integer(const char *text, int64_t *ret_integer) {
    const char *digits = text + (*text == '+' || *text == '-');
    int base = 10, skipped = 0;
    if (digits[0] == '0' && digits[1]) {
        char letter = (char)(digits[1] | 0x20);
        base = letter == 'x' ? 16 : letter == 'b' ? 2 : 8;
        skipped = letter == 'x' || letter == 'b' || letter == 'o' ? 2 : 1;
    }
    char *end;
    errno = 0;
    if (!digits[skipped] || digits[skipped] == '+' || digits[skipped] == '-')
        return false;
    unsigned long long magnitude = strtoull(digits + skipped, &end, base);
    if (*end || errno || magnitude > (unsigned long long)INT64_MAX + (*text == '-'))
        return false;
    *ret_integer = *text == '-' ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
    return true;
}

static int read_constant(struct parser *parser, const struct item *item, struct node **ret_node) {
    struct node *node = new_node(parser, NODE_CONSTANT, item->offset);
    struct text text = text_at(parser, item);
    char plain[128], *end;
    int64_t integer;
    *ret_node = node;
    node->is_integer = true;
    if (text.data[0] == '\'') { // a character is its code point
        struct text inside;
        size_t length = 0;
        int status = unquote(parser, item, &inside);
        if (status)
            return status;
        uint32_t character = inside.length ? str_character(inside.data, inside.length, &length) : 0;
        if (!inside.length || length != inside.length)
            return tree_complain(parser->source, item->offset, parser->err,
                                 "%.*s is not one character; a text stands in double quotes",
                                 (int)text.length, text.data);
        node->value = value_int(character);
        return 0;
    }
    if (drop_underscores(&text, plain, sizeof plain)) {
        if (to_integer(plain, &integer)) {
            node->value = value_int(integer);
            return 0;
        }
        double real = strtod(plain, &end);
        bool is_hex = strpbrk(plain, "xX") != NULL;
        if (!*end && isfinite(real) && !strpbrk(plain, "nN") && (!is_hex || strpbrk(plain, "pP")) &&
            (is_hex || strpbrk(plain, ".eE"))) {
            node->value = value_real(real);
            node->is_integer = real == trunc(real) && fabs(real) < 9.2e18;
            return 0;
        }
    }
    return tree_complain(parser->source, item->offset, parser->err,
                         "\"%.*s\" is not a number that fits into 64 bits",
                         (int)(text.length < 60 ? text.length : 60), text.data);
}

// ---- Expressions

static int read_pipe(struct parser *parser, const char *context, enum item_kind end,
                     struct node **ret_pipe);

static bool is_in_scope(const struct parser *parser, struct text name) {
    for (size_t i = 0; i < parser->variable_count; i++)
        if (text_compare(parser->variables[i], name) == 0)
            return true;
    return false;
}

static int read_function(struct parser *parser, const struct item *item, struct node **ret_node) {
    struct text name = text_at(parser, item);
    if (is_word(parser, item, "true") || is_word(parser, item, "false")) {
        *ret_node = new_node(parser, NODE_CONSTANT, item->offset);
        (*ret_node)->value = value_bool(name.length == 4);
        return 0;
    }
    if (is_word(parser, item, "nil")) {
        *ret_node = new_node(parser, NODE_NIL, item->offset);
        return 0;
    }
    *ret_node = new_node(parser, NODE_FUNCTION, item->offset);
    (*ret_node)->function = functions_find(name);
    if ((*ret_node)->function)
        return 0;
    char *word cleanup(mem_freep) = mem_text_n(name.data, name.length);
    if (functions_is_unsupported(word))
        return tree_complain(parser->source, item->offset, parser->err,
                             "function \"%s\" is not supported by render-helm", word);
    const char *closest = functions_closest(word);
    int status = tree_complain(parser->source, item->offset, parser->err,
                               "there is no function \"%.60s\"", word);
    return closest ? err_hint(parser->err, "Did you mean \"%s\"?", closest) : status;
}

// One operand without the fields behind it; *RET_NODE is NULL where none begins here.
static int read_term(struct parser *parser, struct node **ret_node) {
    struct item *item = peek_past_space(parser);
    struct text text = text_at(parser, item);
    *ret_node = NULL;
    switch (item->kind) {
    case ITEM_WORD: next(parser); return read_function(parser, item, ret_node);
    case ITEM_NUMBER: next(parser); return read_constant(parser, item, ret_node);
    case ITEM_DOT:
        next(parser);
        *ret_node = new_node(parser, NODE_DOT, item->offset);
        return 0;
    case ITEM_STRING: {
        struct text value;
        int status = unquote(parser, next(parser), &value);
        *ret_node = new_node(parser, NODE_CONSTANT, item->offset);
        (*ret_node)->value = value_text(value);
        return status;
    }
    case ITEM_FIELD:
        next(parser);
        *ret_node = new_node(parser, NODE_FIELD, item->offset);
        add_name(parser, *ret_node, (struct text){text.data + 1, text.length - 1});
        return 0;
    case ITEM_VARIABLE:
        next(parser);
        if (!is_in_scope(parser, text))
            return tree_complain(parser->source, item->offset, parser->err,
                                 "there is no variable %.*s here; it is set with %.*s := …",
                                 (int)text.length, text.data, (int)text.length, text.data);
        *ret_node = new_node(parser, NODE_VARIABLE, item->offset);
        add_name(parser, *ret_node, text);
        return 0;
    case ITEM_OPEN: next(parser); return read_pipe(parser, "parentheses", ITEM_CLOSE, ret_node);
    default: return 0;
    }
}

static int read_operand(struct parser *parser, struct node **ret_node) {
    int status = read_term(parser, ret_node);
    struct node *node = *ret_node;
    if (status || !node || peek(parser)->kind != ITEM_FIELD)
        return status;
    if (node->kind == NODE_CONSTANT || node->kind == NODE_NIL || node->kind == NODE_DOT)
        return tree_complain(parser->source, peek(parser)->offset, parser->err,
                             "a constant has no fields");
    if (node->kind != NODE_FIELD && node->kind != NODE_VARIABLE) {
        *ret_node = new_node(parser, NODE_CHAIN, node->offset);
        add_child(parser, *ret_node, node);
    }
    while (peek(parser)->kind == ITEM_FIELD) {
        struct text text = text_at(parser, next(parser));
        add_name(parser, *ret_node, (struct text){text.data + 1, text.length - 1});
    }
    return 0;
}

static int read_command(struct parser *parser, struct node **ret_command) {
    struct node *command = new_node(parser, NODE_COMMAND, peek_past_space(parser)->offset);
    *ret_command = command;
    for (;;) {
        struct node *operand;
        peek_past_space(parser);
        int status = read_operand(parser, &operand);
        if (status)
            return status;
        if (operand)
            add_child(parser, command, operand);
        struct item *item = next(parser);
        if (item->kind == ITEM_SPACE)
            continue;
        if (item->kind == ITEM_RIGHT || item->kind == ITEM_CLOSE)
            parser->at--;
        else if (item->kind != ITEM_PIPE)
            return unexpected(parser, item, "action");
        if (command->child_count == 0)
            return unexpected(parser, item, "action");
        return 0;
    }
}

static int declare(struct parser *parser, struct node *pipe, const struct item *item) {
    struct text name = text_at(parser, item);
    add_name(parser, pipe, name);
    if (pipe->is_assignment)
        return 0;
    if (parser->variable_count == LIMIT_TEMPLATE_VARIABLES)
        return tree_complain(parser->source, item->offset, parser->err,
                             "more than %d variables are in scope", LIMIT_TEMPLATE_VARIABLES);
    parser->variables[parser->variable_count++] = name;
    return 0;
}

// `$x :=`, `$x =`, in a range also `$k, $v :=` before a pipeline.
static int read_declarations(struct parser *parser, const char *context, struct node *pipe) {
    while (peek_past_space(parser)->kind == ITEM_VARIABLE) {
        size_t start = parser->at;
        struct item *variable = next(parser), *sign = next_past_space(parser);
        bool is_last = sign->kind == ITEM_ASSIGN || sign->kind == ITEM_DECLARE;
        if (!is_last && sign->kind != ITEM_COMMA) {
            parser->at = start;
            return 0;
        }
        pipe->is_assignment = sign->kind == ITEM_ASSIGN;
        if (pipe->is_assignment && !is_in_scope(parser, text_at(parser, variable)))
            return tree_complain(
                parser->source, variable->offset, parser->err,
                "there is no variable %.*s to assign to; it is set with :=", (int)variable->length,
                parser->source->text.data + variable->offset);
        int status = declare(parser, pipe, variable);
        if (status || is_last)
            return status;
        if (strcmp(context, "range") != 0 || pipe->name_count == 2)
            return tree_complain(parser->source, sign->offset, parser->err,
                                 "too many variables are set at once");
    }
    return 0;
}

static int check_pipe(struct parser *parser, const struct node *pipe, const char *context) {
    if (pipe->child_count == 0)
        return tree_complain(parser->source, pipe->offset, parser->err, "a value is missing for %s",
                             context);
    for (size_t i = 1; i < pipe->child_count; i++) {
        enum node_kind kind = pipe->children[i]->children[0]->kind;
        if (kind == NODE_CONSTANT || kind == NODE_NIL || kind == NODE_DOT)
            return tree_complain(parser->source, pipe->children[i]->offset, parser->err,
                                 "behind a | a function is expected");
    }
    return 0;
}

static int read_pipe(struct parser *parser, const char *context, enum item_kind end,
                     struct node **ret_pipe) {
    struct node *pipe = new_node(parser, NODE_PIPE, peek_past_space(parser)->offset);
    *ret_pipe = pipe;
    if (++parser->depth > LIMIT_TEMPLATE_DEPTH)
        return tree_complain(parser->source, pipe->offset, parser->err,
                             "the template is nested deeper than %d levels", LIMIT_TEMPLATE_DEPTH);
    int status = read_declarations(parser, context, pipe);
    while (status == 0) {
        struct item *item = peek_past_space(parser);
        if (item->kind == end) {
            next(parser);
            parser->depth--;
            return check_pipe(parser, pipe, context);
        }
        bool begins = item->kind == ITEM_WORD || item->kind == ITEM_NUMBER ||
                      item->kind == ITEM_DOT || item->kind == ITEM_STRING ||
                      item->kind == ITEM_FIELD || item->kind == ITEM_VARIABLE ||
                      item->kind == ITEM_OPEN;
        struct node *command = NULL;
        status = begins ? read_command(parser, &command) : unexpected(parser, item, context);
        if (status == 0)
            add_child(parser, pipe, command);
    }
    return status;
}

// ---- Control

enum ending { ENDS_WITH_END, ENDS_WITH_ELSE };

static int read_action(struct parser *parser, struct node *list, bool *ret_is_end,
                       enum ending *ret_ending);

// Up to {{ end }} or {{ else …, of which `else` is passed and nothing more.
static int read_list(struct parser *parser, const char *context, size_t opening,
                     struct node **ret_list, enum ending *ret_ending) {
    *ret_list = new_node(parser, NODE_LIST, peek(parser)->offset);
    if (++parser->depth > LIMIT_TEMPLATE_DEPTH)
        return tree_complain(parser->source, opening, parser->err,
                             "the template is nested deeper than %d levels", LIMIT_TEMPLATE_DEPTH);
    for (;;) {
        struct item *item = next(parser);
        bool is_end = false;
        int status = 0;
        if (item->kind == ITEM_TEXT) {
            struct node *text = new_node(parser, NODE_TEXT, item->offset);
            text->text = text_at(parser, item);
            add_child(parser, *ret_list, text);
        } else if (item->kind == ITEM_LEFT) {
            parser->action = item->offset;
            status = read_action(parser, *ret_list, &is_end, ret_ending);
        } else {
            parser->action = opening;
            status = unexpected(parser, item, context);
        }
        if (status)
            return status;
        if (is_end) {
            parser->depth--;
            return 0;
        }
    }
}

static int read_control(struct parser *parser, enum node_kind kind, const char *context,
                        size_t opening, struct node **ret_node);

// Behind `else`: the rest of the action, and what stands up to {{ end }}. `else if` and `else with`
// are an `if` or a `with` inside the `else`, which shares its {{ end }}.
static int read_else(struct parser *parser, const struct node *node, size_t opening,
                     struct node **ret_list) {
    enum ending ending;
    struct item *item = peek_past_space(parser);
    enum node_kind inner = is_word(parser, item, "if")     ? NODE_IF
                           : is_word(parser, item, "with") ? NODE_WITH
                                                           : NODE_LIST;
    if (inner != NODE_LIST && inner == node->kind) {
        struct node *nested;
        next(parser);
        *ret_list = new_node(parser, NODE_LIST, item->offset);
        int status =
            read_control(parser, inner, inner == NODE_IF ? "if" : "with", opening, &nested);
        if (status == 0)
            add_child(parser, *ret_list, nested);
        return status;
    }
    int status = expect_right(parser, "else");
    if (status == 0)
        status = read_list(parser, "else", opening, ret_list, &ending);
    if (status == 0 && ending == ENDS_WITH_ELSE)
        return tree_complain(parser->source, parser->action, parser->err,
                             "an {{ else }} has a second one behind it");
    return status;
}

static int read_control(struct parser *parser, enum node_kind kind, const char *context,
                        size_t opening, struct node **ret_node) {
    size_t variables = parser->variable_count;
    enum ending ending;
    struct node *node = new_node(parser, kind, opening);
    if (++parser->depth > LIMIT_TEMPLATE_DEPTH)
        return tree_complain(parser->source, opening, parser->err,
                             "the template is nested deeper than %d levels", LIMIT_TEMPLATE_DEPTH);
    int status = read_pipe(parser, context, ITEM_RIGHT, &node->pipe);
    parser->range_depth += kind == NODE_RANGE;
    if (status == 0)
        status = read_list(parser, context, opening, &node->body, &ending);
    parser->range_depth -= kind == NODE_RANGE;
    if (status == 0 && ending == ENDS_WITH_ELSE)
        status = read_else(parser, node, opening, &node->otherwise);
    parser->variable_count = variables;
    parser->depth--;
    *ret_node = node;
    return status;
}

static bool is_blank(const struct node *list) {
    for (size_t i = 0; i < list->child_count; i++) {
        if (list->children[i]->kind != NODE_TEXT)
            return false;
        for (size_t j = 0; j < list->children[i]->text.length; j++)
            if (!memchr(" \t\r\n\v\f", list->children[i]->text.data[j], 6))
                return false;
    }
    return true;
}

// The newest definition of a name counts, but an empty one never takes the place of a full one.
static int define(struct parser *parser, struct text name, struct node *body, size_t offset) {
    const struct definition *old = tree_find(*parser->definitions, name);
    if (old && is_blank(body))
        return 0;
    if (old && old->body->source == parser->source && !is_blank(old->body))
        return tree_complain(parser->source, offset, parser->err,
                             "the template \"%.80s\" is defined twice in this file", name.data);
    struct definition *definition = pool_take(parser->pool, 1, sizeof *definition);
    *definition = (struct definition){name, body, *parser->definitions};
    *parser->definitions = definition;
    return 0;
}

static int read_name(struct parser *parser, const char *context, struct text *ret_name) {
    struct item *item = next_past_space(parser);
    if (item->kind != ITEM_STRING)
        return tree_complain(parser->source, item->offset, parser->err,
                             "%s needs a name in quotes: {{ %s \"name\" … }}", context, context);
    return unquote(parser, item, ret_name);
}

// The body of {{ define }} and {{ block }} sees no variables but $.
static int read_definition(struct parser *parser, const char *context, struct text name,
                           size_t opening) {
    struct node *body;
    enum ending ending;
    size_t count = parser->variable_count;
    cleanup_free struct text *kept = mem_zero(count + 1, sizeof *kept);
    int range_depth = parser->range_depth;
    memcpy(kept, parser->variables, count * sizeof *kept);
    parser->variable_count = 1;
    parser->range_depth = 0;
    int status = read_list(parser, context, opening, &body, &ending);
    memcpy(parser->variables, kept, count * sizeof *kept);
    parser->variable_count = count;
    parser->range_depth = range_depth;
    if (status == 0 && ending == ENDS_WITH_ELSE)
        return tree_complain(parser->source, parser->action, parser->err,
                             "{{ else }} is not expected in the %s", context);
    return status ? status : define(parser, name, body, opening);
}

static int read_template(struct parser *parser, bool is_block, size_t opening, struct node *list) {
    struct node *node = new_node(parser, NODE_TEMPLATE, opening);
    int status = read_name(parser, is_block ? "block" : "template", &node->text);
    if (status)
        return status;
    if (is_block || peek_past_space(parser)->kind != ITEM_RIGHT)
        status = read_pipe(parser, is_block ? "block" : "template", ITEM_RIGHT, &node->pipe);
    else
        next(parser);
    if (status == 0 && is_block)
        status = read_definition(parser, "block", node->text, opening);
    if (status == 0)
        add_child(parser, list, node);
    return status;
}

static int read_define(struct parser *parser, size_t opening) {
    struct text name;
    if (parser->depth > 1)
        return tree_complain(parser->source, opening, parser->err,
                             "{{ define }} cannot stand inside another action");
    int status = read_name(parser, "define", &name);
    if (status == 0)
        status = expect_right(parser, "define");
    return status ? status : read_definition(parser, "define", name, opening);
}

static int read_action(struct parser *parser, struct node *list, bool *ret_is_end,
                       enum ending *ret_ending) {
    size_t opening = parser->action;
    struct item *item = peek_past_space(parser);
    struct node *node;
    bool is_break = is_word(parser, item, "break");
    int status;
    if (is_word(parser, item, "end") || is_word(parser, item, "else")) {
        *ret_is_end = true;
        *ret_ending = is_word(parser, item, "end") ? ENDS_WITH_END : ENDS_WITH_ELSE;
        if (parser->depth <= 1)
            return tree_complain(parser->source, opening, parser->err,
                                 "there is nothing before it that this {{ %.*s }} belongs to",
                                 (int)item->length, parser->source->text.data + item->offset);
        next(parser);
        return *ret_ending == ENDS_WITH_END ? expect_right(parser, "end") : 0;
    }
    if (is_word(parser, item, "define")) {
        next(parser);
        return read_define(parser, opening);
    }
    if (is_word(parser, item, "template") || is_word(parser, item, "block")) {
        next(parser);
        return read_template(parser, is_word(parser, item, "block"), opening, list);
    }
    if (is_break || is_word(parser, item, "continue")) {
        next(parser);
        if (parser->range_depth == 0)
            return tree_complain(parser->source, opening, parser->err,
                                 "{{ %s }} stands outside of a {{ range }}",
                                 is_break ? "break" : "continue");
        node = new_node(parser, is_break ? NODE_BREAK : NODE_CONTINUE, opening);
        status = expect_right(parser, is_break ? "break" : "continue");
    } else if (is_word(parser, item, "if")) {
        next(parser);
        status = read_control(parser, NODE_IF, "if", opening, &node);
    } else if (is_word(parser, item, "with")) {
        next(parser);
        status = read_control(parser, NODE_WITH, "with", opening, &node);
    } else if (is_word(parser, item, "range")) {
        next(parser);
        status = read_control(parser, NODE_RANGE, "range", opening, &node);
    } else {
        node = new_node(parser, NODE_ACTION, item->offset);
        status = read_pipe(parser, "action", ITEM_RIGHT, &node->pipe);
    }
    if (status == 0)
        add_child(parser, list, node);
    return status;
}

int tree_parse(struct pool *pool, const struct source *source, struct text name,
               struct definition **definitions, struct err *err) {
    cleanup_free struct parser *parser = mem_zero(1, sizeof *parser);
    *parser =
        (struct parser){.pool = pool, .source = source, .definitions = definitions, .err = err};
    struct node *root = NULL;
    parser->variables[parser->variable_count++] = TEXT("$");
    int status = items_read(pool, source, &parser->items, &parser->count, err);
    if (status)
        return status;
    root = new_node(parser, NODE_LIST, 0);
    parser->depth = 1;
    while (status == 0 && peek(parser)->kind != ITEM_END && !pool->is_full) {
        struct item *item = next(parser);
        bool is_end;
        enum ending ending;
        if (item->kind == ITEM_TEXT) {
            struct node *text = new_node(parser, NODE_TEXT, item->offset);
            text->text = text_at(parser, item);
            add_child(parser, root, text);
            continue;
        }
        parser->action = item->offset;
        status = read_action(parser, root, &is_end, &ending);
    }
    return status ? status : define(parser, name, root, 0);
}
