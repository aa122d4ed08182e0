// SPDX-License-Identifier: Apache-2.0
// Something that did not work, in words: what, why, what to do; the buttons to do it with are its children.
import "./notice.css";
import type { ComponentChildren } from "preact";

interface Props {
  title: string;
  sentence: string;
  hint?: string | undefined;
  /** Calm: nothing is broken (stopped by the person, not understood). */
  calm?: boolean;
  children?: ComponentChildren;
}

export function Notice({ title, sentence, hint, calm, children }: Props) {
  return (
    <div class="notice" data-calm={calm ?? false}>
      <p><b>{title}.</b> {sentence}</p>
      {hint && <p class="notice-hint">{hint}</p>}
      {children && <div class="notice-actions">{children}</div>}
    </div>
  );
}
