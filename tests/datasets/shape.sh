#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# What every bundled data set has to be, whatever is in it. Its dataset.json has the keys that
# datasets/README.md documents and no others; its tables are UTF-8 without a mark at the front,
# with LF at the end of every line; headers, types, keys and references are as the description
# says; and no word names two things of one table. The shop is also held to its own story. All of
# it is read by jq and the sqlite3 shell, not by our code.
set -euo pipefail
export LC_ALL=C
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

# is NAME PROBLEMS: ok where PROBLEMS is empty
is() {
  if [ -z "$2" ]; then
    passed=$((passed + 1)) && printf 'ok - %s\n' "$1"
  else
    failed=$((failed + 1)) && printf 'not ok - %s\n' "$1" && printf '%s\n' "$2" | sed 's/^/# /'
  fi
}

# shellcheck disable=SC2016 # the dollars are jq's
description='
  def keys_in($allowed; $needed; $where): (keys - $allowed | map("\($where): unknown key \(.)")[]),
    ($needed - keys | map("\($where): no \(.)")[]);
  def words: [.name, .title, (.synonyms // [])[]] | map(select(. != null) | ascii_downcase) | unique;
  keys_in(["title", "description", "license", "source", "tables", "metrics", "prompts"];
          ["title", "description", "license", "source", "tables", "prompts"]; "top"),
  (.source | keys_in(["name", "url"]; ["name"]; "source")),
  (.tables as $tables | .tables[] | . as $table
    | keys_in(["name", "file", "table", "title", "description", "row", "key", "time_column", "columns"];
              ["name", "file", "title", "description", "row", "columns"]; .name),
      (.columns[] | . as $column
        | keys_in(["header", "name", "title", "description", "type", "unit", "synonyms", "values", "references", "hidden"];
                  ["header", "title", "type"]; "\($table.name).\(.header)"),
        (select(.type | IN("integer", "real", "text", "date", "timestamp", "boolean") | not)
          | "\($table.name).\(.header): type \(.type)"),
        (select(.references != null) | .references | split(".") as $to
          | select(any($tables[]; .name == $to[0] and .key == [$to[1]]) | not)
          | "\($table.name).\($column.header) references \(.), which is no key")),
      ([.columns[] | words[]] | group_by(.)[] | select(length > 1) | "\($table.name): \(.[0]) names two columns")),
  (.tables as $tables | (.metrics // [])[]
    | keys_in(["name", "title", "table", "expression", "unit", "synonyms"]; ["name", "title", "table", "expression"]; .name),
      (.table as $table | select(any($tables[]; .name == $table) | not) | "\(.name): no table \($table)")),
  (.prompts | length | select(. < 6 or . > 10) | "\(.) prompts, not 6 to 10"),
  (.prompts[] | keys_in(["question", "expect", "note"]; ["question", "expect", "note"]; .question),
    (.question as $question | .expect | keys_in(["columns", "rows", "row_count"]; ["columns", "rows"]; $question)))'

# The SQL that finds what is not as the description of one table says. Every line it prints is a problem.
# shellcheck disable=SC2016 # the dollars are jq's
contents='
  def literal: "\u0027" + gsub("\u0027"; "\u0027\u0027") + "\u0027";
  def quoted: "\"" + gsub("\""; "\"\"") + "\"";
  def bad($type): {
    integer: "CAST(CAST(v AS INTEGER) AS TEXT) <> v",
    real: "v GLOB \u0027*[^0-9.-]*\u0027 OR v NOT GLOB \u0027*[0-9]\u0027 OR v LIKE \u0027%.%.%\u0027 OR substr(v, 2) LIKE \u0027%-%\u0027",
    date: "date(v, \u0027+0 days\u0027) IS NOT v", timestamp: "datetime(v, \u0027+0 days\u0027) IS NOT v",
    boolean: "v NOT IN (\u0027true\u0027, \u0027false\u0027)", text: "v <> trim(v)"}[$type];
  .tables[] | select(.name == $table) | . as $t
  | (.columns[] | (.header | quoted) as $c
    | "SELECT \("\($t.name).\(.header): not a well-formed \(.type): " | literal) || v FROM (SELECT \($c) AS v FROM \($t.name))"
      + " WHERE v <> \u0027\u0027 AND (\(bad(.type))) LIMIT 3;"
    , (select(.references != null) | (.references | split(".")) as $to
      | "SELECT \("\($t.name).\(.header) refers to nothing: " | literal) || \($c) FROM \($t.name)"
        + " WHERE \($c) NOT IN (SELECT \($to[1]) FROM \($to[0])) LIMIT 3;"))
  , (select(.key != null) | (.key | map(quoted) | join(", ")) as $k
    | "SELECT \("\($t.name): key is there twice: " | literal) || \(.key | map(quoted) | join(" || \u0027 \u0027 || "))"
      + " FROM \($t.name) GROUP BY \($k) HAVING count(*) > 1 LIMIT 3;")'

for folder in "$root"/datasets/*/; do
  folder=${folder%/}
  name=$(basename "$folder")
  json=$folder/dataset.json
  is "$name: dataset.json has the documented keys" "$(jq -r "$description" "$json" 2>&1)"
  is "$name: every CSV file is a table, and every table is there" "$(diff <(jq -r '.tables[].file' "$json" | sort) \
    <(cd "$folder" && find . -name '*.csv' | cut -c 3- | sort) || true)"
  rm -f "$work/data.sqlite"
  while IFS=$'\t' read -r table file; do
    bytes="$folder/$file"
    is "$name: $file is UTF-8" "$(iconv -f UTF-8 -t UTF-8 "$bytes" 2>&1 >/dev/null)"
    is "$name: $file has no byte order mark, no CR, and ends in LF" "$(
      [ "$(head -c 3 "$bytes" | od -An -tx1 | tr -d ' ')" != efbbbf ] || echo 'byte order mark'
      ! grep -q $'\r' "$bytes" || echo CR
      [ "$(tail -c 1 "$bytes" | od -An -tx1 | tr -d ' ')" = 0a ] || echo 'no LF at the end')"
    is "$name: $file has exactly the described headers" "$(diff <(head -n 1 "$bytes" | tr ',' '\n') \
      <(jq -r --arg table "$table" '.tables[] | select(.name == $table) | .columns[].header' "$json") || true)"
    is "$name: $file has as many cells in every row" \
      "$(sqlite3 "$work/data.sqlite" ".import --csv \"$bytes\" $table" 2>&1)"
  done < <(jq -r '.tables[] | [.name, .file] | join("\t")' "$json")
  for table in $(jq -r '.tables[].name' "$json"); do
    jq -r --arg table "$table" "$contents" "$json" >"$work/check.sql"
    is "$name: types, key and references of $table hold" "$(sqlite3 "$work/data.sqlite" <"$work/check.sql" 2>&1)"
  done
  if jq -e 'has("metrics")' "$json" >"$work/has-metrics"; then
    jq -r '.metrics[] | "SELECT \u0027\(.name) has no value\u0027 FROM (SELECT sum(\(.expression)) AS s FROM \(.table)) WHERE s IS NULL;"' \
      "$json" >"$work/check.sql"
    is "$name: every metric can be computed" "$(sqlite3 "$work/data.sqlite" <"$work/check.sql" 2>&1)"
  fi

  [ "$name" = shop ] || continue
  none() { is "shop: $1" "$(sqlite3 -readonly "$work/data.sqlite" "$2 LIMIT 3" 2>&1)"; }
  none 'there are at least 50,000 order lines' 'SELECT count(*) FROM order_lines HAVING count(*) < 50000'
  none 'orders are of the two years' "SELECT * FROM orders WHERE ordered_on NOT BETWEEN '2024-01-01' AND '2025-12-31'"
  none 'nobody orders before joining' 'SELECT * FROM orders JOIN customers USING (customer_id) WHERE ordered_on < joined_on'
  none 'nothing is shipped before it is ordered, or after the last day' \
    "SELECT * FROM orders WHERE shipped_on <> '' AND (shipped_on < ordered_on OR shipped_on > '2025-12-31')"
  none 'what is not shipped is processing or cancelled, and only that' \
    "SELECT * FROM orders WHERE (shipped_on = '') <> (status IN ('processing', 'cancelled'))"
  none 'cancelled orders have no lines, and all others have' \
    "SELECT * FROM orders WHERE (status = 'cancelled') = (order_id IN (SELECT order_id FROM order_lines))"
  none 'an order is returned when every piece came back, and only then' \
    "SELECT order_id, status FROM orders JOIN order_lines USING (order_id) GROUP BY order_id
       HAVING (status = 'returned') <> (sum(quantity) = sum(returned_quantity))"
  none 'nobody returns more than was ordered' \
    'SELECT * FROM order_lines WHERE CAST(returned_quantity AS INTEGER) > CAST(quantity AS INTEGER)'
  none 'no product is twice in one order' 'SELECT * FROM order_lines GROUP BY order_id, product_id HAVING count(*) > 1'
  none 'names of customers and products are unique' \
    'SELECT name FROM customers GROUP BY name HAVING count(*) > 1 UNION ALL SELECT name FROM products GROUP BY name HAVING count(*) > 1'
  is 'shop: the tables take at most 3 MB' "$(cat "$folder"/*.csv | wc -c | awk '$1 > 3000000')"
done
printf '1..%d\n%d passed, %d failed\n' $((passed + failed)) "$passed" "$failed"
[ "$failed" -eq 0 ]
