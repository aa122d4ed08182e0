// SPDX-License-Identifier: Apache-2.0
//
// See search.h. Texts are folded while they are looked at: a few megabytes are folded in a few
// milliseconds, and nothing has to be kept twice.
#include "store/search.h"

#include <string.h>
#include <wctype.h>

#include "base/limits.h"
#include "base/str.h"

// Room for every byte to become U+FFFD, which has three.
#define FOLDED_TEXT (3 * LIMIT_SEARCHED_TEXT)

static void fold(const char *text, struct buf *ret_text) {
    size_t length = strnlen(text, LIMIT_SEARCHED_TEXT), used;
    buf_clear(ret_text);
    char *out = buf_reserve(ret_text, 3 * length), *start = out;
    for (const char *at = text, *end = text + length; out && at < end; at += used) {
        unsigned char byte = (unsigned char)*at;
        used = 1;
        if (byte < 0x80)
            *out++ = (char)(byte >= 'A' && byte <= 'Z' ? byte + 32 : byte);
        else
            out += str_put_character(
                (uint32_t)towlower((wint_t)str_character(at, (size_t)(end - at), &used)), out);
    }
    if (out)
        buf_grew(ret_text, (size_t)(out - start));
}

static bool has_word(const struct search *search, const char *word) {
    for (size_t i = 0; i < search->count; i++)
        if (strcmp(search->words[i], word) == 0)
            return true;
    return false;
}

int search_parse(const char *query, struct search *ret_search, struct err *err) {
    static const char blanks[] = " \t\r\n";
    struct search search cleanup(search_done) = {.text = BUF(FOLDED_TEXT)};
    cleanup_buf struct buf folded = BUF(FOLDED_TEXT);
    size_t offset;
    if (!str_is_utf8(query, strlen(query), &offset))
        return err_set(err, ERR_BAD_REQUEST, "the search is not valid UTF-8 at byte %zu", offset);
    fold(query, &folded);
    for (const char *at = buf_text(&folded); *(at += strspn(at, blanks));) {
        cleanup_free char *word = mem_text_n(at, strcspn(at, blanks));
        at += strlen(word);
        if (has_word(&search, word))
            continue;
        if (search.count == SEARCH_WORDS)
            return err_set(err, ERR_BAD_REQUEST, "the search has more than %d words", SEARCH_WORDS);
        search.words[search.count++] = mem_take(word);
    }
    *ret_search = search;
    search = (struct search){.count = 0};
    return 0;
}

void search_done(struct search *search) {
    for (size_t i = 0; i < search->count; i++)
        free(search->words[i]);
    buf_done(&search->text);
    *search = (struct search){.count = 0};
}

uint32_t search_words(struct search *search, uint32_t wanted, const char *text) {
    uint32_t found = 0;
    fold(text, &search->text);
    for (size_t i = 0; i < search->count; i++)
        if ((wanted >> i & 1) && strstr(buf_text(&search->text), search->words[i]))
            found |= UINT32_C(1) << i;
    return found;
}

uint32_t search_all(const struct search *search) {
    return (uint32_t)((UINT64_C(1) << search->count) - 1);
}
