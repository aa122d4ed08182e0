// SPDX-License-Identifier: Apache-2.0
// What a person may choose: how the page looks, who answers, and the language model, where flags or the environment
// have not set it already.
import "./settings.css";
import { setPlanner, setTheme } from "../core/actions.js";
import { api } from "../core/session.js";
import { plannerChoice, type State, type Theme } from "../core/state.js";
import type { Planner, Settings } from "../core/wire.js";
import { useLoaded } from "../parts/loaded.js";
import { Waiting } from "../parts/lazy.js";
import { Notice } from "../parts/notice.js";
import { Radios, type Option } from "../parts/radios.js";
import { FixedModel, ModelForm } from "./model-form.js";

const THEMES: Option<Theme>[] = [
  { value: "system", words: "As the system" },
  { value: "light", words: "Light" },
  { value: "dark", words: "Dark" },
];

const PLANNERS: Option<Planner>[] = [
  { value: "auto", words: "Automatic", about: "The built-in planner answers what it is sure of; the model is asked for the rest." },
  { value: "builtin", words: "Built-in only", about: "Nothing leaves this server." },
  { value: "model", words: "Model", about: "The model answers every question." },
];

/** What the server itself says about who answers, where a person has no say. */
const SERVER_WORDS: Record<Planner, string> = {
  auto: "The built-in planner answers. Set a language model below, and it is asked for what the planner is not sure of.",
  builtin: "The built-in planner alone answers: this server was started with PLANNER=builtin.",
  model: "The model answers every question: this server was started with PLANNER=model.",
};

function Answering({ state, settings }: { state: State; settings: Settings }) {
  const chosen = plannerChoice(state);
  if (!chosen) return <p>{SERVER_WORDS[settings.planner]}</p>;
  return <Radios legend="Who answers your questions, in this browser" options={PLANNERS} value={chosen} pick={setPlanner} />;
}

export function SettingsPage({ state }: { state: State }) {
  const { data, problem, reload, set } = useLoaded("settings", api.settings);
  return (
    <div class="page settings">
      <div class="page-column">
        <section aria-labelledby="settings-looks">
          <h2 id="settings-looks">Appearance</h2>
          <Radios legend="Theme" options={THEMES} value={state.theme} pick={setTheme} />
        </section>
        <section aria-labelledby="settings-answers">
          <h2 id="settings-answers">Answers</h2>
          {data && <Answering state={state} settings={data} />}
          {!data && !problem && <Waiting what="the settings" />}
        </section>
        <section aria-labelledby="settings-model">
          <h2 id="settings-model">Language model</h2>
          {problem && <Notice title="The settings could not be read" sentence={problem.message} hint={problem.hint}><button class="plain" onClick={reload}>Retry</button></Notice>}
          {data && (data.model.editable ? <ModelForm key={`${data.model.source} ${data.model.provider} ${data.model.base_url} ${data.model.name}`} model={data.model} saved={set} /> : <FixedModel model={data.model} />)}
        </section>
      </div>
    </div>
  );
}
