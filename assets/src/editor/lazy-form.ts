// SPDX-License-Identifier: Apache-2.0
// The editor is large and mostly not needed: its code is fetched when it is first shown.
import { lazy } from "../parts/lazy.js";
import type { FormProps } from "./form.js";

export const LazySqlForm = lazy<FormProps>("the editor", async () => (await import("./form.js")).SqlForm);
