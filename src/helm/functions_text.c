// SPDX-License-Identifier: Apache-2.0
//
// Functions of texts.
#include <string.h>
#include <wctype.h>

#include "base/limits.h"
#include "base/str.h"
#include "helm/functions.h"
#include "helm/print.h"

static struct value taken(struct call *call, struct buf *out) {
    return value_text(text_take(call_pool(call), out));
}

static struct value part(struct call *call, struct text text, size_t from, size_t to) {
    return value_text(text_copy(call_pool(call), text.data + from, to - from));
}

// ---- Case

static struct value map_characters(struct call *call, struct text text,
                                   uint32_t (*change)(uint32_t character, bool is_first)) {
    cleanup_buf struct buf out = BUF(LIMIT_RENDERED);
    bool is_first = true;
    for (size_t i = 0, length; i < text.length; i += length) {
        char bytes[4];
        uint32_t character = str_character(text.data + i, text.length - i, &length);
        buf_add(&out, bytes, str_put_character(change(character, is_first), bytes));
        // Go's strings.Title: a word goes on with letters, digits and underscores.
        is_first = character < 0x80 ? !(iswalnum((wint_t)character) || character == '_')
                                    : (bool)iswspace((wint_t)character);
    }
    return taken(call, &out);
}

static uint32_t to_upper(uint32_t character, bool is_first) {
    (void)is_first;
    return (uint32_t)towupper((wint_t)character);
}

static uint32_t to_lower(uint32_t character, bool is_first) {
    (void)is_first;
    return (uint32_t)towlower((wint_t)character);
}

static uint32_t to_title(uint32_t character, bool is_first) {
    return is_first ? (uint32_t)towupper((wint_t)character) : character;
}

static struct value run_upper(struct call *call) {
    return map_characters(call, call_text(call, 0), to_upper);
}

static struct value run_lower(struct call *call) {
    return map_characters(call, call_text(call, 0), to_lower);
}

static struct value run_title(struct call *call) {
    return map_characters(call, call_text(call, 0), to_title);
}

// The first letter of each word in lower case, a word being what stands between spaces.
static struct value run_untitle(struct call *call) {
    struct text text = call_text(call, 0);
    cleanup_buf struct buf out = BUF(LIMIT_RENDERED);
    bool is_next = true;
    for (size_t i = 0, length; i < text.length; i += length) {
        char bytes[4];
        uint32_t character = str_character(text.data + i, text.length - i, &length);
        bool is_space = iswspace((wint_t)character);
        if (is_next && !is_space)
            character = (uint32_t)towlower((wint_t)character);
        is_next = is_space;
        buf_add(&out, bytes, str_put_character(character, bytes));
    }
    return taken(call, &out);
}

static bool is_connector(uint32_t character) {
    return character == '-' || character == '_' || iswspace((wint_t)character);
}

// Words parted by blanks, - and _ as OneWord; connectors at the ends stay.
static struct value run_camelcase(struct call *call) {
    struct text text = call_text(call, 0);
    cleanup_buf struct buf out = BUF(LIMIT_RENDERED);
    char bytes[4];
    uint32_t before = '-', waiting = 0; // a connector that is written only if no word follows it
    bool is_leading = true;
    for (size_t i = 0, length; i < text.length; i += length) {
        uint32_t character = str_character(text.data + i, text.length - i, &length);
        bool is_word = !is_connector(character);
        if (waiting && !is_word)
            buf_add(&out, bytes, str_put_character(waiting, bytes));
        waiting = is_word || is_leading ? 0 : character;
        is_leading = is_leading && !is_word;
        if (is_word)
            character = (uint32_t)(is_connector(before) ? towupper((wint_t)character)
                                                        : towlower((wint_t)character));
        before = character;
        if (!waiting)
            buf_add(&out, bytes, str_put_character(character, bytes));
    }
    if (waiting)
        buf_add(&out, bytes, str_put_character(waiting, bytes));
    return taken(call, &out);
}

static struct value run_initials(struct call *call) {
    struct text text = call_text(call, 0);
    cleanup_buf struct buf out = BUF(LIMIT_RENDERED);
    bool is_gap = true;
    for (size_t i = 0; i < text.length; i++) { // by bytes, as sprig does
        char bytes[4];
        bool is_space = strchr(" \t\n\v\f\r", text.data[i]) && text.data[i];
        if (is_gap && !is_space)
            buf_add(&out, bytes, str_put_character((unsigned char)text.data[i], bytes));
        is_gap = is_space;
    }
    return taken(call, &out);
}

// ---- Trimming and cutting

static bool is_space_at(struct text text, size_t at, size_t *ret_length) {
    uint32_t character = str_character(text.data + at, text.length - at, ret_length);
    return character < 0x80 ? character && strchr(" \t\n\v\f\r", (int)character)
                            : character == 0x85 || character == 0xA0 ||
                                  (character != 0xFFFD && iswspace((wint_t)character));
}

