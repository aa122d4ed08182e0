// SPDX-License-Identifier: Apache-2.0
//
// See alias.h. The aliases of a data set are split once and kept small: their words in one pool of
// texts, and for each beginning of a word the aliases that have such a word. A question then looks
// only at aliases that begin like one of its own words, however large the schema.
#include "plan/alias.h"

#include <string.h>

#define POOL_MAX (64 * 1024 * 1024) // bytes of words; far above what a schema's limits allow
#define PREFIXES 4096

struct alias_entry {
    struct plan_column column;
    const char *unit_kind; // of the column, "" for none
    uint32_t first_word;   // in the index's words
    uint8_t count, content, head;
};

struct alias_word {
    uint32_t text, stem; // in the pool
};

struct alias_index {
    struct alias_entry *entries;
    struct alias_word *words;
    size_t entry_count, word_count;
    struct buf pool;
    // The entries that have a word with prefix P are postings[starts[P]] to postings[starts[P +
    // 1]].
    uint32_t starts[PREFIXES + 1];
    uint32_t *postings;
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
    return hash % PREFIXES;
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

struct building {
    const struct dataset_schema *schema;
    struct alias_index *index;
    struct alias last; // "Flight date" and flight_date are one
};

static void count_text(struct plan_column column, const char *text, void *context) {
    (void)column, (void)text;
    ++((struct building *)context)->index->entry_count;
}

static bool is_same_alias(const struct alias *left, const struct alias *right) {
    bool is_same = left->count == right->count;
    for (size_t i = 0; is_same && i < left->count; i++)
        is_same = strcmp(left->words[i].text, right->words[i].text) == 0;
    return is_same;
}

static uint32_t keep_word(struct alias_index *index, const char *text) {
    uint32_t at = (uint32_t)index->pool.length;
    buf_add(&index->pool, text, strlen(text) + 1);
    return at;
}

static void keep_text(struct plan_column column, const char *text, void *context) {
    struct building *building = context;
    struct alias_index *index = building->index;
    struct alias_entry *entry = &index->entries[index->entry_count];
    struct alias alias;
    alias_read(text, &alias);
    bool is_twin = index->entry_count && question_is_same(entry[-1].column, column) &&
                   is_same_alias(&building->last, &alias);
    building->last = alias;
    if (!alias.content || is_twin)
        return;
    bool has_unit = column.column >= 0 || column.metric >= 0;
    *entry = (struct alias_entry){
        .column = column,
        .unit_kind = has_unit ? lexicon_unit_kind(question_unit(building->schema, column)) : "",
        .first_word = (uint32_t)index->word_count,
        .count = (uint8_t)alias.count,
        .content = (uint8_t)alias.content,
        .head = (uint8_t)alias.head};
    for (size_t i = 0; i < alias.count; i++) {
        struct alias_word *word = &index->words[index->word_count++];
        word->text = keep_word(index, alias.words[i].text);
        bool is_plain = strcmp(alias.words[i].text, alias.words[i].stem) == 0;
        word->stem = is_plain ? word->text : keep_word(index, alias.words[i].stem);
    }
    index->entry_count++;
}

static void each_posting(struct alias_index *index, bool counts) {
    for (size_t i = 0; i < index->entry_count; i++) {
        const struct alias_entry *entry = &index->entries[i];
        for (size_t j = 0; j < 2u * entry->count; j++) {
            const struct alias_word *word = &index->words[entry->first_word + j / 2];
            if (j % 2 && word->stem == word->text)
                continue;
            unsigned prefix = prefix_of(buf_text(&index->pool) + (j % 2 ? word->stem : word->text));
            if (counts)
                index->starts[prefix + 1]++;
            else
                index->postings[index->starts[prefix]++] = (uint32_t)i;
        }
    }
}

// Counts, then places; placing moves each start to its end, which is the next one's start.
static void add_postings(struct alias_index *index) {
    each_posting(index, true);
    for (size_t i = 0; i < PREFIXES; i++)
        index->starts[i + 1] += index->starts[i];
    index->postings = mem_zero(index->starts[PREFIXES] + 1, sizeof *index->postings);
    each_posting(index, false);
    memmove(index->starts + 1, index->starts, PREFIXES * sizeof *index->starts);
    index->starts[0] = 0;
}

static void *index_new(const struct dataset *dataset) {
    const struct dataset_schema *schema = dataset_schema(dataset);
    struct alias_index *index = mem_zero(1, sizeof *index);
    struct building building = {.schema = schema, .index = index};
    struct alias unused;
    index->pool = BUF(POOL_MAX);
    visit_texts(schema, count_text, &building);
    index->entries = mem_zero(index->entry_count + 1, sizeof *index->entries);
    index->words =
        mem_zero(index->entry_count * ARRAY_LENGTH(unused.words) + 1, sizeof *index->words);
    index->entry_count = 0;
    visit_texts(schema, keep_text, &building);
    index->words = mem_resize(index->words, index->word_count + 1, sizeof *index->words);
    add_postings(index);
    return index;
}

static void index_free(void *made) {
    struct alias_index *index = made;
    free(index->entries);
    free(index->words);
    free(index->postings);
    buf_done(&index->pool);
    free(index);
}

const struct alias_index *alias_index_of(const struct dataset *dataset) {
    return dataset_make(dataset, DATASET_ALIASES, index_new, index_free);
}

// ---- Visiting -----------------------------------------------------------------------------------

static void visit_entry(struct question *question, const struct alias_entry *entry,
                        alias_visitor *visit, void *context) {
    const struct alias_index *index = question->aliases;
    struct alias alias = {.count = entry->count, .content = entry->content, .head = entry->head};
    for (size_t i = 0; i < entry->count; i++) {
        const struct alias_word *word = &index->words[entry->first_word + i];
        strcpy(alias.words[i].text, buf_text(&index->pool) + word->text);
        strcpy(alias.words[i].stem, buf_text(&index->pool) + word->stem);
    }
    visit(question, entry->column, &alias, context);
}

void alias_visit(struct question *question, const struct alias_prefixes *prefixes,
                 alias_visitor *visit, void *context) {
    const struct alias_index *index = question->aliases;
    uint8_t *is_wanted = arena_take(question->arena, index->entry_count + 1, 1);
    if (!is_wanted)
        return;
    for (size_t i = 0; i < PREFIXES; i++)
        for (uint32_t j = index->starts[i];
             prefixes->bits[i / 8] & 1u << i % 8 && j < index->starts[i + 1]; j++)
            is_wanted[index->postings[j]] = 1;
    const char *kind = prefixes->unit_kind;
    for (size_t i = 0; i < index->entry_count; i++) {
        const struct alias_entry *entry = &index->entries[i];
        bool has_kind = kind && *entry->unit_kind && strcmp(entry->unit_kind, kind) == 0;
        if (is_wanted[i] || has_kind)
            visit_entry(question, entry, visit, context);
    }
}

void alias_visit_words(const struct alias_index *index, void (*visit)(const char *, void *),
                       void *context) {
    for (size_t i = 0; i < index->word_count; i++)
        visit(buf_text(&index->pool) + index->words[i].text, context);
}
