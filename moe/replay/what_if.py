"""`what-if`: reruns a request against live models; publishes and stores nothing."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from libs.contracts.message import Message
from libs.contracts.progress import RequestOpened
from libs.contracts.staffing import ModelRef
from libs.contracts.stage import StageDescribed
from libs.contracts.topics import PROGRESS
from libs.core.clock import Clock
from libs.core.errors import Rejected, Retryable
from libs.ports.llm import LLM, Completion, ModelRequest, TextDelta
from libs.ports.reducer import Join
from libs.runtime.delivery.outcomes import end_of
from moe.replay.ports import ReplayPorts
from moe.replay.pure_tools import computed, is_served
from moe.replay.running import outputs_of
from moe.replay.stages import JOINER, STAGES, join_of
from services.mcp.contract import AnswerStyle, Arguments, Caller, ToolError, ToolResult
from services.merger.domain import Request

Makes = Mapping[str, StageDescribed]


class PureTools:
    """`Tools` in this process: pure tools only."""

    async def invoke(self, tool: str, args: Arguments, *, style: AnswerStyle, caller: Caller) -> ToolResult:
        """Run one tool. Raises ToolError: `unavailable` for tools that read from outside."""
        if is_served(tool):
            raise ToolError("unavailable", f"{tool}: it asks something outside, and nothing but models is asked here")
        return computed(tool, args, style)


@dataclass(frozen=True)
class OtherModel:
    """Port `LLM` around another one that redirects every request to `ref`."""

    llm: LLM
    ref: ModelRef

    async def complete(self, request: ModelRequest) -> Completion:
        return await self.llm.complete(replace(request, ref=self.ref))

    async def stream(self, request: ModelRequest) -> AsyncGenerator[TextDelta | Completion, None]:
        async with aclosing(self.llm.stream(replace(request, ref=self.ref))) as pieces:
            async for piece in pieces:
                yield piece


@dataclass
class WhatIf:
    """Reruns one request. `makes` describes the stages by service; `published` are their messages.

    All stages run here as plain calls: each output is dispatched to its consumers. The join has no clock; failing parts
    end by themselves.
    """

    makes: Makes
    outside: ReplayPorts
    published: list[Message] = field(default_factory=list)
    _state: Request | None = None
    _closed: bool = False

    async def run(self, opened: RequestOpened) -> None:
        """Run until no command is left. The request keeps its ids and its original time limit."""
        join = join_of(self.makes[JOINER])
        first = _from_now(opened, self.outside.clock.now())
        asked = first.question_asked().after(first)
        waiting = [*self._dispatch(first, join), *self._dispatch(asked, join)]
        while waiting:
            said = await asyncio.gather(*(self._work(command) for command in waiting))
            waiting = [command for outputs in said for output in outputs for command in self._dispatch(output, join)]

    def _dispatch(self, message: Message, join: Join[Request]) -> list[Message]:
        """Commands that follow from a message: itself, or those of the join."""
        self.published.append(message)
        if type(message) in STAGES:
            return [message]
        if PROGRESS not in message.topics or self._closed:
            return []
        step = join.advance(self._state, message)
        self._state, self._closed = step.state, step.closed
        return [command for follows in step.messages for command in self._dispatch(follows, join)]

    async def _work(self, command: Message) -> list[Message]:
        stage, said = STAGES[type(command)], list[Message]()
        try:
            async for output in outputs_of(stage, command, self.makes[stage.service], self.outside):
                said.append(output)  # outputs before a failure count
        except (Rejected, Retryable) as error:
            said.append(end_of(command, error))
        return said


def what_if_ports(llm: LLM, clock: Clock) -> ReplayPorts:
    """Live models and pure tools; nothing else is reachable."""
    return ReplayPorts(llm=llm, clock=clock, tools=PureTools())


def _from_now(opened: RequestOpened, now: float) -> RequestOpened:
    envelope = opened.envelope
    deadline_at = now + envelope.deadline_at - opened.accepted_at
    return opened.model_copy(update={"accepted_at": now}).bound(replace(envelope, deadline_at=deadline_at, reads=""))
