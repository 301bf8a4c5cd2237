"""The exchanges of tests/clients/exchanges.json: requests, and the official type of each answer and event."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.clients.python.visit import FleetAddress

TABLE: dict[str, Any] = json.loads((Path(__file__).parents[1] / "exchanges.json").read_text())
WITHIN_S = 60.0


@dataclass(frozen=True)
class Observed:
    """One answer or event: its row in the table of docs/api.md, the kind of its type, and its JSON."""

    route: str
    row: str
    kind: str
    value: Any


def cases() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield every exchange on each of its paths: name, path, exchange."""
    for exchange in TABLE["exchanges"]:
        for path in exchange.get("paths", ("pipeline", "direct")):
            yield exchange["name"], path, exchange


def observed(fleet: FleetAddress, path: str, exchange: dict[str, Any], *, client: str) -> list[Observed]:
    """Send the requests of an exchange; return all answers and events. Asserts the statuses."""
    seen: list[Observed] = []
    token = f"#{client}_{exchange['name']}_{path}".replace(" ", "_").replace(":", "")
    with httpx.Client(base_url=fleet.url, timeout=WITHIN_S) as http:
        reply = _sent(http, fleet, path, exchange, token, client)
        seen += _read(exchange, reply)
        name = _name_of(reply)
        for step in exchange.get("then", ()):
            if path in step.get("paths", (path,)):
                seen += _read(step, _step(http, fleet, path, step, (name, client)))
    return seen


def _step(
    http: httpx.Client, fleet: FleetAddress, path: str, step: dict[str, Any], named: tuple[str, str]
) -> httpx.Response:
    name, client = named
    asked = json.loads(json.dumps(step).replace("{id}", name).replace("{header}", name))
    ends = time.monotonic() + WITHIN_S
    while True:
        reply = _sent(http, fleet, path, asked, "", client)
        if "until" not in step or reply.json().get("status") == step["until"]:
            return reply
        assert time.monotonic() < ends, reply.text


def _sent(
    http: httpx.Client, fleet: FleetAddress, path: str, asked: dict[str, Any], token: str, client: str
) -> httpx.Response:
    method, url = asked["ask"].split(" ")
    keys = {"wrong": "moe-sk-wrong", "narrow": fleet.narrow_key, "slow": fleet.slow_keys[client]}
    headers = {"authorization": f"Bearer {keys.get(asked.get('key', ''), fleet.key)}"}
    if asked.get("anthropic"):
        headers["anthropic-version"] = "2023-06-01"
    if method == "GET" or ("body" not in asked and method == "DELETE"):
        return http.request(method, url, headers=headers)
    headers["content-type"] = asked.get("type", "application/json")
    for _ in range(asked.get("repeat", 1)):
        reply = http.request(method, url, headers=headers, content=_body(asked, path, token))
        if reply.status_code == asked.get("status"):
            break
    return reply


def _body(asked: dict[str, Any], path: str, token: str) -> str:
    if "body" not in asked:
        return ""
    model = {} if asked["body"] == {} else {"model": TABLE["models"][path]}
    body = json.dumps({**model, **asked["body"]})
    questions = {
        "$plain": f"How large should a connection pool be, see {token}?",
        "$weather": f"What is the weather in Bern and Rome, see {token}?",
        "$slow": f"Think slowly about {token}.",
        "$unanswerable": f"This one is unanswerable, see {token}.",
        "$reasons": f"Reason first about {token}.",
        "$cut": f"Stop early with {token}.",
        "$filtered": f"Filter this, see {token}.",
        "$broken": f"Break off at {token}.",
    }
    for place, question in questions.items():
        body = body.replace(place, question)
    return body + " " * int(asked.get("pad", 0))


def _name_of(reply: httpx.Response) -> str:
    return str(reply.headers["x-request-id"])


def _read(asked: dict[str, Any], reply: httpx.Response) -> Iterator[Observed]:
    route = _route(asked["ask"])
    streamed = reply.headers["content-type"].startswith("text/event-stream")
    wanted = asked.get("status", 200)
    if wanted == "error":
        assert (reply.status_code == 200) if streamed else (reply.status_code >= 400), reply.text
    else:
        assert reply.status_code == wanted, reply.text
    if not streamed:
        value = reply.json()
        kind = error_kind(route) if reply.status_code >= 400 else asked["kind"]
        yield Observed(route, f"{reply.status_code} {kind}", kind, value)
        return
    for line in reply.text.split("\n"):
        if line.startswith("data: ") and line != "data: [DONE]":
            yield from _event(route, asked["kind"], json.loads(line.removeprefix("data: ")))


def _event(route: str, kind: str, value: dict[str, Any]) -> Iterator[Observed]:
    """The SDKs have no type for `ping`, which their readers skip."""
    name = value.get("type", value.get("object", "error"))
    if name == "ping" and kind == "MessageStreamEvent":
        return
    if "error" in value and (kind != "ResponseStreamEvent"):
        kind, name = error_kind(route), "error"
    yield Observed(route, f"event {name}", kind, value)


def error_kind(route: str) -> str:
    return "AnthropicError" if "/v1/messages" in route else "OpenAIError"


def _route(ask: str) -> str:
    """Route of a request, without its id and query."""
    path = ask.partition("?")[0]
    for prefix in ("/v1/responses/", "/v1/models/"):
        method, found, rest = path.partition(prefix)
        first = rest.partition("/")[0]
        if found and first not in ("compact", "input_tokens"):
            return f"{method}{prefix}{{id}}{rest[len(first) :]}"
    return path
