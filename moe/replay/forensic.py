"""`forensic`: inspects one record: its cause, stage, prompts, reads, and the join's state."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, replace

from libs.adapters.models.read_recording_llm import KIND
from libs.contracts.stage import StageDescribed
from libs.ports.llm import LLM, Completion, ModelRequest, TextDelta
from libs.ports.model_calls import prompt_sha256
from moe.replay.descriptions import Descriptions
from moe.replay.folding import facts_of, folded
from moe.replay.ports import replay_ports
from moe.replay.read_player import ReadPlayer
from moe.replay.records import History, ReplayRecord
from moe.replay.running import rerun
from moe.replay.stages import JOINER, STAGES, join_of
from services.merger.domain import Request


@dataclass(frozen=True, slots=True)
class Prompt:
    """A re-rendered prompt. `recorded_sha256` is the hash of the recorded one."""

    request: ModelRequest
    recorded_sha256: str

    @property
    def matches_record(self) -> bool:
        return prompt_sha256(self.request) == self.recorded_sha256


@dataclass(frozen=True)
class View:
    """One record and its origin. `state` is the join's state of the request just before the record.

    `described` is None if no stage published the record, or if the journal lacks the description.
    """

    record: ReplayRecord
    cause: ReplayRecord | None
    described: StageDescribed | None
    prompts: tuple[Prompt, ...]
    state: Request | None


async def look_at(history: History, descriptions: Descriptions, number: int) -> View | None:
    """Inspect a record; None if the history has no readable record of that number."""
    said = next((each for each in history.records if each.index == number), None)
    if said is None:
        return None
    cause = next((each for each in history.records if each.event_id == said.cause_id), None)
    described = descriptions.get(ReadPlayer(said.reads).sha256)
    prompts = await _prompts(said, cause, described) if cause is not None and described is not None else ()
    return View(said, cause, described, prompts, _state(history, descriptions, said))


async def _prompts(said: ReplayRecord, cause: ReplayRecord, described: StageDescribed) -> tuple[Prompt, ...]:
    stage = STAGES.get(type(cause.message))
    if stage is None:
        return ()
    player = ReadPlayer(said.reads)
    outside = replay_ports(player)
    listener = _PromptCapture(outside.llm)
    await rerun(stage, cause.message, described, player, replace(outside, llm=listener))
    hashes = [str(read.values.get("prompt", "")) for read in said.reads if read.kind == KIND]
    return tuple(Prompt(request, sha256) for request, sha256 in zip(listener.requests, hashes, strict=False))


def _state(history: History, descriptions: Descriptions, said: ReplayRecord) -> Request | None:
    """Fold the facts before a record, with the ticks recorded in the join's last message up to it."""
    spoken = [each for each in history.records if each.index <= said.index and _is_of_the_join(each, descriptions)]
    described = spoken[-1:] and descriptions[ReadPlayer(spoken[-1].reads).sha256]
    made_by = described or next((each for each in descriptions.values() if each.stage == JOINER), None)
    if made_by is None:
        return None
    reads = spoken[-1].reads if spoken else ()
    return folded(facts_of(history.records), join_of(made_by), reads, before=said.index).state


def _is_of_the_join(said: ReplayRecord, descriptions: Descriptions) -> bool:
    described = descriptions.get(ReadPlayer(said.reads).sha256)
    return described is not None and described.stage == JOINER and all(read.kind != KIND for read in said.reads)


class _PromptCapture:
    def __init__(self, llm: LLM) -> None:
        self._llm = llm
        self.requests: list[ModelRequest] = []

    async def complete(self, request: ModelRequest) -> Completion:
        self.requests.append(request)
        return await self._llm.complete(request)

    async def stream(self, request: ModelRequest) -> AsyncGenerator[TextDelta | Completion, None]:
        self.requests.append(request)
        async with aclosing(self._llm.stream(request)) as pieces:
            async for piece in pieces:
                yield piece
