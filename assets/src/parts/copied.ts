// SPDX-License-Identifier: Apache-2.0
// Puts a text on the clipboard and says so; or says that the browser does not allow it, and what to do instead.
import { say } from "../core/actions.js";
import { toast } from "../core/toasts.js";

/** WHAT completes "… copied" and "Select … and copy by hand": "the statement". */
export async function copied(text: string, what: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    toast(`The browser does not allow copying. Select ${what} and copy it by hand.`, { bad: true });
    return false;
  }
  say(`Copied ${what}.`);
  return true;
}
