// SPDX-License-Identifier: Apache-2.0
// Where the page begins: the shared styles first, so that a component's own come after and win.
import "./tokens.css";
import "./base.css";
import { render } from "preact";
import { start } from "./actions.js";
import { App } from "./app.js";

render(<App />, document.getElementById("app")!);
void start();
