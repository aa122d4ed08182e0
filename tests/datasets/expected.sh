#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The answers that each dataset.json promises for its prompts, computed a second time without any
# code of ours: the sqlite3 shell reads the CSV files and runs a query written here by hand. A
# prompt that has no query here fails, and so does a query here that has no prompt. Needs sqlite3
# (with JSON) and jq.
#
#   expected.sh           one line a prompt; exit status 1 if one of them is not ok
#   expected.sh compute   prints the computed answers as JSON, for whoever writes a dataset.json
set -euo pipefail
export LC_ALL=C
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mode=${1:-check}
passed=0 failed=0

ok() { passed=$((passed + 1)) && printf 'ok - %s\n' "$1"; }
not_ok() { failed=$((failed + 1)) && printf 'not ok - %s\n# %s\n' "$1" "$2"; }

# dataset NAME, with SQL on standard input that imports the tables and gives them types
dataset() {
  name=$1
  rm -f "$work/data.sqlite" "$work/$name.computed"
  (cd "$root/datasets/$name" && sqlite3 -bail "$work/data.sqlite")
}

# prompt QUESTION, with SQL on standard input whose rows, one json_array() each, are the whole answer
prompt() {
  sqlite3 -bail -readonly "$work/data.sqlite" >"$work/rows"
  jq -cs --arg question "$1" '{question: $question, rows: .}' "$work/rows" >>"$work/$name.computed"
}

