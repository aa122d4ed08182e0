// SPDX-License-Identifier: Apache-2.0
//
// See compose.h. What a condition is for depends on where it stands: on which side of a comparison
// ("than in Ohio"), in the part or in the whole of a share ("orders … that were returned"), as an
// alternative to another ("or directed by …"), about the same row or another ("but not in 2025").
// This pass only marks the items; the passes that turn them into conditions hand the marks on.
#include <string.h>

#include "plan/compose.h"

// ---- Which items are conditions -----------------------------------------------------------------

static bool is_boolean(const struct draft *draft, size_t at) {
    const struct dataset_column *column =
        draft->items[at]->kind == ITEM_COLUMN
            ? question_column(draft->schema, draft->items[at]->column)
            : NULL;
    return column && column->type == DATASET_BOOLEAN;
}

static bool is_condition(const struct draft *draft, size_t at) {
    enum item_kind kind = draft->items[at]->kind;
    return kind == ITEM_VALUE || kind == ITEM_DATE || kind == ITEM_NUMBER || is_boolean(draft, at);
}

static bool is_link(const struct draft *draft, size_t at, enum cue cue) {
    return at < draft->count && draft->items[at]->kind == ITEM_CUE && draft->items[at]->cue == cue;
}

// ---- Rows ---------------------------------------------------------------------------------------

// "Ordered in 2024 but not in 2025": what is denied behind "and" or "but" is about another row.
static void mark_rows(struct draft *draft) {
    uint8_t row = 0;
    for (size_t i = 0; i < draft->count; i++) {
        bool begins = is_link(draft, i, CUE_NOT) &&
                      ((i > 0 && is_link(draft, i - 1, CUE_AND)) ||
                       question_is(draft->question, draft->items[i]->first, "but"));
        row = (uint8_t)(row + begins);
        draft->marks[i].row = row;
    }
}

// ---- Alternatives -------------------------------------------------------------------------------

static bool is_same_column(const struct draft *draft, size_t left, size_t right) {
    return draft->items[left]->kind == draft->items[right]->kind &&
           question_is_same(draft->items[left]->column, draft->items[right]->column);
}

// "From France or directed by Weber": values of one column, dates and numbers side by side are one
// condition with several values; anything else are two.
static void mark_alternatives(struct draft *draft) {
    uint8_t count = 0;
    for (size_t i = 1; i + 1 < draft->count; i++) {
        if (!compose_is_cue(draft, i, CUE_OR))
            continue;
        size_t left = i, right = i + 1;
        while (left > 0 && !is_condition(draft, left - 1))
            left--;
        while (right < draft->count && !is_condition(draft, right) &&
               !is_link(draft, right, CUE_OR))
            right++;
        if (left == 0 || right >= draft->count || !is_condition(draft, right))
            continue;
        left--;
        enum item_kind kind = draft->items[left]->kind;
        bool is_number = kind == ITEM_NUMBER && draft->items[right]->kind == kind;
        if ((is_number && right == left + 2) ||
            (kind != ITEM_NUMBER && is_same_column(draft, left, right)))
            continue;
        uint8_t number = draft->marks[left].alternative;
        number = number ? number : ++count;
        draft->marks[left].alternative = draft->marks[right].alternative = number;
        compose_use(draft, i);
    }
}

static void mark_joined(struct draft *draft) {
    for (size_t i = 2; i < draft->count; i++) {
        size_t before = i - 2; // past the table in "car loans and house loans"
        while (before > 0 && draft->items[before]->kind == ITEM_TABLE)
            before--;
        draft->marks[i].is_joined = is_condition(draft, i) && is_link(draft, i - 1, CUE_AND) &&
                                    is_same_column(draft, before, i);
    }
}

static bool is_only_word(const struct question *question, size_t at) {
    return at < question->token_count && !question->tokens[at].word.is_quoted &&
           lexicon_is_listed("only exclusively solely nothing", question->tokens[at].word.text);
}