static size_t before(struct text text, size_t at) { // where the character before AT begins
    do
        at--;
    while (at > 0 && ((unsigned char)text.data[at] & 0xC0) == 0x80);
    return at;
}

static struct value run_trim(struct call *call) {
    struct text text = call_text(call, 0);
    size_t from = 0, to = text.length, length;
    while (from < to && is_space_at(text, from, &length))
        from += length;
    while (to > from && is_space_at(text, before(text, to), &length))
        to = before(text, to);
    return part(call, text, from, to);
}

static bool is_in(struct text set, const char *character, size_t length) {
    return memmem(set.data, set.length, character, length) != NULL;
}

static struct value run_trim_all(struct call *call) {
    struct text set = call_text(call, 0), text = call_text(call, 1);
    size_t from = 0, to = text.length, length;
    while (from < to) {
        str_character(text.data + from, to - from, &length);
        if (!is_in(set, text.data + from, length))
            break;
        from += length;
    }
    while (to > from) {
        size_t start = before(text, to);
        if (!is_in(set, text.data + start, to - start))
            break;
        to = start;
    }
    return part(call, text, from, to);
}

static bool starts(struct text text, struct text prefix) {
    return text.length >= prefix.length && memcmp(text.data, prefix.data, prefix.length) == 0;
}

static bool ends(struct text text, struct text suffix) {
    return text.length >= suffix.length &&
           memcmp(text.data + text.length - suffix.length, suffix.data, suffix.length) == 0;
}

static struct value run_trim_prefix(struct call *call) {
    struct text text = call_text(call, 1);
    return part(call, text, starts(text, call_text(call, 0)) ? call_text(call, 0).length : 0,
                text.length);
}

static struct value run_trim_suffix(struct call *call) {
    struct text text = call_text(call, 1);
    return part(call, text, 0,
                text.length - (ends(text, call_text(call, 0)) ? call_text(call, 0).length : 0));
}

static struct value run_has_prefix(struct call *call) {
    return value_bool(starts(call_text(call, 1), call_text(call, 0)));
}

static struct value run_has_suffix(struct call *call) {
    return value_bool(ends(call_text(call, 1), call_text(call, 0)));
}

static struct value run_contains(struct call *call) {
    struct text needle = call_text(call, 0), text = call_text(call, 1);
    return value_bool(needle.length == 0 ||
                      memmem(text.data, text.length, needle.data, needle.length) != NULL);
}

// By bytes, as sprig does; from the end where the count is negative.
static struct value run_trunc(struct call *call) {
    int64_t count = call->arguments[0].integer;
    struct text text = call_text(call, 1);
    if (count < 0 && (int64_t)text.length + count > 0)
        return part(call, text, text.length - (size_t)-count, text.length);
    if (count >= 0 && (uint64_t)count < text.length)
        return part(call, text, 0, (size_t)count);
    return call->arguments[1];
}

static struct value run_abbrev(struct call *call) {
    int64_t width = call->arguments[0].integer;
    struct text text = call_text(call, 1);
    cleanup_buf struct buf out = BUF(LIMIT_RENDERED);
    if (width < 4 || text.length <= (uint64_t)width)
        return call->arguments[1];
    buf_add(&out, text.data, (size_t)width - 3);
    buf_add_text(&out, "...");
    return taken(call, &out);
}

static struct value run_substr(struct call *call) {
    int64_t start = call->arguments[0].integer, end = call->arguments[1].integer;
    struct text text = call_text(call, 2);
    int64_t length = (int64_t)text.length;
    if (start < 0)
        start = 0;
    else if (end < 0 || end > length)
        end = length;
    if (end < start || end > length)
        return call_fail(call, "slice bounds out of range: %lld to %lld of %lld bytes",
                         (long long)start, (long long)end, (long long)length);
    return part(call, text, (size_t)start, (size_t)end);
}

static struct value run_nospace(struct call *call) {
    struct text text = call_text(call, 0);
    cleanup_buf struct buf out = BUF(LIMIT_RENDERED);
    for (size_t i = 0, length; i < text.length; i += length)
        if (!is_space_at(text, i, &length))
            buf_add(&out, text.data + i, length);
    return taken(call, &out);
}

// ---- Putting together

static struct value run_repeat(struct call *call) {
    int64_t count = call->arguments[0].integer;
    struct text text = call_text(call, 1);
    cleanup_buf struct buf out = BUF(LIMIT_RENDERED);
    if (count < 0)
        return call_fail(call, "negative Repeat count: a text cannot be repeated %lld times",
                         (long long)count);
    for (int64_t i = 0; i < count && text.length && !out.overflowed; i++)
        buf_add(&out, text.data, text.length);
    return taken(call, &out);
}

