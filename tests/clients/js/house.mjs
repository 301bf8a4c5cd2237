// Where the gateway is, and questions that nobody has asked before.
import { readFileSync } from "node:fs";

export const house = JSON.parse(readFileSync(process.env.HOUSE, "utf8"));
export const MODEL = "moe-orchestrator";
export const BARE_MODEL = "scripted:7b@scripted"; // one model on one node, without the fleet
export const EMBEDDING_MODEL = "letters@scripted";
export const WEATHER_SCHEMA = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
export const POOL_SCHEMA = {
  type: "object",
  properties: { size: { type: "integer" }, reason: { type: "string" } },
  required: ["size", "reason"],
  additionalProperties: false,
};

/** A question with a token of its own, which every scripted answer repeats. */
export function question(client, scenario) {
  const token = `#${client}_${scenario.replaceAll(" ", "_")}`;
  return {
    token,
    plain: `How large should a connection pool be, see ${token}?`,
    weather: (...cities) => `What is the weather in ${cities.join(" and ")}, see ${token}?`,
    slow: `Think slowly about ${token}.`,
    unanswerable: `This one is unanswerable, see ${token}.`,
  };
}

/** A fetch that notes each request that it sends. */
export function counted(attempts) {
  return (url, init) => {
    attempts.push(init?.method ?? "GET");
    return fetch(url, init);
  };
}

/** All that an async iterable yields. */
export async function all(stream) {
  const items = [];
  for await (const item of stream) items.push(item);
  return items;
}
