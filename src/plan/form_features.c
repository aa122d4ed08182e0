// SPDX-License-Identifier: Apache-2.0
//
// See form_features.h.
#include "plan/form_features.h"

#include <math.h>
#include <string.h>

// The numbers are part of the hashes that weights were learned for: a change of any asks for
// learning anew (tests/bench/answers/learn.sh).
enum name {
    KIND = 1,
    KIND_PICK,
    KIND_SHIFT,
    KIND_FILTERS,
    SHAPE,
    PICK,
    SHIFT,
    EITHER,
    FILTER,
    FILTER_KINDS,
    ROLE_MATCH,
    ROLE_TYPE,
    ROLE_WORD,
    ROLE_PLACE,
    ROLE_LEAD,
    ROLE_NEAR,
    VALUE_KIND = 18,
    VALUE_ROWS,
    VALUE_HEADER,
    VALUE_NEAR,
    VALUE_TYPE,
    NUMBER_KIND,
    NUMBER_HEADER,
    DATE_KIND,
    RELATIVE,
    SAME_COLUMN,
    UNCOVERED,
    UNCOVERED_SHARE,
    MISSED_VALUE,
    MISSED_NUMBER,
    MISSED_COLUMN,
    ANSWER_COUNT,
    ANSWER_SIZE,
    ANSWER_SAID,
    PROJECT_SAME,
    ASKED_KIND = 38,
    ASKED_ROLE,
    ASKED_TYPE,
    ASKED_COLUMN,
    ADJECTIVE,
    BEFORE_VALUE,
    BETWEEN,
    SHIFT_NEAR,
    PICK_WORD,
    ROLE_CONTEXT = 48,
    VALUE_CONTEXT,
    UNCOVERED_WORD,
};

enum role { ROLE_SHOW = 1, ROLE_MEASURE, ROLE_GROUP, ROLE_PICK, ROLE_OTHER, ROLE_FILTER };

struct builder {
    struct feature_set *features;
    const struct form_set *set;
    const struct form *form;
    uint16_t *out;
    size_t count;
    uint64_t used; // tokens that the form accounts for
};

static uint32_t mix(uint32_t hash, uint32_t value) {
    hash ^= value + 0x9E3779B9u + (hash << 6) + (hash >> 2);
    hash *= 0x85EBCA6Bu;
    return hash ^ hash >> 13;
}

static uint32_t hash_text(const char *text) {
    uint32_t hash = 2166136261u;
    for (; *text; text++)
        hash = (hash ^ (uint8_t)*text) * 16777619u;
    return hash;
}

static uint16_t intern(struct feature_set *features, uint32_t hash, bool is_crossed) {
    size_t mask = 2 * FEATURE_PREDICATES - 1, at = hash & mask;
    while (features->slots[at]) {
        uint16_t index = (uint16_t)(features->slots[at] - 1);
        if (features->predicates[index].hash == hash)
            return index;
        at = (at + 1) & mask;
    }
    if (features->predicate_count == FEATURE_PREDICATES)
        return 0;
    features->predicates[features->predicate_count] = (struct feature_predicate){hash, is_crossed};
    features->slots[at] = (uint16_t)++features->predicate_count;
    return (uint16_t)(features->predicate_count - 1);
}

static void add(struct builder *builder, bool is_crossed, enum name name, uint32_t a, uint32_t b,
                uint32_t c) {
    uint32_t hash = mix(mix(mix(mix(1, (uint32_t)name), a), b), c);
    if (builder->count < FEATURE_OF_FORM)
        builder->out[builder->count++] = intern(builder->features, hash, is_crossed);
}

#define PLAIN(name, a, b, c) add(builder, false, name, (uint32_t)(a), (uint32_t)(b), (uint32_t)(c))
#define CROSSED(name, a, b, c) add(builder, true, name, (uint32_t)(a), (uint32_t)(b), (uint32_t)(c))

static uint32_t bucket(size_t value, size_t most) {
    return (uint32_t)(value < most ? value : most);
}

static uint32_t share_bucket(float share) {
    return share <= 0 ? 0 : share < 0.34f ? 1 : share < 0.67f ? 2 : share < 0.99f ? 3 : 4;
}

// ---- The question -------------------------------------------------------------------------------

