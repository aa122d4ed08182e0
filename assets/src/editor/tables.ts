// SPDX-License-Identifier: Apache-2.0
// The tables of data sets, for completion: read once each. Without them the editor only knows the language.
import { useEffect, useState } from "preact/hooks";
import { api } from "../core/session.js";
import { completable, type CompletableTable } from "../words/schema-words.js";

const known = new Map<string, Promise<CompletableTable[]>>();

function tablesOf(dataset: string): Promise<CompletableTable[]> {
  const found = known.get(dataset) ?? api.dataset(dataset).then(completable);
  known.set(dataset, found);
  // What failed is tried again next time.
  found.catch(() => known.delete(dataset));
  return found;
}

const NONE: CompletableTable[] = [];

export function useTables(dataset: string): CompletableTable[] {
  const [held, setHeld] = useState({ dataset, tables: NONE });
  useEffect(() => {
    let isWanted = true;
    tablesOf(dataset).then((tables) => isWanted && setHeld({ dataset, tables }), () => undefined);
    return () => void (isWanted = false);
  }, [dataset]);
  return held.dataset === dataset ? held.tables : NONE;
}
