// SPDX-License-Identifier: Apache-2.0
//
// See semver.h.
#include "helm/semver.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";

static bool read_number(const char **at, uint64_t *ret_number) {
    char *end;
    errno = 0;
    if (**at < '0' || **at > '9')
        return false;
    unsigned long long number = strtoull(*at, &end, 10);
    *ret_number = number;
    *at = end;
    return errno == 0;
}

// Identifiers parted by dots behind a - or a +.
static bool read_identifiers(const char **at, bool forbids_zero, char out[SEMVER_PART_MAX]) {
    const char *start = *at;
    for (;;) {
        size_t length = strspn(*at, letters);
        if (length == 0)
            return false;
        if (forbids_zero && length > 1 && **at == '0' && strspn(*at, "0123456789") >= length)
            return false;
        *at += length;
        if (**at != '.')
            break;
        (*at)++;
    }
    size_t length = (size_t)(*at - start);
    if (length >= SEMVER_PART_MAX)
        return false;
    memcpy(out, start, length);
    out[length] = '\0';
    return true;
}

static bool read_suffix(const char **at, struct semver *version) {
    if (**at == '-' && (++*at, !read_identifiers(at, true, version->prerelease)))
        return false;
    return **at != '+' || (++*at, read_identifiers(at, false, version->metadata));
}

int semver_parse(const char *text, struct semver *ret_version, struct err *err) {
    struct semver version = {0};
    const char *at = text + (*text == 'v');
    bool is_good = read_number(&at, &version.major);
    if (is_good && *at == '.')
        is_good = (at++, read_number(&at, &version.minor));
    if (is_good && *at == '.')
        is_good = (at++, read_number(&at, &version.patch));
    if (!is_good || !read_suffix(&at, &version) || *at)
        return err_set(err, ERR_BAD_REQUEST, "\"%.100s\" is no semantic version, as in 1.2.3",
                       text);
    *ret_version = version;
    return 0;
}

static int compare_numbers(uint64_t left, uint64_t right) {
    return (left > right) - (left < right);
}

static int compare_identifiers(const char *left, size_t left_length, const char *right,
                               size_t right_length) {
    bool left_is_number = strspn(left, "0123456789") >= left_length,
         right_is_number = strspn(right, "0123456789") >= right_length;
    if (left_is_number && right_is_number) {
        if (left_length != right_length)
            return left_length < right_length ? -1 : 1;
        return memcmp(left, right, left_length);
    }
    if (left_is_number || right_is_number)
        return left_is_number ? -1 : 1;
    size_t shorter = left_length < right_length ? left_length : right_length;
    int order = memcmp(left, right, shorter);
    return order ? order : compare_numbers(left_length, right_length);
}

static int compare_prereleases(const char *left, const char *right) {
    if (!*left || !*right)
        return compare_numbers(!*left, !*right);
    for (;;) {
        size_t left_length = strcspn(left, "."), right_length = strcspn(right, ".");
        int order = compare_identifiers(left, left_length, right, right_length);
        if (order)
            return order < 0 ? -1 : 1;
        left += left_length;
        right += right_length;
        if (!*left || !*right)
            return compare_numbers(*left != 0, *right != 0);
        left++;
        right++;
    }
}

int semver_compare(const struct semver *left, const struct semver *right) {
    int order = compare_numbers(left->major, right->major);
    if (!order)
        order = compare_numbers(left->minor, right->minor);
    if (!order)
        order = compare_numbers(left->patch, right->patch);
    return order ? order : compare_prereleases(left->prerelease, right->prerelease);
}

// ---- Constraints

enum comparison { OP_SAME, OP_NOT, OP_MORE, OP_LESS, OP_LEAST, OP_MOST, OP_TILDE, OP_CARET };

// `is_minor_open` where only the major number was given, `is_patch_open` where two were.
struct constraint {
    enum comparison comparison;
    struct semver version;
    bool is_open, is_minor_open, is_patch_open;
};

static enum comparison read_operator(const char **at) {
    static const struct {
        const char *text;
        enum comparison comparison;
    } names[] = {{"!=", OP_NOT},  {">=", OP_LEAST}, {"=>", OP_LEAST}, {"<=", OP_MOST},
                 {"=<", OP_MOST}, {"~>", OP_TILDE}, {"~", OP_TILDE},  {"^", OP_CARET},
                 {">", OP_MORE},  {"<", OP_LESS},   {"=", OP_SAME}};
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        size_t length = strlen(names[i].text);
        if (strncmp(*at, names[i].text, length) == 0) {
            *at += length;
            return names[i].comparison;
        }
    }
    return OP_SAME;
}

static void skip_blanks(const char **at) { *at += strspn(*at, " \t"); }

// A number, or x, X or *, which is open.
static bool read_part(const char **at, uint64_t *ret_number, bool *ret_is_open) {
    *ret_is_open = **at == 'x' || **at == 'X' || **at == '*';
    if (!*ret_is_open)
        return read_number(at, ret_number);
    (*at)++;
    return true;
}