static void add_gram(struct feature_set *features, uint32_t hash) {
    for (size_t i = 0; i < features->gram_count; i++)
        if (features->grams[i] == hash)
            return;
    if (features->gram_count < FEATURE_GRAMS)
        features->grams[features->gram_count++] = hash;
}

static uint32_t token_hash(const struct question *question, size_t at) {
    const struct word *word = &question->tokens[at].word;
    return word->is_number ? 77 : hash_text(word->stem);
}

// The question with what it mentions taken out: "which _ have more than # _".
static uint32_t abstract_hash(const struct form_set *set, size_t at) {
    uint64_t bit = form_mask(at, 1);
    if (set->question->tokens[at].word.is_number)
        return 77;
    for (size_t i = 0; i < set->mention_count; i++)
        if (set->mentions[i].is_whole && (set->mentions[i].covers & bit & set->content))
            return 78;
    for (size_t i = 0; i < set->column_count; i++)
        if (set->columns[i].match > 0.6f && (set->columns[i].covers & bit & set->content))
            return 79;
    return hash_text(set->question->tokens[at].word.stem);
}

static void add_abstract_grams(struct feature_set *features, const struct form_set *set) {
    uint32_t before = 21;
    for (size_t i = 0; i < set->question->token_count && i < FORM_TOKENS; i++) {
        uint32_t here = abstract_hash(set, i);
        if (here == before && here >= 77 && here <= 79)
            continue;
        add_gram(features, mix(mix(here, before), 31));
        before = here;
    }
}

// ---- Columns in their roles ---------------------------------------------------------------------

static uint32_t type_of(const struct form_column *column) {
    uint32_t type = column->is_year                      ? 1
                    : column->is_number                  ? 2
                    : column->is_date                    ? 3
                    : column->reads[FORM_AS_DATE] >= 0   ? 4
                    : column->reads[FORM_AS_SECOND] >= 0 ? 5
                    : column->reads[FORM_AS_NUMBER] >= 0 ? 6
                                                         : 7;
    return type * 2 + column->is_unique;
}

static bool is_token(const struct question *question, size_t at, const char *list) {
    return lexicon_is_listed(list, question->tokens[at].word.text);
}

// The word that the question asks with: its place, -1 for none.
static int wh_place(const struct question *question) {
    for (size_t i = 0; i < question->token_count && i < FORM_TOKENS; i++)
        if (lexicon_is_listed("which what who whom when where many much long name list tell",
                              question->tokens[i].word.text))
            return (int)i;
    return -1;
}

static int superlative_place(const struct question *question) {
    for (size_t i = 0; i < question->token_count && i < FORM_TOKENS; i++) {
        const char *text = question->tokens[i].word.text;
        size_t length = strlen(text);
        if (lexicon_is_listed("most least more less fewer top bottom best worst highest lowest",
                              text) ||
            (length > 4 && strcmp(text + length - 3, "est") == 0))
            return (int)i;
    }
    return -1;
}

static int shift_place(const struct question *question) {
    for (size_t i = 0; i < question->token_count && i < FORM_TOKENS; i++)
        if (is_token(question, i,
                     "next after following previous before prior above below preceding precede "
                     "follow followed follows behind preceded precedes"))
            return (int)i;
    return -1;
}

static void read_asked(const struct form_set *set, struct feature_asked *asked) {
    const struct question *question = set->question;
    size_t count = question->token_count < FORM_TOKENS ? question->token_count : FORM_TOKENS;
    *asked = (struct feature_asked){.wh = wh_place(question),
                                    .noun = -1,
                                    .superlative = superlative_place(question),
                                    .shift = shift_place(question)};
    for (size_t i = 0; i < count; i++) {
        asked->ors |= is_token(question, i, "or") ? form_mask(i, 1) : 0;
        asked->ands |= is_token(question, i, "and") ? form_mask(i, 1) : 0;
    }
    if (asked->wh < 0)
        return;
    uint32_t hash = hash_text(question->tokens[asked->wh].word.text);
    size_t at = (size_t)asked->wh + 1;
    while (at < count && is_token(question, at,
                                  "the of a an is was were are many much total number amount name "
                                  "names what which different did does do"))
        at++;
    if (at < count && !is_token(question, at,
                                "in on at by for from to has have had be been with when where who "
                                "played won did do does")) {
        asked->noun = (int)at;
        hash = mix(hash, hash_text(question->tokens[at].word.stem));
    }
    asked->hash = hash;
    for (size_t i = 0; i < set->column_count && asked->noun >= 0; i++)
        if (set->columns[i].covers & form_mask((size_t)asked->noun, 2)) {
            uint32_t kind =
                (set->columns[i].reads[FORM_AS_NUMBER] >= 0) * 2u + set->columns[i].is_unique + 1;
            asked->column = kind > asked->column ? kind : asked->column;
        }
}

