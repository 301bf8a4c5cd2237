"""What the gateway hears from the log: the ends of its own requests."""

from dataclasses import dataclass

from libs.contracts.answer import AnswerFinished
from services.gateway.desk import ReplyDesk


@dataclass(frozen=True)
class Deps:
    desk: ReplyDesk


async def deliver_answer(event: AnswerFinished, deps: Deps) -> None:
    """Hand the end of a request to the client that waits for it."""
    deps.desk.deliver(event)
