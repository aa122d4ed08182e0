// SPDX-License-Identifier: Apache-2.0
//
// See form.h: every form that a question may mean. Constructs that cannot do without a word of
// their own (a row after another, a comparison with another row) are made only where such a word is
// there; for the rest the weights decide.
#include <math.h>
#include <string.h>

#include "base/str.h"
#include "plan/form.h"

#define SHOWN_COLUMNS 24

struct cues {
    bool is_superlative, is_position, is_shift, is_than, is_same, is_not, is_either, is_difference,
        is_truth, is_range, is_common, is_average;
};

static bool has_superlative(const struct form_set *set) {
    for (size_t i = 0; i < set->question->token_count && i < FORM_TOKENS; i++) {
        const char *text = set->question->tokens[i].word.text;
        size_t length = strlen(text);
        if (length > 4 && str_has_suffix(text, "est") &&
            !lexicon_is_listed("west guest forest interest contest request test rest invest "
                               "protest honest harvest northwest southwest",
                               text))
            return true;
        if (length > 4 && str_has_suffix(text, "er") && form_is_cued(set, "or than"))
            return true;
    }
    return form_is_cued(set, "most least more less fewer top bottom max maximum min minimum best "
                             "worst better worse peak "
                             "record only last first final win won winner lead leader champion");
}

static void find_cues(const struct form_set *set, struct cues *cues) {
    cues->is_superlative = has_superlative(set);
    cues->is_position = form_is_cued(
        set,
        "first last top bottom earliest latest final end begin beginning start initial "
        "initially 1st opening winner won win most recent recently oldest newest next previous "
        "debut early late second lead champion");
    cues->is_shift = form_is_cued(set, "next after following previous previously before prior "
                                       "above below preceding precede follow followed "
                                       "behind succeed succeeded successor predecessor subsequent "
                                       "subsequently immediately directly later "
                                       "earlier beneath under between preceded over beside");
    cues->is_than = form_is_cued(set, "than above below over under beat");
    cues->is_same =
        form_is_cued(set, "same as share equal also tie tied like other another similar both");
    cues->is_not =
        form_is_cued(set, "not no without except other besides excluding never non none nor didn "
                          "doesn wasn weren isn hasn don "
                          "aren neither exclude aside beside outside fail failed else but another");
    cues->is_either =
        form_is_cued(set, "or and either both combine combined nor versus vs to with between");
    cues->is_difference = form_is_cued(
        set, "more less fewer difference differ between than apart separate gap higher lower "
             "larger smaller older younger longer shorter ahead exceed taller heavier faster long "
             "many how");
    cues->is_range = form_is_cued(set, "difference between range gap span long from years many");
    cues->is_truth =
        lexicon_is_listed("is was were are did do does has have had can could will",
                          set->question->token_count ? set->question->tokens[0].word.text : "") ||
        form_is_cued(set, "whether true is was did does were are has");
    cues->is_average = form_is_cued(set, "average mean");
    cues->is_common =
        cues->is_superlative ||
        form_is_cued(set, "common frequent frequently often popular majority usually mostly");
}

// ---- Filters ------------------------------------------------------------------------------------

static struct form_filter *add_filter(struct form_set *set, const struct form_filter *filter) {
    if (set->filter_count == FORM_FILTERS)
        return NULL;
    set->filters[set->filter_count] = *filter;
    if (filter->kind == FORM_NUMBER || filter->kind == FORM_DATE || filter->kind == FORM_EMPTY)
        set->filters[set->filter_count].mention = -1;
    return &set->filters[set->filter_count++];
}

static void add_value_filters(struct form_set *set, const struct cues *cues) {
    for (int negated = 0; negated <= cues->is_not; negated++)
        for (size_t i = 0; i < set->mention_count; i++) {
            const struct form_mention *mention = &set->mentions[i];
            add_filter(set, &(struct form_filter){
                                .kind = FORM_VALUE,
                                .column = mention->column,
                                .read = mention->read,
                                .comparison = mention->is_whole ? PLAN_EQUAL : PLAN_CONTAINS,
                                .is_negated = negated,
                                .mention = (int)i,
                                .covers = mention->covers,
                            });
        }
}

