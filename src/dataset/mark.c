// SPDX-License-Identifier: Apache-2.0
//
// See mark.h.
#include "dataset/mark.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"

#define MARK_MAX 24 // bytes inside a mark's brackets

static bool is_digit(char at) { return at >= '0' && at <= '9'; }
static bool is_letter(char at) { return (at >= 'a' && at <= 'z') || (at >= 'A' && at <= 'Z'); }

// "note 1", "nb 2", "citation needed"
static bool is_note(const char *text, size_t length) {
    static const char *const words[] = {"note", "nb", "fn", "n ", "citation needed"};
    for (size_t i = 0; i < ARRAY_LENGTH(words); i++) {
        size_t word = strlen(words[i]);
        if (length >= word && strncasecmp(text, words[i], word) == 0 &&
            (length == word || !is_letter(text[word])))
            return true;
    }
    return false;
}

// What may stand in square brackets: a number, one letter, or a note by name.
static bool is_reference(const char *text, size_t length) {
    size_t digits = 0;
    while (digits < length && is_digit(text[digits]))
        digits++;
    return (digits == length && length >= 1 && length <= 3) || (length == 1 && is_letter(*text)) ||
           is_note(text, length);
}

// The bytes of the brackets that end TEXT, 0 where they hold no mark.
static size_t bracket_bytes(const char *text, size_t length) {
    char closing = text[length - 1], opening = closing == ']' ? '[' : '(';
    for (size_t inner = 1; inner <= MARK_MAX && inner + 2 <= length; inner++) {
        const char *from = text + length - 1 - inner;
        if (from[-1] != opening)
            continue;
        bool is_mark = closing == ']' ? is_reference(from, inner) : is_note(from, inner);
        return is_mark ? inner + 2 : 0;
    }
    return 0;
}

// The bytes of one sign that ends TEXT, 0 where it is none. A raised digit behind a letter is of a
// unit: "km²".
static size_t sign_bytes(const char *text, size_t length) {
    static const char *const signs[] = {"*", "†", "‡", "§", "¶"};
    static const char *const raised[] = {"¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹", "⁰"};
    for (size_t i = 0; i < ARRAY_LENGTH(signs); i++) {
        size_t bytes = strlen(signs[i]);
        if (length >= bytes && memcmp(text + length - bytes, signs[i], bytes) == 0)
            return bytes;
    }
    for (size_t i = 0; i < ARRAY_LENGTH(raised); i++) {
        size_t bytes = strlen(raised[i]);
        if (length > bytes && memcmp(text + length - bytes, raised[i], bytes) == 0)
            return is_letter(text[length - bytes - 1]) ? 0 : bytes;
    }
    return 0;
}

size_t mark_trim(const char *text, size_t length) {
    size_t kept = length;
    while (kept) {
        char last = text[kept - 1];
        // Nearly all cells end here.
        if (is_letter(last) || is_digit(last))
            break;
        size_t bytes =
            last == ']' || last == ')' ? bracket_bytes(text, kept) : sign_bytes(text, kept);
        if (bytes == 0)
            break;
        kept -= bytes;
        while (kept && text[kept - 1] == ' ')
            kept--;
    }
    return kept ? kept : length;
}
