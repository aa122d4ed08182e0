// SPDX-License-Identifier: Apache-2.0
//
// Every ceiling of the program in one place. Whatever grows with input stops at one of these, and
// the message that says so names the figure. Sizes are in bytes unless the name says otherwise.
#pragma once

#define LIMIT_QUESTION 4000             // one question, UTF-8
#define LIMIT_SQL (64 * 1024)           // one statement
#define LIMIT_PARAMS 256                // bound parameters of a statement
#define LIMIT_PARAM_TEXT (64 * 1024)    // one bound text
#define LIMIT_REQUEST_BODY (256 * 1024) // an HTTP request's body
#define LIMIT_RUN_REQUEST (512 * 1024)  // what the runner reads
#define LIMIT_RUN_REQUEST_ENV (96 * 1024)
#define LIMIT_RUN_RESULT (16 * 1024 * 1024) // what is read of a runner, whatever it was asked for
#define LIMIT_RUN_LOG (16 * 1024)           // what is kept of a runner's standard error
#define LIMIT_ROWS 10000                    // max_rows can be no higher
#define LIMIT_RESULT_COLUMNS 2000           // SQLite's own default for a result set
#define LIMIT_JSON_DEPTH 64                 // nesting of any JSON that is read
#define LIMIT_DATASETS 256                  // folders in DATASETS_PATH
#define LIMIT_UPLOADS 200                   // data sets that people brought
#define LIMIT_UPLOAD_TITLE 120              // what an uploaded data set is called
#define LIMIT_UPLOADS_AT_ONCE 4             // uploads under way
#define LIMIT_UPLOAD_PROBLEMS 200           // mended things that are told of an upload
#define LIMIT_UPLOAD_RECORD (256 * 1024)    // what is kept beside an uploaded data set
#define LIMIT_DATASET_JSON (1024 * 1024)    // one dataset.json
#define LIMIT_TABLES 200                    // tables in a data set
#define LIMIT_COLUMNS 1000                  // columns in a table
#define LIMIT_STORED_COLUMNS 2000           // of a table with its companion columns, as in SQLite
#define LIMIT_NAME 128                      // a data set's, table's or column's name
#define LIMIT_IMPORT (512LL * 1024 * 1024)  // one table's file
#define LIMIT_INFLATE_RATIO 300             // a compressed file's text to its size
#define LIMIT_CELL (1024 * 1024)            // one cell of a CSV file
#define LIMIT_TALLY (256 * 1024 * 1024)     // of a column's values that are sorted in memory
#define LIMIT_INDEXED_VALUE 80              // longer texts are not in the value index
#define LIMIT_INDEXED_DISTINCT 20000 // columns with more distinct texts are not in the value index
#define LIMIT_PLAN_TOKENS 120        // words of a question that are looked at
#define LIMIT_PLAN_ARENA (8 * 1024 * 1024)       // memory of one planning
#define LIMIT_TURN_EVENTS 4096                   // events of one turn
#define LIMIT_AGENT_STEPS 50                     // AGENT_MAX_STEPS can be no higher
#define LIMIT_AGENT_CALLS 8                      // tools that a model calls at once
#define LIMIT_AGENT_RUNS 64                      // runs of one turn with a model
#define LIMIT_AGENT_VALUES 64                    // cells that a model knows by a name alone
#define LIMIT_AGENT_SENTENCE 4000                // an answer that a model states
#define LIMIT_AGENT_TEXT (64 * 1024)             // what a tool tells a model, or is told
#define LIMIT_PINS 100                           // answers that are pinned
#define LIMIT_CONNECTIONS 256                    // HTTP connections at a time
#define LIMIT_TURNS_AT_ONCE 128                  // turns under way at a time
#define LIMIT_UPSTREAM_CALLS 128                 // requests that a front passes on at a time
#define LIMIT_UPSTREAM_PENDING (128 * 1024)      // of an answer that is passed on
#define LIMIT_HTTP_RESPONSE (32LL * 1024 * 1024) // what our HTTP client takes in
#define LIMIT_HTTP_HEAD (16 * 1024)              // a response's head that is read by ourselves
#define LIMIT_MOUNTINFO (4 * 1024 * 1024)        // /proc/self/mountinfo
#define LIMIT_SSE_EVENT (20 * 1024 * 1024)       // one server-sent event
#define LIMIT_TITLE 300                          // a title of a data set, table, column or metric
#define LIMIT_DESCRIPTION (16 * 1024)            // a description of one
#define LIMIT_SYNONYMS 64                        // other names of a column or metric
#define LIMIT_DESCRIBED_VALUES 2000              // values of a column that have synonyms
#define LIMIT_METRICS 200                        // metrics of a data set
#define LIMIT_PROMPTS 200                        // prompts of a data set
#define LIMIT_CSV_ROW (16 * 1024 * 1024)         // the cells of one row of a CSV file
#define LIMIT_IMPORTED (1024LL * 1024 * 1024)    // the SQLite file that an import makes
#define LIMIT_SCHEMA (64 * 1024 * 1024)          // a data set's schema as JSON
#define LIMIT_KUBECONFIG (1024 * 1024)           // one kubeconfig, certificate or key
#define LIMIT_KUBECONFIG_FILES 16                // files that KUBECONFIG names
#define LIMIT_EXEC_OUTPUT (256 * 1024)           // what a credential plugin prints
#define LIMIT_PROXY_HEAD (8 * 1024)              // a request's head, as the Docker proxy takes it
#define LIMIT_PROXY_BODY (64 * 1024)             // and its body, but for a data set's file
#define LIMIT_PROXY_CONNECTIONS 256              // of the Docker proxy's at a time
#define LIMIT_PROXY_CONTAINERS 256               // that were made through it and are not removed
#define LIMIT_KUBE_EVENT (4 * 1024 * 1024)       // one event of a watch
#define LIMIT_YAML_NODES 100000                  // values that aliases in a YAML file amount to
#define LIMIT_VALUE_DEPTH 200                    // dicts in dicts that a template makes
#define LIMIT_RENDERED (16 * 1024 * 1024)        // a text that a template makes
#define LIMIT_RENDER_OUTPUT (64 * 1024 * 1024)   // all that templates write in one rendering
#define LIMIT_RENDER_MEMORY (256 * 1024 * 1024)  // memory of one rendering
#define LIMIT_RENDER_STEPS 10000000              // pipelines and statements of one rendering
#define LIMIT_RENDER_DEPTH 10000                 // pipelines and lists inside each other, at work
#define LIMIT_RENDER_STACK (64 * 1024 * 1024)    // of its thread, of which little is used
#define LIMIT_RENDER_ROW 1000000                 // numbers that `until` makes
#define LIMIT_TEMPLATE_NESTING 1000              // templates that include each other, as in Helm
#define LIMIT_TEMPLATE_DEPTH 200                 // actions and parentheses inside each other
#define LIMIT_TEMPLATE_VARIABLES 256             // variables in scope
#define LIMIT_CHART_FILE (4 * 1024 * 1024)       // one file of a chart, or of values
#define LIMIT_CHART_FILES 2000                   // files of a chart
#define LIMIT_SET_INDEX 65536                    // the index in --set a[INDEX]=…, as in Helm
#define LIMIT_SET_DEPTH 30                       // names in --set a.b.c=…, as in Helm
#define LIMIT_REGEX_STEPS 4000                   // the program of a regular expression
#define LIMIT_REGEX_WORK 50000000                // characters times alternatives of a match
#define LIMIT_REGEX_DEPTH 50                     // groups in groups of one
#define LIMIT_SCHEMA_DEPTH 100                   // schemas in schemas, references followed
#define LIMIT_CA_FILE (4 * 1024 * 1024)          // certificates of authorities
#define LIMIT_API_KEY 4096                       // the key of a language model's provider
#define LIMIT_LLM_REQUEST (16 * 1024 * 1024)     // what a language model is asked with
#define LIMIT_LLM_EVENT (4 * 1024 * 1024)        // one event or line of a model's answer
#define LIMIT_LLM_TEXT (1024 * 1024)             // a model's text
#define LIMIT_LLM_REASONING (4 * 1024 * 1024)    // what it thinks, and what belongs to that
#define LIMIT_LLM_CALLS 64                       // calls of tools in one answer
#define LIMIT_LLM_ARGUMENTS (256 * 1024)         // the arguments of one
#define LIMIT_LLM_NAMES 500                      // models that a server lists
#define LIMIT_TITLE_TEXT 200                     // the title of a conversation
#define LIMIT_SEARCH 200                         // what conversations are searched for
#define LIMIT_SEARCHED_TEXT (16 * 1024)          // of a text that is searched
#define LIMIT_COMMENT 1000                       // what somebody writes about an answer
#define LIMIT_EXPORT (64 * 1024 * 1024)          // a conversation as Markdown
#define LIMIT_LLM_BLOCKS 1000                    // parts of an answer that go back as they came
