// SPDX-License-Identifier: Apache-2.0
//
// See wtq.h.
#include "wtq.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "dataset/date.h"
#include "dataset/words.h"

// ---- Files --------------------------------------------------------------------------------------

// Undoes the escapes of a field, in place.
static void unescape(char *text) {
    char *to = text;
    for (const char *at = text; *at; at++) {
        if (*at == '\\' && at[1]) {
            at++;
            *to++ = *at == 'n' ? '\n' : *at == 'p' ? '|' : *at;
        } else {
            *to++ = *at;
        }
    }
    *to = '\0';
}

static void read_targets(struct wtq_question *question, char *field) {
    char *rest = field, *value;
    while ((value = strsep(&rest, "|")) && question->target_count < WTQ_VALUES) {
        char *copy = mem_text(value);
        unescape(copy);
        question->targets[question->target_count++] = copy;
    }
}

// "csv/204-csv/772.csv" is the table "204-csv/772".
static char *table_name(const char *context) {
    const char *begin = str_has_prefix(context, "csv/") ? context + 4 : context;
    size_t length = strlen(begin);
    return mem_text_n(begin, str_has_suffix(begin, ".csv") ? length - 4 : length);
}

struct wtq *wtq_read(const char *path) {
    FILE *file = fopen(path, "re");
    if (!file) {
        fprintf(stderr, "answers: cannot read %s\n", path);
        exit(1);
    }
    struct wtq *wtq = mem_zero(1, sizeof *wtq);
    char *line = NULL;
    size_t size = 0, room = 0;
    for (bool is_first = true; getline(&line, &size, file) > 0; is_first = false) {
        char *rest = line, *fields[4] = {0};
        line[strcspn(line, "\r\n")] = '\0';
        for (size_t i = 0; i < ARRAY_LENGTH(fields); i++)
            fields[i] = strsep(&rest, "\t");
        if (is_first || !fields[3])
            continue;
        if (wtq->count == room) {
            room = room ? 2 * room : 1024;
            wtq->questions = mem_resize(wtq->questions, room, sizeof *wtq->questions);
        }
        struct wtq_question *question = &wtq->questions[wtq->count++];
        *question = (struct wtq_question){
            .id = mem_text(fields[0]), .text = mem_text(fields[1]), .table = table_name(fields[2])};
        unescape(question->text);
        read_targets(question, fields[3]);
    }
    free(line);
    fclose(file);
    return wtq;
}

void wtq_free(struct wtq *wtq) {
    for (size_t i = 0; i < wtq->count; i++) {
        struct wtq_question *question = &wtq->questions[i];
        for (size_t j = 0; j < question->target_count; j++)
            free(question->targets[j]);
        free(question->id);
        free(question->text);
        free(question->table);
    }
    free(wtq->questions);
    free(wtq);
}

// ---- Values -------------------------------------------------------------------------------------

// The whole of TEXT as a number with thousands separators, a currency sign or a percent sign.
static bool read_number(const char *text, double *ret_number) {
    char digits[64];
    size_t length = 0;
    static const char *const signs[] = {"$", "€", "£", "¥"};
    bool is_negative = *text == '-';
    text += is_negative;
    if (str_has_prefix(text, "−")) {
        is_negative = true;
        text += strlen("−");
    }
    for (size_t i = 0; i < ARRAY_LENGTH(signs); i++)
        if (str_has_prefix(text, signs[i])) {
            text += strlen(signs[i]);
            break;
        }
    for (; *text && length + 1 < sizeof digits; text++) {
        if (*text == ',' && length > 0 && text[1] >= '0' && text[1] <= '9')
            continue;
        if (*text == '%' && !text[1] && length)
            break;
        if ((*text < '0' || *text > '9') && *text != '.')
            return false;
        digits[length++] = *text;
    }
    digits[length] = '\0';
    if (!length || str_to_real(digits, ret_number) != 0)
        return false;
    *ret_number = is_negative ? -*ret_number : *ret_number;
    return true;
}

void wtq_canonical_number(double number, char out[WTQ_CANONICAL]) {
    snprintf(out, WTQ_CANONICAL, "n %.9g", number == 0 ? 0 : number);
}

// Cuts "[1]" and "[a]", quotation marks around all, and punctuation at the end.
static void trim(char *text) {
    for (size_t before = 0, length = strlen(text); length != before;) {
        before = length;
        char *open = length && text[length - 1] == ']' ? strrchr(text, '[') : NULL;
        if (open && open != text)
            *open = '\0';
        length = strlen(text);
        while (length && strchr(" .,;:!?*\t\n", text[length - 1]))
            text[--length] = '\0';
        while (length && strchr(" \t\n", *text))
            memmove(text, text + 1, length--);
        if (length > 1 && *text == '"' && text[length - 1] == '"') {
            text[length - 1] = '\0';
            memmove(text, text + 1, length - 1);
            length = strlen(text);
        }
    }
}

// Typographic marks become plain ones, runs of space one space.
static void plain_marks(const char *text, char *out, size_t size) {
    static const struct {
        const char *mark, *plain;
    } marks[] = {{"‘", "'"},      {"’", "'"},      {"´", "'"}, {"`", "'"}, {"“", "\""}, {"”", "\""},
                 {"«", "\""},     {"»", "\""},     {"–", "-"}, {"—", "-"}, {"−", "-"},  {"‐", "-"},
                 {"\u2011", "-"}, {"\u00a0", " "}, {"†", ""},  {"‡", ""},  {"•", ""}};
    size_t length = 0;
    while (*text && length + 8 < size) {
        size_t i = 0;
        while (i < ARRAY_LENGTH(marks) && !str_has_prefix(text, marks[i].mark))
            i++;
        const char *plain = i < ARRAY_LENGTH(marks) ? marks[i].plain : NULL;
        if (plain) {
            length += (size_t)snprintf(out + length, size - length, "%s", plain);
            text += strlen(marks[i].mark);
            continue;
        }
        bool is_space = strchr(" \t\n\r", *text) != NULL;
        if (!is_space || (length && out[length - 1] != ' '))
            out[length++] = is_space ? ' ' : *text;
        text++;
    }
    out[length] = '\0';
}

// Case and diacritics gone; what is between words stays.
static void fold(const char *text, char *out, size_t size) {
    struct word words[64];
    size_t count = words_split_prose(text, words, ARRAY_LENGTH(words)), at = 0, length = 0;
    for (size_t i = 0; i < count && length + WORDS_TEXT + 8 < size; i++) {
        for (; at < words[i].start && length + WORDS_TEXT + 8 < size; at++)
            out[length++] = text[at];
        length += (size_t)snprintf(out + length, size - length, "%s", words[i].text);
        at = words[i].start + words[i].length;
    }
    snprintf(out + length, size - length, "%s", text + (at < strlen(text) ? at : strlen(text)));
}

void wtq_canonical(const char *text, char out[WTQ_CANONICAL]) {
    char plain[WTQ_CANONICAL];
    double number;
    struct date date;
    char iso[DATE_SIZE];
    plain_marks(text, plain, sizeof plain);
    trim(plain);
    if (read_number(plain, &number)) {
        wtq_canonical_number(number, out);
        return;
    }
    if (date_parse(plain, strlen(plain), false, &date) == 0 && !date.has_time) {
        snprintf(out, WTQ_CANONICAL, "d %s", date_write(&date, false, iso));
        return;
    }
    out[0] = 't';
    out[1] = ' ';
    fold(plain, out + 2, WTQ_CANONICAL - 2);
}