// What may stand between "only" and its condition: "only ordered tea", "only films from France".
static bool is_passed(const struct draft *draft, size_t token) {
    if (draft->question->tokens[token].is_harmless || is_only_word(draft->question, token))
        return true;
    for (size_t i = 0; i < draft->count; i++) {
        const struct item *item = draft->items[i];
        const struct dataset_column *column =
            item->kind == ITEM_COLUMN ? question_column(draft->schema, item->column) : NULL;
        if (token >= item->first && token < item->first + item->count)
            return item->kind == ITEM_TABLE || (column && question_is_date(column));
    }
    return false;
}

// "Ordered only tea", "only in 2024", "tea exclusively": right before or behind the condition.
static void mark_only(struct draft *draft) {
    const struct question *question = draft->question;
    for (size_t i = 0; i < draft->count; i++) {
        const struct item *item = draft->items[i];
        if (!is_condition(draft, i) || item->kind == ITEM_NUMBER)
            continue;
        bool is_only = false;
        for (size_t at = item->first; at > 0 && !is_only && is_passed(draft, at - 1); at--)
            is_only = is_only_word(question, at - 1);
        for (size_t at = item->first + item->count;
             at < question->token_count && !is_only && is_passed(draft, at); at++)
            is_only = is_only_word(question, at);
        draft->marks[i].is_only = is_only;
    }
}

// ---- Shares -------------------------------------------------------------------------------------

static bool has_groups(const struct draft *draft) {
    for (size_t i = 0; i < draft->count; i++)
        if (is_link(draft, i, CUE_BY) || is_link(draft, i, CUE_EACH) ||
            is_link(draft, i, CUE_PERIODIC) || is_link(draft, i, CUE_OVER_TIME))
            return true;
    return false;
}

// Where a verb begins to say what is true of the part: "orders | were returned".
static size_t find_verb(const struct draft *draft, size_t from) {
    static const char verbs[] = "be do have that which who whose where with without having happen "
                                "occur come live work cause involve result contain go";
    const struct question *question = draft->question;
    for (size_t i = from; i < question->token_count; i++)
        if (!question->tokens[i].word.is_quoted &&
            (lexicon_is_listed(verbs, question->tokens[i].word.stem) ||
             lexicon_is_listed(verbs, question->tokens[i].word.text)))
            return i;
    return SIZE_MAX;
}

// The item that the share is of: the first table or measure behind it.
static size_t find_noun(const struct draft *draft, size_t at) {
    size_t noun = at + 1;
    while (noun < draft->count && draft->items[noun]->kind != ITEM_TABLE &&
           !is_link(draft, noun, CUE_ROWS) && !draft_is_measure(draft, draft->items[noun]))
        noun++;
    return noun;
}

static bool mark_part(struct draft *draft, size_t at) {
    draft->marks[at].side = PLAN_OF_FIRST;
    return true;
}

// With neither a verb nor groups all conditions make the part: "share of strikes in Texas"; a date
// beside others tells the whole.
static bool mark_bare_parts(struct draft *draft, size_t share) {
    bool has_part = false;
    for (int dates = 0; dates < 2 && !has_part; dates++)
        for (size_t i = share + 1; i < draft->count; i++)
            if (is_condition(draft, i) && (draft->items[i]->kind == ITEM_DATE) == (dates == 1))
                has_part = mark_part(draft, i);
    return has_part;
}