static uint32_t distance(int from, int to) {
    return from < 0 || to < 0 ? 9 : to < from ? 8 : bucket((size_t)(to - from), 5);
}

// Whether an adjective of the question measures what the column holds: 0 there is none, 1 it does
// not, 2 it does, 3 it does, and the other end of it is asked for.
static uint32_t adjective_fit(const struct question *question, const struct form_column *column,
                              bool is_most) {
    uint32_t fit = 0;
    char base[WORDS_TEXT];
    for (size_t i = 0; i < question->token_count && i < FORM_TOKENS; i++) {
        const char *text = question->tokens[i].word.text;
        const struct lexicon_adjective *adjective =
            lexicon_adjective(text, ADJECTIVE_SUPERLATIVE, base, sizeof base);
        if (!adjective)
            adjective = lexicon_adjective(text, ADJECTIVE_COMPARATIVE, base, sizeof base);
        if (!adjective)
            continue;
        for (size_t j = 0; j < column->words; j++) {
            bool is_noun = lexicon_is_listed(adjective->nouns, column->title[j].stem);
            bool is_opposite = lexicon_is_listed(adjective->opposites, column->title[j].stem);
            if (is_noun || is_opposite)
                return (adjective->is_descending != is_opposite) == is_most ? 2 : 3;
        }
        fit = 1;
    }
    return fit;
}

static void read_column(const struct question *question, const struct form_column *column,
                        struct feature_column *known) {
    known->type = type_of(column);
    known->match = share_bucket(column->match);
    known->title_count =
        column->words < ARRAY_LENGTH(known->titles) ? column->words : ARRAY_LENGTH(known->titles);
    for (size_t i = 0; i < known->title_count; i++)
        known->titles[i] = hash_text(column->title[i].stem);
    for (int is_most = 0; is_most < 2; is_most++)
        known->adjective[is_most] = adjective_fit(question, column, is_most);
}

void features_init(struct feature_set *features, const struct form_set *forms) {
    const struct question *question = forms->question;
    features->forms = forms;
    features->gram_count = features->predicate_count = 0;
    features->last_rows = -1;
    memset(features->slots, 0, sizeof features->slots);
    read_asked(forms, &features->asked);
    for (size_t i = 0; i < forms->column_count; i++)
        read_column(question, &forms->columns[i], &features->columns[i]);
    uint32_t before = 11;
    for (size_t i = 0; i < question->token_count && i < FORM_TOKENS; i++) {
        uint32_t here = features->tokens[i] = token_hash(question, i);
        add_gram(features, here);
        add_gram(features, mix(here, before));
        if (i == 1)
            add_gram(features, mix(mix(here, before), 5));
        before = here;
    }
    add_gram(features, mix(before, 12));
    add_abstract_grams(features, forms);
    intern(features, 0, false); // what overflows
}

// The hash of the stem at a place, numbers too; and of the word behind it.
static uint32_t stem_at(const struct builder *builder, int at) {
    return hash_text(builder->set->question->tokens[at].word.stem);
}

static uint32_t token_after(const struct builder *builder, size_t at) {
    size_t count = builder->set->question->token_count;
    return at + 1 < count && at + 1 < FORM_TOKENS ? builder->features->tokens[at + 1] : 1;
}

// The words around where the question says the column's title.
static void add_context(struct builder *builder, enum role role, const struct form_column *column) {
    const struct form_set *set = builder->set;
    const uint32_t *tokens = builder->features->tokens;
    size_t said = (size_t)column->first_match;
    if (column->first_match < 0 || column->match <= 0.3f)
        return;
    uint32_t pick = set->rows[builder->form->rows].pick;
    uint32_t kind = builder->form->kind * 8u + builder->form->aggregate % 8u;
    uint32_t use = role * 64u + (role == ROLE_PICK ? pick : kind);
    uint32_t one = said > 0 ? tokens[said - 1] : 1, two = said > 1 ? tokens[said - 2] : 1;
    PLAIN(ROLE_CONTEXT, use, one, 1);
    PLAIN(ROLE_CONTEXT, use, mix(one, two), 2);
    PLAIN(ROLE_CONTEXT, use, token_after(builder, said), 3);
}

