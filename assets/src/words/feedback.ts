// SPDX-License-Identifier: Apache-2.0
// What can be wrong with an answer, in the words of the page.
import type { Feedback, FeedbackReason } from "../core/wire.js";

/** The server's own limit (docs/openapi.yaml). */
export const COMMENT_BYTES = 1_000;

export const REASONS: Record<FeedbackReason, string> = {
  wrong_answer: "The answer is wrong",
  misunderstood: "It misunderstood me",
  too_slow: "Too slow",
  hard_to_read: "Hard to read",
  other: "Something else",
};

/** What was said, on one line; empty where nothing was but up or down. */
export function feedbackWords({ reason, comment }: Feedback): string {
  return [reason && REASONS[reason], comment && `“${comment}”`].filter(Boolean).join(": ");
}
