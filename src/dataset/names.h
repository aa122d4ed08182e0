// SPDX-License-Identifier: Apache-2.0
//
// Names for SQL and titles for people, made from what files and headers are called.
#pragma once

#include <stdbool.h>
#include <stddef.h>

// Whether TEXT can be a table's or column's name: a letter or "_", then letters, digits and "_", at
// most LIMIT_NAME bytes, and not of the prefixes that SQLite and this program keep for themselves.
bool names_is_valid(const char *text);
// The words of TEXT as a name: "Cost: Total $" becomes "cost_total"; one that starts with a digit
// gets PREFIX before it. NULL where TEXT has no words. The caller frees it.
char *names_make(const char *text, const char *prefix);
// NAME, or NAME with "_2", "_3" … behind it so that it is none of the COUNT names TAKEN (without
// regard to case). The caller frees it.
char *names_make_unique(const char *name, char *const *taken, size_t count);
// TEXT for people: "Flight Date" stays, "flight_date" and "flightDate" become "Flight date". The
// caller frees it.
char *names_title(const char *text);
// What one row of the table of that name is called: "order line" for "order_lines", "row" where the
// name is no plural. The caller frees it.
char *names_row(const char *table);
// A file's name without ".gz" and what is behind its last dot. The caller frees it.
char *names_of_file(const char *file);
// TEXT for a message: on one line, quoted, at most some forty bytes of it. The caller frees it.
char *names_quote(const char *text);
// FOLDER's last part as the name of a data set: what is not [A-Za-z0-9._-] becomes "-". The caller
// frees it.
char *names_of_folder(const char *folder);
bool names_is_dataset(
    const char *name); // whether it is such a name, not hidden, at most LIMIT_NAME bytes
// Whether NAME can be that of a file beside dataset.json: no path, not hidden, and nothing that
// sha256sum would escape.
bool names_is_file(const char *name);
// Whether FILE is called like one or more tables: *.csv, *.tsv, *.jsonl, *.ndjson, each with or
// without .gz, or *.sqlite, *.sqlite3, *.db; and not hidden.
bool names_is_table_file(const char *file);
bool names_is_json_lines(const char *file);