// The comparison that words beside the number say, PLAN_EQUAL for none.
static enum plan_comparison comparison_of(const struct form_set *set, const struct item *number,
                                          uint64_t *covers) {
    const struct question *question = set->question;
    for (size_t i = 0; i < question->item_count; i++) {
        const struct item *item = &question->items[i];
        if (item->kind != ITEM_CUE)
            continue;
        bool is_before = item->cue == CUE_COMPARE && item->first + item->count <= number->first &&
                         item->first + item->count + 2 > number->first;
        bool is_behind = item->cue == CUE_COMPARE_AFTER &&
                         item->first >= number->first + number->count &&
                         item->first <= number->first + number->count + 2;
        if (is_before || is_behind) {
            *covers |= form_mask(item->first, item->count);
            return (enum plan_comparison)item->argument;
        }
    }
    return PLAN_EQUAL;
}

static void add_number_filter(struct form_set *set, const struct item *item, double number,
                              enum plan_comparison comparison, uint64_t covers) {
    const struct dataset_table *table = &set->question->schema->tables[set->table];
    for (size_t i = 0; i < set->column_count; i++) {
        int column = set->columns[i].reads[FORM_AS_NUMBER];
        if (column < 0)
            continue;
        const struct dataset_column *own = &table->columns[column];
        bool is_inside = number >= own->min_number && number <= own->max_number;
        if (comparison == PLAN_EQUAL && !is_inside)
            continue;
        add_filter(set, &(struct form_filter){.kind = FORM_NUMBER,
                                              .column = (int)i,
                                              .read = FORM_AS_NUMBER,
                                              .comparison = comparison,
                                              .item = item,
                                              .number = number,
                                              .covers = covers});
    }
}

static int ordinal_of(const char *text) {
    static const char *const words[] = {"",      "first",   "second", "third", "fourth", "fifth",
                                        "sixth", "seventh", "eighth", "ninth", "tenth"};
    size_t digits = strspn(text, "0123456789");
    if (digits && digits < 4 && lexicon_is_listed("st nd rd th", text + digits)) {
        int value = 0;
        for (size_t i = 0; i < digits; i++)
            value = value * 10 + text[i] - '0';
        return value;
    }
    for (int i = 1; i < (int)ARRAY_LENGTH(words); i++)
        if (strcmp(text, words[i]) == 0)
            return i;
    return 0;
}

static void add_number_filters(struct form_set *set) {
    struct question *question = set->question;
    for (size_t i = 0; i < question->item_count; i++) {
        const struct item *item = &question->items[i];
        if (item->kind != ITEM_NUMBER || item->first >= FORM_TOKENS)
            continue;
        bool is_shorter = false; // the same number without its unit
        for (size_t j = 0; j < question->item_count; j++)
            is_shorter |= question->items[j].kind == ITEM_NUMBER &&
                          question->items[j].first == item->first &&
                          question->items[j].count > item->count;
        if (is_shorter)
            continue;
        uint64_t covers = form_mask(item->first, item->count);
        enum plan_comparison comparison = comparison_of(set, item, &covers);
        add_number_filter(set, item, item->number, comparison, covers);
        if (comparison == PLAN_GREATER || comparison == PLAN_LESS)
            add_number_filter(set, item, item->number,
                              comparison == PLAN_GREATER ? PLAN_GREATER_EQUAL : PLAN_LESS_EQUAL,
                              covers);
    }
    for (size_t i = 0; i < question->token_count && i < FORM_TOKENS; i++) {
        int ordinal = ordinal_of(question->tokens[i].word.text);
        if (ordinal)
            add_number_filter(set, NULL, ordinal, PLAN_EQUAL, form_mask(i, 1));
    }
}