# Compares what prompt() computed with the dataset.json of the same name.
# shellcheck disable=SC2016 # the dollars are jq's
compare='
  def same($a; $b): if ($a | type) == "number" and ($b | type) == "number"
    then (($a - $b) | fabs) <= 1e-6 * ([($a | fabs), ($b | fabs)] | max) else $a == $b end;
  def problem($expect; $rows):
    if ($rows | length) == 0 then "the computed answer has no row"
    elif ($expect.rows | length) == 0 then "no row is expected"
    elif ($expect.rows | length) > ($rows | length) then "\($expect.rows | length) rows expected, \($rows | length) computed"
    elif any($rows[]; length != $expect.columns) then "\($expect.columns) columns expected, \($rows[0] | length) computed"
    elif ($expect.row_count // ($rows | length)) != ($rows | length)
      then "row_count \($expect.row_count) expected, \($rows | length) computed"
    else first((range($expect.rows | length) as $i | range($expect.columns) as $j
      | select(same($expect.rows[$i][$j]; $rows[$i][$j]) | not)
      | "row \($i + 1): \($expect.rows[$i]) expected, \($rows[$i]) computed"), "") end;
  (.[0].prompts // []) as $prompts | .[1] as $computed
  | ($prompts[] | . as $prompt | [$computed[] | select(.question == $prompt.question)] as $found
    | [.question, if ($found | length) != 1 then "\($found | length) computations of it in expected.sh, not 1"
       else problem($prompt.expect; $found[0].rows) end]),
    ($computed[] | select(.question as $question | any($prompts[]; .question == $question) | not)
    | [.question, "expected.sh computes it, but it is no prompt"])
  | join("\t")'

# ---- birdstrikes ------------------------------------------------------------------------------

dataset birdstrikes <<'SQL'
.import --csv birdstrikes.csv csv
CREATE VIEW strikes AS SELECT *, CAST("Cost Repair" AS INTEGER) AS repair, CAST("Cost Total $" AS INTEGER) AS total,
  CAST(nullif("Speed IAS in knots", '') AS INTEGER) AS speed, CAST(substr("Flight Date", 1, 4) AS INTEGER) AS year
  FROM csv;
SQL
prompt 'Which phase of flight had the highest total repair cost?' <<'SQL'
SELECT json_array("Phase of flight", sum(repair)) FROM strikes GROUP BY "Phase of flight" ORDER BY sum(repair) DESC LIMIT 1;
SQL
prompt 'How many strikes were there by year?' <<'SQL'
SELECT json_array(year, count(*)) FROM strikes GROUP BY year ORDER BY year;
SQL
prompt 'Top 5 airports by number of strikes' <<'SQL'
SELECT json_array("Airport Name", count(*)) FROM strikes GROUP BY "Airport Name" ORDER BY count(*) DESC LIMIT 5;
SQL
prompt 'How many strikes happened in Texas in 2000?' <<'SQL'
SELECT json_array(count(*)) FROM strikes WHERE "Origin State" = 'Texas' AND year = 2000;
SQL
prompt 'What was the average speed in the Approach phase of flight?' <<'SQL'
SELECT json_array(1.0 * sum(speed) / count(speed)) FROM strikes WHERE "Phase of flight" = 'Approach';
SQL
prompt 'How many strikes caused substantial damage?' <<'SQL'
SELECT json_array(count(*)) FROM strikes WHERE "Effect Amount of damage" = 'Substantial';
SQL
prompt 'What was the total cost by wildlife size?' <<'SQL'
SELECT json_array("Wildlife Size", sum(total)) FROM strikes GROUP BY "Wildlife Size" ORDER BY sum(total) DESC;
SQL
prompt 'How many strikes had a total cost over 100000?' <<'SQL'
SELECT json_array(count(*)) FROM strikes WHERE total > 100000;
SQL
prompt 'What was the highest repair cost in 1999?' <<'SQL'
SELECT json_array(max(repair)) FROM strikes WHERE year = 1999;
SQL
prompt 'How many strikes happened at night between 1995-01-01 and 1999-12-31?' <<'SQL'
SELECT json_array(count(*)) FROM strikes WHERE "Time of day" = 'Night' AND year BETWEEN 1995 AND 1999;
SQL

# ---- weather ----------------------------------------------------------------------------------
# Readings have one decimal: they are added up as whole tenths, so no rounding is in the sums.

dataset weather <<'SQL'
.import --csv weather.csv csv
CREATE VIEW days AS SELECT location, date, weather, CAST(round(10 * precipitation) AS INTEGER) AS rain_tenths,
  CAST(round(10 * temp_max) AS INTEGER) AS max_tenths, CAST(round(10 * temp_min) AS INTEGER) AS min_tenths,
  CAST(round(10 * wind) AS INTEGER) AS wind_tenths, CAST(substr(date, 1, 4) AS INTEGER) AS year FROM csv;
SQL
prompt 'Which city had the highest total precipitation?' <<'SQL'
SELECT json_array(location, sum(rain_tenths) / 10.0) FROM days GROUP BY location ORDER BY sum(rain_tenths) DESC LIMIT 1;
SQL
prompt 'What was the average maximum temperature by month in Seattle in 2014?' <<'SQL'
SELECT json_array(substr(date, 1, 7), sum(max_tenths) / 10.0 / count(*)) FROM days
  WHERE location = 'Seattle' AND year = 2014 GROUP BY substr(date, 1, 7) ORDER BY 1;
SQL
prompt 'How many snow days were there in New York?' <<'SQL'
SELECT json_array(count(*)) FROM days WHERE location = 'New York' AND weather = 'snow';
SQL
prompt 'What was the lowest minimum temperature in New York?' <<'SQL'
SELECT json_array(min(min_tenths) / 10.0) FROM days WHERE location = 'New York';
SQL
prompt 'What was the total precipitation by year in Seattle?' <<'SQL'
SELECT json_array(year, sum(rain_tenths) / 10.0) FROM days WHERE location = 'Seattle' GROUP BY year ORDER BY year;
SQL
prompt 'How many days had more than 25 mm of precipitation?' <<'SQL'
SELECT json_array(count(*)) FROM days WHERE rain_tenths > 250;
SQL
prompt 'What was the average wind speed by city?' <<'SQL'
SELECT json_array(location, sum(wind_tenths) / 10.0 / count(*)) FROM days GROUP BY location
  ORDER BY sum(wind_tenths) / 10.0 / count(*) DESC;
SQL
prompt 'Number of days by weather type' <<'SQL'
SELECT json_array(weather, count(*)) FROM days GROUP BY weather ORDER BY count(*) DESC;
SQL
prompt 'Which date had the highest precipitation in Seattle?' <<'SQL'
SELECT json_array(date, rain_tenths / 10.0) FROM days WHERE location = 'Seattle' ORDER BY rain_tenths DESC LIMIT 1;
SQL
prompt 'What was the average minimum temperature in New York between 2013-06-01 and 2013-08-31?' <<'SQL'
SELECT json_array(sum(min_tenths) / 10.0 / count(*)) FROM days
  WHERE location = 'New York' AND date >= '2013-06-01' AND date <= '2013-08-31';
SQL

# ---- shop -------------------------------------------------------------------------------------
# Amounts are added up as whole hundredths of a cent: pieces x cents x (100 - percent).

dataset shop <<'SQL'
.import --csv customers.csv customers
.import --csv products.csv products
.import --csv orders.csv orders
.import --csv order_lines.csv csv
CREATE UNIQUE INDEX customers_key ON customers (customer_id);
CREATE UNIQUE INDEX products_key ON products (product_id);
CREATE UNIQUE INDEX orders_key ON orders (order_id);
CREATE VIEW lines AS SELECT order_id, product_id, CAST(quantity AS INTEGER) AS pieces,
  CAST(discount_percent AS INTEGER) AS percent,
  CAST(quantity AS INTEGER) * CAST(replace(unit_price, '.', '') AS INTEGER) * (100 - discount_percent) AS amount,
  CAST(returned_quantity AS INTEGER) * CAST(replace(unit_price, '.', '') AS INTEGER) * (100 - discount_percent) AS back
  FROM csv;
SQL
prompt 'What was the revenue by product category in 2025?' <<'SQL'
SELECT json_array(category, sum(amount) / 10000.0) FROM lines JOIN orders USING (order_id) JOIN products USING (product_id)
  WHERE ordered_on LIKE '2025-%' GROUP BY category ORDER BY sum(amount) DESC;
SQL
prompt 'Which country has the most returned orders?' <<'SQL'
SELECT json_array(country, count(*)) FROM orders JOIN customers USING (customer_id)
  WHERE status = 'returned' GROUP BY country ORDER BY count(*) DESC LIMIT 1;
SQL
prompt 'Top 5 products by revenue' <<'SQL'
SELECT json_array(name, sum(amount) / 10000.0) FROM lines JOIN products USING (product_id)
  GROUP BY product_id ORDER BY sum(amount) DESC LIMIT 5;
SQL
prompt 'How many orders were placed in December 2025?' <<'SQL'
SELECT json_array(count(*)) FROM orders WHERE ordered_on BETWEEN '2025-12-01' AND '2025-12-31';
SQL
prompt 'What was the revenue by month for orders placed in 2025?' <<'SQL'
SELECT json_array(substr(ordered_on, 1, 7), sum(amount) / 10000.0) FROM lines JOIN orders USING (order_id)
  WHERE ordered_on LIKE '2025-%' GROUP BY substr(ordered_on, 1, 7) ORDER BY 1;
SQL
prompt 'What is the average rating by channel?' <<'SQL'
SELECT json_array(channel, 1.0 * sum(CAST(rating AS INTEGER)) / count(*)) FROM orders WHERE rating <> ''
  GROUP BY channel ORDER BY 1.0 * sum(CAST(rating AS INTEGER)) / count(*) DESC;
SQL
prompt 'How many customers live in France?' <<'SQL'
SELECT json_array(count(*)) FROM customers WHERE country = 'France';
SQL
prompt 'Top 3 brands by units sold' <<'SQL'
SELECT json_array(brand, sum(pieces)) FROM lines JOIN products USING (product_id)
  GROUP BY brand ORDER BY sum(pieces) DESC LIMIT 3;
SQL
prompt 'How many order lines have a discount over 20 percent?' <<'SQL'
SELECT json_array(count(*)) FROM lines WHERE percent > 20;
SQL
prompt 'What was the net revenue by country in 2024?' <<'SQL'
SELECT json_array(country, sum(amount - back) / 10000.0)
  FROM lines JOIN orders USING (order_id) JOIN customers USING (customer_id)
  WHERE ordered_on LIKE '2024-%' GROUP BY country ORDER BY sum(amount - back) DESC;
SQL

# -----------------------------------------------------------------------------------------------

for file in "$root"/datasets/*/dataset.json; do
  name=$(basename "$(dirname "$file")")
  touch "$work/$name.computed"
  jq -s . "$work/$name.computed" >"$work/computed.json"
  if [ "$mode" = compute ]; then
    jq -c --arg name "$name" '.[] | {dataset: $name} + .' "$work/computed.json"
    continue
  fi
  before=$((passed + failed))
  jq -rs "$compare" "$file" "$work/computed.json" >"$work/results"
  while IFS=$'\t' read -r question problem; do
    if [ -z "$problem" ]; then ok "$name: $question"; else not_ok "$name: $question" "$problem"; fi
  done <"$work/results"
  [ $((passed + failed)) -gt "$before" ] || not_ok "$name: has prompts" "dataset.json has none"
done
if [ "$mode" != compute ]; then
  printf '1..%d\n%d passed, %d failed\n' $((passed + failed)) "$passed" "$failed"
  [ "$failed" -eq 0 ]
fi
