// SPDX-License-Identifier: Apache-2.0
// Whether the server can be reached. A call that failed says that it cannot; from then on it is tried by itself, at
// longer and longer distances and whenever the browser finds a network again, until it answers. Who waits for it is
// woken then, so that nobody sits out a pause of his own.
import { LONGEST_PAUSE_MS } from "./follow.js";

const FIRST_PAUSE_MS = 500;

export class Reach {
  private lost = false;
  private pauseMs = FIRST_PAUSE_MS;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly waiting = new Set<() => void>();

  /** PROBE asks the server for anything; TELL hears of each change. */
  constructor(
    private readonly probe: () => Promise<unknown>,
    private readonly tell: (isLost: boolean) => void,
  ) {}

  failed(): void {
    if (this.lost) return;
    this.lost = true;
    this.pauseMs = FIRST_PAUSE_MS;
    this.tell(true);
    this.later();
  }

  answered(): void {
    if (!this.lost) return;
    this.lost = false;
    clearTimeout(this.timer);
    this.tell(false);
    for (const wake of [...this.waiting]) wake();
  }

  /** Tries at once: somebody asked for it, or the browser says that there is a network again. */
  async now(): Promise<void> {
    if (!this.lost) return;
    clearTimeout(this.timer);
    try {
      await this.probe();
      this.answered();
    } catch {
      this.later();
    }
  }

  private later(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.now(), this.pauseMs);
    this.pauseMs = Math.min(this.pauseMs * 2, LONGEST_PAUSE_MS);
  }

  /** As sleep() in follow.ts, and over when the server is back. */
  sleep = (ms: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.waiting.add(done);
      signal.addEventListener("abort", done, { once: true });
    });
}