static bool mark_parts(struct draft *draft, size_t share) {
    size_t noun = find_noun(draft, share);
    size_t from = noun < draft->count ? draft->items[noun]->first + draft->items[noun]->count
                                      : draft->items[share]->first + draft->items[share]->count;
    size_t verb = find_verb(draft, from);
    bool has_part = false;
    for (size_t i = share + 1; i < noun && noun < draft->count; i++)
        if (is_condition(draft, i)) // "of cancelled orders"
            has_part = mark_part(draft, i);
    for (size_t i = share + 1; i < draft->count && verb != SIZE_MAX; i++)
        if (draft->items[i]->first >= verb && is_condition(draft, i) &&
            draft->items[i]->kind != ITEM_DATE)
            has_part = mark_part(draft, i);
    for (size_t i = share + 1; i < draft->count && verb != SIZE_MAX; i++)
        if (draft->items[i]->first >= verb && draft->items[i]->kind == ITEM_COLUMN &&
            !(i + 1 < draft->count && draft->items[i + 1]->kind == ITEM_DATE) &&
            question_is_date(question_column(draft->schema, draft->items[i]->column)))
            has_part = mark_part(draft, i); // "were repaid"
    for (size_t i = share + 1; i < draft->count && !has_part && verb != SIZE_MAX; i++)
        if (draft->items[i]->first >= verb && draft->items[i]->kind == ITEM_DATE)
            has_part = mark_part(draft, i);
    // "With damage", "without a rating": presence has no item of its own kind.
    for (size_t i = share + 1; i < draft->count && verb != SIZE_MAX; i++)
        if (draft->items[i]->first >= verb && draft->items[i]->kind != ITEM_DATE &&
            (is_link(draft, i, CUE_NOT) || is_link(draft, i, CUE_WITH) ||
             is_link(draft, i, CUE_MISSING)))
            has_part = mark_part(draft, i);
    return has_part || (!has_groups(draft) && mark_bare_parts(draft, share));
}

static void read_share(struct draft *draft, size_t at) {
    bool is_behind = draft->items[at]->argument == 1;
    draft->derivation = PLAN_SHARE_OF_TOTAL;
    compose_use(draft, at);
    if (at > 0 && compose_is_cue(draft, at - 1, CUE_BY) && compose_is_near(draft, at - 1, at))
        compose_use(draft, at - 1); // "top 3 states by share of strikes"
    if (is_behind)
        return;
    if (mark_parts(draft, at))
        draft->derivation = PLAN_SHARE_OF_ROWS;
    size_t noun = find_noun(draft, at);
    bool is_rows = noun < draft->count && !draft->is_used[noun] &&
                   (draft->items[noun]->kind == ITEM_TABLE || is_link(draft, noun, CUE_ROWS));
    if (!is_rows)
        return;
    compose_add_measure(draft, PLAN_COUNT, draft->items[noun]->column);
    if (draft->items[noun]->kind == ITEM_TABLE)
        compose_name_table(draft, draft->items[noun]);
    draft->is_count = true;
    compose_use(draft, noun);
}

// ---- Two sides ----------------------------------------------------------------------------------

static bool is_side(const struct draft *draft, size_t at) {
    return !draft->is_used[at] &&
           (draft->items[at]->kind == ITEM_VALUE || draft->items[at]->kind == ITEM_DATE);
}

// The two conditions that are compared, and the word between them, which stands right before the
// second (or before its column: "than in the state of Ohio").
static bool find_sides(const struct draft *draft, size_t from, bool is_more, size_t *ret_left,
                       size_t *ret_link, size_t *ret_right) {
    for (size_t link = 1; link + 1 < draft->count; link++) {
        bool is_right = is_link(draft, link, CUE_THAN) ||
                        (!is_more && link > from &&
                         (is_link(draft, link, CUE_AND) || is_link(draft, link, CUE_TO) ||
                          is_link(draft, link, CUE_WITH)));
        size_t right = link + 1, left = link;
        while (right < draft->count && !is_side(draft, right) &&
               draft->items[right]->kind != ITEM_CUE)
            right++;
        if (!is_right || draft->is_used[link] || right >= draft->count || !is_side(draft, right))
            continue;
        while (left > 0 && !(is_side(draft, left - 1) && is_same_column(draft, left - 1, right)))
            left--;
        if (!left)
            continue;
        *ret_left = left - 1;
        *ret_link = link;
        *ret_right = right;
        return true;
    }
    return false;
}