// How the column suits what the question asks for.
static void add_asked(struct builder *builder, enum role role, const struct form_column *column,
                      const struct feature_column *known) {
    const struct feature_asked *asked = &builder->features->asked;
    uint32_t noun = asked->noun < 0 ? 0 : stem_at(builder, asked->noun);
    for (size_t i = 0; i < known->title_count; i++) {
        PLAIN(ASKED_ROLE, role, asked->hash, known->titles[i]);
        PLAIN(ASKED_ROLE, role, noun, known->titles[i]);
    }
    PLAIN(ASKED_TYPE, role, asked->hash, known->type);
    PLAIN(ASKED_TYPE, role, noun, known->type);
    bool is_noun = asked->noun >= 0 && (column->covers & form_mask((size_t)asked->noun, 2));
    PLAIN(ASKED_COLUMN, role, is_noun, known->match);
}

static void add_pick(struct builder *builder, const struct feature_column *known) {
    uint32_t pick = builder->set->rows[builder->form->rows].pick;
    for (size_t i = 0; i < known->title_count; i++)
        CROSSED(PICK_WORD, pick, known->titles[i], 0);
    CROSSED(PICK_WORD, pick, known->type, 7);
    PLAIN(ADJECTIVE, known->adjective[pick == FORM_PICK_MOST], known->match, 0);
}

static void add_role(struct builder *builder, enum role role, int at) {
    const struct form_set *set = builder->set;
    const struct feature_asked *asked = &builder->features->asked;
    if (at < 0)
        return;
    const struct form_column *column = &set->columns[at];
    const struct feature_column *known = &builder->features->columns[at];
    PLAIN(ROLE_MATCH, role, known->match, bucket(column->words, 3));
    PLAIN(ROLE_MATCH, role, known->match, 9);
    CROSSED(ROLE_TYPE, role, known->type, 0);
    for (size_t i = 0; i < known->title_count; i++)
        CROSSED(ROLE_WORD, role, known->titles[i], 0);
    uint32_t place = at == 0 ? 0 : at == 1 ? 1 : (size_t)at + 1 == set->column_count ? 3 : 2;
    PLAIN(ROLE_PLACE, role, place, column->is_unique);
    PLAIN(ROLE_PLACE, role, place, 7);
    if (role != ROLE_PICK)
        add_asked(builder, role, column, known);
    else
        add_pick(builder, known);
    add_context(builder, role, column);
    PLAIN(ROLE_LEAD, role, distance(asked->wh, column->first_match), known->match);
    if (role == ROLE_PICK || role == ROLE_MEASURE || role == ROLE_OTHER)
        PLAIN(ROLE_NEAR, role, distance(asked->superlative, column->first_match), known->match);
    builder->used |= column->covers;
}

// ---- Filters ------------------------------------------------------------------------------------

// Whether the column's title is said at most two words away.
static bool is_said_near(const struct form_column *column, uint64_t covers) {
    return (column->covers & (covers << 1 | covers << 2 | covers >> 1 | covers >> 2)) != 0;
}

static void add_mention(struct builder *builder, const struct form_filter *filter) {
    const struct form_set *set = builder->set;
    const struct form_mention *mention = &set->mentions[filter->mention];
    int64_t rows = set->schema->tables[set->table].row_count;
    uint32_t kind = filter->kind * 2u + mention->is_whole;
    PLAIN(VALUE_KIND, kind, share_bucket(mention->share), bucket(mention->count, 4));
    PLAIN(VALUE_KIND, kind, bucket(mention->value_count, 4), 77);
    PLAIN(VALUE_ROWS, filter->kind,
          mention->row_count < 4          ? mention->row_count
          : mention->row_count * 2 < rows ? 4
                                          : 5,
          mention->is_whole);
}

