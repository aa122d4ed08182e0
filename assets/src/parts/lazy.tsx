// SPDX-License-Identifier: Apache-2.0
// A component whose code is fetched when it is first shown. Nothing is said of a short wait; a fetch that fails can
// be tried again, and says what to do where the server has been renewed meanwhile: its files have other names then.
import "./lazy.css";
import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Notice } from "./notice.js";

const QUIET_MS = 150;

export function Waiting({ what }: { what: string }) {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), QUIET_MS);
    return () => clearTimeout(timer);
  }, []);
  return <p class="lazy-waiting" role="status">{late && `Loading ${what}…`}</p>;
}

/** WHAT completes the sentence "Loading …" . `preload` fetches the code without showing anything. */
export function lazy<Props extends object>(what: string, load: () => Promise<ComponentType<Props>>): ComponentType<Props> & { preload(): void } {
  let found: ComponentType<Props> | null = null;
  let fetching: Promise<ComponentType<Props>> | null = null;
  const fetched = () => {
    fetching ??= load().then((component) => (found = component)).finally(() => (fetching = null));
    return fetching;
  };

  function Lazy(props: Props) {
    const [, setDone] = useState(false);
    const [failed, setFailed] = useState(false);
    const start = () => {
      setFailed(false);
      fetched().then(() => setDone(true), () => setFailed(true));
    };
    useEffect(() => {
      // It may have come between this drawing and now.
      if (found) setDone(true);
      else start();
    }, []);
    if (found) {
      const Found = found;
      return <Found {...props} />;
    }
    if (!failed) return <Waiting what={what} />;
    return (
      <Notice title="A part of the page could not be loaded" sentence="The server did not give it." hint="If the server has been renewed meanwhile, load the page again.">
        <button class="plain" onClick={start}>Retry</button>
        <button class="plain" onClick={() => location.reload()}>Load the page again</button>
      </Notice>
    );
  }
  return Object.assign(Lazy, { preload: () => void (found ?? fetched().catch(() => undefined)) });
}
