// SPDX-License-Identifier: Apache-2.0
//
// A template as a tree. Every node knows the source it stands in and its offset there, so that an
// error can say where.
#pragma once

#include "helm/value.h"

struct function;

// A text that is parsed. What `tpl` is given has the template that called it as its parent.
struct source {
    const char *name; // "templates/service.yaml"
    struct text text;
    bool is_inline; // the argument of `tpl`
};

enum item_kind {
    ITEM_END,
    ITEM_TEXT,
    ITEM_LEFT,  // {{
    ITEM_RIGHT, // }}
    ITEM_SPACE,
    ITEM_PIPE,
    ITEM_COMMA,
    ITEM_ASSIGN,  // =
    ITEM_DECLARE, // :=
    ITEM_OPEN,
    ITEM_CLOSE,
    ITEM_DOT,
    ITEM_FIELD,    // .name
    ITEM_VARIABLE, // $ or $name
    ITEM_STRING,
    ITEM_NUMBER,
    ITEM_WORD,
};

struct item {
    enum item_kind kind;
    size_t offset, length; // in the source
};

enum node_kind {
    NODE_LIST,
    NODE_TEXT,
    NODE_ACTION,
    NODE_IF,
    NODE_WITH,
    NODE_RANGE,
    NODE_TEMPLATE,
    NODE_BREAK,
    NODE_CONTINUE,
    NODE_PIPE,
    NODE_COMMAND,
    NODE_DOT,
    NODE_NIL,
    NODE_CONSTANT,
    NODE_FIELD,    // .a.b
    NODE_VARIABLE, // $x.a.b: names[0] is the variable
    NODE_CHAIN,    // (pipeline).a.b: the first child and names
    NODE_FUNCTION,
};

struct node {
    enum node_kind kind;
    bool is_assignment; // of a pipe with variables: = rather than :=
    bool is_integer;    // of a constant number: it can stand for an int
    const struct source *source;
    size_t offset;
    struct text text;   // of a text; the name of a template
    struct value value; // of a constant
    struct text *names; // of fields; the variables that a pipe sets
    size_t name_count;
    struct node **children; // of a list, a pipe (its commands), a command (function and arguments)
    size_t child_count, child_room;
    struct node *pipe, *body, *otherwise; // of if, with, range; pipe also of action and template
    const struct function *function;
};

// Names and bodies of what `define` and `block` define, and of the files.
struct definition {
    struct text name;
    struct node *body;
    struct definition *next; // the newest first
};

// Splits SOURCE into items that live in POOL; the last is ITEM_END. ERR_BAD_REQUEST with where.
int items_read(struct pool *pool, const struct source *source, struct item **ret_items,
               size_t *ret_count, struct err *err);
// Parses SOURCE, whose own body is defined under NAME. New definitions are put before *DEFINITIONS.
int tree_parse(struct pool *pool, const struct source *source, struct text name,
               struct definition **definitions, struct err *err);
const struct definition *tree_find(const struct definition *definitions, struct text name);
// Fills ERR with "templates/x.yaml:12:8: …"; returns ERR_BAD_REQUEST.
int tree_complain(const struct source *source, size_t offset, struct err *err, const char *format,
                  ...) __attribute__((format(printf, 4, 5)));
