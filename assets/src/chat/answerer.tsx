// SPDX-License-Identifier: Apache-2.0
// Who answers the next question, where there is a choice: a language model is set, and may be asked.
import "./answerer.css";
import { setPlanner } from "../core/actions.js";
import { plannerChoice, type State } from "../core/state.js";
import type { Planner } from "../core/wire.js";

const WORDS: Record<Planner, string> = { auto: "Auto", builtin: "Built-in only", model: "Model" };

export function Answerer({ state }: { state: State }) {
  const chosen = plannerChoice(state);
  const model = state.health?.planner?.model;
  if (!chosen || !model) return null;
  const about = `Who answers: automatic asks ${model.name} where the built-in planner is not sure`;
  return (
    <select class="chip answerer" aria-label="Who answers" title={about} value={chosen} onChange={(event) => setPlanner(event.currentTarget.value as Planner)}>
      {(Object.keys(WORDS) as Planner[]).map((planner) => <option key={planner} value={planner}>{WORDS[planner]}</option>)}
    </select>
  );
}
