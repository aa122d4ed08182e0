// SPDX-License-Identifier: Apache-2.0
// Buttons to go on with: the readings that compete, or questions that can be answered.
import "./choices.css";

export interface Choice {
  title: string;
  detail?: string;
  /** What it comes to. */
  preview?: string | null;
  pick(): void;
}

export function Choices({ label, choices, disabled }: { label: string; choices: Choice[]; disabled: boolean }) {
  return (
    <div class="choices" role="group" aria-label={label}>
      {choices.map((choice, index) => (
        <button key={index} class="plain" disabled={disabled} onClick={choice.pick}>
          <bdi>{choice.title}</bdi>
          {choice.detail && choice.detail !== choice.title && <small>{choice.detail}</small>}
          {choice.preview && (
            <small class="preview">
              <span class="hidden-text">which gives </span>
              <bdi>{choice.preview}</bdi>
            </small>
          )}
        </button>
      ))}
    </div>
  );
}
