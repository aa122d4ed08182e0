// SPDX-License-Identifier: Apache-2.0
//
// See lexicon.h: adjectives and what they measure, units and what they are of, kinds of nouns, and
// how one English word is made from another.
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "dataset/words.h"
#include "plan/lexicon.h"

bool lexicon_is_listed(const char *list, const char *word) {
    size_t length = strlen(word);
    for (const char *at = list; length && (at = strstr(at, word)); at += length)
        if ((at == list || at[-1] == ' ') && (at[length] == ' ' || !at[length]))
            return true;
    return false;
}

// ---- Adjectives ---------------------------------------------------------------------------------

static const struct lexicon_adjective adjectives[] = {
    {"expensive costly pricey dear", true, "cost price", "", "currency"},
    {"cheap inexpensive affordable", false, "cost price", "", "currency"},
    {"hot warm", true, "temperature", "", "temperature"},
    {"cold cool chilly", false, "temperature", "", "temperature"},
    {"old", true, "age", "birth born date year", "date"},
    {"young", false, "age", "birth born", ""},
    {"new recent late", true, "date year", "age", "date"},
    {"early", false, "date time year", "", "date"},
    {"long lengthy", true, "length duration runtime distance time", "", "duration"},
    {"short", false, "length duration runtime distance height time", "", "duration"},
    {"heavy", true, "weight mass", "", ""},
    {"light", false, "weight mass", "", ""},
    {"tall high", true, "height altitude elevation", "", ""},
    {"low", false, "height altitude elevation", "", ""},
    {"deep", true, "depth", "", ""},
    {"shallow", false, "depth", "", ""},
    {"wide broad", true, "width", "", ""},
    {"narrow", false, "width", "", ""},
    {"fast quick", true, "speed velocity", "time duration", ""},
    {"slow", false, "speed velocity", "time duration", ""},
    {"windy", true, "wind", "", ""},
    {"rainy", true, "rain rainfall precipitation", "", ""},
    {"snowy", true, "snow snowfall", "", ""},
    {"sunny", true, "sun sunshine", "", ""},
    {"wet", true, "rain rainfall precipitation humidity", "", ""},
    {"dry", false, "rain rainfall precipitation humidity", "", ""},
    {"rich wealthy", true, "wealth income fortune", "", ""},
    {"poor", false, "wealth income fortune", "", ""},
    {"popular", true, "popularity", "", ""},
    {"populous populated", true, "population", "", ""},
    {"profitable", true, "profit", "", ""},
    {"loud", true, "loudness volume", "", ""},
    {"far distant", true, "distance", "", ""},
    {"close near", false, "distance", "", ""},
    {"strong powerful", true, "strength power", "", ""},
    {"weak", false, "strength power", "", ""},
    {"dense", true, "density", "", ""},
    {"valuable", true, "value worth", "", ""},
};

static const struct lexicon_adjective verbs[] = {
    {"earn earning", true, "salary wage income pay earning", "", "currency"},
    {"spend", true, "spending amount revenue sale", "", "currency"},
    {"cost", true, "cost price", "", "currency"},
    {"weigh", true, "weight mass", "", "mass"},
};

const struct lexicon_adjective *lexicon_verb(const char *stem) {
    for (size_t i = 0; i < ARRAY_LENGTH(verbs); i++)
        if (lexicon_is_listed(verbs[i].words, stem))
            return &verbs[i];
    return NULL;
}

// The plain form of a word in -er or -est: "hottest" hot, "rainiest" rainy, "largest" large or
// larg. Writes the form with the ending gone, or with E behind it.
static bool plain_form(const char *word, const char *ending, bool with_e, char *out, size_t size) {
    size_t length = strlen(word), tail = strlen(ending);
    if (length < tail + 3 || length - tail + 2 > size || !str_has_suffix(word, ending))
        return false;
    length -= tail;
    memcpy(out, word, length);
    out[length] = '\0';
    if (out[length - 1] == 'i')
        out[length - 1] = 'y';
    else if (with_e)
        strcpy(out + length, "e");
    else if (out[length - 1] == out[length - 2] && !strchr("lse", out[length - 1]))
        out[length - 1] = '\0';
    return true;
}

static const struct lexicon_adjective *find_adjective(const char *word) {
    for (size_t i = 0; i < ARRAY_LENGTH(adjectives); i++)
        if (lexicon_is_listed(adjectives[i].words, word))
            return &adjectives[i];
    return NULL;
}

const struct lexicon_adjective *lexicon_adjective(const char *word, enum adjective_form form,
                                                  char *ret_base, size_t size) {
    static const char *const endings[] = {
        [ADJECTIVE_COMPARATIVE] = "er", [ADJECTIVE_SUPERLATIVE] = "est"};
    *ret_base = '\0';
    if (form == ADJECTIVE_PLAIN) {
        snprintf(ret_base, size, "%s", word);
        return find_adjective(word);
    }
    const struct lexicon_adjective *adjective = NULL;
    if (plain_form(word, endings[form], true, ret_base, size))
        adjective = find_adjective(ret_base);
    if (!adjective && plain_form(word, endings[form], false, ret_base, size))
        adjective = find_adjective(ret_base);
    return adjective;
}

