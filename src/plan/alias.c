// SPDX-License-Identifier: Apache-2.0
//
// See alias.h. A small schema's aliases are split once per question (and shared with the questions
// that are tried out as suggestions); of a large schema only those are split that begin like a word
// that is looked for.
#include "plan/alias.h"

#include <string.h>

#define INDEXED_COLUMNS 100

struct alias_entry {
    struct plan_column column;
    const char *text;
    struct alias alias;
};

struct alias_index {
    struct alias_entry *entries;
    size_t count;
};

bool alias_is_small_word(const char *text) {
    static const char *const words[] = {"of",  "the", "in", "a",  "an",  "and",
                                        "for", "at",  "on", "to", "per", "by"};
    for (size_t i = 0; i < ARRAY_LENGTH(words); i++)
        if (strcmp(words[i], text) == 0)
            return true;
    return false;
}

void alias_read(const char *text, struct alias *ret_alias) {
    struct alias *alias = ret_alias;
    char title[LIMIT_NAME * 2];
    size_t length = question_title_length(text);
    if (length < strlen(text) && length < sizeof title) { // the unit is no word of the name
        memcpy(title, text, length);
        title[length] = '\0';
        text = title;
    }
    alias->count = words_split(text, alias->words, ARRAY_LENGTH(alias->words));
    alias->content = 0;
    alias->head = 0;
    bool is_past_head = false;
    for (size_t i = 0; i < alias->count; i++) {
        if (alias_is_small_word(alias->words[i].text)) {
            is_past_head |= i > 0; // "phase of flight": what follows only says which
            continue;
        }
        alias->content++;
        if (!is_past_head)
            alias->head = i;
    }
}

// ---- Which aliases are worth comparing ----------------------------------------------------------

