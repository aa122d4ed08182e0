// SPDX-License-Identifier: Apache-2.0
// A text that may be Markdown. Without any it is shown as it is; with some, what reads it is fetched once, and until
// then, or if it cannot be had, the text is shown as it is too. Each text is read once.
import "./rich.css";
import { Component, type ComponentChildren } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { GrowingText, hasMarkdown } from "../words/markdown.js";

type Reader = typeof import("./markdown.js");

let reader: Reader | null = null;
let fetching: Promise<void> | null = null;

function fetchReader(): Promise<void> {
  fetching ??= import("./markdown.js").then(
    (found) => void (reader = found),
    () => void (fetching = null),
  );
  return fetching;
}

function useReader(isWanted: boolean): Reader | null {
  const [, setFound] = useState(false);
  useEffect(() => {
    let isHere = true;
    if (isWanted) void fetchReader().then(() => isHere && setFound(true));
    return () => void (isHere = false);
  }, [isWanted]);
  return isWanted ? reader : null;
}

interface Props {
  text: string;
  /** How the words themselves are drawn. */
  draw?(text: string): ComponentChildren;
}

const asItIs = (text: string): ComponentChildren => text;

export function Rich({ text, draw = asItIs }: Props) {
  const found = useReader(hasMarkdown(text));
  const tokens = useMemo(() => found?.readMarkdown(text) ?? null, [found, text]);
  return <div class="rich">{found && tokens ? <found.Markdown tokens={tokens} draw={draw} /> : <p class="rich-plain"><bdi>{draw(text)}</bdi></p>}</div>;
}

/** A block that is finished: drawn once, whatever is written behind it. */
class Finished extends Component<{ text: string }> {
  override shouldComponentUpdate(next: { text: string }): boolean {
    return next.text !== this.props.text;
  }

  override render({ text }: { text: string }) {
    return <Rich text={text} />;
  }
}

/** A text while it is being written: what is finished is read, the rest is shown as it comes. */
export function RichGrowing({ text }: { text: string }) {
  const growing = useRef(new GrowingText());
  const { done, rest } = growing.current.take(text);
  return (
    <>
      {done.map((block, index) => <Finished key={index} text={block} />)}
      {rest !== "" && <p class="rich-plain"><bdi>{rest}</bdi></p>}
    </>
  );
}
