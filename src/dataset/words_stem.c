// SPDX-License-Identifier: Apache-2.0
//
// A light English stemmer: the same word in singular and plural, in present and past, has one stem,
// and that stem is a word where possible ("strikes": "strike", "geese": "goose", "priced":
// "price"). What people ask of data decides what is worth knowing: irregular nouns and verbs stand
// in a table, the rest goes by endings. Nouns in -ing ("rating", "building") stay what they are.
// Words of other scripts and words with digits are their own stems. A name may lose its s
// ("Texas"); it loses it in the data and in the question alike, and what is shown is always the
// original.
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "dataset/words.h"

// Sorted by word, for a binary search.
static const struct irregular {
    const char *word, *stem;
} irregulars[] = {
    {"aches", "ache"},
    {"aged", "age"},
    {"alfred", "alfred"},
    {"alumni", "alumnus"},
    {"am", "be"},
    {"analyses", "analysis"},
    {"appendices", "appendix"},
    {"are", "be"},
    {"ate", "eat"},
    {"avalanches", "avalanche"},
    {"axes", "axis"},
    {"bases", "base"},
    {"became", "become"},
    {"been", "be"},
    {"began", "begin"},
    {"begun", "begin"},
    {"being", "be"},
    {"bought", "buy"},
    {"broke", "break"},
    {"broken", "break"},
    {"brought", "bring"},
    {"built", "build"},
    {"businessmen", "businessman"},
    {"caches", "cache"},
    {"cacti", "cactus"},
    {"came", "come"},
    {"canvas", "canvas"},
    {"caught", "catch"},
    {"chairmen", "chairman"},
    {"children", "child"},
    {"chose", "choose"},
    {"chosen", "choose"},
    {"christmas", "christmas"},
    {"countrymen", "countryman"},
    {"craftsmen", "craftsman"},
    {"crises", "crisis"},
    {"criteria", "criterion"},
    {"curricula", "curriculum"},
    {"data", "data"},
    {"diagnoses", "diagnosis"},
    {"did", "do"},
    {"died", "die"},
    {"does", "do"},
    {"done", "do"},
    {"drank", "drink"},
    {"drawn", "draw"},
    {"drew", "draw"},
    {"driven", "drive"},
    {"drove", "drive"},
    {"drunk", "drink"},
    {"dying", "die"},
    {"eaten", "eat"},
    {"ellipses", "ellipsis"},
    {"fallen", "fall"},
    {"feet", "foot"},
    {"fell", "fall"},
    {"firemen", "fireman"},
    {"fishermen", "fisherman"},
    {"flew", "fly"},
    {"flown", "fly"},
    {"fought", "fight"},
    {"fungi", "fungus"},
    {"gas", "gas"},
    {"gases", "gas"},
    {"gave", "give"},
    {"geese", "goose"},
    {"given", "give"},
    {"gone", "go"},
    {"gotten", "get"},
    {"grew", "grow"},
    {"grown", "grow"},
    {"had", "have"},
    {"halves", "half"},
    {"has", "have"},
    {"having", "have"},
    {"headaches", "headache"},
    {"held", "hold"},
    {"hooves", "hoof"},
    {"hundred", "hundred"},
    {"hypotheses", "hypothesis"},
    {"indices", "index"},
    {"is", "be"},
    {"kept", "keep"},
    {"knew", "know"},
    {"knives", "knife"},
    {"known", "know"},
    {"lens", "lens"},
    {"lenses", "lens"},
    {"loaves", "loaf"},
    {"loci", "locus"},
    {"lost", "lose"},
    {"lying", "lie"},
    {"made", "make"},
    {"mailmen", "mailman"},
    {"matrices", "matrix"},
    {"men", "man"},
    {"met", "meet"},
    {"mice", "mouse"},
    {"naked", "naked"},
    {"news", "news"},
    {"niches", "niche"},
    {"nuclei", "nucleus"},
    {"oases", "oasis"},
    {"oxen", "ox"},
    {"paid", "pay"},
    {"parentheses", "parenthesis"},
    {"people", "person"},
    {"peoples", "person"},
    {"phenomena", "phenomenon"},
    {"policemen", "policeman"},
    {"psyches", "psyche"},
    {"quizzes", "quiz"},
    {"radii", "radius"},
    {"ran", "run"},
    {"reed", "reed"},
    {"ridden", "ride"},
    {"sacred", "sacred"},
    {"said", "say"},
    {"salesmen", "salesman"},
    {"sang", "sing"},
    {"scarves", "scarf"},
    {"selves", "self"},
    {"sent", "send"},
    {"series", "series"},
    {"shelves", "shelf"},
    {"shown", "show"},
    {"sold", "sell"},
    {"species", "species"},
    {"spent", "spend"},
    {"spoke", "speak"},
    {"spoken", "speak"},
    {"sportsmen", "sportsman"},
    {"statesmen", "statesman"},
    {"stimuli", "stimulus"},
    {"stolen", "steal"},
    {"strata", "stratum"},
    {"swam", "swim"},
    {"syllabi", "syllabus"},
    {"taken", "take"},
    {"taught", "teach"},
    {"teeth", "tooth"},
    {"theses", "thesis"},
    {"thieves", "thief"},
    {"thought", "think"},
    {"threw", "throw"},
    {"thrown", "throw"},
    {"told", "tell"},
    {"took", "take"},
    {"toes", "toe"},
    {"tying", "tie"},
    {"used", "use"},
    {"using", "use"},
    {"vertices", "vertex"},
    {"vying", "vie"},
    {"was", "be"},
    {"went", "go"},
    {"were", "be"},
    {"wives", "wife"},
    {"wolves", "wolf"},
    {"women", "woman"},
    {"won", "win"},
    {"wore", "wear"},
    {"worn", "wear"},
    {"written", "write"},
    {"wrote", "write"},
};

