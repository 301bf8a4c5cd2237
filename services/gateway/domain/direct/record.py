"""The record of a direct request, with its texts and its reply: one entry in the outbox, one message on the log."""

from dataclasses import dataclass, replace

import orjson
from pydantic import TypeAdapter

from libs.contracts.account import Account
from libs.contracts.answer import Failure, Outcome
from libs.contracts.direct import CallMade, DirectReply
from libs.contracts.model_call import ModelCall, Usage
from libs.contracts.origin import Origin
from libs.contracts.progress import Protocol
from libs.contracts.records import RequestLogged
from libs.core.text import capped
from libs.ports.erasures import RequestRef
from services.gateway.domain.body.chat import ChatMessageBody
from services.gateway.domain.errors import ApiError
from services.gateway.domain.streaming.reply import ToolCall

MAX_TEXT_CHARACTERS = 60_000  # of question and answer each: a broker accepts records of 1 MB


def question_in(messages: list[ChatMessageBody]) -> str:
    """Text of the user's last message, capped; empty for none."""
    latest = next((message for message in reversed(messages) if message.role == "user"), None)
    return capped(_text(latest), MAX_TEXT_CHARACTERS) if latest is not None else ""


def answer_in(text: str, calls: tuple[ToolCall, ...]) -> str:
    """Capped. The text of the answer, else its tool calls as JSON."""
    if text or not calls:
        return capped(text, MAX_TEXT_CHARACTERS)
    return capped(
        orjson.dumps([{"name": call.name, "arguments": call.arguments} for call in calls]).decode(), MAX_TEXT_CHARACTERS
    )


def is_answer(text: str, calls: tuple[ToolCall, ...]) -> bool:
    """True when the recorded answer is the whole text."""
    return (bool(text) or not calls) and len(text) <= MAX_TEXT_CHARACTERS


def _text(message: ChatMessageBody) -> str:
    content = message.content
    if isinstance(content, str):
        return content
    return "\n".join(part.text for part in content or () if part.text)


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


@dataclass  # without slots: orjson reads a `__dict__` twice as fast
class DirectRecord:
    """One request and its one model call. `asked` is the model that the client named, `why` the reason why no fleet
    answered; `model` on `server` got the body with `prompt_sha256` (hex). Times are Unix seconds; `duration_ms` is that
    of the call. `estimated`: the server did not count tokens. `kept` is the data from which the reply can be shown
    again.

    Plain values, because each request pays for them: pydantic's cost eight times as much, and fields of a frozen class
    three times. So the class is not frozen, but no code changes a record.
    """

    response_id: str
    tenant: str
    subject: str
    trace: str
    key_id: str
    user: str
    team: str
    reserved: int
    chunks: tuple[str, ...]
    asked: str
    why: str
    input: str
    answer: str
    outcome: Outcome
    started_at: float
    ended_at: float
    model: str
    server: str
    prompt_sha256: str
    prompt_tokens: int
    completion_tokens: int
    estimated: bool
    duration_ms: int
    finish: str
    kept: RecordedReply | None = None
    priced_as: str = ""

    def entry(self) -> bytes:
        return orjson.dumps(self)

    def without_texts(self) -> "DirectRecord":
        """For a broker that rejects the size."""
        recorded = RecordedReply(self.kept.protocol, cut=True) if self.kept is not None else None
        return replace(self, input="", answer="", kept=recorded)

    @property
    def ref(self) -> RequestRef:
        return RequestRef(self.tenant, self.response_id, self.subject)

    def redacted(self) -> "DirectRecord":
        return self.without_texts()

    def messages(self) -> tuple[RequestLogged]:
        """Deterministic: repeated calls return equal messages."""
        return (self.logged(),)

    def logged(self) -> RequestLogged:
        origin = Origin(
            self.response_id, self.tenant, deadline_at=self.ended_at, trace=self.trace, subject=self.subject
        )
        call = self._call()
        logged = RequestLogged(
            response_id=self.response_id,
            input=self.input,
            answer=self.answer,
            expert_models_used=(f"{self.model}@{self.server}::direct",),
            ts=self.started_at,
            outcome=self.outcome,
            usage=call.usage,
            account=self._account(),
            model=self.asked,
            direct=self.kept.reply(self.started_at, self.finish) if self.kept is not None else None,
            why=self.why,
            call=call,
        )
        return logged.opening(origin)

    def _account(self) -> Account:
        return Account(
            key_id=self.key_id,
            user=self.user,
            team=self.team,
            reserved=self.reserved,
            chunks=self.chunks,
            priced_as=self.priced_as,
        )

    def _call(self) -> ModelCall:
        return ModelCall(
            stage="direct",
            model=self.model,
            server=self.server,
            prompt_sha256=self.prompt_sha256,
            usage=Usage(prompt_tokens=self.prompt_tokens, completion_tokens=self.completion_tokens),
            duration_ms=self.duration_ms,
            finish_reason=self.finish,
            usage_estimated=self.estimated,
        )


def completed_at(accepted_at: float, duration_ms: int) -> int:
    """Unix seconds: the same in the first answer and in later look-ups."""
    return int(accepted_at + duration_ms / 1000)


_READER = TypeAdapter(DirectRecord)


def read_record(entry: bytes) -> DirectRecord:
    """Raises pydantic's ValidationError."""
    return _READER.validate_json(entry)
