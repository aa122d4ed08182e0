// SPDX-License-Identifier: Apache-2.0
//
// Theory of operation. The pattern becomes a program for a machine that follows all alternatives
// side by side (Pike's): time is at most program times subject, whatever the pattern. A thread is a
// place in the program with what its groups have caught; threads are kept in the order of their
// preference, so that the first one to match is the one that a backtracking matcher would find.
//
// Jumps are relative, so that a piece of program can be moved: a piece is compiled first and what
// must stand before it is put there afterwards. For `x{2,4}` the text of x is compiled again for
// each copy.
#include "helm/regex.h"

#include <stdlib.h>
#include <string.h>
#include <wctype.h>

#include "base/limits.h"
#include "base/str.h"

#define GROUPS_MAX (REGEX_GROUP_NUMBERS / 2)
#define REPEAT_MAX 1000

enum step_kind { STEP_SET, STEP_SPLIT, STEP_JUMP, STEP_SAVE, STEP_ASSERT, STEP_MATCH };

enum assertion { AT_TEXT_START, AT_TEXT_END, AT_LINE_START, AT_LINE_END, AT_WORD, AT_NO_WORD };

struct range {
    uint32_t low, high;
};

struct step {
    enum step_kind kind;
    int first, second; // where to go on, relative; of a save or an assertion: which
    size_t range_at, range_count;
};

struct regex {
    struct step *steps;
    size_t count;
    struct range *ranges;
    size_t range_count;
    size_t group_count;
    char *names[GROUPS_MAX];
};

struct compiler {
    struct regex *regex;
    const char *start, *at, *end;
    bool folds, multiline, dot_all, ungreedy;
    int depth;
    size_t groups;
    struct err *err;
};

void regex_free(struct regex *regex) {
    if (!regex)
        return;
    for (size_t i = 0; i < GROUPS_MAX; i++)
        free(regex->names[i]);
    free(regex->steps);
    free(regex->ranges);
    free(regex);
}

size_t regex_group_count(const struct regex *regex) { return regex->group_count; }

int regex_group(const struct regex *regex, const char *name, size_t length) {
    for (size_t i = 0; i < regex->group_count; i++)
        if (regex->names[i] && strlen(regex->names[i]) == length &&
            memcmp(regex->names[i], name, length) == 0)
            return (int)i;
    return -1;
}

// ---- Writing the program

static int complain(struct compiler *compiler, const char *what) {
    return err_set(
        compiler->err, ERR_BAD_REQUEST, "the regular expression \"%.*s\" %s",
        (int)(compiler->end - compiler->start < 100 ? compiler->end - compiler->start : 100),
        compiler->start, what);
}

static int insert(struct compiler *compiler, size_t at, struct step step) {
    struct regex *regex = compiler->regex;
    if (regex->count == LIMIT_REGEX_STEPS)
        return complain(compiler, "is too large");
    regex->steps = mem_resize(regex->steps, regex->count + 1, sizeof *regex->steps);
    memmove(&regex->steps[at + 1], &regex->steps[at], (regex->count - at) * sizeof step);
    regex->steps[at] = step;
    regex->count++;
    return 0;
}

static int append(struct compiler *compiler, struct step step) {
    return insert(compiler, compiler->regex->count, step);
}

static void add_range(struct compiler *compiler, uint32_t low, uint32_t high) {
    struct regex *regex = compiler->regex;
    regex->ranges = mem_resize(regex->ranges, regex->range_count + 1, sizeof *regex->ranges);
    regex->ranges[regex->range_count++] = (struct range){low, high};
}

// Where letters fold, also the other case of what is in the range.
static void add_folded(struct compiler *compiler, uint32_t low, uint32_t high) {
    add_range(compiler, low, high);
    if (!compiler->folds)
        return;
    for (uint32_t c = low; c <= high && c < 0x250; c++) {
        uint32_t other =
            (uint32_t)(iswupper((wint_t)c) ? towlower((wint_t)c) : towupper((wint_t)c));
        if (other != c)
            add_range(compiler, other, other);
    }
}

