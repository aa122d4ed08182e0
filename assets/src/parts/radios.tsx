// SPDX-License-Identifier: Apache-2.0
// One of a few, each with what it means.
import "./radios.css";
import { useId } from "preact/hooks";

export interface Option<Value extends string> {
  value: Value;
  words: string;
  about?: string;
}

interface Props<Value extends string> {
  legend: string;
  options: Option<Value>[];
  value: Value;
  pick(value: Value): void;
}

export function Radios<Value extends string>({ legend, options, value, pick }: Props<Value>) {
  const name = useId();
  return (
    <fieldset class="radios">
      <legend>{legend}</legend>
      {options.map((option) => (
        <label key={option.value}>
          <input type="radio" name={name} value={option.value} checked={option.value === value} onChange={() => pick(option.value)} />
          <span>{option.words}{option.about && <small>{option.about}</small>}</span>
        </label>
      ))}
    </fieldset>
  );
}
