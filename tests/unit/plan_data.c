// SPDX-License-Identifier: Apache-2.0
//
// See plan_data.h. The tables are small enough to work answers out by eye. Some come with a
// dataset.json, some without, as people's own files do.
#include "tests/unit/plan_data.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"
#include "dataset/import.h"
#include "tests/unit/check.h"

#define ROWS_MAX 200

struct file {
    const char *set, *name, *text;
};

static const struct file files[] = {
    // Nothing but a CSV file.
    {"films", "films.csv",
     "Title,Release Year,Director,Genre,Runtime (min),Rating,Gross ($),Country\n"
     "The Long Road,1994,Ana Duarte,Drama,142,8.9,28000000,United States\n"
     "Night Train,1999,Paul Weber,Thriller,118,7.4,95000000,Germany\n"
     "Blue Harbour,2001,Mia Chen,Drama,101,6.8,12000000,United Kingdom\n"
     "The Last Signal,2004,Paul Weber,Science Fiction,131,8.1,310000000,United States\n"
     "Paper Moons,2004,Ana Duarte,Comedy,96,7.0,47000000,France\n"
     "Iron Valley,2008,John Okafor,Action,125,6.2,450000000,United States\n"
     "Winter Garden,2010,Mia Chen,Drama,109,8.3,33000000,Japan\n"
     "Starfall,2012,Paul Weber,Science Fiction,149,8.6,720000000,United States\n"
     "The Baker's Son,2013,Luc Moreau,Comedy,92,6.5,21000000,France\n"
     "Silent Code,2013,John Okafor,Thriller,112,7.7,160000000,United Kingdom\n"
     "Red Desert,2016,Ana Duarte,Action,138,7.1,530000000,United States\n"
     "A Small Island,2018,Luc Moreau,Drama,104,7.9,,France\n"},
    // Two tables that refer to each other, described.
    {"staff", "departments.csv",
     "id,name,city\n1,Sales,Berlin\n2,Engineering,Munich\n3,Support,Berlin\n4,Legal,Paris\n"},
    {"staff", "employees.csv",
     "id,name,department_id,job,salary,hired_on,age,remote,manager\n"
     "1,Alice Meyer,2,Engineer,88000,2015-03-01,41,true,\n"
     "2,Bob Stone,1,Account manager,54000,2018-07-15,35,false,Eve Lang\n"
     "3,Carla Rossi,2,Engineer,95000,2012-01-10,48,false,\n"
     "4,David Kim,3,Agent,38000,2020-11-02,26,true,Gina Wolf\n"
     "5,Eve Lang,1,Director,120000,2010-05-20,52,false,\n"
     "6,Frank Moss,2,Intern,24000,2022-09-01,22,true,Alice Meyer\n"
     "7,Gina Wolf,3,Team lead,61000,2016-04-18,39,false,\n"
     "8,Hana Ito,2,Engineer,91000,2018-02-12,33,true,Carla Rossi\n"
     "9,Ivan Petrov,1,Account manager,57000,2019-10-07,31,true,Eve Lang\n"
     "10,Judy Adams,3,Agent,36000,2021-06-30,28,false,Gina Wolf\n"},
    {"staff", "dataset.json",
     "{\"title\": \"Staff\", \"tables\": ["
     "{\"name\": \"departments\", \"file\": \"departments.csv\", \"title\": \"Departments\", "
     "\"row\": \"department\","
     " \"key\": [\"id\"], \"columns\": [{\"header\": \"id\", \"title\": \"Department number\"},"
     " {\"header\": \"name\", \"title\": \"Department name\", \"synonyms\": [\"department\", "
     "\"team\"]},"
     " {\"header\": \"city\", \"title\": \"City\", \"synonyms\": [\"office\"]}]},"
     "{\"name\": \"employees\", \"file\": \"employees.csv\", \"title\": \"Employees\", \"row\": "
     "\"employee\","
     " \"key\": [\"id\"], \"columns\": [{\"header\": \"id\", \"title\": \"Employee number\"},"
     " {\"header\": \"name\", \"title\": \"Name\"},"
     " {\"header\": \"department_id\", \"references\": \"departments.id\"},"
     " {\"header\": \"job\", \"title\": \"Job\", \"synonyms\": [\"position\", \"job title\"]},"
     " {\"header\": \"salary\", \"title\": \"Salary\", \"unit\": \"EUR\", \"synonyms\": [\"pay\"]},"
     " {\"header\": \"hired_on\", \"title\": \"Hire date\", \"synonyms\": [\"hired\", \"joined\"]},"
     " {\"header\": \"age\", \"title\": \"Age\", \"unit\": \"years\"},"
     " {\"header\": \"remote\", \"title\": \"Works remotely\", \"type\": \"boolean\", "
     "\"synonyms\": [\"remote\"]},"
     " {\"header\": \"manager\", \"title\": \"Manager\", \"synonyms\": [\"boss\"]}]}],"
     " \"prompts\": [{\"question\": \"Average salary by department\"}, {\"question\": \"How many "
     "employees are there?\"}]}"},
    // Two references from one table to another.
    {"football", "teams.csv",
     "id,name,city,founded\n1,Rovers,Leeds,1901\n2,United,York,1899\n3,Albion,Bath,1910\n4,City,"
     "York,1920\n"},
    {"football", "matches.csv",
     "id,played_on,home_team_id,away_team_id,home_goals,away_goals,attendance,competition\n"
     "1,2021-08-14,1,2,2,1,15200,League\n"
     "2,2021-08-21,2,3,0,0,12100,League\n"
     "3,2021-09-04,3,1,1,3,8700,Cup\n"
     "4,2021-09-11,4,1,2,2,9900,League\n"
     "5,2022-01-15,1,3,4,0,16050,League\n"
     "6,2022-02-05,2,4,1,0,13300,Cup\n"
     "7,2022-02-19,3,4,2,2,7800,League\n"
     "8,2022-03-05,1,4,1,2,14900,League\n"},
    {"football", "dataset.json",
     "{\"title\": \"Football\", \"tables\": ["
     "{\"name\": \"teams\", \"file\": \"teams.csv\", \"title\": \"Teams\", \"row\": \"team\", "
     "\"key\": [\"id\"],"
     " \"columns\": [{\"header\": \"name\", \"title\": \"Team name\", \"synonyms\": [\"club\"]},"
     " {\"header\": \"founded\", \"title\": \"Year founded\", \"synonyms\": [\"founded\"]}]},"
     "{\"name\": \"matches\", \"file\": \"matches.csv\", \"title\": \"Matches\", \"row\": "
     "\"match\", \"key\": [\"id\"],"
     " \"columns\": [{\"header\": \"played_on\", \"title\": \"Match date\", \"synonyms\": "
     "[\"played\"]},"
     " {\"header\": \"home_team_id\", \"title\": \"Home team\", \"references\": \"teams.id\"},"
     " {\"header\": \"away_team_id\", \"title\": \"Away team\", \"references\": \"teams.id\"},"
     " {\"header\": \"home_goals\", \"title\": \"Home goals\"}, {\"header\": \"away_goals\", "
     "\"title\": \"Away goals\"},"
     " {\"header\": \"attendance\", \"title\": \"Attendance\", \"synonyms\": [\"crowd\", "
     "\"spectators\"]}]}],"
     " \"metrics\": [{\"name\": \"goals\", \"title\": \"Goals\", \"table\": \"matches\","
     " \"expression\": \"home_goals + away_goals\", \"synonyms\": [\"goals scored\"]}], "
     "\"prompts\": []}"},
    // Timestamps, and names as a machine would give them.
    {"sensors", "sensor_readings.csv",
     "reading_id,sensor,takenAt,temperature_c,humidityPct,status\n"
     "1,north,2023-01-05 06:00:00,-3.5,81,ok\n"
     "2,south,2023-01-05 06:00:00,1.0,77,ok\n"
     "3,north,2023-01-05 18:30:00,0.5,70,ok\n"
     "4,south,2023-01-06 06:00:00,2.5,,fault\n"
     "5,roof,2023-02-11 12:00:00,9.0,55,ok\n"
     "6,roof,2023-02-11 18:00:00,6.5,61,ok\n"
     "7,north,2023-07-20 06:00:00,17.0,66,ok\n"
     "8,south,2023-07-20 12:00:00,31.5,40,ok\n"
     "9,roof,2023-07-20 12:00:00,38.0,35,fault\n"
     "10,north,2024-07-21 18:00:00,28.0,44,ok\n"},
    {"loans", "loans.csv",
     "loan_id,borrower,branch,amount,rate_percent,issued,repaid,purpose\n"
     "L1,Kim Novak,Aachen,12000,4.5,2019-02-14,2022-02-14,car\n"
     "L2,Omar Said,Bonn,250000,2.1,2019-11-30,,house\n"
     "L3,Kim Novak,Aachen,3000,7.9,2020-06-01,2021-06-01,travel\n"
     "L4,Lena Vogt,Köln,18500,5.2,2020-09-15,,car\n"
     "L5,Piotr Zając,Bonn,310000,1.9,2021-03-08,,house\n"
     "L6,Lena Vogt,Köln,900,9.9,2021-12-24,2022-01-31,gifts\n"
     "L7,Sara Lund,Köln,45000,3.8,2022-05-05,,business\n"
     "L8,Omar Said,Bonn,15000,4.9,2022-10-10,,car\n"},
    {"loans", "dataset.json",
     "{\"title\": \"Loans\", \"tables\": [{\"name\": \"loans\", \"file\": \"loans.csv\", "
     "\"title\": \"Loans\", \"row\": \"loan\","
     " \"key\": [\"loan_id\"], \"columns\": ["
     " {\"header\": \"amount\", \"title\": \"Amount\", \"unit\": \"EUR\", \"synonyms\": [\"sum\"]},"
     " {\"header\": \"rate_percent\", \"title\": \"Interest rate\", \"unit\": \"%\", \"synonyms\": "
     "[\"rate\", \"interest\"]},"
     " {\"header\": \"issued\", \"title\": \"Issue date\", \"synonyms\": [\"issued\", "
     "\"granted\"]},"
     " {\"header\": \"repaid\", \"title\": \"Repayment date\", \"synonyms\": [\"repaid\", \"paid "
     "back\"]}]}], \"prompts\": []}"},
    // A shop in four tables: sums must not fan out, and what belongs to many must be asked for by
    // existence.
    {"shopette", "customers.csv",
     "customer_id,name,city,newsletter\n1,Ana Blum,Lyon,true\n2,Ben Cole,Oslo,false\n3,Cem "
     "Demir,Lyon,\n4,Dora Ek,Oslo,true\n"},
    {"shopette", "products.csv",
     "product_id,name,category,price\n1,Green Tea,Tea,6.5\n2,Black Tea,Tea,5\n3,House "
     "Blend,Coffee,12\n4,Big Mug,Ware,9.9\n"},
    {"shopette", "orders.csv",
     "order_id,customer_id,ordered_on,shipped_on,status,rating\n"
     "10,1,2023-11-02,2023-11-04,delivered,5\n11,1,2024-01-15,2024-01-16,delivered,4\n"
     "12,2,2024-01-20,,cancelled,\n13,3,2024-03-03,2024-03-09,delivered,2\n14,1,2024-03-05,,open,"
     "\n"},
    {"shopette", "order_lines.csv",
     "order_id,line_no,product_id,quantity,unit_price\n10,1,1,2,6\n10,2,3,1,11\n11,1,3,4,12\n12,1,"
     "2,1,5\n13,1,1,10,6.5\n"
     "13,2,2,1,5\n14,1,3,1,12\n"},
    {"shopette", "dataset.json",
     "{\"title\": \"Shop\", \"tables\": ["
     "{\"name\": \"customers\", \"file\": \"customers.csv\", \"title\": \"Customers\", \"row\": "
     "\"customer\","
     " \"key\": [\"customer_id\"], \"columns\": [{\"header\": \"name\", \"title\": \"Customer "
     "name\"}]},"
     "{\"name\": \"products\", \"file\": \"products.csv\", \"title\": \"Products\", \"row\": "
     "\"product\","
     " \"key\": [\"product_id\"], \"columns\": [{\"header\": \"name\", \"title\": \"Product "
     "name\"},"
     " {\"header\": \"price\", \"title\": \"Price\", \"unit\": \"EUR\"}]},"
     "{\"name\": \"orders\", \"file\": \"orders.csv\", \"title\": \"Orders\", \"row\": \"order\","
     " \"key\": [\"order_id\"], \"columns\": [{\"header\": \"order_id\", \"title\": \"Order "
     "number\"},"
     " {\"header\": \"customer_id\", \"references\": \"customers.customer_id\"},"
     " {\"header\": \"ordered_on\", \"title\": \"Order date\", \"synonyms\": [\"ordered\"]},"
     " {\"header\": \"shipped_on\", \"title\": \"Ship date\", \"synonyms\": [\"shipped\"]}]},"
     "{\"name\": \"order_lines\", \"file\": \"order_lines.csv\", \"title\": \"Order lines\", "
     "\"row\": \"order line\","
     " \"key\": [\"order_id\", \"line_no\"], \"columns\": ["
     " {\"header\": \"order_id\", \"references\": \"orders.order_id\"}, {\"header\": \"line_no\", "
     "\"hidden\": true},"
     " {\"header\": \"product_id\", \"references\": \"products.product_id\"},"
     " {\"header\": \"unit_price\", \"title\": \"Unit price\", \"unit\": \"EUR\"}]}],"
     " \"metrics\": [{\"name\": \"revenue\", \"title\": \"Revenue\", \"table\": \"order_lines\", "
     "\"unit\": \"EUR\","
     " \"expression\": \"quantity * unit_price\", \"synonyms\": [\"sales\"]}],"
     " \"prompts\": [{\"question\": \"Revenue by category\"}, {\"question\": \"How many customers "
     "are there?\"}]}"},
};