// Nouns and names in -ing or -ed that come from no verb worth joining them with.
static const char *const kept[] = {
    "beijing",   "boeing",   "building",    "ceiling",   "clothing", "drawing",
    "during",    "earning",  "engineering", "evening",   "heading",  "housing",
    "landing",   "lighting", "listing",     "marketing", "meeting",  "morning",
    "offspring", "opening",  "painting",    "parking",   "ranking",  "rating",
    "reading",   "saving",   "setting",     "shilling",  "shipping", "sibling",
    "spelling",  "standing", "sterling",    "training",  "wedding",  "wyoming",
};

// A group of endings with what they become. The first that fits decides.
struct ending {
    const char *ending, *becomes;
    size_t least; // letters that must be left before it
};

static const struct ending plurals[] = {
    {"sses", "ss", 1}, {"zzes", "zz", 1},       {"shes", "sh", 1},     {"ches", "ch", 1},
    {"xes", "x", 1},   {"tzes", "tz", 1},       {"shoes", "shoe", 0},  {"canoes", "canoe", 0},
    {"oes", "o", 2},   {"auses", "ause", 0},    {"ouses", "ouse", 0},  {"buses", "bus", 0},
    {"uses", "us", 2}, {"aliases", "alias", 0}, {"biases", "bias", 0}, {"atlases", "atlas", 0},
    {"ies", "y", 2},   {"ss", "ss", 0},         {"us", "us", 0},       {"is", "is", 0},
    {"s", "", 3},
};

// What is left of a past or a participle gets its e back behind the first kind of endings, not
// behind the second; the longest that fits decides.
static const char *const takes_e[] = {
    "at",       "bl",    "iz",     "as",     "os",     "us",   "is",  "es",    "ns",    "rs",
    "ls",       "ps",    "v",      "c",      "dg",     "rg",   "ng",  "ag",    "eg",    "u",
    "pl",       "tl",    "dl",     "gl",     "kl",     "fl",   "cl",  "id",    "ud",    "od",
    "ut",       "ir",    "ur",     "yp",     "min",    "fin",  "bin", "creat", "chang", "rang",
    "challeng", "invit", "compar", "prepar", "declar", "shar",
};
static const char *const takes_no_e[] = {
    "eat", "oat",   "long",  "aid",    "oud",  "out",   "put",   "ood",  "ress",
    "ass", "iss",   "oss",   "uss",    "ess",  "focus", "avoid", "pair", "air",
    "our", "occur", "bring", "string", "hang", "sing",  "ring",  "wing", "bias",
};

static bool is_vowel(char letter) { return letter && strchr("aeiou", letter) != NULL; }

static bool has_vowel(const char *text, size_t length) {
    for (size_t i = 0; i < length; i++)
        if (is_vowel(text[i]) || (text[i] == 'y' && i > 0))
            return true;
    return false;
}

