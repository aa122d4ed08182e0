// SPDX-License-Identifier: Apache-2.0
// SQLite's SQL as far as it can be run here: the words of one SELECT, and the functions that the sandbox allows
// (runner/authorizer.c). Nothing else is coloured as a word of the language, or offered.
import { SQLDialect } from "@codemirror/lang-sql";
import { KEYWORDS } from "../words/sql-tokens.js";

const FUNCTIONS = `abs acos acosh asin asinh atan atan2 atanh avg ceil ceiling char coalesce concat concat_ws cos cosh
  count cume_dist date datetime degrees dense_rank exp first_value floor format group_concat hex ifnull iif instr json
  json_array json_array_length json_extract json_group_array json_group_object json_object json_quote json_type
  json_valid julianday lag last_value lead length ln log log10 log2 lower ltrim max min mod nth_value ntile nullif
  octet_length percent_rank pi pow power printf quote radians rank replace round row_number rtrim sign sin sinh soundex
  sqrt strftime string_agg substr substring sum tan tanh time timediff total trim trunc typeof unhex unicode unixepoch
  upper`;

export const dialect = SQLDialect.define({
  keywords: [...KEYWORDS].join(" "),
  types: "blob integer numeric real text",
  builtin: FUNCTIONS,
  operatorChars: "*+-%<>!=&|/~",
  identifierQuotes: '`"',
  specialVar: "@:?$",
});