static void add_date_filters(struct form_set *set) {
    struct question *question = set->question;
    for (size_t i = 0; i < question->item_count; i++) {
        const struct item *item = &question->items[i];
        if (item->kind != ITEM_DATE || item->first >= FORM_TOKENS)
            continue;
        for (size_t j = 0; j < set->column_count; j++) {
            const struct form_column *column = &set->columns[j];
            bool is_years = column->is_year && item->date.bucket == PLAN_AS_IS &&
                            item->date.is_whole_years &&
                            // one year is a number too
                            strcmp(item->date.from, item->date.to) != 0 &&
                            (strncmp(item->date.from, item->date.to, 4) != 0);
            if (column->reads[FORM_AS_DATE] < 0 && !is_years)
                continue;
            if (item->date.bucket == PLAN_WEEKDAY && !column->is_date)
                continue;
            add_filter(set, &(struct form_filter){.kind = FORM_DATE,
                                                  .column = (int)j,
                                                  .read = is_years ? FORM_AS_NUMBER : FORM_AS_DATE,
                                                  .comparison = PLAN_BETWEEN,
                                                  .item = item,
                                                  .covers = form_mask(item->first, item->count)});
        }
    }
}

static void add_relative_filters(struct form_set *set, const struct cues *cues) {
    size_t values = set->mention_count;
    for (size_t i = 0; i < values; i++) {
        const struct form_mention *mention = &set->mentions[i];
        if (mention->row_count > 2 &&
            mention->row_count * 2 > set->question->schema->tables[set->table].row_count)
            continue;
        for (size_t j = 0; j < set->column_count; j++) {
            const struct form_column *column = &set->columns[j];
            struct form_filter filter = {
                .column = (int)j, .mention = (int)i, .covers = mention->covers};
            if ((int)j == mention->column)
                continue;
            if (cues->is_same && !column->is_unique) {
                filter.kind = FORM_SAME;
                filter.comparison = PLAN_EQUAL;
                filter.read = FORM_AS_IS;
                add_filter(set, &filter);
            }
            enum form_read read = column->reads[FORM_AS_DATE] >= 0 ? FORM_AS_DATE : FORM_AS_NUMBER;
            if (!cues->is_than || column->reads[read] < 0)
                continue;
            filter.kind = FORM_THAN;
            filter.read = read;
            filter.comparison = PLAN_GREATER;
            add_filter(set, &filter);
            filter.comparison = PLAN_LESS;
            add_filter(set, &filter);
        }
    }
}

// "Without a target date", "not ranked": rows in which a column that the question names is empty.
static void add_empty_filters(struct form_set *set, const struct cues *cues) {
    const struct dataset_table *table = &set->schema->tables[set->table];
    bool is_cued =
        cues->is_not || form_is_cued(set, "any have has had missing blank empty unknown only");
    for (size_t i = 0; is_cued && i < set->column_count; i++) {
        const struct form_column *column = &set->columns[i];
        if (!table->columns[column->reads[FORM_AS_IS]].null_count || column->match < 0.3f)
            continue;
        for (int negated = 0; negated < 2; negated++)
            add_filter(set, &(struct form_filter){.kind = FORM_EMPTY,
                                                  .column = (int)i,
                                                  .read = FORM_AS_IS,
                                                  .comparison = PLAN_IS_NULL,
                                                  .is_negated = negated,
                                                  .covers = column->covers});
    }
}

// ---- Rows ---------------------------------------------------------------------------------------

static int add_rows(struct form_set *set, const struct form_rows *rows) {
    if (set->row_count == FORM_ROWS)
        return -1;
    set->rows[set->row_count] = *rows;
    return (int)set->row_count++;
}

static bool is_relative(const struct form_filter *filter) {
    return filter->kind == FORM_SAME || filter->kind == FORM_THAN;
}

static bool can_both_hold(const struct form_filter *left, const struct form_filter *right) {
    if (left->covers & right->covers)
        return false;
    return left->column != right->column || left->kind != right->kind ||
           (left->kind == FORM_VALUE &&
            (left->comparison == PLAN_CONTAINS || left->is_negated || right->is_negated)) ||
           (left->kind == FORM_NUMBER && left->comparison != PLAN_EQUAL &&
            right->comparison != PLAN_EQUAL);
}

