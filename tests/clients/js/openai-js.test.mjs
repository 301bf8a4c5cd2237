// The official OpenAI SDK for JavaScript.
import assert from "node:assert/strict";
import { test } from "node:test";
import OpenAI from "openai";
import { EMBEDDING_MODEL, MODEL, POOL_SCHEMA, WEATHER_SCHEMA, all, counted, house, question } from "./house.mjs";

const client = new OpenAI({ baseURL: `${house.url}/v1`, apiKey: house.key });
const says = (content) => [{ role: "user", content }];
const ask = (context) => question("openai_js", context.name);

test("chat", async (t) => {
  const asked = ask(t);
  const completion = await client.chat.completions.create({ model: MODEL, messages: says(asked.plain) });
  assert.ok(completion.choices[0].message.content.includes(asked.token));
  assert.equal(completion.choices[0].finish_reason, "stop");
  assert.ok(completion.usage.total_tokens > 0);
  assert.ok(completion._request_id);
});

test("stream", async (t) => {
  const asked = ask(t);
  const chunks = await all(
    await client.chat.completions.create({ model: MODEL, messages: says(asked.plain), stream: true }),
  );
  assert.equal(chunks[0].choices[0].delta.role, "assistant");
  assert.ok(chunks.map((chunk) => chunk.choices[0].delta.content ?? "").join("").includes(asked.token));
  assert.deepEqual(chunks.map((chunk) => chunk.choices[0].finish_reason).filter(Boolean), ["stop"]);
  assert.ok(chunks.every((chunk) => !chunk.usage), "nobody asked for it");
});

test("usage once", async (t) => {
  const asked = ask(t);
  const chunks = await all(
    await client.chat.completions.create({
      model: MODEL,
      messages: says(asked.plain),
      stream: true,
      stream_options: { include_usage: true },
    }),
  );
  assert.deepEqual(chunks.filter((chunk) => chunk.usage).map((chunk) => chunk.choices), [[]]);
  assert.ok(chunks.at(-1).usage.total_tokens > 0);
});

test("stream helper", async (t) => {
  const asked = ask(t);
  const stream = client.chat.completions.stream({ model: MODEL, messages: says(asked.plain) });
  let text = "";
  stream.on("content", (delta) => (text += delta));
  const completion = await stream.finalChatCompletion();
  assert.ok(text.includes(asked.token));
  assert.equal(completion.choices[0].message.content, text);
});

const tools = [{ type: "function", function: { name: "weather", parameters: WEATHER_SCHEMA } }];
const cities = (message) => (message.tool_calls ?? []).map((call) => JSON.parse(call.function.arguments).city);

test("tools", async (t) => {
  const { choices } = await client.chat.completions.create({ model: MODEL, messages: says(ask(t).weather("Bern")), tools });
  assert.deepEqual(cities(choices[0].message), ["Bern"]);
  assert.equal(choices[0].finish_reason, "tool_calls");
});

test("parallel tools", async (t) => {
  const messages = says(ask(t).weather("Bern", "Rome"));
  const { choices } = await client.chat.completions.create({ model: MODEL, messages, tools });
  assert.deepEqual(cities(choices[0].message), ["Bern", "Rome"]);
});

test("tools stream helper", async (t) => {
  const messages = says(ask(t).weather("Bern", "Rome"));
  const completion = await client.chat.completions.stream({ model: MODEL, messages, tools }).finalChatCompletion();
  assert.deepEqual(cities(completion.choices[0].message), ["Bern", "Rome"]);
});

test("tool result", async (t) => {
  const asked = ask(t);
  const weather = { Bern: "rain", Rome: "sun" };
  const tool = {
    type: "function",
    function: { name: "weather", parse: JSON.parse, function: ({ city }) => weather[city], parameters: WEATHER_SCHEMA },
  };
  const runner = client.chat.completions.runTools({
    model: MODEL,
    messages: says(asked.weather("Bern", "Rome")),
    tools: [tool],
  });
  assert.equal(await runner.finalContent(), `The tools say: rain; sun ${asked.token}`);
});

test("structured output", async (t) => {
  const completion = await client.chat.completions.parse({
    model: MODEL,
    messages: says(ask(t).plain),
    response_format: { type: "json_schema", json_schema: { name: "pool", strict: true, schema: POOL_SCHEMA } },
  });
  assert.equal(JSON.parse(completion.choices[0].message.content).size, 8);
});

