// SPDX-License-Identifier: Apache-2.0
//
// Functions of regular expressions. Those without `must` are the same: a bad expression ends the
// rendering, but for regexMatch, which then matches nothing, as in sprig.
#include <string.h>

#include "base/limits.h"
#include "helm/functions.h"
#include "helm/regex.h"

static struct regex *compiled(struct call *call, size_t i) {
    struct regex *regex;
    struct err err;
    if (regex_new(call_text(call, i), &regex, &err) == 0)
        return regex;
    call_fail(call, "%s", err.message);
    return NULL;
}

static struct value part(struct call *call, struct text text, size_t from, size_t to) {
    return value_text(text_copy(call_pool(call), text.data + from, to - from));
}

// Goes from match to match as Go does: an empty one right behind another does not count.
struct matches {
    const struct regex *regex;
    struct text subject;
    size_t at, last_end, budget;
    size_t groups[REGEX_GROUP_NUMBERS];
};

static bool next_match(struct matches *matches) {
    while (matches->at <= matches->subject.length &&
           regex_find(matches->regex, matches->subject, matches->at, matches->groups,
                      &matches->budget)) {
        size_t from = matches->groups[0], to = matches->groups[1];
        bool counts = to > from || from != matches->last_end;
        matches->at = to > from ? to : to + 1;
        while (to == from && matches->at < matches->subject.length &&
               ((unsigned char)matches->subject.data[matches->at] & 0xC0) == 0x80)
            matches->at++;
        matches->last_end = to;
        if (counts)
            return true;
    }
    return false;
}

static struct matches matches_of(const struct regex *regex, struct text subject) {
    return (struct matches){
        .regex = regex, .subject = subject, .last_end = REGEX_NOWHERE, .budget = LIMIT_REGEX_WORK};
}

static struct value too_long(struct call *call) {
    return call_fail(call, "matching takes too long");
}

// The first match of an expression in its subject.
static bool find_first(struct call *call, const struct regex *regex,
                       size_t groups[REGEX_GROUP_NUMBERS]) {
    size_t budget = LIMIT_REGEX_WORK;
    bool is_found = regex_find(regex, call_text(call, 1), 0, groups, &budget);
    if (budget == 0)
        too_long(call);
    return is_found;
}

static struct value run_match(struct call *call) {
    struct regex *regex cleanup(regex_freep) = NULL;
    struct err err;
    size_t groups[REGEX_GROUP_NUMBERS];
    if (regex_new(call_text(call, 0), &regex, &err))
        return value_bool(false);
    return value_bool(find_first(call, regex, groups));
}

static struct value run_must_match(struct call *call) {
    struct regex *regex cleanup(regex_freep) = compiled(call, 0);
    size_t groups[REGEX_GROUP_NUMBERS];
    return regex ? value_bool(find_first(call, regex, groups)) : VALUE_OF_NOTHING;
}

static struct value run_find(struct call *call) {
    struct regex *regex cleanup(regex_freep) = compiled(call, 0);
    size_t groups[REGEX_GROUP_NUMBERS];
    if (!regex)
        return VALUE_OF_NOTHING;
    return find_first(call, regex, groups) ? part(call, call_text(call, 1), groups[0], groups[1])
                                           : value_text(TEXT(""));
}

static struct value run_find_all(struct call *call) {
    struct regex *regex cleanup(regex_freep) = compiled(call, 0);
    struct text subject = call_text(call, 1);
    int64_t limit = call->arguments[2].integer;
    if (!regex)
        return VALUE_OF_NOTHING;
    struct value list = value_list(call_pool(call), TYPE_STRING, subject.length + 1);
    list.list->count = 0;
    struct matches matches = matches_of(regex, subject);
    while ((limit < 0 || list.list->count < (size_t)limit) && next_match(&matches) &&
           !engine_is_over(call->engine, call->node))
        list.list->items[list.list->count++] =
            part(call, subject, matches.groups[0], matches.groups[1]);
    list.list->is_nil = list.list->count == 0;
    return matches.budget ? list : too_long(call);
}

static bool is_name_character(char character) {
    return (character >= '0' && character <= '9') || (character >= 'a' && character <= 'z') ||
           (character >= 'A' && character <= 'Z') || character == '_';
}

static void add_group(struct buf *out, const struct matches *matches, const char *name,
                      size_t length) {
    long group = 0;
    for (size_t i = 0; i < length && group >= 0; i++)
        group =
            name[i] >= '0' && name[i] <= '9' && group < 1000 ? group * 10 + (name[i] - '0') : -1;
    if (group < 0)
        group = regex_group(matches->regex, name, length);
    if (group < 0 || (size_t)group >= regex_group_count(matches->regex) ||
        matches->groups[2 * group] == REGEX_NOWHERE)
        return;
    buf_add(out, matches->subject.data + matches->groups[2 * group],
            matches->groups[2 * group + 1] - matches->groups[2 * group]);
}

