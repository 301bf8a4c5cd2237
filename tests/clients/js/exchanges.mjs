// The exchanges of tests/clients/exchanges.json: see python/exchanges.py, which does the same.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

export const TABLE = JSON.parse(readFileSync(new URL("../exchanges.json", import.meta.url), "utf8"));
const CLIENT = "schemas-js";
const WITHIN_MS = 60_000;

/** Every exchange on each of its paths. */
export function* cases() {
  for (const exchange of TABLE.exchanges) {
    for (const path of exchange.paths ?? ["pipeline", "direct"]) yield { name: exchange.name, path, exchange };
  }
}

/** Send the requests of an exchange; return all answers and events. Asserts the statuses. */
export async function observed(house, path, exchange) {
  const token = `#${CLIENT}_${exchange.name}_${path}`.replaceAll(" ", "_").replaceAll(":", "");
  const reply = await sent(house, path, exchange, token);
  const seen = read(exchange, reply);
  for (const step of exchange.then ?? []) {
    if ((step.paths ?? [path]).includes(path)) seen.push(...read(step, await stepped(house, path, step, reply.name)));
  }
  return seen;
}

async function stepped(house, path, step, name) {
  const asked = JSON.parse(JSON.stringify(step).replaceAll("{id}", name).replaceAll("{header}", name));
  const ends = Date.now() + WITHIN_MS;
  for (;;) {
    const reply = await sent(house, path, asked, "");
    if (!("until" in step) || JSON.parse(reply.text).status === step.until) return reply;
    assert.ok(Date.now() < ends, reply.text);
  }
}

async function sent(house, path, asked, token) {
  const [method, url] = asked.ask.split(" ");
  const keys = { wrong: "moe-sk-wrong", narrow: house.narrow_key, slow: house.slow_keys[CLIENT] };
  const headers = { authorization: `Bearer ${keys[asked.key] ?? house.key}` };
  if (asked.anthropic) headers["anthropic-version"] = "2023-06-01";
  const plain = method === "GET" || (method === "DELETE" && !("body" in asked));
  if (!plain) headers["content-type"] = asked.type ?? "application/json";
  const body = plain ? undefined : bodyOf(asked, path, token);
  let reply;
  for (let tries = asked.repeat ?? 1; tries > 0; tries--) {
    const response = await fetch(house.url + url, { method, headers, body, signal: AbortSignal.timeout(WITHIN_MS) });
    const name = response.headers.get("x-request-id");
    const type = response.headers.get("content-type");
    reply = { status: response.status, name, type, text: await response.text() };
    if (reply.status === asked.status) break;
  }
  return reply;
}

function bodyOf(asked, path, token) {
  if (!("body" in asked)) return "";
  const model = Object.keys(asked.body).length ? { model: TABLE.models[path] } : {};
  const questions = {
    $plain: `How large should a connection pool be, see ${token}?`,
    $weather: `What is the weather in Bern and Rome, see ${token}?`,
    $slow: `Think slowly about ${token}.`,
    $unanswerable: `This one is unanswerable, see ${token}.`,
    $reasons: `Reason first about ${token}.`,
    $cut: `Stop early with ${token}.`,
    $filtered: `Filter this, see ${token}.`,
    $broken: `Break off at ${token}.`,
  };
  let body = JSON.stringify({ ...model, ...asked.body });
  for (const [place, question] of Object.entries(questions)) body = body.replaceAll(place, question);
  return body + " ".repeat(asked.pad ?? 0);
}

function read(asked, { status, type, text }) {
  const route = routeOf(asked.ask);
  const streamed = type.startsWith("text/event-stream");
  const wanted = asked.status ?? 200;
  if (wanted === "error") assert.ok(streamed ? status === 200 : status >= 400, text);
  else assert.equal(status, wanted, text);
  if (!streamed) {
    const kind = status >= 400 ? errorKind(route) : asked.kind;
    return [{ route, row: `${status} ${kind}`, kind, value: JSON.parse(text) }];
  }
  const lines = text.split("\n").filter((line) => line.startsWith("data: ") && line !== "data: [DONE]");
  return lines.flatMap((line) => event(route, asked.kind, JSON.parse(line.slice("data: ".length))));
}

/** The SDKs have no type for `ping`, which their readers skip. */
function event(route, kind, value) {
  const name = value.type ?? value.object ?? "error";
  if (name === "ping" && kind === "MessageStreamEvent") return [];
  if ("error" in value && kind !== "ResponseStreamEvent") {
    return [{ route, row: "event error", kind: errorKind(route), value }];
  }
  return [{ route, row: `event ${name}`, kind, value }];
}

function errorKind(route) {
  return route.includes("/v1/messages") ? "AnthropicError" : "OpenAIError";
}

/** The route of a request, without its id and query. */
function routeOf(ask) {
  const path = ask.split("?")[0];
  for (const prefix of ["/v1/responses/", "/v1/models/"]) {
    const [method, rest] = path.split(prefix);
    const first = rest?.split("/")[0];
    if (rest !== undefined && !["compact", "input_tokens"].includes(first)) {
      return `${method}${prefix}{id}${rest.slice(first.length)}`;
    }
  }
  return path;
}
