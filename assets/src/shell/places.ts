// SPDX-License-Identifier: Apache-2.0
// Notes how far the middle of the page is scrolled, at each address, and brings it back there. A conversation is noted
// by the turn at its top, since what stands above may be drawn higher or lower the next time.
import { keepPlace, type Place } from "../core/places.js";

const SETTLED_MS = 120;
/** What an address shows may come in pieces; after this long it is as tall as it gets. */
const PATIENCE_MS = 2_000;

function placeOf(box: HTMLElement): Place {
  const frame = box.getBoundingClientRect();
  const turn = document.elementFromPoint(frame.left + frame.width / 2, frame.top + 1)?.closest<HTMLElement>("article.turn");
  const near = turn ?? [...box.querySelectorAll<HTMLElement>("article.turn")].find((one) => one.getBoundingClientRect().bottom > frame.top);
  if (!near?.dataset.id) return { top: box.scrollTop };
  return { top: box.scrollTop, turn: near.dataset.id, offset: near.getBoundingClientRect().top - frame.top };
}

/** Keeps the places of all that scrolls below MAIN; answers how to stop. */
export function watchPlaces(main: HTMLElement): () => void {
  let settling: ReturnType<typeof setTimeout> | undefined;
  let noted: (() => void) | null = null;
  const write = () => {
    clearTimeout(settling);
    noted?.();
    noted = null;
  };
  const onScroll = ({ target }: Event) => {
    if (!(target instanceof HTMLElement) || !target.matches(".thread, .page")) return;
    const at = { pathname: location.pathname, search: location.search };
    const place = placeOf(target);
    noted = () => keepPlace(at, place);
    clearTimeout(settling);
    settling = setTimeout(write, SETTLED_MS);
  };
  main.addEventListener("scroll", onScroll, { capture: true, passive: true });
  addEventListener("pagehide", write);
  return () => {
    main.removeEventListener("scroll", onScroll, { capture: true });
    removeEventListener("pagehide", write);
    write();
  };
}

/** Scrolls the page below MAIN to where it was, as soon as it is tall enough, unless somebody scrolls first. */
export function restorePage(main: HTMLElement, place: Place): () => void {
  const attempt = () => {
    const page = main.querySelector<HTMLElement>(".page");
    if (!page || page.scrollHeight - page.clientHeight < place.top) return;
    page.scrollTop = place.top;
    stop();
  };
  const watch = new MutationObserver(attempt);
  const late = setTimeout(() => stop(), PATIENCE_MS);
  const stop = () => {
    watch.disconnect();
    clearTimeout(late);
    for (const name of ["wheel", "touchstart", "keydown"]) removeEventListener(name, stop);
  };
  watch.observe(main, { childList: true, subtree: true });
  for (const name of ["wheel", "touchstart", "keydown"]) addEventListener(name, stop, { passive: true });
  attempt();
  return stop;
}
