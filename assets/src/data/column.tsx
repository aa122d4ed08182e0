// SPDX-License-Identifier: Apache-2.0
// One column as its profile knows it: type and unit, how many rows have a value, how many differ, and either the
// commonest values or where the quartiles lie. What is drawn is also there in words.
import "./column.css";
import type { ColumnProfile, TableProfile } from "../core/wire.js";
import { Link } from "../parts/link.js";
import { count, percent } from "../words/format.js";
import { boxOf, commonest, distinct, emptiness, questionAbout, range, shown, TYPE_WORDS, type Box, type Common } from "../words/profile.js";

const COMMON_SHOWN = 4;
const SCALE = 100;

function BoxPlot({ box }: { box: Box }) {
  const x = (share: number) => share * SCALE;
  return (
    <svg class="column-box" viewBox={`0 0 ${SCALE} 22`} preserveAspectRatio="none" aria-hidden="true">
      <line x1={0} x2={SCALE} y1={11} y2={11} />
      <line x1={0} x2={0} y1={6} y2={16} />
      <line x1={SCALE} x2={SCALE} y1={6} y2={16} />
      <rect x={x(box.q1)} y={4} width={Math.max(0.5, x(box.q3) - x(box.q1))} height={14} rx={1} />
      <line class="column-median" x1={x(box.median)} x2={x(box.median)} y1={3} y2={19} />
    </svg>
  );
}

function Numbers({ column, box }: { column: ColumnProfile; box: Box }) {
  const [q1, median, q3] = column.quartiles!;
  return (
    <div title={`A quarter is below ${shown(column, q1)}, half below ${shown(column, median)}, three quarters below ${shown(column, q3)}`}>
      <BoxPlot box={box} />
      <p class="column-ends"><span>{shown(column, column.min!)}</span><span><span class="hidden-text">median </span>{shown(column, median)}</span><span>{shown(column, column.max!)}</span></p>
    </div>
  );
}

function Commonest({ values }: { values: Common[] }) {
  return (
    <ul class="column-common" aria-label="Commonest values">
      {values.map((one) => (
        <li key={one.value} title={one.value}>
          <i style={{ width: `${one.length * 100}%` }} />
          <span><bdi>{one.value || "(empty)"}</bdi></span>
          <span>{count(one.count)}<span class="hidden-text"> rows, {percent(one.share)}</span></span>
        </li>
      ))}
    </ul>
  );
}

function Look({ column, rows }: { column: ColumnProfile; rows: number }) {
  const box = boxOf(column);
  const isFew = column.distinct_count <= COMMON_SHOWN;
  if (box && !isFew) return <Numbers column={column} box={box} />;
  const values = commonest(column, rows, COMMON_SHOWN);
  if (values.length > 0 && (isFew || column.type === "text" || column.type === "boolean")) return <Commonest values={values} />;
  const ends = range(column);
  return ends ? <p class="column-ends"><bdi>{ends}</bdi></p> : null;
}

interface Props {
  dataset: string;
  table: TableProfile;
  column: ColumnProfile;
  target: boolean;
  ask(words: string): void;
}

export function Column({ dataset, table, column, target, ask }: Props) {
  const rows = table.row_count;
  const id = `${table.name}.${column.name}`;
  const empty = emptiness(column, rows);
  return (
    <li class="column" id={`column-${id}`} data-target={target} tabIndex={-1}>
      <div>
        <h4><Link to={{ page: "dataset", name: dataset, table: id }}><bdi>{column.title}</bdi></Link></h4>
        <p class="column-name">{column.name}</p>
        <p class="column-type">{TYPE_WORDS[column.type]}{column.unit && <>, in <bdi>{column.unit}</bdi></>}</p>
      </div>
      <div class="column-facts">
        <span class="column-fill">
          <i aria-hidden="true"><b style={{ width: `${rows ? (1 - column.null_count / rows) * 100 : 0}%` }} /></i>
          {empty ?? "no gaps"}
        </span>
        <span>{distinct(column, rows)}</span>
        {column.references && <span>refers to <Link to={{ page: "dataset", name: dataset, table: column.references }}>{column.references}</Link></span>}
      </div>
      <div class="column-look"><Look column={column} rows={rows} /></div>
      <div class="column-tools"><button class="tool" aria-label={`Ask about ${column.title}`} onClick={() => ask(questionAbout(table, column))}>Ask</button></div>
      {column.description && <p class="column-about"><bdi>{column.description}</bdi></p>}
    </li>
  );
}
