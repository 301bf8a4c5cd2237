"""Parser of a client for received bytes: pure, so that it can be tested without a fleet."""

from dataclasses import dataclass, replace

import httpx
import orjson

from tests.chaos.history import Phase, Seen
from tests.support.sse import Event

DIVERGED = "stream_diverged"
NOT_THE_END = frozenset({"stopping", DIVERGED})  # text of the gateway: the request continues without it


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a request went for this client; the phase is that of a history entry."""

    phase: Phase
    seen: Seen
    code: str = ""


def heard(seen: Seen, event: Event) -> Seen:
    chunk = _object(event.data)
    choices = chunk.get("choices")
    delta = choices[0].get("delta", {}) if isinstance(choices, list) and choices else {}
    response_id = event.id.partition("/")[0] or seen.response_id
    return replace(seen, response_id=response_id, text=seen.text + str(delta.get("content") or ""))


def verdict_of(seen: Seen, event: Event) -> Verdict | None:
    """Verdict if this event ends the stream. A text that must be discarded is."""
    if event.data == "[DONE]":
        return Verdict("ok", seen)
    code = _code(_object(event.data))
    if not code:
        return None
    if code == DIVERGED:
        seen = replace(seen, text="")
    return Verdict("unknown" if code in NOT_THE_END else "fail", seen, code)


def verdict_of_whole(token: str, response: httpx.Response) -> Verdict:
    """Verdict of an answer in one piece. Without an id in the headers the request was not accepted."""
    told = _object(response.text)
    seen = Seen(token, response.headers.get("x-moe-response-id", ""))
    if response.status_code == 200:
        choices = told["choices"]
        assert isinstance(choices, list)
        return Verdict("ok", replace(seen, response_id=str(told["id"]), text=str(choices[0]["message"]["content"])))
    code = _code(told) or str(response.status_code)
    if not seen.response_id:
        return Verdict("refused", seen, code)
    return Verdict("unknown" if code in NOT_THE_END else "fail", seen, code)


def verdict_of_lookup(seen: Seen, response: httpx.Response) -> Verdict:
    """Verdict of `GET /v1/responses/{id}` after the end; one that is not known or not over is `unknown`."""
    told = _object(response.text)
    if response.status_code != 200:
        return Verdict("unknown", seen, _code(told) or str(response.status_code))
    if told["status"] in ("completed", "incomplete"):
        return Verdict("ok", replace(seen, text=str(told["output_text"])))
    open_still = told["status"] in ("queued", "in_progress")
    return Verdict("unknown" if open_still else "fail", seen, str(told["status"]))


def _object(data: str) -> dict[str, object]:
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError:
        return {}
    return value if isinstance(value, dict) else {}


def _code(told: dict[str, object]) -> str:
    error = told.get("error")
    return str(error.get("code") or "error") if isinstance(error, dict) else ""
