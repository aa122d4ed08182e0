// SPDX-License-Identifier: Apache-2.0
// Puts a text on the clipboard and says so; or says that the browser does not allow it, and what to do instead.
import { say } from "../core/actions.js";
import { toast } from "../core/toasts.js";

/** WHAT completes "Copied …" and "Select … and copy it by hand": "the statement". TELL it where nothing else shows it. */
export async function copied(text: string, what: string, tell: (words: string) => void = say): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    toast(`The browser does not allow copying. Select ${what} and copy it by hand.`, { bad: true });
    return false;
  }
  tell(`Copied ${what}.`);
  return true;
}