static void write_file(const char *folder, const char *name, const char *text) {
    cleanup_free char *path = path_join(folder, name);
    FILE *file = fopen(path, "w");
    if (!file || fputs(text, file) < 0 || fclose(file) != 0)
        check_fail(__FILE__, __LINE__, "cannot write %s", path);
}

// Kept in sight of the leak checker: what a test opens stays until its process ends.
static const struct dataset *kept[512];

static const struct dataset *build(const char *source, const char *target) {
    static size_t count;
    struct err err;
    struct dataset_sources *sources;
    struct dataset *dataset;
    cleanup_free char *path = path_join(target, DATASET_FILE);
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    CHECK(fd >= 0);
    CHECK_OK(dataset_sources_open(source, &sources, &err), err);
    CHECK_OK(dataset_import(sources, fd, NULL, &err), err);
    dataset_sources_close(sources);
    close(fd);
    CHECK_OK(dataset_open(target, &dataset, &err), err);
    CHECK(count < ARRAY_LENGTH(kept));
    kept[count++] = dataset;
    return dataset;
}

// Those of the table above, by name.
static struct {
    const char *name;
    const struct dataset *dataset;
} opened[8];

const struct dataset *plan_data(const char *name) {
    size_t at = 0;
    for (; at < ARRAY_LENGTH(opened) && opened[at].name; at++)
        if (strcmp(opened[at].name, name) == 0)
            return opened[at].dataset;
    cleanup_free char *folder = path_join(check_folder(), name);
    CHECK(mkdir(folder, 0700) == 0);
    for (size_t i = 0; i < ARRAY_LENGTH(files); i++)
        if (strcmp(files[i].set, name) == 0)
            write_file(folder, files[i].name, files[i].text);
    const struct dataset *dataset = build(folder, folder);
    if (at < ARRAY_LENGTH(opened)) {
        opened[at].name = name;
        opened[at].dataset = dataset;
    }
    return dataset;
}