static const struct item *date_at(const struct question *question, size_t first, size_t end) {
    for (size_t at = first; at < end; at++)
        for (int i = question->first_item[at]; i >= 0; i = question->items[i].next) {
            const struct item *item = &question->items[i];
            bool begins = at == first || question->tokens[at - 1].is_harmless;
            if (item->kind == ITEM_DATE && begins && item->first + item->count <= end)
                return item;
        }
    return NULL;
}

// "Difference in cost between 1999 and 2000": no range of years, but two of them.
static bool split_range(struct draft *draft, size_t from, size_t *ret_left) {
    struct question *question = draft->question;
    for (size_t i = from + 1; i < draft->count && draft->count < QUESTION_SEQUENCE; i++) {
        const struct item *range = draft->items[i];
        size_t end = range->first + range->count, link = range->first + 1;
        if (draft->is_used[i] || range->kind != ITEM_DATE ||
            !question_is(question, range->first, "between"))
            continue;
        while (link < end && !question_is(question, link, "and"))
            link++;
        const struct item *left = date_at(question, range->first + 1, link),
                          *right = link < end ? date_at(question, link + 1, end) : NULL;
        if (!left || !right)
            continue;
        for (size_t j = draft->count++; j > i + 1; j--) {
            draft->items[j] = draft->items[j - 1];
            draft->marks[j] = draft->marks[j - 1];
            draft->is_used[j] = draft->is_used[j - 1];
        }
        draft->items[i] = (struct item *)left;
        draft->items[i + 1] = (struct item *)right;
        draft->marks[i + 1] = draft->marks[i];
        draft->is_used[i + 1] = false;
        draft->is_covered[range->first] = draft->is_covered[link] = true;
        *ret_left = i;
        return true;
    }
    return false;
}

// "How many more strikes …" counts.
static void read_counted(struct draft *draft, size_t at) {
    const struct item *next = compose_item(draft, at + 1);
    bool is_table = next && next->kind == ITEM_TABLE && compose_is_near(draft, at, at + 1);
    if (!is_table)
        return;
    compose_add_measure(draft, PLAN_COUNT, next->column);
    compose_name_table(draft, next);
    draft->is_count = true;
    compose_use(draft, at + 1);
}

// Two measures are compared where no two conditions are: "ratio of home goals to away goals".
static bool read_measures(struct draft *draft, size_t from, bool is_between) {
    size_t link = from;
    if (!is_between)
        for (link = from + 2; link + 1 < draft->count; link++)
            if (is_link(draft, link, CUE_AND) || is_link(draft, link, CUE_TO) ||
                is_link(draft, link, CUE_THAN))
                break;
    if (link + 1 >= draft->count || !link)
        return false;
    const struct item *left = draft->items[link - 1], *right = draft->items[link + 1];
    bool is_right = draft_is_measure(draft, right) || right->kind == ITEM_TABLE;
    if (!is_right || !(draft_is_measure(draft, left) || left->kind == ITEM_TABLE))
        return false;
    compose_use(draft, link);
    for (int i = 0; i < 2; i++) {
        const struct item *item = i ? right : left;
        compose_add_measure(draft, item->kind == ITEM_TABLE ? PLAN_COUNT : PLAN_NONE, item->column);
        if (item->kind == ITEM_TABLE)
            compose_name_table(draft, item);
        compose_use(draft, i ? link + 1 : link - 1);
    }
    return true;
}

