// SPDX-License-Identifier: Apache-2.0
//
// See remembered.h. A reading is known by its query and not by its place among the others, which
// may be another once the data or the conversation is: where no reading has the same query, the
// question is asked back as if nothing had been chosen.
#include "agent/remembered.h"

#include <ctype.h>
#include <string.h>

static bool is_word(char byte) {
    return isalnum((unsigned char)byte) || (unsigned char)byte >= 0x80;
}

static const char *skip(const char *text) {
    while (*text && !is_word(*text))
        text++;
    return text;
}

// The same words, whatever stands between them.
static bool is_same_question(const char *left, const char *right) {
    for (left = skip(left), right = skip(right); *left && *right;
         left = skip(left + 1), right = skip(right + 1))
        if (tolower((unsigned char)*left) != tolower((unsigned char)*right))
            return false;
    return *left == *right;
}

static bool is_same_query(const json *choice, const struct plan_reading *reading) {
    cleanup_json json *params = plan_write_params(reading);
    const char *sql = json_text(choice, "sql");
    return sql && strcmp(sql, reading->sql) == 0 &&
           cJSON_Compare(params, cJSON_GetObjectItemCaseSensitive(choice, "params"), true);
}

static int find(const json *choice, const struct plan_answer *answer) {
    for (size_t i = 0; i < answer->reading_count; i++)
        if (is_same_query(choice, &answer->readings[i]))
            return (int)i;
    return -1;
}

int remembered_reading(const struct turn *turn, const struct plan_answer *answer,
                       json **ret_remembered) {
    const json *own = turn->order.live->turn, *choice;
    cleanup_json json *choices = NULL;
    struct err err;
    // Without them it is asked back, which is never wrong.
    if (store_turn_choices(turn->order.agent->store, json_text(own, "conversation_id"),
                           json_integer(own, "ordinal", 0), &choices, &err))
        return -1;
    cJSON_ArrayForEach (choice, choices) {
        if (!is_same_question(json_text(choice, "question"), turn_question(turn)))
            continue;
        int reading = find(choice, answer);
        if (reading < 0)
            return -1;
        *ret_remembered = cJSON_CreateObject();
        json_add_text(*ret_remembered, "turn_id", json_text(choice, "turn_id"));
        json_add_text(*ret_remembered, "title", answer->readings[reading].title);
        return reading;
    }
    return -1;
}
