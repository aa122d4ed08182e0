// SPDX-License-Identifier: Apache-2.0
//
// See form.h: the columns of a table as the generous reader sees them, and the values that the
// question mentions. A value is found by any of its words; how far the question goes on to say the
// same words as the value decides how strong the mention is.
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "plan/form.h"

#define VALUES_OF_WORD 192  // values that are looked at for one word
#define VALUE_WORDS 24      // words of a value that are compared
#define CORRECTED_LETTERS 5 // shorter words are not read as others

// ---- Columns ------------------------------------------------------------------------------------

static enum form_read read_of(enum dataset_derivation derivation) {
    return derivation == DATASET_AS_TEXT     ? FORM_AS_TEXT
           : derivation == DATASET_AS_NUMBER ? FORM_AS_NUMBER
           : derivation == DATASET_AS_SECOND ? FORM_AS_SECOND
                                             : FORM_AS_DATE;
}

static void set_kind(const struct dataset_table *table, struct form_column *column) {
    const struct dataset_column *own = &table->columns[column->reads[FORM_AS_IS]];
    column->is_number = question_is_number(own);
    column->is_date = question_is_date(own);
    column->is_year = own->type == DATASET_INTEGER && own->min_number >= 1000 &&
                      own->max_number <= 2100 && own->max_number > 1500;
    column->is_unique = table->row_count > 1 &&
                        own->distinct_count + own->null_count >= table->row_count &&
                        own->distinct_count > 1;
    for (size_t i = table->column_count; i < table->stored_count; i++)
        if (table->columns[i].derived_from == column->reads[FORM_AS_IS])
            column->reads[read_of(table->columns[i].derived_as)] = (int)i;
    if (column->is_number)
        column->reads[FORM_AS_NUMBER] = column->reads[FORM_AS_IS];
    // Times of day have no date, but an order.
    if (column->is_date || own->type == DATASET_TIME)
        column->reads[FORM_AS_DATE] = column->reads[FORM_AS_IS];
    if (own->type == DATASET_TEXT)
        column->reads[FORM_AS_TEXT] = column->reads[FORM_AS_IS];
}

static bool is_same_word(const struct word *left, const struct word *right) {
    return strcmp(left->stem, right->stem) == 0 || strcmp(left->text, right->text) == 0;
}

static bool is_kin(const struct word *left, const struct word *right) {
    size_t length = 0;
    while (left->stem[length] && left->stem[length] == right->stem[length])
        length++;
    size_t longer =
        strlen(left->stem) > strlen(right->stem) ? strlen(left->stem) : strlen(right->stem);
    return length >= 4 && length * 2 > longer;
}

static void match_title(struct form_set *set, struct form_column *column, const char *title) {
    struct question *question = set->question;
    struct word words[12];
    size_t count = words_split(title, words, ARRAY_LENGTH(words)), content = 0;
    float matched = 0;
    column->first_match = -1;
    column->title = arena_take(question->arena, count ? count : 1, sizeof *column->title);
    if (!column->title)
        return;
    memcpy(column->title, words, count * sizeof *words);
    column->words = count;
    for (size_t i = 0; i < count; i++) {
        bool is_small = strlen(words[i].text) < 2 ||
                        lexicon_is_listed("of the in a an by to for and", words[i].text);
        if (is_small && count > 1)
            continue;
        content++;
        float best = 0;
        uint64_t at = 0;
        int first = -1;
        for (size_t j = 0; j < question->token_count && j < FORM_TOKENS; j++) {
            const struct word *said = &question->tokens[j].word;
            float strength = is_same_word(&words[i], said) ? 1 : is_kin(&words[i], said) ? 0.7f : 0;
            if (strength > 0 && strength >= best) {
                at = strength > best ? form_mask(j, 1) : at | form_mask(j, 1);
                first = strength > best ? (int)j : first;
                best = strength;
            }
        }
        matched += best;
        column->covers |= at;
        if (first >= 0 && (column->first_match < 0 || first < column->first_match))
            column->first_match = first;
    }
    column->match = content ? matched / (float)content : 0;
}

