// SPDX-License-Identifier: Apache-2.0
// Where the page begins: the shared styles first, so that a component's own come after and win.
import "./parts/tokens.css";
import "./parts/base.css";
import { render } from "preact";
import { start } from "./core/actions.js";
import { App } from "./shell/app.js";

render(<App />, document.getElementById("app")!);
void start();
