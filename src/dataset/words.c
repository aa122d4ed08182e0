// SPDX-License-Identifier: Apache-2.0
//
// See words.h. The splitter walks over the text glyph by glyph (a glyph is a character with its
// class and its folded spelling) and decides at each border whether the word goes on. Folding needs
// no locale and no Unicode library: the Latin blocks are one table, Greek, Cyrillic and Armenian
// capitals are moved to their small letters, and every other letter stands for itself. The stemmer
// is in words_stem.c.
#include "dataset/words.h"

#include <stdint.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"

enum glyph_class {
    GLYPH_END,
    GLYPH_SEPARATOR,
    GLYPH_LETTER,
    GLYPH_DIGIT,
    GLYPH_MARK, // combining marks and invisible characters: dropped, and no border
};

struct glyph {
    enum glyph_class class;
    bool is_upper;
    char text[5]; // folded; "" for separators and marks
    size_t bytes; // in the original
    uint32_t code;
};

// ---- Folding ------------------------------------------------------------------------------------

// U+00C0 to U+024F without case and diacritics: a letter, '#' for one of `latin_pairs`, '.' for a
// letter that is kept.
static const char latin[] = "aaaaaa#ceeeeiiiidnooooo.ouuuuy##aaaaaa#ceeeeiiiidnooooo.ouuuuy#y"
                            "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiii##jjkkklllllll"
                            "lllnnnnnnnnnoooooo##rrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs"
                            "bb....occdddd.eeeffg...ikkl...nooo..pp.....ttt.uu..yyzz........."
                            "....#########aaiioouuuuuuuuuueaaaa##ggggkkoooo..j###gg..nnaa##oo"
                            "aaaaeeeeiiiioooorrrruuuusstt..hhnd..zzaaeeooooooooyylntj...ccl.s"
                            "z..bu.eejj..rryy";
// U+1E00 to U+1EFF, likewise.
static const char latin_additional[] =
    "aabbbbbbccddddddddddeeeeeeeeeeffgghhhhhhhhhhiiiikkkkkkllllllllmm"
    "mmmmnnnnnnnnoooooooopppprrrrrrrrssssssssssttttttttuuuuuuuuuuvvvv"
    "wwwwwwwwwwxxxxyyzzzzzzhtwy.s..#.aaaaaaaaaaaaaaaaaaaaaaaaeeeeeeee"
    "eeeeeeeeiiiioooooooooooooooooooooooouuuuuuuuuuuuuuyyyyyyyy......";
static const struct latin_pair {
    uint32_t code;
    char text[3];
} latin_pairs[] = {
    {0xC6, "ae"},  {0xDE, "th"},   {0xDF, "ss"},  {0xE6, "ae"},  {0xFE, "th"},  {0x132, "ij"},
    {0x133, "ij"}, {0x152, "oe"},  {0x153, "oe"}, {0x1C4, "dz"}, {0x1C5, "dz"}, {0x1C6, "dz"},
    {0x1C7, "lj"}, {0x1C8, "lj"},  {0x1C9, "lj"}, {0x1CA, "nj"}, {0x1CB, "nj"}, {0x1CC, "nj"},
    {0x1E2, "ae"}, {0x1E3, "ae"},  {0x1F1, "dz"}, {0x1F2, "dz"}, {0x1F3, "dz"}, {0x1FC, "ae"},
    {0x1FD, "ae"}, {0x1E9E, "ss"},
};

