// SPDX-License-Identifier: Apache-2.0
// What a page reads from the server when it is shown: again when KEY changes, and when it is asked to. What was
// there stays while it is read again; an answer that comes too late, for an older key, is dropped.
import { useEffect, useRef, useState } from "preact/hooks";
import { toProblem, type Problem } from "../core/api.js";

export interface Loaded<T> {
  data: T | null;
  problem: Problem | null;
  reload(): void;
  /** Puts in place what the server has said meanwhile. */
  set(data: T): void;
}

interface Held<T> {
  key: string;
  data: T | null;
  problem: Problem | null;
}

export function useLoaded<T>(key: string, load: () => Promise<T>): Loaded<T> {
  const [held, setHeld] = useState<Held<T>>({ key, data: null, problem: null });
  const [round, setRound] = useState(0);
  const latest = useRef(0);
  useEffect(() => {
    const mine = ++latest.current;
    load().then(
      (data) => mine === latest.current && setHeld({ key, data, problem: null }),
      (error: unknown) => mine === latest.current && setHeld((old) => ({ key, data: old.key === key ? old.data : null, problem: toProblem(error) })),
    );
    return () => void latest.current++;
  }, [key, round]);
  const isMine = held.key === key;
  return {
    data: isMine ? held.data : null,
    problem: isMine ? held.problem : null,
    reload: () => setRound((now) => now + 1),
    set: (data) => setHeld({ key, data, problem: null }),
  };
}
