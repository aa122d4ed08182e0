// SPDX-License-Identifier: Apache-2.0
// A name that is being changed in its place: Enter and leaving it keep what was written, Escape what was there.
import "./rename.css";
import { useLayoutEffect, useRef } from "preact/hooks";

interface Props {
  label: string;
  name: string;
  /** Null: it stays as it was. `byKey`: the focus is still here, and has to be put somewhere. */
  done(name: string | null, byKey: boolean): void;
}

export function Rename({ label, name, done }: Props) {
  const field = useRef<HTMLInputElement>(null);
  const isDone = useRef(false);
  useLayoutEffect(() => {
    field.current!.focus();
    field.current!.select();
  }, []);
  const end = (value: string | null, byKey: boolean) => {
    if (isDone.current) return;
    isDone.current = true;
    done(value, byKey);
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.isComposing || (event.key !== "Enter" && event.key !== "Escape")) return;
    event.preventDefault();
    event.stopPropagation();
    end(event.key === "Enter" ? field.current!.value : null, true);
  };
  return <input ref={field} class="rename" aria-label={label} defaultValue={name} maxLength={200} autocomplete="off" spellcheck={false} onKeyDown={onKey} onBlur={(event) => end(event.currentTarget.value, false)} />;
}
