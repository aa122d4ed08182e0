// SPDX-License-Identifier: Apache-2.0
//
// See dataset.h: the text that a row is known by. It is found once, when a data set is opened, as
// planning asks for it again and again.
#include "dataset/label.h"

#include <string.h>

int dataset_only_key(const struct dataset_table *table) {
    int key = -1;
    for (size_t i = 0; i < table->column_count; i++)
        if (table->columns[i].is_key) {
            if (key >= 0)
                return -1;
            key = (int)i;
        }
    return key;
}

// Whether TITLE has WORD in it, without regard to case; cheap, as every column is asked.
static bool has_word(const char *title, const char *word) {
    size_t length = strlen(word);
    for (const char *at = title; length && (at = strcasestr(at, word)); at += length) {
        bool begins = at == title || strchr(" _-/(", at[-1]),
             ends = !at[length] || strchr(" _-/)", at[length]);
        if (begins && ends)
            return true;
    }
    return false;
}

// How well a column names its row: by what it is called, and by how nearly each row has its own.
static double label_score(const struct dataset_table *table, const struct dataset_column *column) {
    if (column->hidden || column->type != DATASET_TEXT || column->references_table >= 0 ||
        table->row_count == 0)
        return 0;
    bool is_name = has_word(column->title, "name") || has_word(column->title, "title") ||
                   has_word(column->title, "label");
    bool is_row = has_word(column->title, table->row);
    double filled = 1 - (double)column->null_count / (double)table->row_count;
    double distinct = (double)column->distinct_count / (double)table->row_count;
    if (distinct < (is_name || is_row ? 0.3 : 0.9) || filled < 0.9)
        return 0;
    return distinct + (is_name ? 1 : 0) + (is_row ? 0.5 : 0);
}

static int find_label(const struct dataset_table *table) {
    int best = -1;
    double best_score = 0;
    for (size_t i = 0; i < table->column_count; i++) {
        double score = label_score(table, &table->columns[i]);
        if (score > best_score) {
            best_score = score;
            best = (int)i;
        }
    }
    int key = dataset_only_key(table);
    return best >= 0 || key < 0 || table->columns[key].hidden ? best : key;
}

void dataset_find_labels(struct dataset_schema *schema) {
    for (size_t i = 0; i < schema->table_count; i++)
        schema->tables[i].label = find_label(&schema->tables[i]);
}
