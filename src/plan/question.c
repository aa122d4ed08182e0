// SPDX-License-Identifier: Apache-2.0
//
// See question.h: tokens, cues and numbers. Signs that mean something (>, <=, %, °) are first
// turned into words, so that one grammar does for "cost > 100" and "cost over 100".
#include "plan/question.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/str.h"

// ---- Tokens -------------------------------------------------------------------------------------

static const struct sign {
    const char *sign, *words;
} signs[] = {
    {">=", " at least "},   {"<=", " at most "}, {"≥", " at least "}, {"≤", " at most "},
    {"!=", " not "},        {"<>", " not "},     {"≠", " not "},      {">", " over "},
    {"<", " under "},       {"==", " exactly "}, {"=", " exactly "},  {"°C", " celsius "},
    {"°F", " fahrenheit "}, {"°", " degrees "},  {"%", " percent "},  {"#", " number "},
    {"km/h", " kmh "},      {"m/s", " mps "},    {"&", " and "},
};

// TEXT with its signs as words, outside of quotation marks.
static const char *spell_signs(const char *text, struct arena *arena) {
    struct buf buf = BUF(2 * LIMIT_QUESTION);
    bool is_quoted = false;
    for (size_t at = 0; text[at];) {
        const struct sign *found = NULL;
        is_quoted ^= text[at] == '"';
        for (size_t i = 0; !is_quoted && !found && i < ARRAY_LENGTH(signs); i++)
            if (str_has_prefix(text + at, signs[i].sign))
                found = &signs[i];
        if (found)
            buf_add_text(&buf, found->words);
        else
            buf_add_char(&buf, text[at]);
        at += found ? strlen(found->sign) : 1;
    }
    const char *spelt = arena_text_n(arena, buf_text(&buf), buf.length);
    buf_done(&buf);
    return spelt;
}

// What stands between two tokens says whether a clause ends there, and whether a currency sign
// leads the second.
static void read_gap(struct token *token, const char *gap, size_t length) {
    static const struct {
        const char *sign, *unit;
    } currencies[] = {{"$", "USD"}, {"€", "EUR"}, {"£", "GBP"}, {"¥", "JPY"}, {"₹", "INR"}};
    for (size_t i = 0; i < length; i++)
        token->follows_comma |= gap[i] == ',' || gap[i] == ';' || gap[i] == ':' || gap[i] == '?' ||
                                gap[i] == '(' || gap[i] == ')';
    token->joined_by = length == 1 ? gap[0] : 0;
    if (length == strlen("–") && (str_has_prefix(gap, "–") || str_has_prefix(gap, "—")))
        token->joined_by = '-';
    for (size_t i = 0; i < ARRAY_LENGTH(currencies); i++) {
        size_t sign = strlen(currencies[i].sign);
        if (length >= sign && memcmp(gap + length - sign, currencies[i].sign, sign) == 0)
            token->currency = currencies[i].unit;
    }
}

bool question_read(const struct dataset *dataset, const char *text, struct arena *arena,
                   struct question *ret_question) {
    struct question *question = ret_question;
    *question =
        (struct question){.dataset = dataset, .schema = dataset_schema(dataset), .arena = arena};
    question->text = spell_signs(text, arena);
    struct word *words = arena_take(arena, LIMIT_PLAN_TOKENS + 1, sizeof *words);
    question->items = arena_take(arena, QUESTION_ITEMS, sizeof *question->items);
    if (!words || !question->items)
        return false;
    size_t count = words_split_prose(question->text, words, LIMIT_PLAN_TOKENS + 1), end = 0;
    question->is_cut = count > LIMIT_PLAN_TOKENS;
    question->token_count = question->is_cut ? LIMIT_PLAN_TOKENS : count;
    for (size_t i = 0; i < question->token_count; i++) {
        question->tokens[i].word = words[i];
        read_gap(&question->tokens[i], question->text + end, words[i].start - end);
        end = words[i].start + words[i].length;
        question->first_item[i] = -1;
    }
    return true;
}

const char *question_words(const struct question *question, size_t first, size_t count) {
    const struct word *from = &question->tokens[first].word,
                      *last = &question->tokens[first + count - 1].word;
    return arena_text_n(question->arena, question->text + from->start,
                        last->start + last->length - from->start);
}

bool question_is(const struct question *question, size_t at, const char *word) {
    return at < question->token_count && (strcmp(question->tokens[at].word.text, word) == 0 ||
                                          strcmp(question->tokens[at].word.stem, word) == 0);
}

struct item *question_add(struct question *question, enum item_kind kind, size_t first,
                          size_t count, double strength) {
    if (question->item_count == QUESTION_ITEMS)
        return NULL;
    struct item *item = &question->items[question->item_count];
    *item = (struct item){
        .kind = kind,
        .first = first,
        .count = count,
        .strength = strength,
        .next = question->first_item[first],
        .column = {-1, -1, -1},
        .via_table = -1,
        .via_column = -1,
        .unit = "",
    };
    question->first_item[first] = (int)question->item_count++;
    return item;
}

// ---- Units --------------------------------------------------------------------------------------