static int compare_ranges(const void *left, const void *right) {
    uint32_t a = ((const struct range *)left)->low, b = ((const struct range *)right)->low;
    return (a > b) - (a < b);
}

// Everything but the ranges from FROM on takes their place.
static void negate(struct compiler *compiler, size_t from) {
    struct regex *regex = compiler->regex;
    size_t count = regex->range_count - from;
    cleanup_free struct range *old = mem_zero(count + 1, sizeof *old);
    if (count)
        memcpy(old, &regex->ranges[from], count * sizeof *old);
    qsort(old, count, sizeof *old, compare_ranges);
    regex->range_count = from;
    uint32_t next = 0;
    for (size_t i = 0; i < count; i++) {
        if (old[i].low > next)
            add_range(compiler, next, old[i].low - 1);
        if (old[i].high + 1 > next)
            next = old[i].high + 1;
    }
    if (next <= 0x10FFFF)
        add_range(compiler, next, 0x10FFFF);
}

static int append_set(struct compiler *compiler, size_t from) {
    return append(compiler, (struct step){.kind = STEP_SET,
                                          .range_at = from,
                                          .range_count = compiler->regex->range_count - from});
}

// ---- Classes and escapes

struct class {
    const char *name;
    struct range ranges[5];
    size_t count;
};

static const struct class classes[] = {
    {"d", {{'0', '9'}}, 1},
    {"s", {{'\t', '\n'}, {'\f', '\r'}, {' ', ' '}}, 3},
    {"w", {{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}}, 4},
    {"[:alnum:]", {{'0', '9'}, {'A', 'Z'}, {'a', 'z'}}, 3},
    {"[:alpha:]", {{'A', 'Z'}, {'a', 'z'}}, 2},
    {"[:ascii:]", {{0, 0x7F}}, 1},
    {"[:blank:]", {{'\t', '\t'}, {' ', ' '}}, 2},
    {"[:cntrl:]", {{0, 0x1F}, {0x7F, 0x7F}}, 2},
    {"[:digit:]", {{'0', '9'}}, 1},
    {"[:graph:]", {{'!', '~'}}, 1},
    {"[:lower:]", {{'a', 'z'}}, 1},
    {"[:print:]", {{' ', '~'}}, 1},
    {"[:punct:]", {{'!', '/'}, {':', '@'}, {'[', '`'}, {'{', '~'}}, 4},
    {"[:space:]", {{'\t', '\r'}, {' ', ' '}}, 2},
    {"[:upper:]", {{'A', 'Z'}}, 1},
    {"[:word:]", {{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}}, 4},
    {"[:xdigit:]", {{'0', '9'}, {'A', 'F'}, {'a', 'f'}}, 3},
};

static void add_class(struct compiler *compiler, const struct class *class, bool is_negated) {
    size_t from = compiler->regex->range_count;
    for (size_t i = 0; i < class->count; i++)
        add_folded(compiler, class->ranges[i].low, class->ranges[i].high);
    if (is_negated)
        negate(compiler, from);
}

// A class of one letter behind a backslash, whose capital is its opposite.
static const struct class *letter_class(char letter) {
    for (size_t i = 0; i < 3; i++)
        if (classes[i].name[0] == (letter | 0x20))
            return &classes[i];
    return NULL;
}

static int read_hex(struct compiler *compiler, uint32_t *ret_character) {
    bool is_braced = compiler->at < compiler->end && *compiler->at == '{';
    char digits[9] = "", *end;
    size_t count = 0;
    compiler->at += is_braced;
    while (compiler->at < compiler->end && count < (is_braced ? 8 : 2) && *compiler->at != '}')
        digits[count++] = *compiler->at++;
    *ret_character = (uint32_t)strtoul(digits, &end, 16);
    bool is_closed = !is_braced || (compiler->at < compiler->end && *compiler->at++ == '}');
    return count && !*end && strspn(digits, "0123456789abcdefABCDEF") == count && is_closed &&
                   (is_braced || count == 2) && *ret_character <= 0x10FFFF
               ? 0
               : complain(compiler, "has a bad \\x");
}