static bool can_be_either(const struct form_filter *left, const struct form_filter *right) {
    return !(left->covers & right->covers) && left->column == right->column &&
           left->kind == right->kind && !is_relative(left) && !left->is_negated &&
           !right->is_negated && left->comparison == right->comparison &&
           (left->kind != FORM_NUMBER || left->comparison == PLAN_EQUAL);
}

static void add_filtered(struct form_set *set, const struct cues *cues) {
    add_rows(set, &(struct form_rows){.pick_column = -1});
    for (size_t i = 0; i < set->filter_count; i++)
        add_rows(set, &(struct form_rows){.filters = {(int8_t)i},
                                          .filter_count = 1,
                                          .pick_column = -1,
                                          .covers = set->filters[i].covers});
    size_t pairs = 0;
    for (size_t i = 0; i < set->filter_count; i++)
        for (size_t j = i + 1; j < set->filter_count && pairs < 120; j++) {
            const struct form_filter *left = &set->filters[i], *right = &set->filters[j];
            struct form_rows rows = {.filters = {(int8_t)i, (int8_t)j},
                                     .filter_count = 2,
                                     .pick_column = -1,
                                     .covers = left->covers | right->covers};
            if (is_relative(left) && is_relative(right))
                continue;
            if (can_both_hold(left, right) && ++pairs)
                add_rows(set, &rows);
            rows.is_either = true;
            if (cues->is_either && can_be_either(left, right) && ++pairs)
                add_rows(set, &rows);
        }
    size_t singles = set->row_count, triples = 0;
    for (size_t at = 1 + set->filter_count; at < singles; at++) {
        struct form_rows rows = set->rows[at];
        if (rows.filter_count != 2)
            continue;
        for (size_t i = rows.is_either ? 0 : (size_t)rows.filters[1] + 1;
             i < set->filter_count && triples < 60; i++) {
            const struct form_filter *more = &set->filters[i];
            bool is_fit = !rows.is_either && !is_relative(more);
            for (size_t j = 0; j < 2; j++)
                is_fit &= can_both_hold(&set->filters[rows.filters[j]], more);
            if (!is_fit)
                continue;
            struct form_rows three = rows;
            three.filters[2] = (int8_t)i;
            three.filter_count = 3;
            three.covers |= more->covers;
            add_rows(set, &three);
            triples++;
        }
    }
}

static void add_shifted(struct form_set *set, const struct cues *cues, size_t filtered) {
    for (size_t i = 1; cues->is_shift && i < filtered; i++) {
        struct form_rows rows = set->rows[i];
        if (rows.is_either || rows.filter_count > 2)
            continue;
        for (int shift = FORM_SHIFT_PREVIOUS; shift <= FORM_SHIFT_AFTER; shift++) {
            rows.shift = (uint8_t)shift;
            if (rows.filter_count == 1 || shift <= FORM_SHIFT_NEXT)
                add_rows(set, &rows);
        }
    }
}

static void add_picked(struct form_set *set, const struct cues *cues, size_t from, size_t to) {
    for (size_t i = from; i < to; i++) {
        struct form_rows rows = set->rows[i];
        if (rows.shift == FORM_SHIFT_PREVIOUS || rows.shift == FORM_SHIFT_NEXT)
            continue;
        for (int pick = FORM_PICK_FIRST; cues->is_position && pick <= FORM_PICK_LAST; pick++) {
            // The last row before one is the row before it, which is made already.
            if ((rows.shift == FORM_SHIFT_BEFORE && pick == FORM_PICK_LAST) ||
                (rows.shift == FORM_SHIFT_AFTER && pick == FORM_PICK_FIRST))
                continue;
            rows.pick = (uint8_t)pick;
            rows.pick_column = -1;
            add_rows(set, &rows);
        }
        for (size_t j = 0; cues->is_superlative && !rows.shift && j < set->column_count; j++) {
            const struct form_column *column = &set->columns[j];
            rows.pick_read = column->reads[FORM_AS_DATE] >= 0 ? FORM_AS_DATE : FORM_AS_NUMBER;
            if (column->reads[rows.pick_read] < 0)
                continue;
            rows.pick_column = (int8_t)j;
            for (int pick = FORM_PICK_MOST; pick <= FORM_PICK_LEAST; pick++) {
                rows.pick = (uint8_t)pick;
                add_rows(set, &rows);
            }
        }
    }
}

