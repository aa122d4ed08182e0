// SPDX-License-Identifier: Apache-2.0
// The language model: whose it is, where, which one, with which key, and what it is told. It can be checked before
// it is saved; the server then lists the models that it has. The key goes to the server once and never comes back.
import "./model-form.css";
import { useId, useRef, useState } from "preact/hooks";
import { toProblem, type Problem } from "../core/api.js";
import { refresh } from "../core/actions.js";
import { api } from "../core/session.js";
import { toast } from "../core/toasts.js";
import type { ModelCheck, ModelSettings, ModelWish, Provider, Settings, Share } from "../core/wire.js";
import { Radios, type Option } from "../parts/radios.js";

const PROVIDERS: Record<Provider, { words: string; address: string; name: string }> = {
  openai: { words: "OpenAI, or a server that is compatible", address: "api.openai.com", name: "as its list of models has it" },
  anthropic: { words: "Anthropic", address: "api.anthropic.com", name: "as its list of models has it" },
  ollama: { words: "Ollama", address: "this machine, port 11434", name: "as “ollama list” has it" },
};

const SHARES: Option<Share>[] = [
  { value: "full", words: "Schema, samples and results", about: "The model sees tables and columns, their commonest values, and the rows that its queries give." },
  { value: "schema", words: "The schema alone", about: "No cell of any table is sent: names and counts are." },
];

function Found({ check }: { check: ModelCheck }) {
  return (
    <div class="model-found" data-good={check.reachable}>
      <p><b>{check.reachable ? "It answers." : "It cannot be used."}</b> <bdi>{check.detail}</bdi>{/[.!?]$/.test(check.detail) ? "" : "."}</p>
      {check.hint && <p><bdi>{check.hint}</bdi></p>}
    </div>
  );
}

function Wrong({ problem }: { problem: Problem }) {
  return (
    <div class="model-found" data-good={false}>
      <p><b>That did not work.</b> <bdi>{problem.message}</bdi></p>
      {problem.hint && <p>{problem.hint}</p>}
    </div>
  );
}

/** What is shown of a model that people cannot change here. */
export function FixedModel({ model }: { model: ModelSettings }) {
  const { check, problem, busy, run } = useCheck();
  const rows: [string, string | null][] = [
    ["Provider", model.provider && PROVIDERS[model.provider].words],
    ["Address", model.base_url],
    ["Model", model.name],
    ["Key", model.has_key ? "is set, and not shown" : "none"],
    ["It is told", SHARES.find((share) => share.value === model.share)!.words],
  ];
  return (
    <>
      <p>{model.why}</p>
      {model.name && (
        <>
          <dl class="model-facts">{rows.map(([term, words]) => <div key={term}><dt>{term}</dt><dd><bdi>{words}</bdi></dd></div>)}</dl>
          <div class="model-actions"><button class="plain" disabled={busy} onClick={() => void run()}>{busy ? "Checking…" : "Check"}</button></div>
          <div role="status">{check && <Found check={check} />}{problem && <Wrong problem={problem} />}</div>
        </>
      )}
    </>
  );
}

function useCheck() {
  const [check, setCheck] = useState<ModelCheck | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const during = async (work: () => Promise<ModelCheck | null>) => {
    setBusy(true);
    setProblem(null);
    try {
      setCheck(await work());
    } catch (error) {
      setCheck(null);
      setProblem(toProblem(error));
    }
    setBusy(false);
  };
  return { check, problem, busy, during, run: (wish?: ModelWish) => during(() => api.checkModel(wish)) };
}

function wishOf(form: HTMLFormElement, share: Share): ModelWish {
  const text = (name: string) => (form.elements.namedItem(name) as HTMLInputElement).value.trim();
  const [base_url, name, key] = [text("base_url"), text("name"), text("key")];
  return { provider: text("provider") as Provider, share, ...(base_url && { base_url }), ...(name && { name }), ...(key && { key }) };
}

export function ModelForm({ model, saved }: { model: ModelSettings; saved(settings: Settings): void }) {
  const [provider, setProvider] = useState<Provider>(model.provider ?? "openai");
  const [share, setShare] = useState<Share>(model.share);
  const form = useRef<HTMLFormElement>(null);
  const { check, problem, busy, during, run } = useCheck();
  const id = useId();
  const isSet = model.source === "stored";

  const change = (work: () => Promise<Settings>, words: (now: ModelSettings) => string) =>
    during(async () => {
      const now = await work();
      toast(words(now.model));
      saved(now);
      void refresh();
      return null;
    });
  // An address belongs to its provider.
  const choose = (now: Provider) => {
    setProvider(now);
    (form.current!.elements.namedItem("base_url") as HTMLInputElement).value = now === model.provider ? (model.base_url ?? "") : "";
  };
  const save = (event: Event) => {
    event.preventDefault();
    void change(() => api.setModel(wishOf(form.current!, share)), (now) => `The model ${now.name} is asked from now on.`);
  };

  return (
    <form ref={form} class="model-form" onSubmit={save} aria-busy={busy}>
      <p>Without a model the built-in planner answers alone. A model is asked for what the planner is not sure of; whatever it writes runs in a sandbox like everything else.</p>
      {model.warning && <p class="model-warning" role="note">{model.warning}</p>}
      <label for={`${id}-provider`}>Provider</label>
      <select id={`${id}-provider`} name="provider" value={provider} onChange={(event) => choose(event.currentTarget.value as Provider)}>
        {(Object.keys(PROVIDERS) as Provider[]).map((one) => <option key={one} value={one}>{PROVIDERS[one].words}</option>)}
      </select>
      <label for={`${id}-address`}>Address</label>
      <input id={`${id}-address`} name="base_url" type="url" inputMode="url" maxLength={2000} autocomplete="off" spellcheck={false} defaultValue={model.base_url ?? ""} placeholder="the provider’s own" aria-describedby={`${id}-address-note`} />
      <small id={`${id}-address-note`}>With https:// or http:// before it; empty for {PROVIDERS[provider].address}.</small>
      <label for={`${id}-name`}>Model</label>
      <input id={`${id}-name`} name="name" required maxLength={200} autocomplete="off" spellcheck={false} list={`${id}-names`} defaultValue={model.name ?? ""} placeholder={PROVIDERS[provider].name} />
      <datalist id={`${id}-names`}>{check?.models.map((name) => <option key={name} value={name} />)}</datalist>
      <label for={`${id}-key`}>Key</label>
      <input id={`${id}-key`} name="key" type="password" maxLength={4096} autocomplete="off" placeholder={model.has_key ? "kept; leave empty to keep it" : "none"} aria-describedby={`${id}-key-note`} />
      <small id={`${id}-key-note`}>It is kept on the server, sent to this address alone, and never shown again. Another address needs it anew.</small>
      <Radios legend="What the model is told of the data" options={SHARES} value={share} pick={(value: Share) => setShare(value)} />
      <div class="model-actions">
        <button class="model-save" disabled={busy}>Save</button>
        <button type="button" class="plain" disabled={busy} onClick={() => void run(wishOf(form.current!, share))}>{busy ? "One moment…" : "Check"}</button>
        {isSet && <button type="button" class="plain" disabled={busy} onClick={() => void change(api.clearModel, () => "No model is asked any more, and its key is forgotten.")}>Remove</button>}
      </div>
      <div role="status">{check && <Found check={check} />}{problem && <Wrong problem={problem} />}</div>
    </form>
  );
}