// One character behind a backslash, which is passed.
static int read_escape(struct compiler *compiler, uint32_t *ret_character) {
    static const char names[] = "a\af\fn\nr\rt\tv\v";
    if (compiler->at == compiler->end)
        return complain(compiler, "ends in a backslash");
    size_t length;
    *ret_character = str_character(compiler->at, (size_t)(compiler->end - compiler->at), &length);
    char letter = *compiler->at;
    compiler->at += length;
    for (size_t i = 0; i + 1 < sizeof names; i += 2) {
        if (names[i] == letter) {
            *ret_character = (unsigned char)names[i + 1];
            return 0;
        }
    }
    if (letter == 'x')
        return read_hex(compiler, ret_character);
    bool is_word = length > 1 || iswalnum((wint_t)*ret_character);
    if (letter == 'p' || letter == 'P' || letter == 'Q' || letter == 'C')
        return complain(compiler, "has \\p, \\Q or \\C, which are not supported by render-helm");
    return is_word ? complain(compiler, "has a backslash before a letter that means nothing") : 0;
}

static int read_set_item(struct compiler *compiler, uint32_t *ret_character) {
    size_t length;
    if (*compiler->at == '\\') {
        compiler->at++;
        return read_escape(compiler, ret_character);
    }
    *ret_character = str_character(compiler->at, (size_t)(compiler->end - compiler->at), &length);
    compiler->at += length;
    return 0;
}

static bool read_named_class(struct compiler *compiler) {
    for (size_t i = 3; i < ARRAY_LENGTH(classes); i++) {
        size_t length = strlen(classes[i].name);
        bool is_negated = compiler->end - compiler->at > 2 && compiler->at[2] == '^';
        size_t shift = is_negated;
        if ((size_t)(compiler->end - compiler->at) >= length + shift &&
            memcmp(compiler->at, "[:", 2) == 0 &&
            memcmp(compiler->at + 2 + shift, classes[i].name + 2, length - 2) == 0) {
            compiler->at += length + shift;
            add_class(compiler, &classes[i], is_negated);
            return true;
        }
    }
    return false;
}

// Behind a [.
static int read_set(struct compiler *compiler) {
    size_t from = compiler->regex->range_count;
    bool is_negated = compiler->at < compiler->end && *compiler->at == '^';
    compiler->at += is_negated;
    for (bool is_first = true;; is_first = false) {
        uint32_t low, high;
        if (compiler->at == compiler->end)
            return complain(compiler, "has a [ without a ]");
        if (*compiler->at == ']' && !is_first)
            break;
        const struct class *class = *compiler->at == '\\' && compiler->at + 1 < compiler->end
                                        ? letter_class(compiler->at[1])
                                        : NULL;
        if (class) {
            add_class(compiler, class, compiler->at[1] < 'a');
            compiler->at += 2;
            continue;
        }
        if (read_named_class(compiler))
            continue;
        int status = read_set_item(compiler, &low);
        high = low;
        if (status == 0 && compiler->end - compiler->at > 1 && *compiler->at == '-' &&
            compiler->at[1] != ']') {
            compiler->at++;
            status = read_set_item(compiler, &high);
        }
        if (status)
            return status;
        if (high < low)
            return complain(compiler, "has a range that runs backwards");
        add_folded(compiler, low, high);
    }
    compiler->at++;
    if (is_negated)
        negate(compiler, from);
    return append_set(compiler, from);
}

static int append_character(struct compiler *compiler, uint32_t character) {
    size_t from = compiler->regex->range_count;
    add_folded(compiler, character, character);
    return append_set(compiler, from);
}

static int append_assertion(struct compiler *compiler, enum assertion assertion) {
    return append(compiler, (struct step){.kind = STEP_ASSERT, .first = (int)assertion});
}