static void read_sides(struct draft *draft, size_t at, enum plan_derivation derivation) {
    const struct item *item = draft->items[at];
    bool is_between =
        derivation == PLAN_RATIO ? item->argument == 1 : item->argument == DIFFERENCE_MINUS;
    bool is_more = derivation == PLAN_DIFFERENCE && item->argument != DIFFERENCE_OF && !is_between;
    size_t left, link, right;
    if (!is_more && !is_between && split_range(draft, at, &left)) {
        draft->marks[left].side = PLAN_OF_FIRST;
        draft->marks[left + 1].side = PLAN_OF_SECOND;
    } else if (find_sides(draft, is_between ? 0 : at, is_more, &left, &link, &right)) {
        draft->marks[left].side = PLAN_OF_FIRST;
        draft->marks[right].side = PLAN_OF_SECOND;
        compose_use(draft, link);
        for (size_t i = at + 1; i < left; i++) // "difference in cost between …"
            if (compose_is_cue(draft, i, CUE_BETWEEN))
                compose_use(draft, i);
        if (is_more)
            read_counted(draft, at);
        // What is said of both sides alike names the same rows twice.
        for (size_t i = at + 1; i < draft->count; i++)
            if (compose_is_kind(draft, i, ITEM_TABLE) && i > left && !draft->is_count) {
                compose_add_measure(draft, PLAN_COUNT, draft->items[i]->column);
                draft->is_count = true;
            }
    } else if (is_more || !read_measures(draft, at, is_between)) {
        return;
    }
    draft->derivation = derivation;
    draft->is_reversed = derivation == PLAN_DIFFERENCE && item->argument == DIFFERENCE_LESS;
    compose_use(draft, at);
}

// "Strikes in Texas vs California": the word between the two says it all.
static void read_versus(struct draft *draft, size_t at) {
    size_t left, link, right;
    if (question_is(draft->question, draft->items[at]->first, "than") ||
        !find_sides(draft, 0, true, &left, &link, &right) || link != at)
        return;
    draft->marks[left].side = PLAN_OF_FIRST;
    draft->marks[right].side = PLAN_OF_SECOND;
    draft->derivation = PLAN_DIFFERENCE;
    compose_use(draft, at);
}

// ---- From group to group ------------------------------------------------------------------------

static void read_run(struct draft *draft, size_t at) {
    const struct item *item = draft->items[at];
    enum plan_bucket bucket = (enum plan_bucket)(item->argument >> 8);
    draft->derivation = (enum plan_derivation)(item->argument & 0xFF);
    compose_use(draft, at);
    bool is_grouped = has_groups(draft);
    if ((bucket || (!is_grouped && !draft->question->is_edit)) &&
        draft->group_count < ARRAY_LENGTH(draft->groups))
        draft->groups[draft->group_count++] =
            (struct noun){.kind = NOUN_BUCKET, .column = {-1, -1, -1}, .bucket = bucket};
    const struct item *next = compose_item(draft, at + 1);
    if (next && next->kind == ITEM_TABLE && compose_is_near(draft, at, at + 1)) {
        compose_add_measure(draft, PLAN_COUNT, next->column);
        compose_name_table(draft, next);
        draft->is_count = true;
        compose_use(draft, at + 1);
    }
}

void compose_sides(struct draft *draft) {
    mark_rows(draft);
    mark_joined(draft);
    mark_only(draft);
    for (size_t i = 0; i < draft->count && draft->derivation == PLAN_PLAIN; i++) {
        if (compose_is_cue(draft, i, CUE_SHARE))
            read_share(draft, i);
        else if (compose_is_cue(draft, i, CUE_RATIO))
            read_sides(draft, i, PLAN_RATIO);
        else if (compose_is_cue(draft, i, CUE_DIFFERENCE))
            read_sides(draft, i, PLAN_DIFFERENCE);
    }
    for (size_t i = 1; i < draft->count && draft->derivation == PLAN_PLAIN; i++)
        if (compose_is_cue(draft, i, CUE_THAN))
            read_versus(draft, i);
    for (size_t i = 0; i < draft->count && draft->derivation == PLAN_PLAIN; i++)
        if (compose_is_cue(draft, i, CUE_RUN))
            read_run(draft, i);
    // "Year over year growth" says it twice.
    for (size_t i = 0; i < draft->count && draft->derivation == PLAN_GROWTH; i++)
        if (compose_is_cue(draft, i, CUE_RUN))
            compose_use(draft, i);
    mark_alternatives(draft);
}