// Small letters of other alphabets: CODE - first, in steps, moves by `shift` to the letter that
// stands for it.
static const struct letter_shift {
    uint32_t first, last;
    int32_t shift;
    bool every_other; // capitals and small letters take turns: capitals are even where `first` is
} letter_shifts[] = {
    {0x386, 0x386, 0x2B, false},  {0x388, 0x388, 0x2D, false},
    {0x389, 0x389, 0x2E, false}, // Ά Έ Ή
    {0x38A, 0x38A, 0x2F, false},  {0x38C, 0x38C, 0x33, false},
    {0x38E, 0x38E, 0x37, false}, // Ί Ό Ύ
    {0x38F, 0x38F, 0x3A, false},  {0x391, 0x3A9, 0x20, false},
    {0x3AA, 0x3AA, 0x0F, false}, // Ώ, Α-Ω, Ϊ
    {0x3AB, 0x3AB, 0x1A, false},  {0x3AC, 0x3AC, 0x05, false},
    {0x3AD, 0x3AD, 0x08, false}, // Ϋ ά έ
    {0x3AE, 0x3AE, 0x09, false},  {0x3AF, 0x3AF, 0x0A, false},
    {0x3C2, 0x3C2, 0x01, false}, // ή ί ς
    {0x3CA, 0x3CA, -0x11, false}, {0x3CB, 0x3CB, -0x06, false},
    {0x3CC, 0x3CC, -0x0D, false},                               // ϊ ϋ ό
    {0x3CD, 0x3CD, -0x08, false}, {0x3CE, 0x3CE, -0x05, false}, // ύ ώ
    {0x401, 0x401, 0x34, false},  {0x451, 0x451, -0x1C, false}, // Ё ё
    {0x400, 0x40F, 0x50, false},  {0x410, 0x42F, 0x20, false},
    {0x460, 0x481, 1, true}, // Cyrillic
    {0x48A, 0x4BF, 1, true},      {0x4D0, 0x52F, 1, true},
    {0x531, 0x556, 0x30, false}, // and Armenian
};

// What is no letter above U+007F. Everything else counts as one, so that no script is left out.
static const struct code_range {
    uint32_t first, last;
} separators[] =
    {
        {0x80, 0xA9},     {0xAB, 0xB1},     {0xB4, 0xB4},     {0xB6, 0xB8},       {0xBB, 0xBF},
        {0xD7, 0xD7},     {0xF7, 0xF7},     {0x2010, 0x206F}, {0x20A0, 0x20CF},   {0x2100, 0x214F},
        {0x2190, 0x2BFF}, {0x2E00, 0x2E7F}, {0x3000, 0x3004}, {0x3008, 0x3020},   {0x3030, 0x3030},
        {0xE000, 0xF8FF}, {0xFE10, 0xFE1F}, {0xFE30, 0xFE6F}, {0xFF01, 0xFF0F},   {0xFF1A, 0xFF20},
        {0xFF3B, 0xFF40}, {0xFF5B, 0xFF65}, {0xFFE0, 0xFFFD}, {0x1F000, 0x1FAFF},
},
  marks[] = {
      {0xAD, 0xAD},     {0x300, 0x36F},   {0x200B, 0x200F}, {0x20D0, 0x20FF},
      {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}, {0xFEFF, 0xFEFF},
};

static bool is_within(uint32_t code, const struct code_range *ranges, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (code >= ranges[i].first && code <= ranges[i].last)
            return true;
    return false;
}

static uint32_t to_small_letter(uint32_t code) {
    for (size_t i = 0; i < ARRAY_LENGTH(letter_shifts); i++) {
        const struct letter_shift *shift = &letter_shifts[i];
        if (code < shift->first || code > shift->last)
            continue;
        if (shift->every_other && (code - shift->first) % 2 != 0)
            return code;
        return (uint32_t)((int32_t)code + shift->shift);
    }
    return code;
}

static void fold_latin(uint32_t code, struct glyph *glyph) {
    char base = code >= 0x1E00 ? latin_additional[code - 0x1E00] : latin[code - 0xC0];
    if (base == '.') {
        glyph->text[str_put_character(code, glyph->text)] = '\0';
        return;
    }
    glyph->text[0] = base;
    glyph->text[1] = '\0';
    for (size_t i = 0; base == '#' && i < ARRAY_LENGTH(latin_pairs); i++)
        if (latin_pairs[i].code == code)
            memcpy(glyph->text, latin_pairs[i].text, sizeof latin_pairs[i].text);
}

static void read_ascii(uint32_t code, struct glyph *glyph) {
    bool is_digit = code >= '0' && code <= '9';
    bool is_small = code >= 'a' && code <= 'z';
    glyph->is_upper = code >= 'A' && code <= 'Z';
    glyph->class = is_digit                      ? GLYPH_DIGIT
                   : is_small || glyph->is_upper ? GLYPH_LETTER
                                                 : GLYPH_SEPARATOR;
    if (glyph->class != GLYPH_SEPARATOR)
        glyph->text[0] = (char)(glyph->is_upper ? code + 32 : code);
}