static int read_backslash(struct compiler *compiler) {
    uint32_t character;
    size_t from = compiler->regex->range_count;
    char letter = compiler->at < compiler->end ? *compiler->at : '\0';
    const struct class *class = letter_class(letter);
    if (class) {
        compiler->at++;
        add_class(compiler, class, letter < 'a');
        return append_set(compiler, from);
    }
    const char *found = letter ? strchr("AzbB", letter) : NULL;
    if (found) {
        static const enum assertion assertions[] = {AT_TEXT_START, AT_TEXT_END, AT_WORD,
                                                    AT_NO_WORD};
        compiler->at++;
        return append_assertion(compiler, assertions[found - "AzbB"]);
    }
    int status = read_escape(compiler, &character);
    return status ? status : append_character(compiler, character);
}

// ---- Structure

static int read_alternatives(struct compiler *compiler);

// (?i), (?i:…), (?:…), (?P<name>…): *RET_IS_DONE where nothing is to be captured any more.
static int read_flags(struct compiler *compiler, bool *ret_is_group, int *ret_capture) {
    bool is_on = true;
    *ret_is_group = true;
    *ret_capture = -1;
    const char *name = compiler->at;
    name += name < compiler->end && *name == 'P';
    if (name < compiler->end && *name == '<') {
        const char *close = memchr(name, '>', (size_t)(compiler->end - name));
        if (!close || close == name + 1)
            return complain(compiler, "has a bad name of a group");
        *ret_capture = (int)compiler->groups;
        if (compiler->groups < GROUPS_MAX && !compiler->regex->names[compiler->groups])
            compiler->regex->names[compiler->groups] =
                mem_text_n(name + 1, (size_t)(close - name) - 1);
        compiler->at = close + 1;
        return 0;
    }
    for (; compiler->at < compiler->end; compiler->at++) {
        switch (*compiler->at) {
        case 'i': compiler->folds = is_on; break;
        case 'm': compiler->multiline = is_on; break;
        case 's': compiler->dot_all = is_on; break;
        case 'U': compiler->ungreedy = is_on; break;
        case '-': is_on = false; break;
        case ':': compiler->at++; return 0;
        case ')': *ret_is_group = false; return 0;
        default: return complain(compiler, "has an unknown flag behind (?");
        }
    }
    return complain(compiler, "has a ( without a )");
}

static int read_group(struct compiler *compiler) {
    struct compiler outer = *compiler;
    bool is_group = true;
    int capture = (int)compiler->groups, status = 0;
    if (compiler->at < compiler->end && *compiler->at == '?') {
        compiler->at++;
        status = read_flags(compiler, &is_group, &capture);
    }
    if (status)
        return status;
    if (!is_group) { // flags for the rest of the group that this stands in
        compiler->at++;
        return 0;
    }
    if (capture >= 0 && ++compiler->groups > GROUPS_MAX)
        return complain(compiler, "has too many groups");
    if (capture >= 0)
        status = append(compiler, (struct step){.kind = STEP_SAVE, .first = 2 * capture});
    if (status == 0)
        status = read_alternatives(compiler);
    if (status)
        return status;
    if (compiler->at == compiler->end)
        return complain(compiler, "has a ( without a )");
    compiler->at++;
    compiler->folds = outer.folds;
    compiler->multiline = outer.multiline;
    compiler->dot_all = outer.dot_all;
    compiler->ungreedy = outer.ungreedy;
    return capture >= 0
               ? append(compiler, (struct step){.kind = STEP_SAVE, .first = 2 * capture + 1})
               : 0;
}

static int read_atom(struct compiler *compiler) {
    size_t from = compiler->regex->range_count, length;
    uint32_t character =
        str_character(compiler->at, (size_t)(compiler->end - compiler->at), &length);
    compiler->at += length;
    switch (character) {
    case '(': return read_group(compiler);
    case '[': return read_set(compiler);
    case '\\': return read_backslash(compiler);
    case '^':
        return append_assertion(compiler, compiler->multiline ? AT_LINE_START : AT_TEXT_START);
    case '$': return append_assertion(compiler, compiler->multiline ? AT_LINE_END : AT_TEXT_END);
    case '.':
        if (compiler->dot_all) {
            add_range(compiler, 0, 0x10FFFF);
        } else {
            add_range(compiler, 0, '\n' - 1);
            add_range(compiler, '\n' + 1, 0x10FFFF);
        }
        return append_set(compiler, from);
    case '*':
    case '+':
    case '?': return complain(compiler, "has nothing before a *, + or ?");
    default: return append_character(compiler, character);
    }
}