// ---- Forms --------------------------------------------------------------------------------------

static void add_form(struct form_set *set, const struct form *form) {
    if (set->form_count < FORM_FORMS)
        set->forms[set->form_count++] = *form;
}

// Whether the rows' own filters say what stands in the column.
static bool is_given(const struct form_set *set, const struct form_rows *rows, size_t column) {
    if (rows->is_either || rows->shift)
        return false;
    for (size_t i = 0; i < rows->filter_count; i++) {
        const struct form_filter *filter = &set->filters[rows->filters[i]];
        if (filter->column == (int)column && filter->comparison == PLAN_EQUAL &&
            !filter->is_negated && filter->kind != FORM_SAME)
            return true;
    }
    return false;
}

static void add_shows(struct form_set *set, size_t at) {
    const struct form_rows *rows = &set->rows[at];
    if (!rows->filter_count && !rows->pick)
        return;
    for (size_t i = 0; i < set->column_count && i < SHOWN_COLUMNS; i++)
        if (!is_given(set, rows, i))
            add_form(set,
                     &(struct form){.kind = FORM_SHOW, .rows = (uint16_t)at, .column = (int8_t)i});
}

static void add_summaries(struct form_set *set, const struct cues *cues, size_t at) {
    const struct form_rows *rows = &set->rows[at];
    bool is_shifted = rows->shift == FORM_SHIFT_PREVIOUS || rows->shift == FORM_SHIFT_NEXT;
    if (rows->pick || is_shifted)
        return;
    add_form(set, &(struct form){.kind = FORM_COUNT, .rows = (uint16_t)at, .column = -1});
    if (rows->filter_count && cues->is_truth)
        add_form(set, &(struct form){.kind = FORM_EXISTS, .rows = (uint16_t)at, .column = -1});
    for (size_t i = 0; i < set->column_count; i++) {
        const struct form_column *column = &set->columns[i];
        struct form form = {.rows = (uint16_t)at, .column = (int8_t)i};
        if (!is_given(set, rows, i) && !column->is_unique) {
            form.kind = FORM_DISTINCT;
            add_form(set, &form);
            form.kind = FORM_COMMON;
            for (int rare = 0; cues->is_common && rare < 2; rare++) {
                form.is_rare = rare;
                add_form(set, &form);
            }
            form.is_rare = false;
            for (size_t j = 0; cues->is_superlative && j < set->column_count; j++) {
                form.kind = FORM_BEST_GROUP;
                form.other_column = (int8_t)j;
                form.read = FORM_AS_NUMBER;
                if (j == i || set->columns[j].reads[FORM_AS_NUMBER] < 0 ||
                    set->columns[j].is_year || column->is_number)
                    continue;
                for (int rare = 0; rare < 4; rare++) {
                    form.is_rare = rare % 2;
                    form.aggregate = rare < 2 ? PLAN_SUM : PLAN_AVERAGE;
                    if (rare < 2 || cues->is_average)
                        add_form(set, &form);
                }
            }
            form.is_rare = false;
            form.aggregate = 0;
        }
        if (column->reads[FORM_AS_NUMBER] >= 0 && !is_given(set, rows, i)) {
            form.kind = FORM_AGGREGATE;
            form.read = FORM_AS_NUMBER;
            for (int aggregate = PLAN_SUM; aggregate <= PLAN_MAX; aggregate++) {
                form.aggregate = (uint8_t)aggregate;
                add_form(set, &form);
            }
            form.aggregate = 0;
            form.kind = FORM_RANGE;
            if (cues->is_range)
                add_form(set, &form);
        }
        form.kind = FORM_BETWEEN;
        form.read = FORM_AS_NUMBER;
        for (size_t j = i + 1;
             (cues->is_difference || cues->is_range) && rows->filter_count && j < set->column_count;
             j++) {
            const struct form_column *other = &set->columns[j];
            bool is_pair = (column->is_year && other->is_year) ||
                           (column->match > 0.3f && other->match > 0.3f && !column->is_year &&
                            !other->is_year);
            form.other_column = (int8_t)j;
            if (is_pair && column->reads[FORM_AS_NUMBER] >= 0 && other->reads[FORM_AS_NUMBER] >= 0)
                add_form(set, &form);
        }
        form.other_column = 0;
        form.aggregate = 0;
        form.kind = FORM_WITHIN;
        if (column->reads[FORM_AS_SECOND] >= 0 && rows->filter_count)
            add_form(set, &form);
    }
}