static void read_beyond_ascii(uint32_t code, struct glyph *glyph) {
    if (code >= 0xFF10 && code <= 0xFF5A) // full-width forms of ASCII
        read_ascii(code - 0xFEE0, glyph);
    else if (code == 0xB2 || code == 0xB3 || code == 0xB9) // superscript digits
        read_ascii(code == 0xB9 ? '1' : code - 0xB2 + '2', glyph);
    else if (code == 0xAA || code == 0xBA) // ordinal indicators
        read_ascii(code == 0xAA ? 'a' : 'o', glyph);
    else if (is_within(code, marks, ARRAY_LENGTH(marks)))
        glyph->class = GLYPH_MARK;
    else if (is_within(code, separators, ARRAY_LENGTH(separators)))
        glyph->class = GLYPH_SEPARATOR;
    else {
        glyph->class = GLYPH_LETTER;
        glyph->is_upper = code >= 0xC0 && code <= 0xDE;
        if ((code >= 0xC0 && code <= 0x24F) || (code >= 0x1E00 && code <= 0x1EFF))
            fold_latin(code, glyph);
        else
            glyph->text[str_put_character(to_small_letter(code), glyph->text)] = '\0';
    }
}

// ---- Splitting ----------------------------------------------------------------------------------

struct splitter {
    const char *text;
    size_t length, at;
    size_t filled;   // bytes of the present word
    bool is_name;    // capitals part words
    bool after_word; // `at` stands right behind a word
};

static struct glyph glyph_at(const struct splitter *splitter, size_t at) {
    struct glyph glyph = {.class = GLYPH_END};
    if (at >= splitter->length)
        return glyph;
    glyph.code = str_character(splitter->text + at, splitter->length - at, &glyph.bytes);
    if (glyph.code < 0x80)
        read_ascii(glyph.code, &glyph);
    else
        read_beyond_ascii(glyph.code, &glyph);
    return glyph;
}

// The next glyph that is no mark; AT moves onto it.
static struct glyph next_glyph(const struct splitter *splitter, size_t *at) {
    struct glyph glyph = glyph_at(splitter, *at);
    while (glyph.class == GLYPH_MARK) {
        *at += glyph.bytes;
        glyph = glyph_at(splitter, *at);
    }
    return glyph;
}

static bool is_alphanumeric(struct glyph glyph) {
    return glyph.class == GLYPH_LETTER || glyph.class == GLYPH_DIGIT;
}

static bool is_apostrophe(struct glyph glyph) {
    return glyph.code == '\'' || glyph.code == 0x2019 || glyph.code == 0x2BC;
}

static void add_glyph(struct splitter *splitter, struct word *word, struct glyph glyph) {
    size_t more = strlen(glyph.text);
    if (splitter->filled + more >= WORDS_TEXT)
        return;
    memcpy(word->text + splitter->filled, glyph.text, more); // the word was zeroed
    splitter->filled += more;
}

static bool is_digit_at(const struct splitter *splitter, size_t at) {
    return at < splitter->length && splitter->text[at] >= '0' && splitter->text[at] <= '9';
}

static size_t digits_end(const struct splitter *splitter, size_t at) {
    while (is_digit_at(splitter, at))
        at++;
    return at;
}

// Where the digits that start at START end, with their separators of thousands and their decimals.
static size_t number_end(const struct splitter *splitter, size_t start) {
    size_t end = digits_end(splitter, start);
    while (end - start <= 27 && end < splitter->length && splitter->text[end] == ',' &&
           digits_end(splitter, end + 1) == end + 4)
        end += 4;
    size_t decimals =
        end < splitter->length && splitter->text[end] == '.' ? digits_end(splitter, end + 1) : end;
    if (decimals <= end + 1)
        return end;
    // "1.2.3" is a version or a date, no decimal.
    bool is_dotted = decimals < splitter->length && splitter->text[decimals] == '.' &&
                     is_digit_at(splitter, decimals + 1);
    bool was_dotted =
        start >= 2 && splitter->text[start - 1] == '.' && is_digit_at(splitter, start - 2);
    return is_dotted || was_dotted ? end : decimals;
}

// Letters that stay with the digits before them: "2nd", "1990s", and any single one, as in "3d",
// "5k".
static size_t suffix_end(const struct splitter *splitter, size_t start) {
    static const char *const suffixes[] = {"st", "nd", "rd", "th"};
    size_t end = start, letters = 0;
    char text[3] = "";
    for (struct glyph glyph = next_glyph(splitter, &end); glyph.class == GLYPH_LETTER;
         end += glyph.bytes, glyph = next_glyph(splitter, &end)) {
        if (letters < 2 && !glyph.text[1])
            text[letters] = glyph.text[0];
        if (++letters > 2)
            return start;
    }
    if (next_glyph(splitter, &end).class == GLYPH_DIGIT)
        return start;
    for (size_t i = 0; letters == 2 && i < ARRAY_LENGTH(suffixes); i++)
        if (strcmp(text, suffixes[i]) == 0)
            return end;
    return letters == 1 ? end : start;
}