// {2}, {2,} or {2,5}; anything else after a { stands for itself.
static bool read_counts(struct compiler *compiler, int *ret_least, int *ret_most) {
    const char *at = compiler->at + 1;
    int counts[2] = {-1, -1}, which = 0;
    for (; at < compiler->end && *at != '}'; at++) {
        if (*at == ',' && which == 0 && counts[0] >= 0)
            which = 1;
        else if (*at >= '0' && *at <= '9' && counts[which] < 100000)
            counts[which] = (counts[which] < 0 ? 0 : counts[which]) * 10 + (*at - '0');
        else
            return false;
    }
    if (at >= compiler->end || counts[0] < 0)
        return false;
    compiler->at = at + 1;
    *ret_least = counts[0];
    *ret_most = which ? counts[1] : counts[0];
    return true;
}

static int split(struct compiler *compiler, size_t at, int first, int second, bool is_lazy) {
    return insert(compiler, at,
                  (struct step){.kind = STEP_SPLIT,
                                .first = is_lazy ? second : first,
                                .second = is_lazy ? first : second});
}

// The piece from START on, once more or never, or as often as it likes.
static int make_star(struct compiler *compiler, size_t start, bool is_lazy) {
    int length = (int)(compiler->regex->count - start);
    int status = split(compiler, start, 1, length + 2, is_lazy);
    return status ? status
                  : append(compiler, (struct step){.kind = STEP_JUMP, .first = -(length + 1)});
}

static int make_plus(struct compiler *compiler, size_t start, bool is_lazy) {
    int length = (int)(compiler->regex->count - start);
    return split(compiler, compiler->regex->count, -length, 1, is_lazy);
}

static int make_optional(struct compiler *compiler, size_t start, bool is_lazy) {
    int length = (int)(compiler->regex->count - start);
    return split(compiler, start, 1, length + 1, is_lazy);
}

// Compiles the atom that comes next at BEFORE once more, with the same groups.
static int repeat_atom(const struct compiler *before) {
    struct compiler again = *before;
    return read_atom(&again);
}

static int make_counted(struct compiler *compiler, const struct compiler *before, size_t start,
                        int least, int most, bool is_lazy) {
    int status = 0;
    if (least > REPEAT_MAX || most > REPEAT_MAX || (most >= 0 && most < least))
        return complain(compiler, "has a bad number of repetitions");
    if (least == 0 && most == 0) {
        compiler->regex->count = start;
        return 0;
    }
    if (least == 0 && most < 0)
        return make_star(compiler, start, is_lazy);
    if (least == 0)
        status = make_optional(compiler, start, is_lazy);
    for (int i = 1; i < least && status == 0; i++) {
        start = compiler->regex->count;
        status = repeat_atom(before);
    }
    if (status == 0 && most < 0)
        return make_plus(compiler, start, is_lazy);
    for (int i = least ? least : 1; i < most && status == 0; i++) {
        start = compiler->regex->count;
        status = repeat_atom(before);
        if (status == 0)
            status = make_optional(compiler, start, is_lazy);
    }
    return status;
}

static int read_repeated(struct compiler *compiler) {
    struct compiler before = *compiler;
    size_t start = compiler->regex->count;
    int least = 0, most = 0, status = read_atom(compiler);
    bool is_repeated = false;
    while (status == 0 && compiler->at < compiler->end && strchr("*+?{", *compiler->at) &&
           *compiler->at) {
        char sign = *compiler->at;
        if (sign == '{' && !read_counts(compiler, &least, &most))
            break;
        if (is_repeated)
            return complain(compiler, "repeats a repetition");
        is_repeated = true;
        compiler->at += sign != '{';
        bool is_lazy = compiler->at < compiler->end && *compiler->at == '?';
        compiler->at += is_lazy;
        is_lazy = is_lazy != compiler->ungreedy;
        status = sign == '*'   ? make_star(compiler, start, is_lazy)
                 : sign == '+' ? make_plus(compiler, start, is_lazy)
                 : sign == '?' ? make_optional(compiler, start, is_lazy)
                               : make_counted(compiler, &before, start, least, most, is_lazy);
    }
    return status;
}

