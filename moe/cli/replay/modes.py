"""Modes of `moe replay`. Each reads the journal first, then processes the records."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

import click

from libs.adapters.models.access import read_models
from libs.contracts.progress import RequestOpened
from libs.contracts.staffing import ModelRef
from libs.core.clock import Clock, SystemClock
from libs.ports.llm import LLM
from moe.cli.context.cli_context import read_cli_context
from moe.cli.replay.reading import ended_since, if_erased, journal, read, unknown
from moe.cli.replay.report import contrast_lines, verdict_lines, view_lines
from moe.cli.replay.text import as_json_lines, as_text
from moe.replay.descriptions import Descriptions
from moe.replay.diff import answer_diff, diff_events
from moe.replay.forensic import look_at
from moe.replay.network import network_shut
from moe.replay.stages import describe_present
from moe.replay.verifying import Status, Verdict, verify
from moe.replay.what_if import Makes, OtherModel, WhatIf, what_if_ports
from services.journal.domain.history import ordered

T = TypeVar("T")
BEHIND_S = 5.0  # maximum lag of a journal
_PAUSE_S = 0.5


@dataclass(frozen=True)
class ReplayOptions:
    """Parsed options. Without a `response_id`: all requests `since` a time, at most `limit`."""

    response_id: str
    since: str
    limit: int
    model: str | None
    at: int
    as_json: bool = field(kw_only=True)


def show(asked: ReplayOptions) -> None:
    rows = ordered(asyncio.run(journal().history(asked.response_id)))
    if not rows:
        raise unknown(asked.response_id)
    _print(as_json_lines(rows) if asked.as_json else as_text(asked.response_id, rows))


def verify_them(asked: ReplayOptions) -> None:
    """Verify one request, or all that have ended; exits with 1 on a difference."""
    one = asked.response_id
    ids = (one,) if one else asyncio.run(ended_since(asked.since, asked.limit))
    verdicts = [settled(partial(_verdict, response_id), SystemClock()) for response_id in ids]
    _print(verdict_lines(verdicts, as_json=asked.as_json))
    if any(verdict.status is Status.DIFFERS for verdict in verdicts):
        raise SystemExit(1)


def suppose(asked: ReplayOptions) -> None:
    """Repeat the model calls and prints the differences."""
    recorded = asyncio.run(read(asked.response_id))
    then = recorded.history.records
    opened = next((said.message for said in then if isinstance(said.message, RequestOpened)), None)
    if opened is None:
        raise click.ClickException(f"{asked.response_id} has no readable beginning{if_erased(recorded.history)}")
    now = asyncio.run(_supposed(opened, _makes(recorded.descriptions), asked.model)).published
    _print(contrast_lines(diff_events(then, now), list(answer_diff(then, now)), as_json=asked.as_json))


def look(asked: ReplayOptions) -> None:
    """Print the causes of one record."""
    recorded = asyncio.run(read(asked.response_id))
    view = _offline(look_at(recorded.history, recorded.descriptions, asked.at))
    if view is None:
        gone = if_erased(recorded.history)
        raise click.ClickException(f"{asked.response_id} has no readable record {asked.at}{gone}; see --show")
    _print(view_lines(view, as_json=asked.as_json))


MODES: Mapping[str, Callable[[ReplayOptions], None]] = {
    "show": show,
    "verify": verify_them,
    "what-if": suppose,
    "at": look,
}


def _pause(seconds: float) -> None:
    asyncio.run(asyncio.sleep(seconds))


def settled(verdict: Callable[[], Verdict], clock: Clock, sleep: Callable[[float], None] = _pause) -> Verdict:
    """Repeat a verdict a moment later if it misses records while others are recent."""
    found = verdict()
    until = min(clock.now(), found.heard_at) + BEHIND_S
    while found.misses_records and clock.now() < until:
        sleep(_PAUSE_S)
        found = verdict()
    return found


def _verdict(response_id: str) -> Verdict:
    recorded = asyncio.run(read(response_id))
    return _offline(verify(response_id, recorded.history, recorded.descriptions))


def _offline(work: Coroutine[Any, Any, T]) -> T:
    """Run work without network access, on an event loop that the guard supports."""
    with network_shut(), asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
        return runner.run(work)


async def _supposed(opened: RequestOpened, makes: Makes, model: str | None) -> WhatIf:
    models = read_models(read_cli_context().settings)
    async with models.llm as llm:
        what_if = WhatIf(makes, what_if_ports(_llm_for(llm, model, models.catalogue.judge), SystemClock()))
        await what_if.run(opened)
    return what_if


def _llm_for(llm: LLM, model: str | None, judge: ModelRef) -> LLM:
    if model is None:
        return llm
    name, at, server = model.rpartition("@")
    return OtherModel(llm, ModelRef(model=name, server=server) if at else ModelRef(model=model, server=judge.server))


def _makes(descriptions: Descriptions) -> Makes:
    """Makes of all stages; for a stage without events in the history, its present make."""
    found = read_cli_context().settings
    given = {"INFERENCE_SERVERS": found.inference_servers, "JUDGE_MODEL": found.judge_model}
    return describe_present(given) | {each.stage: each for each in descriptions.values()}


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(line)
