// OpenAI's Responses with the official SDK for JavaScript.
import assert from "node:assert/strict";
import { test } from "node:test";
import OpenAI from "openai";
import { BARE_MODEL, MODEL, WEATHER_SCHEMA, all, house, question } from "./house.mjs";

const client = new OpenAI({ baseURL: `${house.url}/v1`, apiKey: house.key });
const ask = (context) => question("openai_responses_js", context.name);

test("response", async (t) => {
  const asked = ask(t);
  const response = await client.responses.create({ model: MODEL, input: asked.plain });
  assert.ok(response.output_text.includes(asked.token));
  assert.equal(response.status, "completed");
});

test("response stream", async (t) => {
  const events = await all(await client.responses.create({ model: MODEL, input: ask(t).plain, stream: true }));
  const numbers = events.map((event) => event.sequence_number);
  assert.equal(events[0].type, "response.created");
  assert.equal(events.at(-1).type, "response.completed");
  assert.ok(numbers.every((number, index) => index === 0 || number > numbers[index - 1]));
});

test("response stream helper", async (t) => {
  const asked = ask(t);
  const response = await client.responses.stream({ model: MODEL, input: asked.plain }).finalResponse();
  assert.ok(response.output_text.includes(asked.token));
});

test("response retrieved", async (t) => {
  const response = await client.responses.create({ model: MODEL, input: ask(t).plain });
  assert.equal((await client.responses.retrieve(response.id)).output_text, response.output_text);
});

test("previous response", async (t) => {
  const asked = ask(t);
  const first = await client.responses.create({ model: MODEL, input: asked.plain });
  const second = await client.responses.create({
    model: BARE_MODEL,
    input: "What was asked before?",
    previous_response_id: first.id,
  });
  assert.ok(second.output_text.includes(asked.token));
});

test("response cancelled", async (t) => {
  const response = await client.responses.create({ model: MODEL, input: ask(t).slow, background: true });
  assert.equal((await client.responses.cancel(response.id)).status, "cancelled");
});

test("response with tools", async (t) => {
  const tools = [{ type: "function", name: "weather", parameters: WEATHER_SCHEMA, strict: false }];
  const response = await client.responses.create({ model: MODEL, input: ask(t).weather("Bern"), tools });
  const calls = response.output.filter((item) => item.type === "function_call");
  assert.deepEqual(calls.map((call) => JSON.parse(call.arguments)), [{ city: "Bern" }]);
});

test("response with tools retrieved", async (t) => {
  const tools = [{ type: "function", name: "weather", parameters: WEATHER_SCHEMA, strict: false }];
  const response = await client.responses.create({ model: MODEL, input: ask(t).weather("Bern"), tools });
  assert.deepEqual((await client.responses.retrieve(response.id)).output, response.output);
});
