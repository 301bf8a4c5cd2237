// Every answer and event of OpenAI's and Anthropic's routes, by the strict types of their SDKs for TypeScript.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { TABLE, cases, observed } from "./exchanges.mjs";
import { house } from "./house.mjs";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const FILE = `${HERE}answers.ts`;
const OPTIONS = {
  noEmit: true,
  strict: true,
  skipLibCheck: true,
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  types: [],
};

/** Values as constants of their types, one a line; literals, so that unknown fields are errors as well. */
function source(values) {
  const lines = values.map(({ kind, value }, index) => {
    return `export const v${index}: ${TABLE.kinds[kind].typescript} = ${JSON.stringify(fit(value))};`;
  });
  const imports = 'import type OpenAI from "openai"; import type Anthropic from "@anthropic-ai/sdk";';
  return [imports, ...lines].join("\n");
}

/** A value without what goes beyond the types, and with `output_text`, which the SDK adds to each response itself. */
function fit(value) {
  if (Array.isArray(value)) return value.map(fit);
  if (value === null || typeof value !== "object") return value;
  const isBeyond = (name) => [name, `${value.type}.${name}`].some((each) => TABLE.beyond_the_types.includes(each));
  const fields = Object.entries(value).filter(([name]) => !isBeyond(name));
  const fitted = Object.fromEntries(fields.map(([name, each]) => [name, fit(each)]));
  return value.object === "response" && Array.isArray(value.output) ? { ...fitted, output_text: "" } : fitted;
}

/** What the compiler has to say of each value, by its number. */
function faultsOf(values) {
  const text = source(values);
  const host = ts.createCompilerHost(OPTIONS);
  const read = host.getSourceFile.bind(host);
  host.getSourceFile = (name, ...rest) =>
    name === FILE ? ts.createSourceFile(name, text, OPTIONS.target, true) : read(name, ...rest);
  const exists = host.fileExists.bind(host);
  host.fileExists = (name) => name === FILE || exists(name);
  const program = ts.createProgram([FILE], OPTIONS, host);
  const found = ts.getPreEmitDiagnostics(program).map((fault) => {
    const line = fault.file ? fault.file.getLineAndCharacterOfPosition(fault.start).line : 0;
    return { at: line - 1, message: ts.flattenDiagnosticMessageText(fault.messageText, "\n").slice(0, 600) };
  });
  return found;
}

const all = [];
const values = [];
for (const { name, path, exchange } of cases()) {
  const first = values.length;
  try {
    values.push(...(await observed(house, path, exchange)));
    all.push({ name, path, first, last: values.length });
  } catch (error) {
    all.push({ name, path, error, first, last: first });
  }
}
const faults = faultsOf(values);
const rows = new Set();

test("types of the SDKs are found", () => {
  assert.deepEqual(faults.filter(({ at }) => at < 0 || at >= values.length), []);
  const wrong = faultsOf([{ kind: "Model", value: { id: 1 } }, { kind: "Model", value: values.find((v) => v.kind === "Model").value }]);
  assert.deepEqual([...new Set(wrong.map(({ at }) => at))], [0]);
});

for (const { name, path, error, first, last } of all) {
  test(`schema[${name}, ${path}]`, () => {
    if (error) throw error;
    const here = faults.filter(({ at }) => at >= first && at < last);
    assert.deepEqual(here.map(({ at, message }) => `${message} in ${JSON.stringify(values[at].value).slice(0, 300)}`), []);
    for (const { route, row, kind } of values.slice(first, last)) rows.add(JSON.stringify([route, row, kind, path]));
  });
}

test("rows are recorded", () => {
  writeFileSync(process.env.ROWS, JSON.stringify([...rows].sort().map((row) => JSON.parse(row))));
});
