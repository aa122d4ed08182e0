// SPDX-License-Identifier: Apache-2.0
// Where the page begins: first with what the address says, so that nothing else is drawn or focused before it.
import { render } from "preact";
import { start } from "./core/actions.js";
import { App } from "./shell/app.js";

void start();
render(<App />, document.getElementById("app")!);
