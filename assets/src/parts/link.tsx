// SPDX-License-Identifier: Apache-2.0
// A link to another address of the page: followed inside it, and like any other link with a modifier or the middle
// button.
import type { ComponentChildren, ComponentProps } from "preact";
import { go } from "../core/actions.js";
import { routePath, type Route } from "../core/route.js";

interface Props extends Omit<ComponentProps<"a">, "href" | "onClick" | "role"> {
  to: Route;
  children: ComponentChildren;
  /** After it was followed. */
  then?(): void;
}

export function Link({ to, then, children, ...rest }: Props) {
  const onClick = (event: MouseEvent) => {
    if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go(to);
    then?.();
  };
  return <a {...rest} href={routePath(to)} onClick={onClick}>{children}</a>;
}