const struct dataset *plan_data_csv(const char *name, const char *csv) {
    static int count;
    char unique[64], file[64];
    snprintf(unique, sizeof unique, "csv%d", count++);
    snprintf(file, sizeof file, "%s.csv", name);
    cleanup_free char *folder = path_join(check_folder(), unique);
    CHECK(mkdir(folder, 0700) == 0);
    write_file(folder, file, csv);
    return build(folder, folder);
}

const struct dataset *plan_data_folder(const char *dir) {
    if (!path_is_folder(dir))
        check_skip("this data set is not here; run from the top of the tree");
    return build(dir, check_folder());
}

// ---- Running ------------------------------------------------------------------------------------

static json *read_cell(sqlite3_stmt *statement, int at) {
    switch (sqlite3_column_type(statement, at)) {
    case SQLITE_NULL: return cJSON_CreateNull();
    case SQLITE_INTEGER: return json_new_integer(sqlite3_column_int64(statement, at));
    case SQLITE_FLOAT: return cJSON_CreateNumber(sqlite3_column_double(statement, at));
    default: return cJSON_CreateString((const char *)sqlite3_column_text(statement, at));
    }
}

static void bind(sqlite3_stmt *statement, const struct plan_reading *reading) {
    for (size_t i = 0; i < reading->param_count; i++) {
        const struct plan_value *value = &reading->params[i];
        if (value->kind == PLAN_VALUE_TEXT)
            sqlite3_bind_text(statement, (int)i + 1, value->text, -1, SQLITE_STATIC);
        else if (value->kind == PLAN_VALUE_INTEGER)
            sqlite3_bind_int64(statement, (int)i + 1, value->integer);
        else
            sqlite3_bind_double(statement, (int)i + 1, value->real);
    }
}