static void read_number(struct splitter *splitter, struct word *word) {
    size_t end = number_end(splitter, splitter->at);
    if (splitter->text[splitter->at] == '.') // ".5"
        end = digits_end(splitter, splitter->at + 1),
        add_glyph(splitter, word, (struct glyph){.text = "0"});
    for (; splitter->at < end; splitter->at++)
        if (splitter->text[splitter->at] != ',')
            add_glyph(splitter, word, (struct glyph){.text = {splitter->text[splitter->at]}});
    word->is_number =
        splitter->filled + 1 < WORDS_TEXT && str_to_real(word->text, &word->number) == 0;
    end = suffix_end(splitter, splitter->at);
    while (splitter->at < end) {
        struct glyph glyph = glyph_at(splitter, splitter->at);
        add_glyph(splitter, word, glyph);
        splitter->at += glyph.bytes;
        word->is_number = false;
    }
}

// Whether a capital at AT begins a new word of a name: "flightDate", "HTTPServer", but not the s of
// "IDs".
static bool parts_before(const struct splitter *splitter, struct glyph before, struct glyph glyph,
                         size_t at) {
    if (!splitter->is_name || !glyph.is_upper || before.class != GLYPH_LETTER)
        return false;
    if (!before.is_upper)
        return true;
    size_t next_at = at + glyph.bytes;
    struct glyph next = next_glyph(splitter, &next_at);
    if (next.class != GLYPH_LETTER || next.is_upper)
        return false;
    size_t after_at = next_at + next.bytes;
    return next.code != 's' || next_glyph(splitter, &after_at).class == GLYPH_LETTER;
}

// How the word goes on behind a separator at AT: past the apostrophe of "O'Hare" or the point of
// "U.S."; END says that it ends there, after the bytes of a possessive "'s".
static size_t joined_over(const struct splitter *splitter, struct glyph separator, size_t at,
                          size_t letters, size_t *ret_possessive) {
    size_t next_at = at + separator.bytes;
    struct glyph next = next_glyph(splitter, &next_at);
    size_t after_at = next_at + next.bytes;
    struct glyph after = next_glyph(splitter, &after_at);
    *ret_possessive = 0;
    if (next.class != GLYPH_LETTER)
        return 0;
    if (is_apostrophe(separator)) {
        if ((next.code | 0x20) == 's' && !is_alphanumeric(after)) {
            *ret_possessive = after_at - at;
            return 0;
        }
        return next_at;
    }
    return separator.code == '.' && letters == 1 && !is_alphanumeric(after) ? next_at : 0;
}

static void read_letters(struct splitter *splitter, struct word *word) {
    struct glyph before = {.class = GLYPH_END};
    size_t letters = 0; // since the last point, so that "U.S.A." joins and "St.Paul" does not
    for (;;) {
        size_t at = splitter->at, possessive;
        struct glyph glyph = next_glyph(splitter, &at);
        if (glyph.class == GLYPH_LETTER && !parts_before(splitter, before, glyph, at)) {
            add_glyph(splitter, word, glyph);
            splitter->at = at + glyph.bytes;
            letters++;
        } else if (glyph.class == GLYPH_DIGIT && splitter->filled < 3) {
            for (; glyph.class == GLYPH_DIGIT; glyph = glyph_at(splitter, splitter->at)) {
                add_glyph(splitter, word, glyph);
                splitter->at = at += glyph.bytes;
            }
            return;
        } else if (glyph.class == GLYPH_SEPARATOR && letters) {
            size_t joined = joined_over(splitter, glyph, at, letters, &possessive);
            splitter->at = at + possessive;
            if (!joined)
                return;
            splitter->at = joined;
            letters = 0;
        } else {
            splitter->at = at;
            return;
        }
        before = glyph;
    }
}

static bool is_sign(const struct splitter *splitter, struct glyph glyph) {
    return (glyph.code == '-' || glyph.code == 0x2212) && !splitter->after_word &&
           is_digit_at(splitter, splitter->at + glyph.bytes);
}