// Last words of names that are units and hardly anything else. "Min" is, after a word of time.
static const char *unit_word(const char *word, const char *title) {
    static const char plain[] =
        "pct percent mm cm km kg usd eur gbp kmh kph mph hpa kwh lbs hours minutes seconds days";
    char small[24];
    size_t length = strlen(word);
    if (length >= sizeof small)
        return NULL;
    for (size_t i = 0; i <= length; i++)
        small[i] = (char)(word[i] >= 'A' && word[i] <= 'Z' ? word[i] + 32 : word[i]);
    if (length == 1 && (*small == 'c' || *small == 'f'))
        return !strcasestr(title, "temp") ? NULL : *small == 'c' ? "°C" : "°F";
    bool is_minutes =
        strcmp(small, "min") == 0 &&
        (strcasestr(title, "time") || strcasestr(title, "duration") || strcasestr(title, "length"));
    return lexicon_is_listed(plain, small) || is_minutes ? lexicon_unit(small) : NULL;
}

// The unit that TITLE ends in, in parentheses or as its last word; RET_LENGTH are the bytes before
// it.
static const char *unit_in_title(const char *title, size_t *ret_length) {
    char unit[24];
    size_t length = strlen(title), begin = length;
    bool is_enclosed = length > 2 && title[length - 1] == ')';
    while (begin > 0 && !strchr(is_enclosed ? "(" : " _", title[begin - 1]))
        begin--;
    *ret_length = length;
    if (begin < 2 || length - begin >= sizeof unit)
        return NULL;
    memcpy(unit, title + begin, length - begin);
    unit[length - begin - is_enclosed] = '\0';
    const char *name = is_enclosed ? lexicon_unit(unit) : unit_word(unit, title);
    for (begin--; name && begin > 0 && strchr(" _", title[begin - 1]);)
        begin--;
    if (name && begin)
        *ret_length = begin;
    return begin ? name : NULL;
}

size_t question_title_length(const char *title) {
    size_t length;
    unit_in_title(title, &length);
    return length;
}

const char *question_unit(const struct dataset_schema *schema, struct plan_column column) {
    const struct dataset_column *at = question_column(schema, column);
    const char *unit = at                   ? at->unit
                       : column.metric >= 0 ? schema->metrics[column.metric].unit
                                            : "";
    const char *name = lexicon_unit(unit);
    size_t length;
    if (!name && !*unit && at && question_is_number(at))
        name = unit_in_title(at->title, &length);
    return name ? name : unit;
}

// ---- Cues ---------------------------------------------------------------------------------------

// How many tokens from AT on PHRASE covers, 0 where it does not fit. Quoted words are nobody's cue.
static size_t phrase_length(const struct question *question, size_t at, const char *phrase) {
    size_t count = 0;
    while (*phrase) {
        size_t length = strcspn(phrase, " ");
        if (at + count >= question->token_count)
            return 0;
        const struct token *token = &question->tokens[at + count];
        bool is_text = strncmp(token->word.text, phrase, length) == 0 && !token->word.text[length];
        bool is_stem = strncmp(token->word.stem, phrase, length) == 0 && !token->word.stem[length];
        if (token->word.is_quoted || (!is_text && !is_stem) || (count && token->follows_comma))
            return 0;
        count++;
        phrase += length + (phrase[length] == ' ');
    }
    return count;
}

// "Show", "return" and their like lead a request; elsewhere, or inflected, they are words of the
// data.
static bool is_request(const struct question *question, size_t at,
                       const struct lexicon_phrase *phrase) {
    if (phrase->argument)
        return true;
    for (size_t i = 0; i < at; i++)
        if (!question->tokens[i].is_harmless)
            return false;
    const char *text = question->tokens[at].word.text;
    return strncmp(phrase->words, text, strlen(text)) == 0;
}

static void add_phrase(struct question *question, size_t at, size_t count,
                       const struct lexicon_phrase *phrase) {
    if (phrase->cue == CUE_SHOW && !is_request(question, at, phrase))
        return;
    if (phrase->cue == CUE_SORT && strncmp(phrase->words, question->tokens[at].word.text,
                                           strlen(question->tokens[at].word.text)) != 0)
        return; // "orders by city" are not "order by city"
    if (phrase->cue == CUE_WITH && at == 0 && count > 1)
        return; // "who has …" asks
    if (phrase->cue == CUE_STOP || phrase->cue == CUE_PREPOSITION) {
        for (size_t i = at; i < at + count; i++)
            question->tokens[i].is_harmless = true;
        if (phrase->cue == CUE_PREPOSITION)
            question->tokens[at].preposition = (char)phrase->argument;
        return;
    }
    struct item *item = question_add(question, ITEM_CUE, at, count, 1);
    if (!item)
        return;
    item->cue = phrase->cue;
    item->argument = phrase->argument;
    item->is_descending = phrase->is_descending;
}

static void add_phrases(struct question *question, size_t at, const struct lexicon_phrase *phrases,
                        size_t phrase_count) {
    for (size_t i = 0; i < phrase_count; i++) {
        char initial = phrases[i].words[0];
        if (initial != question->tokens[at].word.text[0] &&
            initial != question->tokens[at].word.stem[0])
            continue;
        size_t count = phrase_length(question, at, phrases[i].words);
        if (count)
            add_phrase(question, at, count, &phrases[i]);
    }
}

void question_add_cues(struct question *question) {
    for (size_t at = 0; at < question->token_count; at++) {
        add_phrases(question, at, lexicon_requests, lexicon_request_count);
        add_phrases(question, at, lexicon_conditions, lexicon_condition_count);
    }
    bool is_verb = question_is(question, 0, "be") || question_is(question, 0, "do") ||
                   question_is(question, 0, "have");
    question->asks_whether = is_verb && !question_is(question, 1, "you");
}
