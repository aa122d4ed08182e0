// SPDX-License-Identifier: Apache-2.0
//
// A template's text as a row of items, by the rules of Go's text/template: actions stand between
// {{ and }}; "{{- " and " -}}" take the white space away that is before or behind them; a comment
// fills its action.
#include <string.h>
#include <wctype.h>

#include "base/limits.h"
#include "base/str.h"
#include "helm/tree.h"

struct lexer {
    struct pool *pool;
    const struct source *source;
    const char *text;
    size_t length, at;
    struct item *items;
    size_t count, room;
    int depth; // of parentheses
    struct err *err;
};

static bool is_space(char character) {
    return character == ' ' || character == '\t' || character == '\r' || character == '\n';
}

static bool starts(const struct lexer *lexer, size_t at, const char *what) {
    size_t length = strlen(what);
    return at + length <= lexer->length && memcmp(lexer->text + at, what, length) == 0;
}

// The length of the letter, digit or underscore at AT; 0 where there is something else.
static size_t word_character(const struct lexer *lexer, size_t at) {
    size_t length;
    if (at >= lexer->length)
        return 0;
    uint32_t character = str_character(lexer->text + at, lexer->length - at, &length);
    if (character < 0x80)
        return character == '_' || iswalnum((wint_t)character) ? 1 : 0;
    return character != 0xFFFD && iswalnum((wint_t)character) ? length : 0;
}

static void add(struct lexer *lexer, enum item_kind kind, size_t from) {
    if (lexer->count == lexer->room) {
        size_t room = lexer->room ? lexer->room * 2 : 128;
        struct item *items = pool_take(lexer->pool, room, sizeof *items);
        if (lexer->count)
            memcpy(items, lexer->items, lexer->count * sizeof *items);
        lexer->items = items;
        lexer->room = room;
    }
    lexer->items[lexer->count++] = (struct item){kind, from, lexer->at - from};
}

static bool closes(const struct lexer *lexer, size_t at, size_t *ret_length, bool *ret_trims) {
    *ret_trims = at < lexer->length && is_space(lexer->text[at]) && starts(lexer, at + 1, "-}}");
    *ret_length = *ret_trims ? 4 : 2;
    return *ret_trims || starts(lexer, at, "}}");
}

static void skip_space(struct lexer *lexer) {
    while (lexer->at < lexer->length && is_space(lexer->text[lexer->at]))
        lexer->at++;
}

// What may stand behind a name.
static bool is_terminator(const struct lexer *lexer, size_t at) {
    return at >= lexer->length || is_space(lexer->text[at]) || strchr(".,|:)(", lexer->text[at]) ||
           starts(lexer, at, "}}");
}

static int read_word(struct lexer *lexer, enum item_kind kind) {
    size_t from = lexer->at, one;
    lexer->at += kind != ITEM_WORD; // . or $
    while ((one = word_character(lexer, lexer->at)) > 0)
        lexer->at += one;
    if (!is_terminator(lexer, lexer->at))
        return tree_complain(lexer->source, lexer->at, lexer->err,
                             "\"%c\" cannot stand behind \"%.*s\"; put a space between them",
                             lexer->text[lexer->at], (int)(lexer->at - from), lexer->text + from);
    if (kind == ITEM_FIELD && lexer->at == from + 1)
        kind = ITEM_DOT;
    add(lexer, kind, from);
    return 0;
}

static int read_string(struct lexer *lexer, char quote) {
    size_t from = lexer->at++;
    for (; lexer->at < lexer->length && lexer->text[lexer->at] != quote; lexer->at++) {
        if (quote != '`' && lexer->text[lexer->at] == '\n')
            break;
        if (quote != '`' && lexer->text[lexer->at] == '\\' && lexer->at + 1 < lexer->length &&
            lexer->text[lexer->at + 1] != '\n')
            lexer->at++;
    }
    if (lexer->at >= lexer->length || lexer->text[lexer->at] != quote)
        return tree_complain(lexer->source, from, lexer->err,
                             "the text that begins here has no closing %c", quote);
    lexer->at++;
    add(lexer, quote == '\'' ? ITEM_NUMBER : ITEM_STRING, from);
    return 0;
}

// What can be a number at all; parse.c decides whether it is one.
static int read_number(struct lexer *lexer) {
    size_t from = lexer->at;
    char before = '\0';
    for (lexer->at += lexer->text[from] == '+' || lexer->text[from] == '-';
         lexer->at < lexer->length; before = lexer->text[lexer->at++]) {
        char character = lexer->text[lexer->at];
        bool is_sign = (character == '+' || character == '-') && before && strchr("eEpP", before);
        if (!is_sign && character != '.' && !word_character(lexer, lexer->at))
            break;
    }
    if (!is_terminator(lexer, lexer->at))
        return tree_complain(lexer->source, from, lexer->err, "\"%.*s\" is not a number",
                             (int)(lexer->at + 1 - from), lexer->text + from);
    add(lexer, ITEM_NUMBER, from);
    return 0;
}