// ---- Units --------------------------------------------------------------------------------------

static const struct unit {
    const char *name, *kind, *spellings; // spellings in lower case
} units[] = {
    {"USD", "currency", "$ us$ usd dollar dollars buck bucks"},
    {"EUR", "currency", "€ eur euro euros"},
    {"GBP", "currency", "£ gbp pound pounds sterling quid"},
    {"JPY", "currency", "¥ jpy yen"},
    {"CHF", "currency", "chf franc francs"},
    {"INR", "currency", "₹ inr rupee rupees"},
    {"CAD", "currency", "cad c$"},
    {"AUD", "currency", "aud a$"},
    {"SEK", "currency", "sek krona kronor"},
    {"CNY", "currency", "cny yuan rmb"},
    {"°C", "temperature", "°c celsius centigrade degc"},
    {"°F", "temperature", "°f fahrenheit degf"},
    {"K", "temperature", "kelvin"},
    {"°", "angle", "° degree degrees deg"},
    {"%", "percent", "% percent pct percents"},
    {"mm", "length", "mm millimeter millimeters millimetre millimetres"},
    {"cm", "length", "cm centimeter centimeters centimetre centimetres"},
    {"m", "length", "m meter meters metre metres"},
    {"km", "length", "km kilometer kilometers kilometre kilometres"},
    {"in", "length", "in inch inches"},
    {"ft", "length", "ft foot feet"},
    {"mi", "length", "mi mile miles"},
    {"nmi", "length", "nmi"},
    {"g", "mass", "g gram grams gramme grammes"},
    {"kg", "mass", "kg kilo kilos kilogram kilograms"},
    {"t", "mass", "t ton tons tonne tonnes"},
    {"lb", "mass", "lb lbs"},
    {"oz", "mass", "oz ounce ounces"},
    {"l", "volume", "l liter liters litre litres"},
    {"ms", "duration", "ms millisecond milliseconds"},
    {"s", "duration", "s sec secs second seconds"},
    {"min", "duration", "min mins minute minutes"},
    {"h", "duration", "h hr hrs hour hours"},
    {"d", "duration", "d day days"},
    {"months", "duration", "month months"},
    {"years", "duration", "y yr yrs year years"},
    {"m/s", "speed", "m/s mps"},
    {"km/h", "speed", "km/h kmh kph"},
    {"mph", "speed", "mph mi/h"},
    {"kt", "speed", "kt kts kn knot knots"},
    {"W", "power", "w watt watts"},
    {"kW", "power", "kw kilowatt kilowatts"},
    {"hp", "power", "hp horsepower"},
    {"kWh", "energy", "kwh"},
    {"hPa", "pressure", "hpa mbar"},
    {"dB", "level", "db decibel decibels"},
    {"km²", "area", "km² km2 sqkm"},
    {"m²", "area", "m² m2 sqm"},
};

const char *lexicon_unit(const char *text) {
    char small[24];
    size_t length = strlen(text);
    if (!length || length >= sizeof small)
        return NULL;
    for (size_t i = 0; i <= length; i++)
        small[i] = (char)(text[i] >= 'A' && text[i] <= 'Z' ? text[i] + 32 : text[i]);
    for (size_t i = 0; i < ARRAY_LENGTH(units); i++)
        if (lexicon_is_listed(units[i].spellings, small))
            return units[i].name;
    return NULL;
}

const char *lexicon_unit_kind(const char *unit) {
    for (size_t i = 0; i < ARRAY_LENGTH(units); i++)
        if (strcmp(units[i].name, unit) == 0)
            return units[i].kind;
    return "";
}