// Two sets of rows that differ in one value of one column.
static bool is_pair(const struct form_set *set, const struct form_rows *left,
                    const struct form_rows *right) {
    if (left->filter_count != right->filter_count || left->is_either || right->is_either)
        return false;
    int different = 0;
    for (size_t i = 0; i < left->filter_count; i++) {
        if (left->filters[i] == right->filters[i])
            continue;
        const struct form_filter *one = &set->filters[left->filters[i]],
                                 *other = &set->filters[right->filters[i]];
        different++;
        if (one->column != other->column || (one->covers & other->covers) || is_relative(one) ||
            is_relative(other) || one->kind != other->kind || one->is_negated || other->is_negated)
            return false;
    }
    return different == 1;
}

static void add_pairs(struct form_set *set, const struct cues *cues, size_t filtered) {
    size_t pairs = 0;
    for (size_t i = 1; (cues->is_difference || cues->is_truth) && i < filtered; i++)
        for (size_t j = 1; j < filtered && pairs < 60; j++) {
            if (i == j || !is_pair(set, &set->rows[i], &set->rows[j]))
                continue;
            pairs++;
            struct form form = {.rows = (uint16_t)i, .other_rows = (uint16_t)j, .column = -1};
            form.kind = FORM_COUNT_DIFFERENCE;
            if (i < j)
                add_form(set, &form);
            for (size_t k = 0; k < set->column_count; k++) {
                form.column = (int8_t)k;
                form.read = FORM_AS_NUMBER;
                if (is_given(set, &set->rows[i], k))
                    continue;
                form.kind = FORM_DIFFERENCE;
                if (i < j && set->columns[k].reads[form.read] >= 0)
                    add_form(set, &form);
                form.kind = FORM_TRUTH;
                form.read =
                    set->columns[k].reads[FORM_AS_DATE] >= 0 ? FORM_AS_DATE : FORM_AS_NUMBER;
                if (cues->is_truth && set->columns[k].reads[form.read] >= 0)
                    add_form(set, &form);
            }
        }
}

bool form_make(struct question *question, int table, struct form_set *ret_set) {
    struct form_set *set = ret_set;
    struct cues cues;
    *set = (struct form_set){.question = question, .schema = question->schema, .table = table};
    set->rows = arena_take(question->arena, FORM_ROWS, sizeof *set->rows);
    set->forms = arena_take(question->arena, FORM_FORMS, sizeof *set->forms);
    if (!set->rows || !set->forms)
        return false;
    for (size_t i = 0; i < question->token_count && i < FORM_TOKENS; i++)
        if (!question->tokens[i].is_harmless && !question->tokens[i].preposition)
            set->content |= form_mask(i, 1);
    form_read_columns(set);
    form_find_mentions(set);
    find_cues(set, &cues);
    add_value_filters(set, &cues);
    add_number_filters(set);
    add_date_filters(set);
    add_relative_filters(set, &cues);
    add_empty_filters(set, &cues);
    add_filtered(set, &cues);
    size_t filtered = set->row_count;
    add_shifted(set, &cues, filtered);
    size_t shifted = set->row_count;
    add_picked(set, &cues, 0, shifted);
    for (size_t i = 0; i < set->row_count; i++) {
        add_shows(set, i);
        add_summaries(set, &cues, i);
    }
    add_pairs(set, &cues, filtered);
    return true;
}
