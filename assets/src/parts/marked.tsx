// SPDX-License-Identifier: Apache-2.0
// A text with the words marked that were searched for.
import "./marked.css";
import { marksOf } from "../words/marks.js";

export function Marked({ text, words }: { text: string; words: string[] }) {
  return <bdi>{marksOf(text, words).map((part, index) => (part.marked ? <mark key={index} class="marked">{part.text}</mark> : part.text))}</bdi>;
}