static int read_row(struct compiler *compiler) {
    int status = 0;
    while (status == 0 && compiler->at < compiler->end && *compiler->at != '|' &&
           *compiler->at != ')')
        status = read_repeated(compiler);
    return status;
}

// a|b|c: the first is preferred.
static int read_alternatives(struct compiler *compiler) {
    size_t jumps[64], count = 0, start = compiler->regex->count;
    if (++compiler->depth > LIMIT_REGEX_DEPTH)
        return complain(compiler, "is nested too deeply");
    int status = read_row(compiler);
    while (status == 0 && compiler->at < compiler->end && *compiler->at == '|') {
        compiler->at++;
        if (count == ARRAY_LENGTH(jumps))
            return complain(compiler, "has too many alternatives");
        int length = (int)(compiler->regex->count - start);
        status = split(compiler, start, 1, length + 2, false);
        jumps[count++] = compiler->regex->count;
        if (status == 0)
            status = append(compiler, (struct step){.kind = STEP_JUMP});
        start = compiler->regex->count;
        if (status == 0)
            status = read_row(compiler);
    }
    for (size_t i = 0; i < count && status == 0; i++)
        compiler->regex->steps[jumps[i]].first = (int)(compiler->regex->count - jumps[i]);
    compiler->depth--;
    return status;
}

int regex_new(struct text pattern, struct regex **ret_regex, struct err *err) {
    struct regex *regex cleanup(regex_freep) = mem_zero(1, sizeof *regex);
    struct compiler compiler = {.regex = regex,
                                .start = pattern.data,
                                .at = pattern.data,
                                .end = pattern.data + pattern.length,
                                .groups = 1,
                                .err = err};
    int status = append(&compiler, (struct step){.kind = STEP_SAVE, .first = 0});
    if (status == 0)
        status = read_alternatives(&compiler);
    if (status == 0 && compiler.at < compiler.end)
        return complain(&compiler, "has a ) without a (");
    if (status == 0)
        status = append(&compiler, (struct step){.kind = STEP_SAVE, .first = 1});
    if (status == 0)
        status = append(&compiler, (struct step){.kind = STEP_MATCH});
    if (status)
        return status;
    regex->group_count = compiler.groups;
    *ret_regex = mem_take(regex);
    return 0;
}

// ---- Running it

struct threads {
    size_t *at;     // places in the program
    size_t *groups; // of each
    size_t count;
};

struct machine {
    const struct regex *regex;
    struct text subject;
    size_t width;  // numbers that a thread's groups take
    size_t *marks; // by place: the round in which it was added
    size_t round;
};

static bool is_word_at(struct text subject, size_t at) {
    unsigned char character = at < subject.length ? (unsigned char)subject.data[at] : 0;
    return character < 0x80 && (iswalnum(character) || character == '_');
}

static bool holds(const struct machine *machine, enum assertion assertion, size_t at) {
    struct text subject = machine->subject;
    bool is_edge = (at > 0 && is_word_at(subject, at - 1)) != is_word_at(subject, at);
    switch (assertion) {
    case AT_TEXT_START: return at == 0;
    case AT_TEXT_END: return at == subject.length;
    case AT_LINE_START: return at == 0 || subject.data[at - 1] == '\n';
    case AT_LINE_END: return at == subject.length || subject.data[at] == '\n';
    case AT_WORD: return is_edge;
    case AT_NO_WORD: return !is_edge;
    }
    return false;
}