const char *lexicon_kind_nouns(const char *kind) {
    static const char *const nouns[][2] = {
        {"currency", "cost price amount value revenue sum"},
        {"temperature", "temperature"},
        {"mass", "weight mass"},
        {"length", "distance length height"},
        {"duration", "duration length time"},
        {"speed", "speed"},
        {"area", "area size"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(nouns); i++)
        if (strcmp(nouns[i][0], kind) == 0)
            return nouns[i][1];
    return "";
}

// ---- Numbers in words ---------------------------------------------------------------------------

double lexicon_multiplier(const char *text) {
    static const struct {
        const char *words;
        double factor;
    } multipliers[] = {
        {"hundred", 1e2},
        {"k thousand thousands", 1e3},
        {"m mn mio million millions", 1e6},
        {"b bn billion billions", 1e9},
        {"trillion", 1e12},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(multipliers); i++)
        if (lexicon_is_listed(multipliers[i].words, text))
            return multipliers[i].factor;
    return 0;
}

int lexicon_number(const char *text) {
    static const char *const small[] = {
        "zero",     "one",     "two",     "three",     "four",     "five",     "six",
        "seven",    "eight",   "nine",    "ten",       "eleven",   "twelve",   "thirteen",
        "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"};
    static const char *const tens[] = {"thirty",  "forty",  "fifty",  "sixty",
                                       "seventy", "eighty", "ninety", "hundred"};
    for (size_t i = 0; i < ARRAY_LENGTH(small); i++)
        if (strcmp(small[i], text) == 0)
            return (int)i;
    for (size_t i = 0; i < ARRAY_LENGTH(tens); i++)
        if (strcmp(tens[i], text) == 0)
            return (int)(i + 3) * 10;
    return strcmp(text, "dozen") == 0 ? 12 : -1;
}

// ---- Kinds of nouns -----------------------------------------------------------------------------

bool lexicon_is_intensive(const char *stem) {
    return lexicon_is_listed(
        "price rate rating average mean temperature temp speed velocity age percent "
        "percentage ratio index "
        "year latitude longitude lat lon rank ranking position height width depth "
        "weight altitude elevation "
        "min max minimum maximum pressure humidity density grade gpa level "
        "probability salary wage stars "
        "discount margin degree concentration frequency efficiency number no id code",
        stem);
}

bool lexicon_is_person(const char *stem) {
    return lexicon_is_listed(
        "person employee player customer client user author director actor "
        "driver rider athlete student "
        "teacher manager owner member candidate president winner artist singer writer "
        "composer borrower "
        "contact doctor patient passenger pilot agent seller buyer staff worker coach "
        "champion captain",
        stem);
}

bool lexicon_is_place(const char *stem) {
    return lexicon_is_listed(
        "place location city town country state region county province district venue "
        "site address station "
        "continent area village airport stadium port",
        stem);
}

bool lexicon_is_name(const char *stem) { return lexicon_is_listed("name title label", stem); }

// ---- Families of words --------------------------------------------------------------------------

// "Rate" and "rating": one root of at least three letters.
static bool is_same_verb(const char *left, const char *right) {
    size_t left_root = strlen(left), right_root = strlen(right);
    bool has_ing = false;
    for (int i = 0; i < 2; i++) {
        const char *word = i ? right : left;
        size_t *root = i ? &right_root : &left_root;
        bool is_ing = str_has_suffix(word, "ing");
        *root -= is_ing ? 3 : str_has_suffix(word, "e") ? 1 : 0;
        has_ing |= is_ing;
    }
    return has_ing && left_root == right_root && left_root >= 3 &&
           strncmp(left, right, left_root) == 0;
}

bool lexicon_is_family(const char *left, const char *right) {
    static const char endings[] =
        "e y t er or ed ing ion tion ation al ly ment ance ence ity fall ure ee ist ive able ant "
        "ian ness th ful r d s";
    if (is_same_verb(left, right))
        return true;
    size_t common = 0;
    while (left[common] && left[common] == right[common])
        common++;
    bool is_whole = !left[common] || !right[common];
    if (common < 4 || (!is_whole && common < 5))
        return false;
    return (!left[common] || lexicon_is_listed(endings, left + common)) &&
           (!right[common] || lexicon_is_listed(endings, right + common));
}

void lexicon_plural(const char *noun, char *out, size_t size) {
    static const char *const irregulars[][2] = {
        {"person", "people"},      {"child", "children"},    {"man", "men"},
        {"woman", "women"},        {"mouse", "mice"},        {"foot", "feet"},
        {"goose", "geese"},        {"tooth", "teeth"},       {"series", "series"},
        {"species", "species"},    {"aircraft", "aircraft"}, {"index", "indices"},
        {"criterion", "criteria"}, {"sheep", "sheep"},       {"fish", "fish"}};
    const char *last = strrchr(noun, ' ');
    last = last ? last + 1 : noun;
    int before = (int)(last - noun);
    for (size_t i = 0; i < ARRAY_LENGTH(irregulars); i++)
        if (strcmp(irregulars[i][0], last) == 0) {
            snprintf(out, size, "%.*s%s", before, noun, irregulars[i][1]);
            return;
        }
    char stem[WORDS_TEXT];
    words_stem(last, stem);
    if (str_has_suffix(last, "s") && strcmp(stem, last) != 0) { // it is one already
        snprintf(out, size, "%s", noun);
        return;
    }
    size_t length = strlen(noun);
    char end = length ? noun[length - 1] : 'x', second = length > 1 ? noun[length - 2] : 'x';
    if (end == 'y' && !strchr("aeiou", second))
        snprintf(out, size, "%.*sies", (int)length - 1, noun);
    else if (end == 's' || end == 'x' || end == 'z' ||
             (end == 'h' && (second == 'c' || second == 's')))
        snprintf(out, size, "%ses", noun);
    else
        snprintf(out, size, "%ss", noun);
}
