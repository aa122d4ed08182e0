// SPDX-License-Identifier: Apache-2.0
//
// See glob.h. Backtracking with a budget: a pattern that needs more matches nothing.
#include "helm/glob.h"

#include <string.h>

#define BUDGET 100000

struct matcher {
    enum glob_syntax syntax;
    int budget;
};

// A pattern is what is left of it, and behind that what follows the braces that it stands in.
struct pattern {
    const char *at, *end;
    const struct pattern *next;
};

static bool matches(struct matcher *matcher, struct pattern pattern, const char *path);

// Passes a class [a-z] or [!a-z] and tells whether it has CHARACTER.
static bool class_has(const char **at, const char *end, char character) {
    bool is_negated = *at < end && (**at == '!' || **at == '^'), has = false;
    *at += is_negated;
    for (bool is_first = true; *at < end && (**at != ']' || is_first); is_first = false) {
        *at += **at == '\\' && *at + 1 < end;
        char low = *(*at)++, high = low;
        if (*at + 1 < end && **at == '-' && (*at)[1] != ']') {
            high = (*at)[1];
            *at += 2;
        }
        has = has || ((unsigned char)low <= (unsigned char)character &&
                      (unsigned char)character <= (unsigned char)high);
    }
    *at += *at < end;
    return has != is_negated && character != '/';
}

static bool matches_star(struct matcher *matcher, struct pattern pattern, const char *path) {
    bool is_deep = matcher->syntax == GLOB_FILES && pattern.at < pattern.end && *pattern.at == '*';
    pattern.at += is_deep;
    for (;; path++) {
        if (matches(matcher, pattern, path))
            return true;
        if (!*path || (*path == '/' && !is_deep) || matcher->budget <= 0)
            return false;
    }
}

// {a,b}: each alternative with what stands behind the braces.
static bool matches_braces(struct matcher *matcher, struct pattern pattern, const char *path) {
    const char *close = pattern.at;
    int depth = 1;
    for (; close < pattern.end; close++) {
        depth += (*close == '{') - (*close == '}');
        if (depth == 0)
            break;
    }
    if (close == pattern.end)
        return false;
    struct pattern rest = {close + 1, pattern.end, pattern.next};
    const char *start = pattern.at;
    depth = 0;
    for (const char *at = start; at <= close; at++) {
        depth += at < close ? (*at == '{') - (*at == '}') : 0;
        if (at < close && (*at != ',' || depth))
            continue;
        if (matches(matcher, (struct pattern){start, at, &rest}, path))
            return true;
        start = at + 1;
    }
    return false;
}

static bool matches(struct matcher *matcher, struct pattern pattern, const char *path) {
    while (matcher->budget-- > 0) {
        if (pattern.at == pattern.end) {
            if (!pattern.next)
                return !*path;
            pattern = *pattern.next;
            continue;
        }
        char character = *pattern.at++;
        if (character == '*')
            return matches_star(matcher, pattern, path);
        if (character == '{' && matcher->syntax == GLOB_FILES)
            return matches_braces(matcher, pattern, path);
        if (!*path)
            return false;
        if (character == '[') {
            if (!class_has(&pattern.at, pattern.end, *path))
                return false;
        } else if (character == '?') {
            if (*path == '/')
                return false;
        } else {
            if (character == '\\' && pattern.at < pattern.end)
                character = *pattern.at++;
            if (*path != character)
                return false;
        }
        path++;
    }
    return false;
}

bool glob_matches(const char *pattern, const char *path, enum glob_syntax syntax) {
    struct matcher matcher = {syntax, BUDGET};
    return matches(&matcher, (struct pattern){pattern, pattern + strlen(pattern), NULL}, path);
}
