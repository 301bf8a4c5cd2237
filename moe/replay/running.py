"""Reruns one piece of work: the same handler as in the runtime, on recorded reads."""

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
    """Outputs of rerun work with their reads; `mismatch` is where it departs from the recorded reads.

    `ended`: the recorded reads cover the whole work, so `outputs` is complete.
    """

    outputs: tuple[Message, ...]
    mismatch: ReadMismatch | None = None
    ended: bool = True


async def rerun(
    stage: Stage, event: Message, described: StageDescribed, player: ReadPlayer, outside: ReplayPorts | None = None
) -> Run:
    """Rerun work on the reads of one of its messages; `outside` overrides the ports of `player`."""
    outside = outside or replay_ports(player)
    said: list[Message] = []
    with recording_reads() as tape:
        record_stage(player.sha256)
        stamp = OutputMetadata(tape)
        try:
            if player.deadline is not False:  # the deadline expired before the work began
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
    """Yield a handler's outputs one by one. Raises the handler's errors."""
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
    """Keep an outcome; wrap any other error as a bug, as the policy does."""
    return error if isinstance(error, Rejected | Retryable) else bug(service, error)