static size_t longest_ending(const char *text, const char *const *endings, size_t count) {
    size_t longest = 0;
    for (size_t i = 0; i < count; i++)
        if (str_has_suffix(text, endings[i]) && strlen(endings[i]) > longest)
            longest = strlen(endings[i]);
    return longest;
}

static size_t syllables(const char *text) {
    size_t count = 0;
    for (; *text; text++)
        count += is_vowel(*text) && !is_vowel(text[1]);
    return count;
}

static int compare_irregular(const void *word, const void *entry) {
    return strcmp(word, ((const struct irregular *)entry)->word);
}

static bool is_plain(const char *word) {
    for (; *word; word++)
        if (*word < 'a' || *word > 'z')
            return false;
    return true;
}

// "hir" of "hired": one syllable of consonant, vowel, consonant.
static bool is_short_syllable(const char *text, size_t length) {
    if (length < 3 || is_vowel(text[length - 1]) || strchr("wxy", text[length - 1]) ||
        !is_vowel(text[length - 2]) || is_vowel(text[length - 3]))
        return false;
    return !has_vowel(text, length - 2);
}

static void mend_verb(char *stem, size_t length) {
    char last = stem[length - 1];
    bool is_doubled = length > 3 && last == stem[length - 2] && !is_vowel(last);
    // "cancelled" but "called" and "installed".
    bool keeps_double = last == 's' || last == 'z' ||
                        (last == 'l' && (syllables(stem) < 2 || stem[length - 3] == 'a'));
    if (is_doubled && !keeps_double)
        stem[length - 1] = '\0';
    if (is_doubled || length + 1 >= WORDS_TEXT)
        return;
    size_t with = longest_ending(stem, takes_e, ARRAY_LENGTH(takes_e));
    size_t without = longest_ending(stem, takes_no_e, ARRAY_LENGTH(takes_no_e));
    if (with > without || (!without && is_short_syllable(stem, length))) {
        stem[length] = 'e';
        stem[length + 1] = '\0';
    }
}

// Takes -ed or -ing away where a verb is left.
static void stem_verb(char *stem) {
    size_t length = strlen(stem);
    size_t ending = str_has_suffix(stem, "ing") ? 3 : str_has_suffix(stem, "ed") ? 2 : 0;
    if (!ending || length < ending + 3 || !has_vowel(stem, length - ending) ||
        str_has_suffix(stem, "eed"))
        return;
    for (size_t i = 0; i < ARRAY_LENGTH(kept); i++)
        if (strcmp(stem, kept[i]) == 0)
            return;
    stem[length -= ending] = '\0';
    if (ending == 2 && stem[length - 1] == 'i')
        stem[length - 1] = 'y';
    else
        mend_verb(stem, length);
}

static void stem_plural(char *stem) {
    size_t length = strlen(stem);
    if (length == 4 && strcmp(stem + 1, "ies") == 0) { // ties, pies, dies
        stem[3] = '\0';
        return;
    }
    for (size_t i = 0; i < ARRAY_LENGTH(plurals); i++) {
        size_t ending = strlen(plurals[i].ending);
        if (length < ending + plurals[i].least || !str_has_suffix(stem, plurals[i].ending))
            continue;
        strcpy(stem + length - ending, plurals[i].becomes); // never longer than the ending
        return;
    }
}

void words_stem(const char *word, char ret_stem[WORDS_TEXT]) {
    size_t length = strnlen(word, WORDS_TEXT - 1);
    if (word != ret_stem)
        memmove(ret_stem, word, length);
    ret_stem[length] = '\0';
    if (!is_plain(ret_stem))
        return;
    const struct irregular *irregular = bsearch(ret_stem, irregulars, ARRAY_LENGTH(irregulars),
                                                sizeof *irregulars, compare_irregular);
    if (irregular) {
        strcpy(ret_stem, irregular->stem);
        return;
    }
    if (length <= 3)
        return;
    if (str_has_suffix(ret_stem, "s"))
        stem_plural(ret_stem);
    stem_verb(ret_stem);
    length = strlen(ret_stem);
    // "movies" has lost its ie to the rule of "cities"; "movie" must meet it.
    if (length > 4 && str_has_suffix(ret_stem, "ie"))
        strcpy(ret_stem + length - 2, "y");
}