static bool next_word(struct splitter *splitter, struct word *word) {
    *word = (struct word){0};
    splitter->filled = 0;
    for (;;) {
        struct glyph glyph = glyph_at(splitter, splitter->at);
        if (glyph.class == GLYPH_END)
            return false;
        word->start = splitter->at;
        bool is_negative = glyph.class == GLYPH_SEPARATOR && is_sign(splitter, glyph);
        bool is_point =
            glyph.code == '.' && !splitter->after_word && is_digit_at(splitter, splitter->at + 1);
        if (is_negative) {
            splitter->at += glyph.bytes;
            add_glyph(splitter, word, (struct glyph){.text = "-"});
        }
        if (is_negative || is_point || is_digit_at(splitter, splitter->at))
            read_number(splitter, word);
        else if (is_alphanumeric(glyph))
            read_letters(splitter, word);
        else
            splitter->at += glyph.bytes;
        splitter->after_word = word->text[0] != '\0';
        if (splitter->after_word)
            break;
    }
    word->length = splitter->at - word->start;
    words_stem(word->text, word->stem);
    return true;
}

// ---- Quotation marks ----------------------------------------------------------------------------

static const struct quotes {
    uint32_t opening, closing;
} quotes[] = {{'"', '"'},   {0x201C, 0x201D}, {0x201E, 0x201C},
              {0xAB, 0xBB}, {0x2018, 0x2019}, {'\'', '\''}};

// Which of `quotes` opens with GLYPH, -1 for none: an apostrophe behind a letter does not.
static int opened_quotes(struct glyph glyph, struct glyph before) {
    for (size_t i = 0; i < ARRAY_LENGTH(quotes); i++)
        if (quotes[i].opening == glyph.code && !(glyph.code == '\'' && is_alphanumeric(before)))
            return (int)i;
    return -1;
}

// Where the quotation that opens before START closes, 0 where it does not.
static size_t quotation_end(const struct splitter *splitter, size_t start, uint32_t closing) {
    for (size_t at = start; at < splitter->length;) {
        struct glyph glyph = glyph_at(splitter, at);
        size_t after_at = at + glyph.bytes;
        bool closes = glyph.code == closing;
        if (closes && (closing == '\'' || closing == 0x2019)) // may be an apostrophe
            closes = !is_alphanumeric(next_glyph(splitter, &after_at));
        if (closes)
            return at;
        at += glyph.bytes;
    }
    return 0;
}

static void mark_quoted(const struct splitter *splitter, struct word *words, size_t count) {
    struct glyph before = {.class = GLYPH_END};
    unsigned unclosed =
        0; // kinds that were looked for to the end in vain; so that the work stays linear
    size_t word = 0;
    for (size_t at = 0; at < splitter->length && word < count;) {
        struct glyph glyph = glyph_at(splitter, at);
        int kind = glyph.class == GLYPH_SEPARATOR ? opened_quotes(glyph, before) : -1;
        size_t end = 0;
        if (kind >= 0 && !(unclosed & 1u << kind)) {
            end = quotation_end(splitter, at + glyph.bytes, quotes[kind].closing);
            unclosed |= end ? 0 : 1u << kind;
        }
        for (; end && word < count && words[word].start < end; word++)
            words[word].is_quoted = words[word].start > at;
        at = end ? end : at;
        at += glyph_at(splitter, at).bytes;
        before = end ? (struct glyph){.class = GLYPH_SEPARATOR} : glyph;
    }
}

static size_t split(const char *text, bool is_name, struct word *ret_words, size_t max) {
    struct splitter splitter = {.text = text, .length = strlen(text), .is_name = is_name};
    size_t count = 0;
    while (count < max && next_word(&splitter, &ret_words[count]))
        count++;
    mark_quoted(&splitter, ret_words, count);
    return count;
}

size_t words_split(const char *text, struct word *ret_words, size_t max) {
    return split(text, true, ret_words, max);
}

size_t words_split_prose(const char *text, struct word *ret_words, size_t max) {
    return split(text, false, ret_words, max);
}

void words_key(const char *text, struct buf *buf) {
    struct splitter splitter = {.text = text, .length = strlen(text)};
    struct word word;
    for (bool is_first = true; next_word(&splitter, &word); is_first = false) {
        if (!is_first)
            buf_add_char(buf, ' ');
        buf_add_text(buf, word.stem);
    }
}