// The words around what the filter stands for.
static void add_surroundings(struct builder *builder, const struct form_filter *filter,
                             const struct feature_column *known) {
    int first = filter->covers ? __builtin_ctzll(filter->covers) : 0;
    int last = filter->covers ? 63 - __builtin_clzll(filter->covers) : -1;
    uint32_t before = first > 0 ? stem_at(builder, first - 1) : 0;
    uint32_t second = first > 1 ? stem_at(builder, first - 2) : 0;
    uint32_t shift = builder->set->rows[builder->form->rows].shift;
    uint32_t use = filter->kind * 64u + filter->is_negated * 32u + shift;
    PLAIN(VALUE_CONTEXT, use, before, 1);
    PLAIN(VALUE_CONTEXT, use, mix(before, second), 2);
    PLAIN(VALUE_CONTEXT, use, last < 0 ? stem_at(builder, 0) : token_after(builder, (size_t)last),
          3);
    PLAIN(BEFORE_VALUE, before, known->type, filter->kind);
    for (size_t i = 0; i < known->title_count; i++)
        PLAIN(BEFORE_VALUE, before, known->titles[i], filter->kind + 10);
}

static void add_number(struct builder *builder, const struct form_filter *filter,
                       const struct form_column *column, const struct feature_column *known) {
    double number = filter->number;
    bool is_year = number >= 1500 && number < 2100 && number == floor(number);
    uint32_t shape = !filter->item ? 3 : is_year ? 1 : number < 20 ? 0 : 2;
    PLAIN(NUMBER_KIND, shape, known->type, filter->comparison != PLAN_EQUAL);
    PLAIN(NUMBER_HEADER, known->match, is_said_near(column, filter->covers), shape);
    CROSSED(NUMBER_KIND, filter->comparison, shape, 99);
}

static void add_value(struct builder *builder, const struct form_filter *filter,
                      const struct form_column *column, const struct feature_column *known) {
    const struct form_mention *mention = &builder->set->mentions[filter->mention];
    PLAIN(VALUE_HEADER, known->match, is_said_near(column, mention->covers), mention->is_whole);
    CROSSED(VALUE_TYPE, known->type, mention->is_whole, 0);
    if (column->covers & mention->covers)
        PLAIN(VALUE_NEAR, known->match, mention->is_whole, 3);
}

static void add_relative(struct builder *builder, const struct form_filter *filter,
                         const struct feature_column *known) {
    PLAIN(RELATIVE, filter->kind, known->match, builder->set->mentions[filter->mention].is_whole);
    for (size_t i = 0; i < known->title_count; i++)
        CROSSED(ROLE_WORD, 20u + filter->kind, known->titles[i], filter->comparison);
}

static void add_filter(struct builder *builder, const struct form_filter *filter) {
    const struct form_column *column = &builder->set->columns[filter->column];
    const struct feature_column *known = &builder->features->columns[filter->column];
    CROSSED(FILTER, filter->kind, filter->is_negated, filter->comparison);
    if (filter->mention >= 0)
        add_mention(builder, filter);
    add_surroundings(builder, filter, known);
    for (size_t i = 0; i < known->title_count && filter->mention < 0; i++)
        CROSSED(ROLE_WORD, ROLE_FILTER, known->titles[i], filter->kind);
    switch (filter->kind) {
    case FORM_VALUE: add_value(builder, filter, column, known); break;
    case FORM_NUMBER: add_number(builder, filter, column, known); break;
    case FORM_EMPTY: PLAIN(DATE_KIND, 99, known->match, filter->is_negated); break;
    case FORM_DATE: PLAIN(DATE_KIND, known->type, known->match, filter->item->count > 1); break;
    case FORM_SAME:
    case FORM_THAN: add_relative(builder, filter, known); break;
    }
    if (known->match >= 3)
        builder->used |= column->covers;
    builder->used |= filter->covers;
}

// The words between two that filters stand for.
static void add_between(struct builder *builder, const struct form_rows *rows) {
    const struct form_filter *filters = builder->set->filters;
    const struct form_filter *one = &filters[rows->filters[0]], *other = &filters[rows->filters[1]];
    uint64_t left = one->covers, right = other->covers, between = 0;
    if (left && right) {
        int one_at = __builtin_ctzll(left), other_at = __builtin_ctzll(right);
        int from = one_at < other_at ? one_at : other_at,
            to = one_at < other_at ? other_at : one_at;
        between = form_mask((size_t)from, (size_t)(to - from)) & ~(left | right);
    }
    bool has_or = (builder->features->asked.ors & between) != 0;
    bool has_and = (builder->features->asked.ands & between) != 0;
    PLAIN(BETWEEN, rows->is_either, has_or * 2u + has_and, one->column == other->column);
}

