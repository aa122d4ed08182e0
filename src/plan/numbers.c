// SPDX-License-Identifier: Apache-2.0
//
// Numbers in questions, with their units: "100", "$1,000", "5k", "2 million", "twenty-five", "half
// a dozen", "30 mm".
#include <math.h>
#include <string.h>

#include "base/str.h"
#include "plan/question.h"

// "5k", "2.5m": digits with one letter, which words_split_prose() leaves together.
static bool read_glued(const char *text, double *ret_number, const char **ret_unit) {
    size_t length = strlen(text);
    if (length < 2 || text[length - 1] < 'a' || text[length - 1] > 'z' || text[0] < '0' ||
        text[0] > '9')
        return false;
    char digits[WORDS_TEXT];
    memcpy(digits, text, length - 1);
    digits[length - 1] = '\0';
    double factor = lexicon_multiplier(text + length - 1);
    if (str_to_real(digits, ret_number) != 0)
        return false;
    if (factor != 0)
        *ret_number *= factor;
    else
        *ret_unit = lexicon_unit(text + length - 1);
    return factor != 0 || *ret_unit;
}

// The unit that token AT names, over one token or two ("degrees Celsius").
static const char *unit_at(const struct question *question, size_t at, size_t *ret_count) {
    *ret_count = 0;
    if (at >= question->token_count || question->tokens[at].follows_comma)
        return NULL;
    const char *unit = lexicon_unit(question->tokens[at].word.text);
    if (!unit)
        return NULL;
    *ret_count = 1;
    const char *further =
        at + 1 < question->token_count ? lexicon_unit(question->tokens[at + 1].word.text) : NULL;
    if (strcmp(unit, "°") == 0 && further &&
        strcmp(lexicon_unit_kind(further), "temperature") == 0) {
        *ret_count = 2;
        return further;
    }
    return unit;
}

static bool is_dash_before(const struct question *question, size_t at) {
    return at > 0 && question->tokens[at].joined_by == '-' &&
           question->tokens[at - 1].word.is_number;
}

static void add_number(struct question *question, size_t at, size_t count, double number,
                       const char *unit) {
    const struct token *token = &question->tokens[at];
    size_t units = 0, next = at + count;
    double factor =
        next < question->token_count ? lexicon_multiplier(question->tokens[next].word.text) : 0;
    if (factor != 0 && !question->tokens[next].follows_comma &&
        strlen(question->tokens[next].word.text) > 1) {
        number *= factor;
        count++;
    }
    const char *behind = unit_at(question, at + count, &units);
    for (int with_unit = behind != NULL; with_unit >= 0; with_unit--) {
        struct item *item =
            question_add(question, ITEM_NUMBER, at, with_unit ? count + units : count, 1);
        if (!item)
            return;
        item->number = number;
        item->is_integer = number == floor(number) && fabs(number) < 9e15;
        item->unit = with_unit ? behind : unit ? unit : token->currency ? token->currency : "";
        item->argument = is_dash_before(question, at) ? '-' : 0;
    }
}

// ---- In words -----------------------------------------------------------------------------------

struct spelt {
    double total, part; // part: below the next thousand, negative for none yet
};

static bool is_round(double part, double step) { return part >= step && fmod(part, step) == 0; }

// Takes one more word; false where it does not go on so.
static bool read_word(struct spelt *spelt, const char *text) {
    int small = lexicon_number(text);
    double factor = strlen(text) > 1 ? lexicon_multiplier(text) : 0;
    bool is_dozen = strcmp(text, "dozen") == 0;
    if (is_dozen || factor == 100) {
        spelt->part *= is_dozen ? 12 : 100;
        return spelt->part > 0;
    }
    if (factor != 0) {
        bool is_right = spelt->part > 0;
        spelt->total += is_right ? spelt->part * factor : 0;
        spelt->part = -1;
        return is_right;
    }
    if (small < 0 || (spelt->part >= 0 && !is_round(spelt->part, 100) &&
                      !(is_round(spelt->part, 10) && spelt->part >= 20 && small > 0 && small < 10)))
        return false;
    spelt->part = spelt->part < 0 ? small : spelt->part + small;
    return true;
}

// Whether the number behind "and" goes on to its own scale: "ten thousand and five hundred",
// "one hundred and two hundred" are two numbers, "three hundred and ten million" is one.
static bool is_next_number(const struct question *question, size_t at, double part) {
    double factor =
        at < question->token_count ? lexicon_multiplier(question->tokens[at].word.text) : 0;
    return part < 0 ? factor != 0 : factor == 100;
}

// "Twenty-five", "two hundred and fifty", "a dozen", "half a million": a number in several words.
// Returns the words that it takes, 0 where they are none or but one.
static size_t read_words(const struct question *question, size_t at, double *ret_number) {
    struct spelt spelt = {0, -1};
    size_t count = 0, lead = 0;
    if (question_is(question, at, "half") && question_is(question, at + 1, "a")) {
        spelt.part = 0.5;
        lead = 2;
    } else if (question_is(question, at, "a")) {
        spelt.part = 1;
        lead = 1;
    }
    for (count = lead; at + count < question->token_count;) {
        const struct token *token = &question->tokens[at + count];
        bool is_and = count > lead && question_is(question, at + count, "and") &&
                      (is_round(spelt.part, 100) || (spelt.part < 0 && spelt.total > 0)) &&
                      at + count + 1 < question->token_count &&
                      !is_next_number(question, at + count + 2, spelt.part);
        if (is_and)
            token = &question->tokens[at + count + 1];
        if (token->word.is_quoted || token->word.is_number || (count && token->follows_comma) ||
            (is_and && lexicon_number(token->word.text) < 0) ||
            !read_word(&spelt, token->word.text))
            break;
        count += 1 + is_and;
    }
    *ret_number = spelt.total + (spelt.part < 0 ? 0 : spelt.part);
    return count > lead && count > 1 ? count : 0;
}

void question_add_numbers(struct question *question) {
    size_t end = 0; // of the last number in several words: its parts are no numbers
    for (size_t at = 0; at < question->token_count; at++) {
        const struct word *word = &question->tokens[at].word;
        double number = word->number, spelt = 0;
        const char *unit = NULL;
        int in_words = lexicon_number(word->text);
        size_t count = word->is_quoted || at < end ? 0 : read_words(question, at, &spelt);
        if (count) {
            add_number(question, at, count, spelt, NULL);
            end = at + count;
        } else if (at < end) {
            continue;
        } else if (word->is_number || read_glued(word->text, &number, &unit)) {
            add_number(question, at, 1, number, unit);
        } else if (in_words >= 0) {
            add_number(question, at, 1, in_words, NULL);
        }
    }
}