// A version of which parts may be open or missing.
static bool read_version(const char **at, struct constraint *constraint) {
    bool major_open = false, minor_open = true, patch_open = true;
    struct semver *version = &constraint->version;
    *at += **at == 'v';
    if (!read_part(at, &version->major, &major_open))
        return false;
    if (**at == '.' && ((*at)++, !read_part(at, &version->minor, &minor_open)))
        return false;
    if (!minor_open || **at == '.')
        if (**at == '.' && ((*at)++, !read_part(at, &version->patch, &patch_open)))
            return false;
    if (!read_suffix(at, version))
        return false;
    constraint->is_open = major_open || minor_open || patch_open;
    constraint->is_minor_open = !major_open && minor_open;
    constraint->is_patch_open = !major_open && !minor_open && patch_open;
    if (major_open)
        version->major = 0;
    if (major_open || minor_open)
        version->minor = 0;
    if (constraint->is_open)
        version->patch = 0;
    return true;
}

static bool is_tilde(const struct constraint *constraint, const struct semver *version) {
    const struct semver *base = &constraint->version;
    if (semver_compare(version, base) < 0)
        return false;
    if (!base->major && !base->minor && !base->patch && !constraint->is_minor_open &&
        !constraint->is_patch_open)
        return true;
    return version->major == base->major &&
           (version->minor == base->minor || constraint->is_minor_open);
}

static bool is_caret(const struct constraint *constraint, const struct semver *version) {
    const struct semver *base = &constraint->version;
    if (semver_compare(version, base) < 0)
        return false;
    if (base->major > 0 || constraint->is_minor_open)
        return version->major == base->major;
    if (version->major > 0)
        return false;
    if (base->minor > 0 || constraint->is_patch_open)
        return version->minor == base->minor;
    return version->minor == 0 && version->patch == base->patch;
}

static bool is_not(const struct constraint *constraint, const struct semver *version) {
    const struct semver *base = &constraint->version;
    if (!constraint->is_open)
        return semver_compare(version, base) != 0;
    if (*version->prerelease && !*base->prerelease)
        return false;
    if (base->major != version->major)
        return true;
    if (base->minor != version->minor && !constraint->is_minor_open)
        return true;
    if (constraint->is_patch_open)
        return (*version->prerelease || *base->prerelease) &&
               compare_prereleases(version->prerelease, base->prerelease) != 0;
    if (constraint->is_minor_open)
        return false;
    return semver_compare(version, base) != 0;
}

static bool holds(const struct constraint *constraint, const struct semver *version) {
    const struct semver *base = &constraint->version;
    int order = semver_compare(version, base);
    if (constraint->comparison == OP_NOT)
        return is_not(constraint, version);
    if (*version->prerelease && !*base->prerelease)
        return false;
    switch (constraint->comparison) {
    case OP_SAME: return constraint->is_open ? is_tilde(constraint, version) : order == 0;
    case OP_LEAST: return order >= 0;
    case OP_LESS: return order < 0;
    case OP_TILDE: return is_tilde(constraint, version);
    case OP_CARET: return is_caret(constraint, version);
    case OP_MOST:
        if (!constraint->is_open)
            return order <= 0;
        return version->major < base->major ||
               (version->major == base->major &&
                (version->minor <= base->minor || constraint->is_minor_open));
    case OP_MORE:
        if (!constraint->is_open || version->major != base->major)
            return constraint->is_open ? version->major > base->major : order > 0;
        if (constraint->is_minor_open)
            return false;
        return constraint->is_patch_open ? version->minor > base->minor : order > 0;
    case OP_NOT: break;
    }
    return false;
}

// `1.2 - 1.4` is >=1.2 <=1.4. *AT stands behind the first version.
static bool read_range(const char **at, struct constraint *ret_upper) {
    const char *ahead = *at;
    skip_blanks(&ahead);
    if (ahead == *at || *ahead != '-' || (ahead[1] != ' ' && ahead[1] != '\t'))
        return false;
    ahead++;
    skip_blanks(&ahead);
    *ret_upper = (struct constraint){.comparison = OP_MOST};
    if (!read_version(&ahead, ret_upper))
        return false;
    *at = ahead;
    return true;
}

// Constraints that hold all together, up to || or the end.
static bool read_group(const char **at, const struct semver *version, bool *ret_holds) {
    bool is_first = true;
    *ret_holds = true;
    for (;; is_first = false) {
        struct constraint constraint = {0}, upper;
        skip_blanks(at);
        if (!is_first && **at == ',') {
            (*at)++;
            skip_blanks(at);
        }
        if (!**at || strncmp(*at, "||", 2) == 0)
            return !is_first;
        const char *start = *at;
        constraint.comparison = read_operator(at);
        bool is_bare = *at == start;
        skip_blanks(at);
        if (!read_version(at, &constraint))
            return false;
        if (**at && !strchr(" \t,|", **at))
            return false;
        if (is_bare && read_range(at, &upper)) {
            constraint.comparison = OP_LEAST;
            *ret_holds = *ret_holds && holds(&upper, version);
        }
        *ret_holds = *ret_holds && holds(&constraint, version);
    }
}

int semver_check(const char *constraint, const struct semver *version, bool *ret_is_within,
                 struct err *err) {
    const char *at = constraint;
    bool is_within = false;
    for (;;) {
        bool group;
        if (!read_group(&at, version, &group))
            return err_set(err, ERR_BAD_REQUEST,
                           "improper constraint: \"%.100s\" is no range of versions, as in >=1.2",
                           constraint);
        is_within = is_within || group;
        if (!*at)
            break;
        at += 2;
    }
    *ret_is_within = is_within;
    return 0;
}