static struct value run_replace(struct call *call) {
    struct text old = call_text(call, 0), new = call_text(call, 1), text = call_text(call, 2);
    cleanup_buf struct buf out = BUF(LIMIT_RENDERED);
    const char *at = text.data, *end = text.data + text.length, *found;
    while (old.length && (found = memmem(at, (size_t)(end - at), old.data, old.length)) != NULL) {
        buf_add(&out, at, (size_t)(found - at));
        buf_add(&out, new.data, new.length);
        at = found + old.length;
    }
    for (size_t length; !old.length && at < end; at += length) { // around every character
        str_character(at, (size_t)(end - at), &length);
        buf_add(&out, new.data, new.length);
        buf_add(&out, at, length);
    }
    buf_add(&out, at, (size_t)(end - at));
    if (!old.length)
        buf_add(&out, new.data, new.length);
    return taken(call, &out);
}

static void indent(struct buf *out, int64_t width, struct text text) {
    bool is_start = true;
    for (size_t i = 0; i <= text.length && !out->overflowed; i++) {
        for (int64_t j = 0; is_start && j < width && !out->overflowed; j++)
            buf_add_char(out, ' ');
        is_start = i < text.length && text.data[i] == '\n';
        if (i < text.length)
            buf_add_char(out, text.data[i]);
    }
}

static struct value indented(struct call *call, const char *before_it) {
    cleanup_buf struct buf out = BUF(LIMIT_RENDERED);
    if (call->arguments[0].integer < 0)
        return call_fail(call, "negative Repeat count: a text cannot be indented by %lld",
                         (long long)call->arguments[0].integer);
    buf_add_text(&out, before_it);
    indent(&out, call->arguments[0].integer, call_text(call, 1));
    return taken(call, &out);
}

static struct value run_indent(struct call *call) { return indented(call, ""); }
static struct value run_nindent(struct call *call) { return indented(call, "\n"); }

// Each argument that is something, as WRITE writes it, with blanks between them.
static struct value joined(struct call *call,
                           void write(struct call *, struct buf *, struct value)) {
    cleanup_buf struct buf out = BUF(LIMIT_RENDERED);
    bool is_first = true;
    for (size_t i = 0; i < call->count; i++) {
        if (value_is_nothing(call->arguments[i]))
            continue;
        buf_add_text(&out, is_first ? "" : " ");
        write(call, &out, call->arguments[i]);
        is_first = false;
    }
    return taken(call, &out);
}

static void write_quoted(struct call *call, struct buf *out, struct value value) {
    print_quoted(out, print_text_of(call_pool(call), value), false);
}

static void write_in_apostrophes(struct call *call, struct buf *out, struct value value) {
    (void)call;
    buf_add_char(out, '\'');
    print_value(out, value);
    buf_add_char(out, '\'');
}

static void write_plain(struct call *call, struct buf *out, struct value value) {
    (void)call;
    print_value(out, value);
}

static struct value run_quote(struct call *call) { return joined(call, write_quoted); }
static struct value run_squote(struct call *call) { return joined(call, write_in_apostrophes); }
static struct value run_cat(struct call *call) { return joined(call, write_plain); }

static struct value run_plural(struct call *call) {
    return call->arguments[call->arguments[2].integer == 1 ? 0 : 1];
}

static struct value run_to_string(struct call *call) {
    return value_text(print_text_of(call_pool(call), call->arguments[0]));
}

static struct value run_hello(struct call *call) {
    (void)call;
    return value_text(TEXT("Hello!"));
}

// ---- Paths

static struct text cleaned(struct call *call, struct text path) {
    cleanup_buf struct buf out = BUF(LIMIT_RENDERED);
    bool is_rooted = path.length && path.data[0] == '/';
    size_t floor = is_rooted; // what `..` cannot go above
    if (is_rooted)
        buf_add_char(&out, '/');
    for (size_t i = 0, end; i < path.length; i = end + 1) {
        const char *slash = memchr(path.data + i, '/', path.length - i);
        end = slash ? (size_t)(slash - path.data) : path.length;
        size_t length = end - i;
        bool is_up = length == 2 && memcmp(path.data + i, "..", 2) == 0;
        if (length == 0 || (length == 1 && path.data[i] == '.') ||
            (is_up && is_rooted && out.length == 1))
            continue;
        if (is_up && out.length > floor) {
            while (out.length > floor && out.data[out.length - 1] != '/')
                out.length--;
            out.length -= out.length > floor && out.data[out.length - 1] == '/';
            continue;
        }
        if (out.length > is_rooted)
            buf_add_char(&out, '/');
        buf_add(&out, path.data + i, length);
        if (is_up)
            floor = out.length;
    }
    if (out.length == 0)
        buf_add_char(&out, '.');
    return text_take(call_pool(call), &out);
}