void form_read_columns(struct form_set *set) {
    const struct dataset_table *table = &set->question->schema->tables[set->table];
    for (size_t i = 0; i < table->column_count && set->column_count < FORM_COLUMNS; i++) {
        const struct dataset_column *own = &table->columns[i];
        if (own->hidden || own->derived_from >= 0)
            continue;
        struct form_column *column = &set->columns[set->column_count++];
        *column = (struct form_column){.reads = {(int)i, -1, -1, -1, -1}, .first_match = -1};
        set_kind(table, column);
        match_title(set, column, own->title);
    }
}

// ---- Values -------------------------------------------------------------------------------------

struct key_words {
    const char *at[VALUE_WORDS];
    size_t length[VALUE_WORDS];
    size_t count;
};

static void split_key(const char *key, struct key_words *ret_words) {
    ret_words->count = 0;
    for (const char *at = key; *at && ret_words->count < VALUE_WORDS;) {
        size_t length = strcspn(at, " ");
        ret_words->at[ret_words->count] = at;
        ret_words->length[ret_words->count++] = length;
        at += length + (at[length] == ' ');
    }
}

static bool is_word(const struct key_words *key, size_t at, const char *stem) {
    return strlen(stem) == key->length[at] && memcmp(stem, key->at[at], key->length[at]) == 0;
}

static int view_column(const struct form_set *set, int column, enum form_read *ret_read) {
    for (size_t i = 0; i < set->column_count; i++)
        for (int read = 0; read < FORM_READS; read++)
            if (set->columns[i].reads[read] == column &&
                (read == FORM_AS_IS || read == FORM_AS_TEXT)) {
                *ret_read = (enum form_read)read;
                return (int)i;
            }
    return -1;
}

static struct form_mention *mention_at(struct form_set *set, size_t first, size_t count, int column,
                                       bool is_whole) {
    for (size_t i = 0; i < set->mention_count; i++) {
        struct form_mention *mention = &set->mentions[i];
        if (mention->first == first && mention->count == count && mention->column == column &&
            mention->is_whole == is_whole)
            return mention;
    }
    if (set->mention_count == FORM_MENTIONS)
        return NULL;
    struct form_mention *mention = &set->mentions[set->mention_count++];
    *mention = (struct form_mention){.first = first,
                                     .count = count,
                                     .covers = form_mask(first, count),
                                     .column = column,
                                     .is_whole = is_whole};
    return mention;
}

static void add_value(struct form_set *set, size_t first, size_t count, bool is_whole, float share,
                      const struct dataset_value *value) {
    enum form_read read;
    int column = view_column(set, value->column, &read);
    if (column < 0)
        return;
    struct form_mention *mention = mention_at(set, first, count, column, is_whole);
    if (!mention)
        return;
    mention->read = read;
    mention->share = share > mention->share ? share : mention->share;
    for (size_t i = 0; i < mention->value_count; i++)
        if (strcmp(mention->values[i], value->value) == 0)
            return;
    if (mention->value_count == FORM_VALUES) {
        mention->has_more = true;
        return;
    }
    mention->values[mention->value_count++] = arena_text(set->question->arena, value->value);
    mention->row_count += value->row_count;
}

// The longest stretch of the question from token AT on that VALUE says too.
static void match_value(struct form_set *set, size_t at, const struct dataset_value *value) {
    struct question *question = set->question;
    struct key_words key;
    size_t best = 0;
    split_key(value->key, &key);
    for (size_t p = 0; p < key.count; p++) {
        size_t count = 0;
        if (p > 0 && at > 0 && is_word(&key, p - 1, question->tokens[at - 1].word.stem))
            continue; // part of a longer one that began before
        while (p + count < key.count && at + count < question->token_count &&
               is_word(&key, p + count, question->tokens[at + count].word.stem))
            count++;
        best = count > best ? count : best;
    }
    bool has_content = (form_mask(at, best) & set->content) != 0;
    if (best && has_content)
        add_value(set, at, best, best == key.count,
                  (float)best / (float)(key.count ? key.count : 1), value);
}

