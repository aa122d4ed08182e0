// SPDX-License-Identifier: Apache-2.0
//
// `app ask`: one question on the command line, through the same turn as on the web, without a
// server.
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/str.h"
#include "cmd/house.h"
#include "cmd/table.h"
#include "cmd/terminal.h"

// The caller frees the name; NULL where it is not clear which is meant.
static char *pick_dataset(const struct settings *settings,
                          const struct dataset_catalogue *catalogue, struct err *err) {
    struct dataset_list list cleanup(dataset_list_done) = {0};
    if (!str_is_empty(settings->dataset))
        return mem_text(settings->dataset);
    dataset_catalogue_list(catalogue, &list);
    if (list.count == 1)
        return mem_text(list.entries[0].name);
    cleanup_buf struct buf names = BUF(200);
    for (size_t i = 0; i < list.count; i++)
        buf_add_format(&names, "%s%s", i ? ", " : "", list.entries[i].name);
    err_set(err, ERR_BAD_REQUEST,
            list.count ? "which data set is it about?" : "there is no data set to ask");
    err_hint(err,
             list.count ? "Name it with --dataset: %s."
                        : "Name a folder of data sets with --datasets.%s",
             buf_text(&names));
    return NULL;
}

static bool has_person(void) { return isatty(STDIN_FILENO) && isatty(STDERR_FILENO); }

// Follows TURN to its end; a person at the terminal sees the steps, and is asked where one waits.
static int follow(struct agent *agent, const char *turn, struct err *err) {
    struct agent_follower *follower cleanup(agent_follower_freep) = NULL;
    struct agent_event event;
    int status = agent_follow(agent, turn, 0, &follower, err);
    if (status)
        return status;
    for (int next; (next = agent_follower_next(follower, 1000, &event)) >= 0;) {
        if (!next)
            continue;
        cleanup_json json *data = NULL;
        if (isatty(STDERR_FILENO))
            terminal_tell(&event);
        if (strcmp(event.name, "run.proposed") == 0 &&
            json_parse(event.data, strlen(event.data), &data, err) == 0)
            terminal_approve(agent, turn, data);
        agent_event_done(&event);
    }
    return 0;
}

static int ask_once(const struct settings *settings, const struct house *house,
                    const char *conversation, int64_t reading, json **ret_turn, struct err *err) {
    struct agent_question question = {.text = settings->arguments[0],
                                      .reading = reading,
                                      .planner = -1,
                                      .approves = settings->approves};
    char turn[ID_SIZE];
    int status = agent_ask(house->agent, conversation, &question, turn, err);
    if (status == 0)
        status = follow(house->agent, turn, err);
    return status ? status : agent_turn_get(house->agent, turn, ret_turn, err);
}

static bool is_asked_back(const json *turn) {
    return str_is_equal(json_text(turn, "status"), "ambiguous") &&
           str_is_equal(json_text(turn, "planner"), "model");
}

static int ask(const struct settings *settings, const struct house *house, json **ret_turn,
               struct err *err) {
    cleanup_free char *dataset = pick_dataset(settings, house->catalogue, err);
    struct dataset *opened cleanup(dataset_closep) = NULL;
    char conversation[ID_SIZE];
    int64_t reading = settings->reading;
    if (!dataset)
        return err->code;
    id_make(conversation);
    int status = dataset_catalogue_get(house->catalogue, dataset, &opened, err);
    if (status == 0)
        status = store_conversation_add(house->store, conversation, dataset, "", err);
    if (status == 0)
        status = ask_once(settings, house, conversation, reading, ret_turn, err);
    // What a model asks back it can only be told in the same conversation.
    while (status == 0 && is_asked_back(*ret_turn) && has_person()) {
        reading = terminal_choose(json_text(*ret_turn, "understanding"),
                                  cJSON_GetObjectItemCaseSensitive(*ret_turn, "readings"));
        if (reading < 0)
            break;
        json_free(mem_take(*ret_turn));
        status = ask_once(settings, house, conversation, reading, ret_turn, err);
    }
    agent_stop(house->agent, 10000); // the turn is stored by then
    return status;
}

static void print_proof(const json *run) {
    const json *result = cJSON_GetObjectItemCaseSensitive(run, "result");
    const json *confinement = cJSON_GetObjectItemCaseSensitive(result, "confinement");
    int namespaces =
        cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(confinement, "namespaces"));
    const char *hash = json_text(result, "data_sha256");
    int64_t total_us = json_integer(run, "starting_us", 0) + json_integer(run, "elapsed_us", 0);
    printf("\n  %s, gone after %.1f ms; %s; data %.12s\n", json_text(run, "where"),
           (double)total_us / 1000,
           namespaces ? "no network, no files, no other processes"
                      : "behind the weaker wall (no namespaces here)",
           hash ? hash : "unknown");
}

static void print_list(const json *list, const char *title_key, bool has_number) {
    const json *item;
    int index = 0;
    cJSON_ArrayForEach (item, list) {
        const char *text = cJSON_IsString(item) ? item->valuestring : json_text(item, title_key);
        const char *detail = cJSON_IsObject(item) ? json_text(item, "detail") : NULL;
        const char *preview = cJSON_IsObject(item) ? json_text(item, "preview") : NULL;
        if (str_is_equal(detail, text))
            detail = NULL;
        if (has_number)
            printf("  --reading %d  %s%s%s%s%s\n", index++, text, str_is_empty(detail) ? "" : ": ",
                   detail ? detail : "", preview ? "\n                => " : "",
                   preview ? preview : "");
        else
            printf("  %s\n", text);
    }
}