json *plan_run(const struct dataset *dataset, const struct plan_reading *reading) {
    sqlite3 *db;
    sqlite3_stmt *statement = NULL;
    cleanup_free char *path = path_join(dataset_folder(dataset), DATASET_FILE);
    CHECK(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK);
    if (sqlite3_prepare_v2(db, reading->sql, -1, &statement, NULL) != SQLITE_OK)
        check_fail(__FILE__, __LINE__, "%s\n# %s", sqlite3_errmsg(db), reading->sql);
    CHECK_INT(sqlite3_bind_parameter_count(statement), reading->param_count);
    bind(statement, reading);
    json *result = cJSON_CreateObject(), *columns = json_add_array(result, "columns");
    for (int i = 0; i < sqlite3_column_count(statement); i++) {
        json *column = cJSON_CreateObject();
        json_add_text(column, "name", sqlite3_column_name(statement, i));
        cJSON_AddItemToArray(columns, column);
    }
    json *rows = json_add_array(result, "rows");
    int count = 0, status;
    while ((status = sqlite3_step(statement)) == SQLITE_ROW && count < ROWS_MAX) {
        json *row = cJSON_CreateArray();
        for (int i = 0; i < sqlite3_column_count(statement); i++)
            cJSON_AddItemToArray(row, read_cell(statement, i));
        cJSON_AddItemToArray(rows, row);
        count++;
    }
    if (status != SQLITE_DONE && status != SQLITE_ROW)
        check_fail(__FILE__, __LINE__, "%s\n# %s", sqlite3_errmsg(db), reading->sql);
    json_add_integer(result, "row_count", count);
    json_add_bool(result, "truncated", status == SQLITE_ROW);
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return result;
}