// How many values have the word.
static size_t find_values_of(struct form_set *set, size_t at) {
    struct question *question = set->question;
    struct dataset_value *values = arena_take(question->arena, VALUES_OF_WORD, sizeof *values);
    if (!values)
        return 0;
    size_t count = dataset_find_values(question->dataset, question->tokens[at].word.stem, true,
                                       values, VALUES_OF_WORD);
    for (size_t i = 0; i < count; i++)
        if (values[i].table == set->table) {
            // The stretch may begin with a small word before this one: "the beatles".
            size_t begin = at;
            while (begin > 0 && at - begin < 2 && !(set->content & form_mask(begin - 1, 1)))
                begin--;
            size_t before = set->mention_count;
            for (size_t from = begin; from <= at; from++) {
                match_value(set, from, &values[i]);
                if (set->mention_count > before)
                    break;
            }
        }
    // Parts of values that were not looked at may be missing.
    for (size_t i = 0; count == VALUES_OF_WORD && i < set->mention_count; i++)
        set->mentions[i].has_more |=
            !set->mentions[i].is_whole && (set->mentions[i].covers & form_mask(at, 1));
    dataset_values_done(values, count);
    return count;
}

static bool is_known(const struct form_set *set, size_t at) {
    const struct question *question = set->question;
    for (size_t i = 0; i < set->column_count; i++)
        if (set->columns[i].covers & form_mask(at, 1))
            return true;
    for (size_t i = 0; i < question->item_count; i++)
        if (question->items[i].first <= at &&
            question->items[i].first + question->items[i].count > at)
            return true;
    return false;
}

// The word of KEY that is nearest to STEM, into OUT; false where none is near.
static bool nearest_word(const char *key, const char *stem, unsigned typos, char out[WORDS_TEXT]) {
    unsigned best = typos + 1;
    struct key_words words;
    split_key(key, &words);
    for (size_t i = 0; i < words.count; i++) {
        char word[WORDS_TEXT];
        if (words.length[i] >= sizeof word)
            continue;
        snprintf(word, sizeof word, "%.*s", (int)words.length[i], words.at[i]);
        unsigned distance = str_distance(stem, word, typos);
        if (*word != *stem || distance >= best)
            continue;
        best = distance;
        memcpy(out, word, sizeof word);
    }
    return best <= typos;
}

// A word that stands for nothing may be a value's, mistyped: then it is read as that. True where it
// was.
static bool correct_word(struct form_set *set, size_t at) {
    struct question *question = set->question;
    struct word *word = &question->tokens[at].word;
    struct dataset_value value;
    if (word->is_number || strlen(word->stem) < CORRECTED_LETTERS || is_known(set, at) ||
        !dataset_find_similar(question->dataset, word->stem, &value, 1))
        return false;
    bool is_corrected = value.typos && nearest_word(value.key, word->stem, value.typos, word->stem);
    dataset_values_done(&value, 1);
    return is_corrected;
}

// What every value of the mention has in it, as it stands in the question.
static void find_shared_text(struct form_set *set, struct form_mention *mention) {
    const char *text = question_words(set->question, mention->first, mention->count);
    const char *stem = mention->count == 1 ? set->question->tokens[mention->first].word.stem : text;
    const char *const tries[] = {text, stem};
    if (mention->is_start)
        return;
    for (size_t i = 0; i < ARRAY_LENGTH(tries) && !mention->contains; i++) {
        bool is_in_all = mention->value_count > 0;
        for (size_t j = 0; j < mention->value_count; j++)
            is_in_all &= strcasestr(mention->values[j], tries[i]) != NULL;
        if (is_in_all)
            mention->contains = tries[i];
    }
}