static void print_sql(const char *sql) {
    const char *lead = "SQL: ";
    for (size_t length; *sql; sql += length + (sql[length] == '\n'), lead = "     ") {
        length = strcspn(sql, "\n");
        printf("  %s%.*s\n", lead, (int)length, sql);
    }
}

// Numbers of the sentence that follow from no result.
static void print_unproven(const json *unproven) {
    const json *number;
    if (cJSON_GetArraySize(unproven) == 0)
        return;
    printf("  Not proven by any result:");
    cJSON_ArrayForEach (number, unproven)
        printf("%s %s", number->prev->next ? "," : "", json_text(number, "text"));
    printf("\n\n");
}

// Why a model, which might have understood the question, was not asked.
static void print_trouble(const json *trouble) {
    const char *hint = json_text(trouble, "hint");
    if (cJSON_IsObject(trouble))
        printf("The language model could not be asked: %s %s\n", json_text(trouble, "message"),
               hint ? hint : "");
}

static void print_turn(const json *turn) {
    const json *run = cJSON_GetObjectItemCaseSensitive(turn, "run"),
               *error = cJSON_GetObjectItemCaseSensitive(turn, "error");
    const json *result = cJSON_GetObjectItemCaseSensitive(run, "result");
    const char *understanding = json_text(turn, "understanding");
    if (json_text(turn, "sentence")) {
        cleanup_free char *sentence = terminal_clean(json_text(turn, "sentence"));
        printf("%s\n\n", sentence);
        print_unproven(cJSON_GetObjectItemCaseSensitive(turn, "unproven_numbers"));
        table_print(result);
        if (json_bool(result, "truncated", false))
            printf("  … only the first %lld rows\n",
                   (long long)json_integer(result, "row_count", 0));
        if (understanding)
            printf("\n  Understood as: %s\n", understanding);
        print_sql(json_text(turn, "sql"));
        print_proof(run);
        return;
    }
    if (cJSON_IsObject(error))
        printf("%s%s%s\n", json_text(error, "message"), json_text(error, "hint") ? " " : "",
               json_text(error, "hint") ? json_text(error, "hint") : "");
    else
        printf("%s\n", understanding ? understanding : json_text(turn, "status"));
    print_trouble(cJSON_GetObjectItemCaseSensitive(turn, "model_trouble"));
    print_list(cJSON_GetObjectItemCaseSensitive(turn, "readings"), "title", !is_asked_back(turn));
    if (is_asked_back(turn))
        printf("  Ask again, and say which one is meant.\n");
    print_list(cJSON_GetObjectItemCaseSensitive(turn, "suggestions"), "", false);
}

// 0 answered, 3 not understood or ambiguous, 1 failed.
static int status_of(const json *turn) {
    const char *status = json_text(turn, "status");
    if (str_is_equal(status, "answered"))
        return 0;
    return str_is_equal(status, "ambiguous") || str_is_equal(status, "not_understood") ? 3 : 1;
}

static int run(const struct settings *settings) {
    struct house house;
    struct err err = {0};
    cleanup_json json *turn = NULL;
    house_prepare(settings);
    if (settings->argument_count != 1) {
        err_set(&err, ERR_BAD_REQUEST,
                settings->argument_count ? "one question at a time, please"
                                         : "there is no question");
        err_hint(&err, "Write it in quotes: app ask \"how many rows are there?\"");
        return house_complain("ask", &err, 2);
    }
    if (settings->approve_runs && !settings->approves && !has_person()) {
        err_set(
            &err, ERR_BAD_REQUEST,
            "each run waits for an approval (APPROVE_RUNS), and there is no terminal to ask on");
        err_hint(&err, "Approve of every run beforehand with --yes.");
        return house_complain("ask", &err, 2);
    }
    int status = house_open(settings, true, &house, &err);
    if (status)
        return house_complain("ask", &err, status == ERR_BAD_REQUEST ? 2 : 1);
    status = house_take_uploads(settings, &house, &err);
    if (status == 0)
        status = ask(settings, &house, &turn, &err);
    house_close(&house);
    if (status)
        return house_complain("ask", &err,
                              status == ERR_BAD_REQUEST || status == ERR_NOT_FOUND ? 2 : 1);
    if (settings->is_json || !isatty(STDOUT_FILENO)) {
        cleanup_free char *text = json_write(turn);
        puts(text);
    } else {
        print_turn(turn);
    }
    return status_of(turn);
}

const struct command command_ask = {
    .name = "ask",
    .mask = FOR_ASK,
    .max_arguments = SETTINGS_ARGUMENTS, // it has words of its own for more than one
    .synopsis = "[OPTION]… QUESTION",
    .summary = "ask one question here and now",
    .description = "Understands QUESTION with the built-in planner, or with the language model "
                   "where one is set and the planner is not sure, runs its SQL in a sandbox, and "
                   "prints the answer with its proof: a table on a terminal, the turn as JSON in a "
                   "pipe. Nothing is kept. On a terminal the steps of a model are shown, and what "
                   "it asks back can be answered.",
    .statuses = "0 answered; 1 it failed; 2 the command line is wrong; 3 the question can mean "
                "several things (they are "
                "listed) or is not understood (questions that can be answered are listed).",
    .examples = "app ask \"How many strikes were there by year?\" --dataset birdstrikes\n"
                "app ask \"average wind by city\" --dataset weather --json | jq .sentence\n"
                "app ask \"total amount by customer\" --datasets ./folder-with-a-csv",
    .run = run,
};
