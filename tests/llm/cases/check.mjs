// SPDX-License-Identifier: Apache-2.0
// Whether the server can be reached and has the model, found out without a token.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { newFolder, test } from "../../http/harness.mjs";
import { ask, providers } from "../ask.mjs";

const check = async (model, provider, settings = {}) => (await ask(model, provider, { steps: [], check: true, settings })).check;

export default async function (model) {
  for (const provider of providers)
    await test(`${provider}: a model that is there is found, and nothing is asked of it`, async () => {
      model.models = ["another", "test-model"];
      const { sentence } = await check(model, provider);
      assert.match(sentence, new RegExp(`^The model's server ${provider} at http://127.0.0.1:\\d+(/v1)? has the model test-model$`));
      assert.equal(model.requests.length, 0);
    });

  for (const provider of providers)
    await test(`${provider}: a model that is not there is missed, with one that may be meant`, async () => {
      model.models = ["another", "test-modle"];
      const missed = await check(model, provider);
      assert.equal(missed.code, "not_found");
      assert.match(missed.message, /has no model "test-model"$/);
      assert.equal(missed.hint, "Did you mean LLM_MODEL=test-modle?");
    });

  await test("ollama: a name without a tag is the latest, and what is missing can be pulled", async () => {
    model.models = ["llama3.2:latest", "qwen3:8b"];
    assert.match((await check(model, "ollama", { model: "llama3.2" })).sentence, /has the model llama3.2$/);
    assert.equal((await check(model, "ollama", { model: "qwen3" })).code, "not_found");
    assert.match((await check(model, "ollama", { model: "something-else" })).hint, /`ollama pull something-else`/);
  });

  await test("anthropic: a name that is not listed but known is found", async () => {
    model.models = ["claude-test-20260101"];
    model.aliases = ["claude-test"];
    assert.match((await check(model, "anthropic", { model: "claude-test" })).sentence, /has the model claude-test$/);
    assert.equal((await check(model, "anthropic", { model: "nothing-like-it" })).code, "not_found");
  });

  await test("openai: variants of a listed model, and a server that serves one under any name", async () => {
    model.models = ["vendor/model"];
    assert.match((await check(model, "openai", { model: "vendor/model:free" })).sentence, /has the model vendor\/model:free$/);
    model.models = [{ id: "/models/q4.gguf", owned_by: "llamacpp" }];
    assert.match((await check(model, "openai")).sentence, /serves \/models\/q4.gguf, whatever name it is asked for$/);
    model.models = [];
    assert.match((await check(model, "openai")).hint, /lists no model at all/);
  });

  await test("a key that is refused, a list that is none, and an address that is another's are told", async () => {
    model.listing = { status: 401, body: { error: { message: "bad key", code: "invalid_api_key" } } };
    assert.match((await check(model, "openai")).message, /HTTP status 401 \(invalid_api_key\): bad key/);
    model.listing = { status: 200, body: { hello: "world" } };
    assert.match((await check(model, "openai")).message, /sends what is no answer: it has no list of models/);
    model.listing = undefined;
    assert.match((await check(model, "openai", { base_url: "http://127.0.0.1:9" })).message, /cannot be reached/);
  });

  for (const provider of providers)
    for (const status of [404, 405, 501])
      await test(`${provider}: a server that lists no models (${status}) is known by its complaint about an empty request`, async () => {
        model.listing = { status, body: { error: "nothing here" } };
        const { sentence } = await check(model, provider);
        assert.match(sentence, /answers; it lists no models$/);
        assert.deepEqual(model.last, {});
        model.listing = { status, body: {} };
        const lost = await check(model, provider, { base_url: `${model.url("ollama")}/elsewhere/v1` });
        assert.deepEqual([lost.code, /HTTP status 404/.test(lost.message)], ["not_found", true]);
        model.listing = undefined;
      });

  await test("a key's file that has changed is read again here too", async () => {
    const file = join(newFolder(), "key");
    writeFileSync(file, "key-number-1");
    model.models = ["test-model"];
    model.listing = { status: 401, body: { error: { message: "expired" } } };
    const refused = check(model, "openai", { api_key_file: file });
    assert.equal((await refused).code, "forbidden");
    model.listing = undefined;
    assert.match((await check(model, "openai", { api_key_file: file })).sentence, /has the model/);
  });
}