// More values than are listed can only be meant by what all of them have in them.
static bool can_be_said(const struct form_mention *mention) {
    return !mention->has_more || (!mention->is_whole && mention->contains);
}

// A mention inside of a longer one of the same column that is no weaker adds nothing.
static bool is_within_longer(const struct form_set *set, const struct form_mention *mention) {
    for (size_t i = 0; i < set->mention_count; i++) {
        const struct form_mention *other = &set->mentions[i];
        if (other != mention && other->column == mention->column && other->count > mention->count &&
            (other->covers & mention->covers) == mention->covers &&
            (other->is_whole || !mention->is_whole))
            return true;
    }
    return false;
}

// Results of matches are often told by one letter: "W 21-14", "L".
static const struct {
    const char *words, *letter;
} outcomes[] = {{"win won wins victory victories victorious beat", "W"},
                {"lose lost loss losses loses defeat defeated", "L"},
                {"tie tied ties draw drew drawn", "T"},
                {"tie tied ties draw drew drawn", "D"}};

// How many of the column's commonest values begin with one of the letters of outcomes.
static size_t lettered(const struct dataset_column *column) {
    size_t count = 0;
    for (size_t i = 0; i < column->samples.count; i++) {
        const char *text = column->samples.at[i];
        count += strchr("WLTD", *text) &&
                 (!text[1] || strchr(" ,(-0123456789", text[1]) || str_has_prefix(text + 1, "–"));
    }
    return count;
}

static void find_outcomes(struct form_set *set) {
    const struct dataset_table *table = &set->question->schema->tables[set->table];
    for (size_t i = 0; i < set->column_count; i++) {
        const struct dataset_column *own = &table->columns[set->columns[i].reads[FORM_AS_IS]];
        if (own->type != DATASET_TEXT || own->samples.count < 2 ||
            lettered(own) != own->samples.count)
            continue;
        for (size_t j = 0; j < set->question->token_count && j < FORM_TOKENS; j++)
            for (size_t k = 0; k < ARRAY_LENGTH(outcomes); k++) {
                if (!lexicon_is_listed(outcomes[k].words, set->question->tokens[j].word.text))
                    continue;
                struct form_mention *mention = mention_at(set, j, 1, (int)i, true);
                if (!mention || mention->value_count)
                    continue;
                mention->read = FORM_AS_IS;
                mention->share = 1;
                mention->values[mention->value_count++] = outcomes[k].letter;
                mention->contains = outcomes[k].letter;
                mention->is_start = true;
                mention->row_count = own->distinct_count / 2;
            }
    }
}

void form_find_mentions(struct form_set *set) {
    struct question *question = set->question;
    size_t kept = 0;
    for (size_t i = 0; i < question->token_count && i < FORM_TOKENS; i++)
        if ((set->content & form_mask(i, 1)) && !find_values_of(set, i) && correct_word(set, i))
            find_values_of(set, i);
    find_outcomes(set);
    for (size_t i = 0; i < set->mention_count; i++)
        if (is_within_longer(set, &set->mentions[i]))
            set->mentions[i].count = 0;
    for (size_t i = 0; i < set->mention_count; i++)
        if (set->mentions[i].count) {
            find_shared_text(set, &set->mentions[i]);
            set->mentions[kept] = set->mentions[i];
            kept += can_be_said(&set->mentions[kept]);
        }
    set->mention_count = kept;
}

bool form_is_cued(const struct form_set *set, const char *words) {
    for (size_t i = 0; i < set->question->token_count && i < FORM_TOKENS; i++)
        if (lexicon_is_listed(words, set->question->tokens[i].word.text) ||
            lexicon_is_listed(words, set->question->tokens[i].word.stem))
            return true;
    return false;
}
