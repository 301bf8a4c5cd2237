"""Running one piece of work again: the same handler, as the runtime runs it, on a tape instead of the world."""

import inspect
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import cast

from libs.contracts.message import Message
from libs.contracts.stage import StageDescribed
from libs.core.errors import FleetError, Rejected, Retryable
from libs.core.reads import recording_reads
from libs.runtime.delivery.outcomes import bug, end_of, expired, record_stage
from libs.runtime.delivery.output_metadata import OutputMetadata
from libs.runtime.service import Output
from moe.replay.ports import ReplayPorts, replay_ports
from moe.replay.read_player import ReadMismatch, ReadPlayer, ReadsExhausted
from moe.replay.stages import Stage, recorded

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Run:
    """What work says when it is run again, each with its reads; `strays` where it leaves the tape, `bug` how it broke.

    `ended`: the tape covers the whole of the work, so that all it can say is here.
    """

    outputs: tuple[Message, ...]
    mismatch: ReadMismatch | None = None
    ended: bool = True


async def rerun(
    stage: Stage, event: Message, described: StageDescribed, player: ReadPlayer, outside: ReplayPorts | None = None
) -> Run:
    """Run work on the tape of one of its messages; `outside` is one that the tape plays on, if not the plain one."""
    outside = outside or replay_ports(player)
    said: list[Message] = []
    with recording_reads() as tape:
        record_stage(player.sha256)
        stamp = OutputMetadata(tape)
        try:
            if player.deadline is not False:  # it struck before the work began
                async for output in outputs_of(stage, event, described, outside):
                    said.append(stamp.attach_to(output))  # noqa: PERF401  # what was said before a failure was said
        except ReadMismatch as stray:
            return Run(tuple(said), stray)
        except ReadsExhausted:
            if player.deadline is None:
                return Run(tuple(said), ended=False)
        except Exception as error:
            log.debug("%s did not return", stage.service, exc_info=True)
            said.append(stamp.attach_to(end_of(event, _as_outcome(stage.service, error))))
            return Run(tuple(said))
        if player.deadline is not None:
            too_late = expired(event.envelope.schema, begun=player.deadline)
            said.append(stamp.attach_to(end_of(event, too_late)))
    return Run(tuple(said))


async def outputs_of(
    stage: Stage, event: Message, described: StageDescribed, outside: ReplayPorts
) -> AsyncIterator[Message]:
    """Yield what a handler says, as it says it. Raises what the handler raises."""
    result = stage.handler(event, stage.make_deps(described, recorded(outside)))
    if inspect.isasyncgen(result):
        async with aclosing(cast(AsyncGenerator[Message, None], result)) as outputs:
            async for output in outputs:
                yield output
        return
    for output in _all(await cast(Awaitable[Output], result)):
        yield output


def _all(output: Output) -> Sequence[Message]:
    if output is None:
        return ()
    return [output] if isinstance(output, Message) else output


def _as_outcome(service: str, error: Exception) -> FleetError:
    """Return the error as the policy tells it: an outcome by its own words, anything else as a bug."""
    return error if isinstance(error, Rejected | Retryable) else bug(service, error)
