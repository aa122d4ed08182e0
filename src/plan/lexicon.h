// SPDX-License-Identifier: Apache-2.0
//
// The English that any question may use, whatever the data is about: words for counting, comparing,
// grouping, ordering, for time and for units, and the words that carry nothing. One table of
// phrases says what each is a cue for; further tables say which dimension an adjective measures
// ("heavy": weight) and which units are the same. No word here names a table or a column of any
// data set.
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum cue {
    CUE_NONE,
    CUE_STOP,        // carries nothing: articles, auxiliaries, politeness
    CUE_PREPOSITION, // carries nothing by itself, but says how the next word belongs; argument: a
                     // letter of it
    CUE_WHICH,       // what it asks for follows
    CUE_WHO,
    CUE_WHEN,
    CUE_WHERE,
    CUE_HOW_MANY, // argument: 1 where rows are counted whatever follows: "how many times"
    CUE_HOW_MUCH,
    CUE_AGGREGATE, // argument: enum plan_aggregate
    CUE_DISTINCT,
    CUE_EXTREME, // argument: enum extreme, direction
    CUE_BY,
    CUE_EACH,
    CUE_COMPARE,       // argument: enum plan_comparison; the number follows
    CUE_COMPARE_AFTER, // the number stands before: "or more"
    CUE_BETWEEN,
    CUE_AND,
    CUE_OR,
    CUE_TO,
    CUE_NOT,
    CUE_WITH,
    CUE_MISSING,
    CUE_BUCKET,   // argument: enum plan_bucket
    CUE_PERIODIC, // the same as an adverb, which groups by itself: "monthly"
    CUE_OVER_TIME,
    CUE_SHOW, // argument: 1 where it may stand anywhere, not only at the start
    CUE_SORT,
    CUE_ASCENDING,
    CUE_DESCENDING,
    CUE_ROWS, // "records": the rows of any table
    CUE_CONTAINS,
    CUE_SHARE,      // argument: 1 where it stands behind what it is of ("as a percentage")
    CUE_RATIO,      // argument: 1 where it stands between the two ("divided by")
    CUE_DIFFERENCE, // argument: enum difference
    CUE_THAN,
    CUE_RUN,         // from group to group; argument: enum plan_derivation | enum plan_bucket << 8
    CUE_UNSUPPORTED, // argument: index for lexicon_unsupported()
};

enum difference {
    DIFFERENCE_OF, // what is compared follows, joined by "and"
    DIFFERENCE_MORE,
    DIFFERENCE_LESS,  // the other way round
    DIFFERENCE_MINUS, // it stands between the two
};

// What kind of superlative: they differ in what is measured where the question does not say.
enum extreme {
    EXTREME_QUANTITY,  // most, fewest: a count or a total
    EXTREME_DEGREE,    // highest, largest: a value
    EXTREME_JUDGEMENT, // best, worst: anything
    EXTREME_TIME,      // latest, first: a date
    EXTREME_ADJECTIVE, // an adjective with a dimension: most expensive, oldest
};

struct lexicon_phrase {
    const char
        *words; // joined by single spaces; each is compared with a word's text and with its stem
    enum cue cue;
    int argument;
    bool is_descending; // CUE_EXTREME: the largest is asked for
};

// All phrases, for question.c to match against a question.
extern const struct lexicon_phrase lexicon_requests[], lexicon_conditions[];
extern const size_t lexicon_request_count, lexicon_condition_count;

// What an unsupported construct is called: "shares and percentages".
const char *lexicon_unsupported(int argument);
int lexicon_nested(void); // the argument for an average of counts

// ---- Adjectives ---------------------------------------------------------------------------------

struct lexicon_adjective {
    const char *words;     // the plain forms: "expensive costly"
    bool is_descending;    // its superlative asks for the largest
    const char *nouns;     // what it measures, best first: "cost price"
    const char *opposites; // nouns that run the other way: the oldest has the least year of birth
    const char *unit_kind; // a column with such a unit may be meant: "currency"; or "date"
};

// The adjective that WORD is a superlative ("hottest") or a comparative ("hotter") or, with PLAIN,
// the plain form of. Where the lexicon does not have it, ret_base still gets its plain form
// ("rainy") and the result is NULL; ret_base is empty where WORD is no such form at all.
enum adjective_form { ADJECTIVE_PLAIN, ADJECTIVE_COMPARATIVE, ADJECTIVE_SUPERLATIVE };
const struct lexicon_adjective *lexicon_adjective(const char *word, enum adjective_form form,
                                                  char *ret_base, size_t size);

// The same for a verb that measures, by its stem: "earn", "weigh"; NULL for others.
const struct lexicon_adjective *lexicon_verb(const char *stem);

// ---- Units and kinds of columns -----------------------------------------------------------------

// The one spelling of a unit ("dollars", "$", "usd": "USD"), NULL where TEXT is none that is known.
const char *lexicon_unit(const char *text);
// "currency", "temperature", "percent", … of a unit in its one spelling; "" where it has none.
const char *lexicon_unit_kind(const char *unit);
// The nouns that a column with units of this kind may be called by, when just an amount is named:
// "cost price amount …".
const char *lexicon_kind_nouns(const char *kind);
// What a number before it is multiplied by: "million", "k"; 0 for other words.
double lexicon_multiplier(const char *text);
// The value of a number in words, -1 for other words.
int lexicon_number(const char *text);
// Whether a column or metric whose title has this word holds something that is averaged rather than
// summed up.
bool lexicon_is_intensive(const char *stem);
// Whether STEM is one of the words of LIST, which are joined by single spaces.
bool lexicon_is_listed(const char *list, const char *stem);
// Whether the word is one for persons, places, or names of things.
bool lexicon_is_person(const char *stem);
bool lexicon_is_place(const char *stem);
bool lexicon_is_name(const char *stem);
// Whether LONGER is SHORTER with another ending, so that both may be one family: "rain", "rainy";
// "direct", "director".
bool lexicon_is_family(const char *left, const char *right);
// The plural of an English noun, into OUT.
void lexicon_plural(const char *noun, char *out, size_t size);