static struct value run_clean(struct call *call) {
    return value_text(cleaned(call, call_text(call, 0)));
}

static size_t name_start(struct text path) {
    const char *slash = memrchr(path.data, '/', path.length);
    return slash ? (size_t)(slash - path.data) + 1 : 0;
}

static struct value run_base(struct call *call) {
    struct text path = call_text(call, 0);
    if (path.length == 0)
        return value_text(TEXT("."));
    while (path.length && path.data[path.length - 1] == '/')
        path.length--;
    if (path.length == 0)
        return value_text(TEXT("/"));
    return part(call, path, name_start(path), path.length);
}

static struct value run_dir(struct call *call) {
    struct text path = call_text(call, 0);
    path.length = name_start(path);
    return value_text(cleaned(call, path));
}

static struct value run_ext(struct call *call) {
    struct text path = call_text(call, 0);
    size_t start = name_start(path);
    const char *dot = memrchr(path.data + start, '.', path.length - start);
    return dot ? part(call, path, (size_t)(dot - path.data), path.length) : value_text(TEXT(""));
}

static struct value run_is_abs(struct call *call) {
    return value_bool(call_text(call, 0).length && call_text(call, 0).data[0] == '/');
}

// ---- Escaping

// The arguments as an action would print them.
static void print_as_action(struct call *call, struct buf *out) {
    struct value list = value_list(call_pool(call), TYPE_ANY, call->count);
    for (size_t i = 0; i < call->count; i++)
        list.list->items[i] = value_is_nothing(call->arguments[i]) ? value_text(TEXT("<no value>"))
                                                                   : call->arguments[i];
    print_all(out, list.list->items, call->count);
}

static struct value run_html(struct call *call) {
    cleanup_buf struct buf plain = BUF(LIMIT_RENDERED);
    cleanup_buf struct buf out = BUF(LIMIT_RENDERED);
    print_as_action(call, &plain);
    for (size_t i = 0; i < plain.length; i++) {
        switch (plain.data[i]) {
        case '\0': buf_add_text(&out, "\xEF\xBF\xBD"); break;
        case '"': buf_add_text(&out, "&#34;"); break;
        case '\'': buf_add_text(&out, "&#39;"); break;
        case '&': buf_add_text(&out, "&amp;"); break;
        case '<': buf_add_text(&out, "&lt;"); break;
        case '>': buf_add_text(&out, "&gt;"); break;
        default: buf_add_char(&out, plain.data[i]);
        }
    }
    return taken(call, &out);
}

static struct value run_urlquery(struct call *call) {
    cleanup_buf struct buf plain = BUF(LIMIT_RENDERED);
    cleanup_buf struct buf out = BUF(LIMIT_RENDERED);
    print_as_action(call, &plain);
    for (size_t i = 0; i < plain.length; i++) {
        unsigned char character = (unsigned char)plain.data[i];
        bool is_plain =
            (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') ||
            (character >= '0' && character <= '9') || (character && strchr("-_.~", character));
        if (is_plain)
            buf_add_char(&out, (char)character);
        else if (character == ' ')
            buf_add_char(&out, '+');
        else
            buf_add_format(&out, "%%%02X", character);
    }
    return taken(call, &out);
}

const struct function functions_text[] = {
    {"abbrev", "it", run_abbrev},
    {"base", "t", run_base},
    {"camelcase", "t", run_camelcase},
    {"cat", "a*", run_cat},
    {"clean", "t", run_clean},
    {"contains", "tt", run_contains},
    {"dir", "t", run_dir},
    {"ext", "t", run_ext},
    {"hasPrefix", "tt", run_has_prefix},
    {"hasSuffix", "tt", run_has_suffix},
    {"hello", "", run_hello},
    {"html", "a*", run_html},
    {"indent", "it", run_indent},
    {"initials", "t", run_initials},
    {"isAbs", "t", run_is_abs},
    {"lower", "t", run_lower},
    {"nindent", "it", run_nindent},
    {"nospace", "t", run_nospace},
    {"plural", "tti", run_plural},
    {"quote", "a*", run_quote},
    {"repeat", "it", run_repeat},
    {"replace", "ttt", run_replace},
    {"squote", "a*", run_squote},
    {"substr", "iit", run_substr},
    {"title", "t", run_title},
    {"toString", "a", run_to_string},
    {"trim", "t", run_trim},
    {"trimAll", "tt", run_trim_all},
    {"trimPrefix", "tt", run_trim_prefix},
    {"trimSuffix", "tt", run_trim_suffix},
    {"trimall", "tt", run_trim_all},
    {"trunc", "it", run_trunc},
    {"untitle", "t", run_untitle},
    {"upper", "t", run_upper},
    {"urlquery", "a*", run_urlquery},
    {NULL, NULL, NULL},
};