// Adds a thread at PLACE, and those that it leads to without a character. As deep as the program is
// long, at most.
static void add_thread(struct machine *machine, struct threads *threads, size_t place, size_t at,
                       size_t *groups) {
    if (machine->marks[place] == machine->round)
        return;
    machine->marks[place] = machine->round;
    const struct step *step = &machine->regex->steps[place];
    switch (step->kind) {
    case STEP_JUMP:
        add_thread(machine, threads, place + (size_t)(ptrdiff_t)step->first, at, groups);
        break;
    case STEP_SPLIT:
        add_thread(machine, threads, place + (size_t)(ptrdiff_t)step->first, at, groups);
        add_thread(machine, threads, place + (size_t)(ptrdiff_t)step->second, at, groups);
        break;
    case STEP_SAVE: {
        size_t old = groups[step->first];
        groups[step->first] = at;
        add_thread(machine, threads, place + 1, at, groups);
        groups[step->first] = old;
        break;
    }
    case STEP_ASSERT:
        if (holds(machine, (enum assertion)step->first, at))
            add_thread(machine, threads, place + 1, at, groups);
        break;
    case STEP_SET:
    case STEP_MATCH:
        threads->at[threads->count] = place;
        memcpy(&threads->groups[threads->count++ * machine->width], groups,
               machine->width * sizeof *groups);
        break;
    }
}

static bool is_in(const struct regex *regex, const struct step *step, uint32_t character) {
    for (size_t i = 0; i < step->range_count; i++)
        if (regex->ranges[step->range_at + i].low <= character &&
            character <= regex->ranges[step->range_at + i].high)
            return true;
    return false;
}

static struct threads new_threads(const struct machine *machine) {
    return (struct threads){.at = mem_zero(machine->regex->count, sizeof(size_t)),
                            .groups =
                                mem_zero(machine->regex->count * machine->width, sizeof(size_t))};
}

static void free_threads(struct threads *threads) {
    free(threads->at);
    free(threads->groups);
}

// Moves the threads of NOW past the character at AT into NEXT; true where one has matched, whose
// groups are then in GROUPS, and those behind it are of no interest any more.
static bool step(struct machine *machine, const struct threads *now, struct threads *next,
                 size_t at, size_t *ret_length, size_t *groups) {
    uint32_t character = 0;
    *ret_length = 1;
    if (at < machine->subject.length)
        character =
            str_character(machine->subject.data + at, machine->subject.length - at, ret_length);
    machine->round++;
    next->count = 0;
    for (size_t i = 0; i < now->count; i++) {
        const struct step *instruction = &machine->regex->steps[now->at[i]];
        if (instruction->kind == STEP_MATCH) {
            memcpy(groups, &now->groups[i * machine->width], machine->width * sizeof *groups);
            return true;
        }
        if (at < machine->subject.length && is_in(machine->regex, instruction, character))
            add_thread(machine, next, now->at[i] + 1, at + *ret_length,
                       &now->groups[i * machine->width]);
    }
    return false;
}

bool regex_find(const struct regex *regex, struct text subject, size_t from,
                size_t groups[REGEX_GROUP_NUMBERS], size_t *budget) {
    struct machine machine = {regex, subject, 2 * regex->group_count,
                              mem_zero(regex->count, sizeof(size_t)), 1};
    struct threads now cleanup(free_threads) = new_threads(&machine);
    struct threads next cleanup(free_threads) = new_threads(&machine);
    bool is_found = false;
    size_t fresh[2 * GROUPS_MAX], length;
    for (size_t at = from; at <= subject.length; at += length) {
        if (!is_found) { // a match that begins here is less welcome than one that began before
            for (size_t i = 0; i < ARRAY_LENGTH(fresh); i++)
                fresh[i] = REGEX_NOWHERE;
            add_thread(&machine, &now, 0, at, fresh);
        }
        if (now.count == 0 && is_found)
            break;
        size_t work = now.count + 1;
        *budget = *budget > work ? *budget - work : 0;
        if (*budget == 0) {
            is_found = false;
            break;
        }
        is_found = step(&machine, &now, &next, at, &length, groups) || is_found;
        struct threads swapped = now;
        now = next;
        next = swapped;
    }
    free(machine.marks);
    return is_found;
}