test("completion", async (t) => {
  const asked = ask(t);
  const completion = await client.completions.create({ model: MODEL, prompt: asked.plain });
  assert.ok(completion.choices[0].text.includes(asked.token));
});

test("embeddings by default", async () => {
  const { data } = await client.embeddings.create({ model: EMBEDDING_MODEL, input: "a bat" });
  assert.deepEqual(data[0].embedding.slice(0, 2).map((number) => number.toFixed(4)), ["0.8165", "0.4082"]);
});

test("models", async () => {
  const ids = (await all(client.models.list())).map((model) => model.id);
  assert.ok(ids.includes(MODEL));
  assert.equal((await client.models.retrieve(MODEL)).object, "model");
});

test("error 400", async (t) => {
  const request = client.chat.completions.create({ model: MODEL, messages: says(ask(t).plain), n: 2 });
  await assert.rejects(request, (error) => error instanceof OpenAI.BadRequestError && error.param === "n");
});

test("error 401", async () => {
  const stranger = new OpenAI({ baseURL: `${house.url}/v1`, apiKey: "nobodys-key" });
  await assert.rejects(stranger.models.list(), OpenAI.AuthenticationError);
});

test("error 403", async (t) => {
  const narrow = new OpenAI({ baseURL: `${house.url}/v1`, apiKey: house.narrow_key });
  const request = narrow.chat.completions.create({ model: MODEL, messages: says(ask(t).plain) });
  await assert.rejects(request, OpenAI.PermissionDeniedError);
});

test("error 404", async (t) => {
  const request = client.chat.completions.create({ model: "no-such-model", messages: says(ask(t).plain) });
  await assert.rejects(request, (error) => error instanceof OpenAI.NotFoundError && error.code === "model_not_found");
});

test("error 409", async (t) => {
  const asked = ask(t);
  const attempts = [];
  const counting = new OpenAI({ baseURL: `${house.url}/v1`, apiKey: house.key, fetch: counted(attempts) });
  const asking = (text) =>
    counting.chat.completions.create({ model: MODEL, messages: says(text) }, { headers: { "Idempotency-Key": asked.token } });
  assert.equal((await asking(asked.plain)).id, (await asking(asked.plain)).id);
  await assert.rejects(asking("Another?"), OpenAI.ConflictError);
  assert.equal(attempts.length, 3, "a key that was used for something else stays used");
});

test("error 422", async (t) => {
  const lost = new OpenAI({ baseURL: `${house.url}/v1`, apiKey: house.lost_key });
  const request = lost.chat.completions.create({ model: "claude-opus-5-5", messages: says(ask(t).plain) });
  await assert.rejects(request, OpenAI.UnprocessableEntityError);
});

test("error 503", async () => {
  const graph = new OpenAI({ baseURL: house.url, apiKey: house.key, maxRetries: 0 }).get("/graph/stats");
  await assert.rejects(graph, (error) => error instanceof OpenAI.InternalServerError && error.status === 503);
});

test("error 429 and its retry", async (t) => {
  const asked = ask(t);
  const attempts = [];
  const slow = new OpenAI({ baseURL: `${house.url}/v1`, apiKey: house.slow_keys["openai-js"], fetch: counted(attempts) });
  const asking = (text, options) => slow.chat.completions.create({ model: MODEL, messages: says(text) }, options);
  const hasty = async () => {
    for (let number = 0; number < 12; number++) await asking(`${asked.plain} ${number}`, { maxRetries: 0 });
  };
  await assert.rejects(hasty, OpenAI.RateLimitError);
  attempts.length = 0;
  assert.ok((await asking(asked.plain)).choices[0].message.content.includes(asked.token));
  assert.equal(attempts.length, 2, "it waited as long as it was told");
});

test("no retry of done work", async (t) => {
  const attempts = [];
  const counting = new OpenAI({ baseURL: `${house.url}/v1`, apiKey: house.key, fetch: counted(attempts) });
  const request = counting.chat.completions.create({ model: MODEL, messages: says(ask(t).unanswerable) });
  await assert.rejects(request, OpenAI.InternalServerError);
  assert.equal(attempts.length, 1, "x-should-retry: false");
});

test("error in a stream", async (t) => {
  const stream = await client.chat.completions.create({ model: MODEL, messages: says(ask(t).unanswerable), stream: true });
  await assert.rejects(all(stream), OpenAI.APIError);
});