static int read_sign(struct lexer *lexer) {
    static const struct {
        char character;
        enum item_kind kind;
    } signs[] = {
        {'=', ITEM_ASSIGN}, {'|', ITEM_PIPE},  {',', ITEM_COMMA},
        {'(', ITEM_OPEN},   {')', ITEM_CLOSE},
    };
    size_t from = lexer->at++;
    char character = lexer->text[from];
    if (character == ':' && starts(lexer, lexer->at, "=")) {
        lexer->at++;
        add(lexer, ITEM_DECLARE, from);
        return 0;
    }
    for (size_t i = 0; i < ARRAY_LENGTH(signs); i++) {
        if (signs[i].character != character)
            continue;
        lexer->depth += (character == '(') - (character == ')');
        if (lexer->depth < 0)
            break;
        add(lexer, signs[i].kind, from);
        return 0;
    }
    if (character == ')')
        return tree_complain(lexer->source, from, lexer->err, "this ) has no ( before it");
    size_t length;
    str_character(lexer->text + from, lexer->length - from, &length);
    return tree_complain(lexer->source, from, lexer->err, "\"%.*s\" cannot stand in an action",
                         (int)length, lexer->text + from);
}

// Between {{ and }}.
static int read_action(struct lexer *lexer, size_t opening) {
    bool trims;
    size_t length;
    for (lexer->depth = 0; !closes(lexer, lexer->at, &length, &trims);) {
        int status = 0;
        if (lexer->at >= lexer->length)
            return tree_complain(lexer->source, opening, lexer->err,
                                 "the action that begins here has no closing }}");
        char character = lexer->text[lexer->at];
        if (is_space(character)) {
            size_t from = lexer->at++;
            while (lexer->at < lexer->length && is_space(lexer->text[lexer->at]) &&
                   !closes(lexer, lexer->at, &length, &trims))
                lexer->at++;
            add(lexer, ITEM_SPACE, from);
        } else if (character == '"' || character == '`' || character == '\'') {
            status = read_string(lexer, character);
        } else if (character == '$') {
            status = read_word(lexer, ITEM_VARIABLE);
        } else if (character == '.' && !(lexer->at + 1 < lexer->length &&
                                         strchr("0123456789", lexer->text[lexer->at + 1]) &&
                                         lexer->text[lexer->at + 1])) {
            status = read_word(lexer, ITEM_FIELD);
        } else if (character && strchr("+-.0123456789", character)) {
            status = read_number(lexer);
        } else if (word_character(lexer, lexer->at)) {
            status = read_word(lexer, ITEM_WORD);
        } else {
            status = read_sign(lexer);
        }
        if (status)
            return status;
    }
    if (lexer->depth)
        return tree_complain(lexer->source, lexer->at, lexer->err,
                             "a ( has no ) before the action ends");
    size_t from = lexer->at;
    lexer->at += length;
    add(lexer, ITEM_RIGHT, from);
    if (trims)
        skip_space(lexer);
    return 0;
}

static int read_comment(struct lexer *lexer, size_t opening) {
    bool trims;
    size_t length;
    const char *end = memmem(lexer->text + lexer->at + 2, lexer->length - lexer->at - 2, "*/", 2);
    if (!end)
        return tree_complain(lexer->source, opening, lexer->err,
                             "the comment that begins here has no closing */");
    lexer->at = (size_t)(end - lexer->text) + 2;
    if (!closes(lexer, lexer->at, &length, &trims))
        return tree_complain(lexer->source, lexer->at, lexer->err,
                             "a comment must fill its action: }} is expected behind */");
    lexer->at += length;
    if (trims)
        skip_space(lexer);
    return 0;
}

int items_read(struct pool *pool, const struct source *source, struct item **ret_items,
               size_t *ret_count, struct err *err) {
    struct lexer lexer = {.pool = pool,
                          .source = source,
                          .text = source->text.data,
                          .length = source->text.length,
                          .err = err};
    int status = 0;
    while (status == 0) {
        size_t from = lexer.at;
        const char *opening = memmem(lexer.text + from, lexer.length - from, "{{", 2);
        size_t end = opening ? (size_t)(opening - lexer.text) : lexer.length;
        bool trims = opening && starts(&lexer, end + 2, "-") && end + 3 < lexer.length &&
                     is_space(lexer.text[end + 3]);
        lexer.at = end;
        while (trims && lexer.at > from && is_space(lexer.text[lexer.at - 1]))
            lexer.at--;
        if (lexer.at > from)
            add(&lexer, ITEM_TEXT, from);
        lexer.at = end;
        if (!opening)
            break;
        lexer.at = end + 2 + (trims ? 2 : 0);
        if (starts(&lexer, lexer.at, "/*")) {
            status = read_comment(&lexer, end);
        } else {
            size_t after = lexer.at;
            lexer.at = end + 2;
            add(&lexer, ITEM_LEFT, end);
            lexer.at = after;
            status = read_action(&lexer, end);
        }
    }
    add(&lexer, ITEM_END, lexer.at);
    *ret_items = lexer.items;
    *ret_count = lexer.count;
    return status;
}
