// SPDX-License-Identifier: Apache-2.0
// Where the page begins.
import { render } from "preact";
import { start } from "./core/actions.js";
import { App } from "./shell/app.js";

render(<App />, document.getElementById("app")!);
void start();
