// SPDX-License-Identifier: Apache-2.0
//
// See graph.h. The search is breadth-first in the order of the schema, so the same schema always
// gives the same joins.
#include "plan/graph.h"

#include <string.h>

#include "base/limits.h"
#include "dataset/label.h"
#include "plan/question.h"

size_t graph_references(const struct dataset_schema *schema, int from, int to, size_t n,
                        int *ret_column) {
    const struct dataset_table *table = &schema->tables[from];
    size_t count = 0;
    for (size_t i = 0; i < table->column_count; i++)
        if (table->columns[i].references_table == to && table->columns[i].references_column >= 0) {
            if (count == n && ret_column)
                *ret_column = (int)i;
            count++;
        }
    return count;
}

// Whether PLAN means another column of the same table by its references to the same other table.
static bool is_banned(const struct plan *plan, const struct dataset_schema *schema, int table,
                      int column) {
    int to = schema->tables[table].columns[column].references_table;
    for (size_t i = 0; plan && i < plan->via_count; i++) {
        const struct plan_column *via = &plan->via[i];
        if (via->table == table &&
            schema->tables[table].columns[via->column].references_table == to)
            return via->column != column;
    }
    return false;
}

bool graph_path(const struct dataset_schema *schema, const struct plan *plan, int from, int to,
                int avoided, struct graph_path *ret_path) {
    int queue[LIMIT_TABLES];
    struct graph_step came[LIMIT_TABLES];
    bool is_seen[LIMIT_TABLES] = {false};
    uint8_t depth[LIMIT_TABLES] = {0};
    size_t head = 0, tail = 0;
    ret_path->count = 0;
    if (schema->table_count > LIMIT_TABLES)
        return false;
    is_seen[from] = true;
    queue[tail++] = from;
    while (head < tail && !is_seen[to]) {
        int at = queue[head++];
        const struct dataset_table *table = &schema->tables[at];
        for (size_t i = 0; i < table->column_count && depth[at] < GRAPH_STEPS; i++) {
            const struct dataset_column *column = &table->columns[i];
            int next = column->references_table;
            if (next < 0 || column->references_column < 0 || next == avoided || is_seen[next] ||
                is_banned(plan, schema, at, (int)i))
                continue;
            is_seen[next] = true;
            depth[next] = (uint8_t)(depth[at] + 1);
            came[next] = (struct graph_step){at, (int)i, next, column->references_column};
            queue[tail++] = next;
        }
    }
    if (!is_seen[to])
        return false;
    ret_path->count = from == to ? 0 : depth[to];
    for (size_t i = ret_path->count, at = (size_t)to; i > 0; at = (size_t)came[at].from_table)
        ret_path->steps[--i] = came[at];
    return true;
}

void graph_reach(const struct dataset_schema *schema, const struct plan *plan, int from,
                 uint8_t ret_steps[LIMIT_TABLES]) {
    int queue[LIMIT_TABLES];
    size_t head = 0, tail = 0;
    memset(ret_steps, GRAPH_FAR, LIMIT_TABLES);
    ret_steps[from] = 0;
    queue[tail++] = from;
    while (head < tail) {
        int at = queue[head++];
        const struct dataset_table *table = &schema->tables[at];
        for (size_t i = 0; i < table->column_count && ret_steps[at] < GRAPH_STEPS; i++) {
            int next = table->columns[i].references_table;
            if (next < 0 || table->columns[i].references_column < 0 ||
                ret_steps[next] != GRAPH_FAR || is_banned(plan, schema, at, (int)i))
                continue;
            ret_steps[next] = (uint8_t)(ret_steps[at] + 1);
            queue[tail++] = next;
        }
    }
}

// How many steps each table needs to reach TO, by going over all references until nothing gets
// nearer.
static void reach_back(const struct dataset_schema *schema, const struct plan *plan, int to,
                       uint8_t ret_steps[LIMIT_TABLES]) {
    memset(ret_steps, GRAPH_FAR, LIMIT_TABLES);
    ret_steps[to] = 0;
    bool is_changed = true;
    for (int round = 0; round < GRAPH_STEPS && is_changed; round++) {
        is_changed = false;
        for (size_t i = 0; i < schema->table_count; i++)
            for (size_t j = 0; j < schema->tables[i].column_count; j++) {
                const struct dataset_column *column = &schema->tables[i].columns[j];
                int next = column->references_table;
                if (next < 0 || column->references_column < 0 || ret_steps[next] > round ||
                    ret_steps[i] <= ret_steps[next] + 1 || is_banned(plan, schema, (int)i, (int)j))
                    continue;
                ret_steps[i] = (uint8_t)(ret_steps[next] + 1);
                is_changed = true;
            }
    }
}

int graph_meeting(const struct dataset_schema *schema, const struct plan *plan, int left,
                  int right) {
    uint8_t to_left[LIMIT_TABLES], to_right[LIMIT_TABLES];
    int best = -1, best_steps = 2 * GRAPH_FAR;
    if (schema->table_count > LIMIT_TABLES)
        return -1;
    reach_back(schema, plan, left, to_left);
    reach_back(schema, plan, right, to_right);
    for (size_t i = 0; i < schema->table_count; i++) {
        bool is_near = to_left[i] != GRAPH_FAR && to_right[i] != GRAPH_FAR;
        if (is_near && to_left[i] + to_right[i] < best_steps) {
            best_steps = to_left[i] + to_right[i];
            best = (int)i;
        }
    }
    return best;
}

bool graph_is_unique(const struct dataset_table *table, int column) {
    const struct dataset_column *at = &table->columns[column];
    return column == dataset_only_key(table) ||
           (at->null_count == 0 && at->distinct_count == table->row_count);
}

int graph_label(const struct dataset_table *table) { return table->label; }