static unsigned prefix_of(const char *text) {
    unsigned hash = 0;
    for (size_t i = 0; i < 3 && text[i]; i++) {
        unsigned char letter = (unsigned char)text[i];
        if (letter >= 'A' && letter <= 'Z')
            letter = (unsigned char)(letter + 32);
        if (!((letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9')))
            break;
        hash = hash * 37 + letter;
    }
    return hash % 4096;
}

static void add_prefix(struct alias_prefixes *prefixes, const char *word) {
    unsigned prefix = prefix_of(word);
    prefixes->bits[prefix / 8] |= (uint8_t)(1u << prefix % 8);
}

void alias_prefixes_add(struct alias_prefixes *prefixes, const char *list) {
    for (; *list; list += strcspn(list, " "), list += *list == ' ')
        add_prefix(prefixes, list);
}

void alias_prefixes_of(const struct question *question, struct alias_prefixes *ret_prefixes) {
    // Words whose forms do not begin alike.
    static const char *const irregular[][2] = {
        {"person", "people"}, {"mouse", "mice"},  {"foot", "feet"}, {"goose", "geese"},
        {"man", "men"},       {"tooth", "teeth"}, {"sell", "sold"}, {"buy", "bought"},
        {"pay", "paid"},      {"win", "won"},     {"go", "went"},   {"make", "made"},
        {"take", "took"},     {"come", "came"},   {"lose", "lost"}, {"fly", "flew"}};
    *ret_prefixes = (struct alias_prefixes){.unit_kind = NULL};
    for (size_t i = 0; i < question->token_count; i++) {
        const struct word *word = &question->tokens[i].word;
        if (alias_is_small_word(word->text))
            continue;
        add_prefix(ret_prefixes, word->text);
        add_prefix(ret_prefixes, word->stem);
        for (size_t j = 0; j < ARRAY_LENGTH(irregular); j++)
            if (strcmp(word->stem, irregular[j][0]) == 0)
                add_prefix(ret_prefixes, irregular[j][1]);
    }
}

static bool may_match(const struct alias_prefixes *prefixes, const char *text) {
    bool starts = true;
    for (; *text; text++) {
        unsigned char byte = (unsigned char)*text;
        if (byte >= 0x80)
            return true;
        bool is_upper = byte >= 'A' && byte <= 'Z', is_digit = byte >= '0' && byte <= '9';
        bool is_letter = is_upper || (byte >= 'a' && byte <= 'z');
        if ((is_letter || is_digit) && (starts || is_upper || is_digit)) {
            unsigned prefix = prefix_of(text);
            if (prefixes->bits[prefix / 8] & 1u << prefix % 8)
                return true;
        }
        starts = !is_letter;
    }
    return false;
}

// ---- All aliases --------------------------------------------------------------------------------

typedef void text_visitor(struct plan_column column, const char *text, void *context);

static void visit_texts(const struct dataset_schema *schema, text_visitor *visit, void *context) {
    for (size_t i = 0; i < schema->table_count; i++) {
        const struct dataset_table *table = &schema->tables[i];
        struct plan_column rows = {(int)i, -1, -1};
        visit(rows, table->title, context);
        visit(rows, table->name, context);
        visit(rows, table->row, context);
        for (size_t j = 0; j < table->column_count; j++) {
            const struct dataset_column *column = &table->columns[j];
            struct plan_column at = {(int)i, (int)j, -1};
            if (column->hidden)
                continue;
            visit(at, column->title, context);
            visit(at, column->name, context);
            for (size_t k = 0; k < column->synonyms.count; k++)
                visit(at, column->synonyms.at[k], context);
        }
    }
    for (size_t i = 0; i < schema->metric_count; i++) {
        const struct dataset_metric *metric = &schema->metrics[i];
        struct plan_column at = {metric->table, -1, (int)i};
        visit(at, metric->title, context);
        visit(at, metric->name, context);
        for (size_t k = 0; k < metric->synonyms.count; k++)
            visit(at, metric->synonyms.at[k], context);
    }
}

static void count_text(struct plan_column column, const char *text, void *context) {
    (void)column, (void)text;
    ++*(size_t *)context;
}

static bool is_same_alias(const struct alias *left, const struct alias *right) {
    bool is_same = left->count == right->count;
    for (size_t i = 0; is_same && i < left->count; i++)
        is_same = strcmp(left->words[i].text, right->words[i].text) == 0;
    return is_same;
}

static void keep_text(struct plan_column column, const char *text, void *context) {
    struct alias_index *index = context;
    struct alias_entry *entry = &index->entries[index->count];
    entry->column = column;
    entry->text = text;
    alias_read(text, &entry->alias);
    // "Flight date" and flight_date are one.
    const struct alias_entry *before = index->count ? entry - 1 : NULL;
    if (entry->alias.content && !(before && question_is_same(before->column, column) &&
                                  is_same_alias(&before->alias, &entry->alias)))
        index->count++;
}

const struct alias_index *alias_index_new(const struct dataset_schema *schema,
                                          struct arena *arena) {
    size_t columns = 0, count = 0;
    for (size_t i = 0; i < schema->table_count; i++)
        columns += schema->tables[i].column_count;
    visit_texts(schema, count_text, &count);
    if (columns > INDEXED_COLUMNS || count > 5 * INDEXED_COLUMNS)
        return NULL;
    struct alias_index *index = arena_take(arena, 1, sizeof *index);
    struct alias_entry *entries = arena_take(arena, count + 1, sizeof *entries);
    if (!index || !entries)
        return NULL;
    index->entries = entries;
    visit_texts(schema, keep_text, index);
    return index;
}

struct visit {
    struct question *question;
    const struct alias_prefixes *prefixes;
    alias_visitor *visit;
    void *context;
};

static void visit_text(struct plan_column column, const char *text, void *context) {
    const struct visit *visit = context;
    struct alias alias;
    const char *kind = visit->prefixes ? visit->prefixes->unit_kind : NULL;
    bool has_kind =
        kind && (column.column >= 0 || column.metric >= 0) &&
        strcmp(lexicon_unit_kind(question_unit(visit->question->schema, column)), kind) == 0;
    if (visit->prefixes && !has_kind && !may_match(visit->prefixes, text))
        return;
    alias_read(text, &alias);
    if (alias.content)
        visit->visit(visit->question, column, &alias, visit->context);
}

void alias_visit(struct question *question, const struct alias_prefixes *prefixes,
                 alias_visitor *visit, void *context) {
    const struct alias_index *index = question->aliases;
    struct visit each = {question, prefixes, visit, context};
    if (!index) {
        visit_texts(question->schema, visit_text, &each);
        return;
    }
    for (size_t i = 0; i < index->count; i++)
        visit(question, index->entries[i].column, &index->entries[i].alias, context);
}
