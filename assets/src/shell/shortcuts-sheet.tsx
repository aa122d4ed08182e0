// SPDX-License-Identifier: Apache-2.0
// The sheet of keyboard shortcuts, drawn from the table that the keys are looked up in.
import "./shortcuts-sheet.css";
import { useState } from "preact/hooks";
import { show } from "../core/actions.js";
import { hasSingleKeys, keepSingleKeys } from "../core/stored.js";
import { Dialog } from "../parts/dialog.js";
import { IS_MAC, isSingle, keyNames, SHORTCUTS, type Shortcut } from "./shortcuts.js";

const GROUPS: Shortcut["group"][] = ["Anywhere", "In a conversation", "In the question box", "Pages"];

function Keys({ keys }: { keys: string }) {
  return (
    <>
      {keyNames(keys, IS_MAC).map((press, at) => (
        <span key={at} class="shortcuts-press">
          {at > 0 && <span class="shortcuts-then"> then </span>}
          {press.map((name) => <kbd key={name}>{name}</kbd>)}
        </span>
      ))}
    </>
  );
}

function Group({ name, singles }: { name: Shortcut["group"]; singles: boolean }) {
  return (
    <section>
      <h3>{name}</h3>
      <dl>
        {SHORTCUTS.filter((one) => one.group === name).map((one) => (
          <div key={one.keys} class="shortcuts-row" data-off={!singles && one.command !== undefined && isSingle(one.keys)}>
            <dt>{one.words}</dt>
            <dd><Keys keys={one.keys} /></dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

export function ShortcutsSheet() {
  const [singles, setSingles] = useState(hasSingleKeys());
  const onChange = (on: boolean) => {
    keepSingleKeys(on);
    setSingles(on);
  };
  return (
    <Dialog title="Keyboard shortcuts" close={() => show(null)} width={760}>
      <div class="shortcuts">
        {GROUPS.map((name) => <Group key={name} name={name} singles={singles} />)}
      </div>
      <label class="shortcuts-switch">
        <input type="checkbox" checked={singles} onChange={(event) => onChange(event.currentTarget.checked)} />
        Keys without Ctrl or Alt do something. Switch this off where speech or another program types by itself.
      </label>
    </Dialog>
  );
}