static void add_rows(struct builder *builder, const struct form_rows *rows, uint32_t side) {
    const struct form_set *set = builder->set;
    uint32_t kinds = 0;
    for (size_t i = 0; i < rows->filter_count; i++) {
        const struct form_filter *filter = &set->filters[rows->filters[i]];
        add_filter(builder, filter);
        kinds = kinds * 5 + filter->kind + 1;
        for (size_t j = 0; j < i; j++)
            if (set->filters[rows->filters[j]].column == filter->column)
                PLAIN(SAME_COLUMN, rows->is_either, filter->kind, 0);
    }
    PLAIN(FILTER_KINDS, kinds, rows->is_either, side);
    if (rows->filter_count > 1)
        add_between(builder, rows);
    if (rows->shift && rows->filter_count) {
        uint64_t covers = set->filters[rows->filters[0]].covers | UINT64_C(1) << 63;
        PLAIN(SHIFT_NEAR, rows->shift,
              distance(builder->features->asked.shift, __builtin_ctzll(covers)), rows->pick);
    }
    if (rows->pick)
        CROSSED(PICK, rows->pick, 0, 0);
    if (rows->shift)
        CROSSED(SHIFT, rows->shift, 0, 0);
    if (rows->pick_column >= 0)
        add_role(builder, ROLE_PICK, rows->pick_column);
}

// The same for the form's own rows, which its neighbours mostly have too.
static void add_own_rows(struct builder *builder) {
    struct feature_set *features = builder->features;
    if (features->last_rows != builder->form->rows) {
        size_t before = builder->count;
        builder->used = 0;
        add_rows(builder, &builder->set->rows[builder->form->rows], 0);
        features->last_rows = builder->form->rows;
        features->last_count = builder->count - before;
        features->last_used = builder->used;
        memcpy(features->last, builder->out + before,
               features->last_count * sizeof *features->last);
        return;
    }
    memcpy(builder->out + builder->count, features->last,
           features->last_count * sizeof *features->last);
    builder->count += features->last_count;
    builder->used |= features->last_used;
}

// ---- What the form leaves unsaid ----------------------------------------------------------------

static void add_coverage(struct builder *builder) {
    const struct form_set *set = builder->set;
    size_t content = (size_t)__builtin_popcountll(set->content);
    size_t left = (size_t)__builtin_popcountll(set->content & ~builder->used);
    size_t values = 0, numbers = 0, columns = 0;
    uint64_t seen = builder->used;
    for (size_t i = 0; i < set->mention_count; i++) {
        const struct form_mention *mention = &set->mentions[i];
        if (!mention->is_whole || (mention->covers & seen) || mention->count < 1)
            continue;
        seen |= mention->covers;
        values++;
    }
    for (size_t i = 0; i < set->filter_count; i++)
        if (set->filters[i].kind == FORM_NUMBER && !(set->filters[i].covers & seen)) {
            seen |= set->filters[i].covers;
            numbers++;
        }
    for (size_t i = 0; i < set->column_count; i++)
        if (set->columns[i].match > 0.99f && !(set->columns[i].covers & seen)) {
            seen |= set->columns[i].covers;
            columns++;
        }
    for (size_t i = 0; i < set->question->token_count && i < FORM_TOKENS; i++)
        if (set->content & ~builder->used & form_mask(i, 1))
            PLAIN(UNCOVERED_WORD, token_hash(set->question, i), 0, 0);
    PLAIN(UNCOVERED, bucket(left, 8), 0, 0);
    PLAIN(UNCOVERED_SHARE, content ? left * 5 / content : 0, 0, 0);
    PLAIN(MISSED_VALUE, bucket(values, 3), 0, 0);
    PLAIN(MISSED_NUMBER, bucket(numbers, 2), 0, 0);
    PLAIN(MISSED_COLUMN, bucket(columns, 3), 0, 0);
}