// $1, ${1}, $name and ${name} are what the groups caught, $$ a dollar.
static void expand(struct buf *out, const struct matches *matches, struct text template) {
    const char *at = template.data, *end = at + template.length;
    while (at < end) {
        if (*at != '$' || at + 1 == end) {
            buf_add_char(out, *at++);
            continue;
        }
        bool is_braced = at[1] == '{';
        const char *name = at + 1 + is_braced, *stop = name;
        while (stop < end && is_name_character(*stop))
            stop++;
        if (at[1] == '$') {
            buf_add_char(out, '$');
            at += 2;
        } else if (stop == name || (is_braced && (stop == end || *stop != '}'))) {
            buf_add_char(out, *at++);
        } else {
            add_group(out, matches, name, (size_t)(stop - name));
            at = stop + is_braced;
        }
    }
}

static struct value replace(struct call *call, bool is_literal) {
    struct regex *regex cleanup(regex_freep) = compiled(call, 0);
    struct text subject = call_text(call, 1), with = call_text(call, 2);
    cleanup_buf struct buf out = BUF(LIMIT_RENDERED);
    size_t at = 0;
    if (!regex)
        return VALUE_OF_NOTHING;
    struct matches matches = matches_of(regex, subject);
    while (next_match(&matches) && !engine_is_over(call->engine, call->node)) {
        buf_add(&out, subject.data + at, matches.groups[0] - at);
        if (is_literal)
            buf_add(&out, with.data, with.length);
        else
            expand(&out, &matches, with);
        at = matches.groups[1];
    }
    buf_add(&out, subject.data + at, subject.length - at);
    return matches.budget ? value_text(text_take(call_pool(call), &out)) : too_long(call);
}

static struct value run_replace_all(struct call *call) { return replace(call, false); }
static struct value run_replace_all_literal(struct call *call) { return replace(call, true); }

static struct value run_split(struct call *call) {
    struct regex *regex cleanup(regex_freep) = compiled(call, 0);
    struct text subject = call_text(call, 1);
    int64_t limit = call->arguments[2].integer;
    size_t at = 0, last = 0;
    if (!regex)
        return VALUE_OF_NOTHING;
    struct value list = value_list(call_pool(call), TYPE_STRING, subject.length + 2);
    list.list->count = 0;
    list.list->is_nil = limit == 0;
    struct matches matches = matches_of(regex, subject);
    while (limit != 0 && next_match(&matches) && !engine_is_over(call->engine, call->node)) {
        if (limit > 0 && list.list->count + 1 == (size_t)limit)
            break;
        last = matches.groups[0];
        if (matches.groups[1] != 0)
            list.list->items[list.list->count++] = part(call, subject, at, last);
        at = matches.groups[1];
    }
    if (limit != 0 && (last != subject.length || list.list->count == 0 || at != subject.length ||
                       matches.groups[0] != matches.groups[1]))
        list.list->items[list.list->count++] = part(call, subject, at, subject.length);
    return matches.budget ? list : too_long(call);
}

static struct value run_quote_meta(struct call *call) {
    struct text text = call_text(call, 0);
    cleanup_buf struct buf out = BUF(LIMIT_RENDERED);
    for (size_t i = 0; i < text.length; i++) {
        if (text.data[i] && strchr("\\.+*?()|[]{}^$", text.data[i]))
            buf_add_char(&out, '\\');
        buf_add_char(&out, text.data[i]);
    }
    return value_text(text_take(call_pool(call), &out));
}

const struct function functions_regex[] = {
    {"mustRegexFind", "tt", run_find},
    {"mustRegexFindAll", "tti", run_find_all},
    {"mustRegexMatch", "tt", run_must_match},
    {"mustRegexReplaceAll", "ttt", run_replace_all},
    {"mustRegexReplaceAllLiteral", "ttt", run_replace_all_literal},
    {"mustRegexSplit", "tti", run_split},
    {"regexFind", "tt", run_find},
    {"regexFindAll", "tti", run_find_all},
    {"regexMatch", "tt", run_match},
    {"regexQuoteMeta", "t", run_quote_meta},
    {"regexReplaceAll", "ttt", run_replace_all},
    {"regexReplaceAllLiteral", "ttt", run_replace_all_literal},
    {"regexSplit", "tti", run_split},
    {NULL, NULL, NULL},
};
