// The official Anthropic SDK for JavaScript.
import assert from "node:assert/strict";
import { test } from "node:test";
import Anthropic from "@anthropic-ai/sdk";
import { MODEL, WEATHER_SCHEMA, all, counted, house, question } from "./house.mjs";

const client = new Anthropic({ baseURL: house.url, apiKey: house.key });
const ask = (context) => question("anthropic_js", context.name);
const body = (content) => ({ model: MODEL, max_tokens: 500, messages: [{ role: "user", content }] });
const textOf = (message) => message.content.map((block) => block.text ?? "").join("");

test("chat", async (t) => {
  const asked = ask(t);
  const message = await client.messages.create(body(asked.plain));
  assert.ok(textOf(message).includes(asked.token));
  assert.equal(message.stop_reason, "end_turn");
  assert.ok(message.usage.output_tokens > 0);
  assert.ok(message._request_id);
});

test("stream", async (t) => {
  const events = await all(await client.messages.create({ ...body(ask(t).plain), stream: true }));
  const kinds = events.map((event) => event.type).filter((kind) => kind !== "ping");
  assert.equal(kinds[0], "message_start");
  assert.deepEqual(kinds.slice(-2), ["message_delta", "message_stop"]);
  assert.ok(kinds.includes("content_block_delta"));
});

test("stream helper", async (t) => {
  const asked = ask(t);
  let text = "";
  const stream = client.messages.stream(body(asked.plain)).on("text", (delta) => (text += delta));
  const message = await stream.finalMessage();
  assert.ok(text.includes(asked.token));
  assert.equal(textOf(message), text);
});

const tools = [{ name: "weather", description: "The weather of a city", input_schema: WEATHER_SCHEMA }];
const inputs = (message) => message.content.filter((block) => block.type === "tool_use").map((block) => block.input);

test("tools", async (t) => {
  const message = await client.messages.create({ ...body(ask(t).weather("Bern")), tools });
  assert.deepEqual(inputs(message), [{ city: "Bern" }]);
  assert.equal(message.stop_reason, "tool_use");
});

test("parallel tools", async (t) => {
  const message = await client.messages.create({ ...body(ask(t).weather("Bern", "Rome")), tools });
  assert.deepEqual(inputs(message), [{ city: "Bern" }, { city: "Rome" }]);
});

test("tools stream helper", async (t) => {
  const message = await client.messages.stream({ ...body(ask(t).weather("Bern", "Rome")), tools }).finalMessage();
  assert.deepEqual(inputs(message), [{ city: "Bern" }, { city: "Rome" }]);
});

test("tool result", async (t) => {
  const asked = ask(t);
  const question = body(asked.weather("Bern"));
  const said = await client.messages.create({ ...question, tools });
  const call = said.content.find((block) => block.type === "tool_use");
  const result = { type: "tool_result", tool_use_id: call.id, content: [{ type: "text", text: "rain" }] };
  const messages = [
    ...question.messages,
    { role: "assistant", content: said.content },
    { role: "user", content: [result] },
  ];
  const answer = await client.messages.create({ ...question, messages, tools });
  assert.equal(textOf(answer), `The tools say: rain ${asked.token}`);
});

test("count tokens", async () => {
  const { max_tokens, ...short } = body("Why?");
  assert.ok((await client.messages.countTokens(short)).input_tokens > 0);
});

test("models", async () => {
  const models = await all(client.models.list());
  assert.ok(models.find((model) => model.id === MODEL)?.display_name);
  assert.equal((await client.models.retrieve(MODEL)).type, "model");
});

test("error 400", async () => {
  const request = client.messages.create({ model: MODEL, max_tokens: 500, messages: [] });
  await assert.rejects(request, Anthropic.BadRequestError);
});

test("error 401", async (t) => {
  const stranger = new Anthropic({ baseURL: house.url, apiKey: "nobodys-key" });
  await assert.rejects(stranger.messages.create(body(ask(t).plain)), Anthropic.AuthenticationError);
});

test("error 403", async (t) => {
  const narrow = new Anthropic({ baseURL: house.url, apiKey: house.narrow_key });
  await assert.rejects(narrow.messages.create(body(ask(t).plain)), Anthropic.PermissionDeniedError);
});

test("error 404", async (t) => {
  const request = client.messages.create({ ...body(ask(t).plain), model: "no-such-model" });
  await assert.rejects(request, Anthropic.NotFoundError);
});

test("error 422", async (t) => {
  const lost = new Anthropic({ baseURL: house.url, apiKey: house.lost_key });
  const request = lost.messages.create({ ...body(ask(t).plain), model: "claude-opus-5-5" });
  await assert.rejects(request, Anthropic.UnprocessableEntityError);
});

test("error 429", async (t) => {
  const slow = new Anthropic({ baseURL: house.url, apiKey: house.slow_keys["anthropic-js"], maxRetries: 0 });
  const hasty = async () => {
    for (let number = 0; number < 12; number++) await slow.messages.create(body(`${ask(t).plain} ${number}`));
  };
  await assert.rejects(hasty, Anthropic.RateLimitError);
});

test("no retry of done work", async (t) => {
  const attempts = [];
  const counting = new Anthropic({ baseURL: house.url, apiKey: house.key, fetch: counted(attempts) });
  await assert.rejects(counting.messages.create(body(ask(t).unanswerable)), Anthropic.InternalServerError);
  assert.equal(attempts.length, 1, "x-should-retry: false");
});

test("error in a stream", async (t) => {
  const stream = client.messages.stream(body(ask(t).unanswerable));
  await assert.rejects(stream.finalMessage(), Anthropic.APIError);
});