struct plan_answer *plan_settled(const struct dataset *dataset, const char *question) {
    const json *results[PLAN_TRIALS];
    struct plan_answer *answer = plan_question(dataset, question);
    size_t count = answer->trial_count;
    for (size_t i = 0; i < count; i++)
        results[i] = plan_run(dataset, &answer->trials[i]);
    if (count)
        plan_settle(answer, results);
    for (size_t i = 0; i < count; i++)
        json_free((json *)results[i]);
    return answer;
}

static void add_cell(struct buf *buf, const json *cell) {
    char digits[40];
    if (cJSON_IsString(cell)) {
        buf_add_text(buf, cell->valuestring);
    } else if (cJSON_IsNumber(cell)) {
        snprintf(digits, sizeof digits, "%.4f", cell->valuedouble);
        char *end = digits + strlen(digits);
        while (end[-1] == '0')
            *--end = '\0';
        if (end[-1] == '.')
            end[-1] = '\0';
        buf_add_text(buf, digits);
    } else {
        buf_add_char(buf, '-');
    }
}

char *plan_rows_text(const json *result) {
    struct buf buf = BUF(1 << 20);
    const json *row, *cell;
    cJSON_ArrayForEach (row, cJSON_GetObjectItem(result, "rows")) {
        buf_add_text(&buf, buf.length ? ";" : "");
        bool is_first = true;
        cJSON_ArrayForEach (cell, row) {
            buf_add_text(&buf, is_first ? "" : "|");
            add_cell(&buf, cell);
            is_first = false;
        }
    }
    return buf_take(&buf);
}

