"""The recorded reply of a direct request, to show it again as its client received it."""

from dataclasses import dataclass, replace

from libs.contracts.answer import Failure
from libs.contracts.direct import CallMade, DirectReply
from libs.contracts.progress import Protocol
from services.gateway.domain.direct.texts import is_answer
from services.gateway.domain.errors import ApiError
from services.gateway.domain.streaming.reply import ToolCall

MAX_REPLY_CHARACTERS = 250_000  # of text, reasoning and calls together: a broker accepts records of 1 MB


@dataclass(frozen=True, slots=True)
class RecordedReply:
    """Plain values, for the reasons of DirectRecord; see DirectReply. `failure` is code and message."""

    protocol: Protocol = "chat"
    echo: str = ""
    text: str | None = None
    reasoning: str = ""
    calls: tuple[ToolCall, ...] = ()
    failure: tuple[str, str] | None = None
    cut: bool = False

    def with_output(self, text: str, calls: tuple[ToolCall, ...], reasoning: str) -> "RecordedReply":
        """Reasoning is dropped first when it is too long."""
        size = len(text) + sum(len(call.name) + len(call.arguments) for call in calls)
        if size > MAX_REPLY_CHARACTERS:
            return replace(self, cut=True)
        shown = None if is_answer(text, calls) else text
        thoughts = reasoning if size + len(reasoning) <= MAX_REPLY_CHARACTERS else ""
        return RecordedReply(self.protocol, self.echo, shown, thoughts, calls)

    def with_failure(self, error: ApiError) -> "RecordedReply":
        """`error` is the error that the client got instead of an answer."""
        return replace(self, failure=(error.code, error.message))

    def reply(self, accepted_at: float, finish: str) -> DirectReply:
        """Build the part of the log message."""
        return DirectReply(
            protocol=self.protocol,
            accepted_at=accepted_at,
            echo=self.echo,
            text=self.text,
            reasoning=self.reasoning,
            calls=tuple(CallMade(id=call.id, name=call.name, arguments=call.arguments) for call in self.calls),
            finish=finish,
            failure=Failure(code=self.failure[0], message=self.failure[1]) if self.failure is not None else None,
            cut=self.cut,
        )
