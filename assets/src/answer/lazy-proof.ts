// SPDX-License-Identifier: Apache-2.0
// The proof is mostly looked at later, if at all: its code is fetched when it is first shown.
import { lazy } from "../parts/lazy.js";
import type { Turn } from "../core/wire.js";

export const LazyProof = lazy<{ turn: Turn }>("the proof", async () => (await import("./proof.js")).Proof);