static char *text_of(const struct dataset *dataset, struct plan_answer *answer) {
    struct buf buf = BUF(1 << 20);
    if (answer->verdict == PLAN_SURE) {
        json *result = plan_run(dataset, &answer->readings[0]);
        char *rows = plan_rows_text(result);
        buf_add_text(&buf, rows);
        free(rows);
        json_free(result);
    } else if (answer->verdict == PLAN_AMBIGUOUS) {
        for (size_t i = 0; i < answer->reading_count; i++)
            buf_add_format(&buf, "%s%s", i ? "/" : "?", answer->readings[i].title);
    } else {
        buf_add_format(&buf, "!%s", answer->message);
    }
    plan_answer_free(answer);
    return buf_take(&buf);
}

char *plan_answer_text(const struct dataset *dataset, const char *question) {
    return text_of(dataset, plan_settled(dataset, question));
}

// ---- Cases --------------------------------------------------------------------------------------

static char *said_text(const struct dataset *dataset, const char *chain) {
    char *copy = mem_text(chain), *last = copy;
    struct plan_said said[PLAN_SAID];
    size_t count = 0;
    for (char *end; (end = strstr(last, " => ")) && count < PLAN_SAID; last = end + 4) {
        *end = '\0';
        said[count++] = (struct plan_said){last, -1};
    }
    char *text = text_of(dataset, plan_follow_up(dataset, said, count, last));
    free(copy);
    return text;
}

void plan_check_cases(const struct plan_case *cases, size_t count) {
    const struct dataset *folder = NULL;
    const char *folder_name = "";
    int wrong = 0;
    for (size_t i = 0; i < count; i++) {
        bool is_folder = strncmp(cases[i].set, "datasets/", 9) == 0;
        if (is_folder && strcmp(folder_name, cases[i].set) != 0) {
            folder_name = cases[i].set;
            folder = plan_data_folder(folder_name);
        }
        char *actual = said_text(is_folder ? folder : plan_data(cases[i].set), cases[i].question);
        if (strcmp(actual, cases[i].rows) != 0) {
            printf("# %s\n#   is  %s\n#   not %s\n", cases[i].question, actual, cases[i].rows);
            wrong++;
        }
        free(actual);
    }
    CHECK_INT(wrong, 0);
}