bool features_is_said(const struct form_set *forms, const char *text) {
    for (size_t i = 0; i < forms->mention_count; i++) {
        const struct form_mention *mention = &forms->mentions[i];
        for (size_t j = 0;
             (mention->is_whole || mention->share >= 0.5f) && j < mention->value_count; j++)
            if (strcmp(mention->values[j], text) == 0)
                return true;
    }
    return false;
}

static void add_answer(struct builder *builder, const struct feature_answer *answer) {
    uint32_t kind = builder->form->kind;
    uint32_t count = answer->count < 3 ? (uint32_t)answer->count : answer->count < 6 ? 3 : 4;
    if (answer->kind == ANSWER_CELLS || answer->kind == ANSWER_NOTHING) {
        CROSSED(ANSWER_COUNT, answer->kind, count, 0);
        PLAIN(ANSWER_COUNT, answer->kind, count, kind + 1);
        if (answer->kind == ANSWER_CELLS)
            CROSSED(ANSWER_SAID, answer->is_in_question, 0, 0);
    } else if (answer->kind == ANSWER_NUMBER) {
        double number = fabs(answer->number);
        uint32_t size = number == 0     ? 0
                        : number == 1   ? 1
                        : number < 10   ? 2
                        : number < 50   ? 3
                        : number < 1500 ? 4
                        : number < 2100 ? 5
                                        : 6;
        PLAIN(ANSWER_SIZE, kind, size, number == floor(number));
        CROSSED(ANSWER_SIZE, 50, number == floor(number), 0);
    }
}

size_t features_of(struct feature_set *features, const struct form *form,
                   uint16_t ret_predicates[FEATURE_OF_FORM], uint64_t *ret_used) {
    const struct form_set *set = features->forms;
    struct builder at = {.features = features, .set = set, .form = form, .out = ret_predicates},
                   *builder = &at;
    const struct form_rows *rows = &set->rows[form->rows];
    uint32_t kind = form->kind * 16u + form->aggregate * 2u + form->is_rare;
    CROSSED(KIND, kind, 0, 0);
    PLAIN(ASKED_KIND, kind, features->asked.hash, 0);
    PLAIN(ASKED_KIND, kind, features->asked.column, 1);
    PLAIN(ASKED_KIND, kind,
          features->asked.wh >= 0 ? hash_text(set->question->tokens[features->asked.wh].word.text)
                                  : 0,
          10u + features->asked.column);
    CROSSED(KIND_PICK, kind, rows->pick, rows->shift);
    PLAIN(KIND_FILTERS, kind, rows->filter_count, 0);
    PLAIN(SHAPE, kind, rows->pick * 8u + rows->shift, rows->filter_count * 2u + rows->is_either);
    add_own_rows(builder);
    if (rows->is_either)
        CROSSED(EITHER, rows->pick, form->kind, 0);
    if (form->kind == FORM_DIFFERENCE || form->kind == FORM_COUNT_DIFFERENCE ||
        form->kind == FORM_TRUTH)
        add_rows(builder, &set->rows[form->other_rows], 1);
    enum role role = form->kind == FORM_SHOW ? ROLE_SHOW
                     : form->kind == FORM_AGGREGATE || form->kind == FORM_DIFFERENCE ||
                             form->kind == FORM_RANGE || form->kind == FORM_BETWEEN ||
                             form->kind == FORM_WITHIN || form->kind == FORM_TRUTH
                         ? ROLE_MEASURE
                         : ROLE_GROUP;
    if (form->column >= 0) {
        add_role(builder, role, form->column);
        for (size_t i = 0; i < rows->filter_count; i++)
            if (set->filters[rows->filters[i]].column == form->column)
                PLAIN(PROJECT_SAME, kind, rows->is_either, set->filters[rows->filters[i]].kind);
        if (rows->pick_column == form->column)
            PLAIN(PROJECT_SAME, kind, 5, 5);
    }
    if (form->kind == FORM_BEST_GROUP || form->kind == FORM_BETWEEN)
        add_role(builder, ROLE_OTHER, form->other_column);
    add_coverage(builder);
    if (ret_used)
        *ret_used = at.used;
    return at.count;
}

size_t features_of_answer(struct feature_set *features, const struct form *form,
                          const struct feature_answer *answer,
                          uint16_t ret_predicates[FEATURE_OF_ANSWER]) {
    struct builder at = {
        .features = features, .set = features->forms, .form = form, .out = ret_predicates};
    add_answer(&at, answer);
    return at.count;
}
