"""The record of a request with a cached answer: its opening and its end, as on the log."""

from dataclasses import dataclass

import orjson
from pydantic import TypeAdapter

from libs.contracts.answer import AnswerFinished
from libs.contracts.envelope import Envelope
from libs.contracts.message import Message
from libs.contracts.progress import RequestOpened
from libs.contracts.question import Question
from libs.core.text import capped
from libs.ports.erasures import RequestRef

SHORT = 1000  # characters

_ENVELOPE = TypeAdapter(Envelope)


@dataclass(frozen=True, slots=True)
class CachedAnswerRecord:
    """`end` follows `opened`."""

    opened: RequestOpened
    end: AnswerFinished

    @property
    def response_id(self) -> str:
        return self.opened.envelope.response_id

    def entry(self) -> bytes:
        """Three lines: JSON contains no line breaks."""
        return b"\n".join((orjson.dumps(self.opened.envelope), self.opened.body(), self.end.body()))

    def messages(self) -> tuple[Message, ...]:
        return self.opened, self.end

    @property
    def ref(self) -> RequestRef:
        envelope = self.opened.envelope
        return RequestRef(envelope.tenant, envelope.response_id, envelope.subject)

    def redacted(self) -> "CachedAnswerRecord":
        original = self.opened.question
        question = Question(text="", mode=original.mode, language=original.language)
        opened = self.opened.model_copy(update={"question": question, "echo": "", "session": ""})
        end = self.end.model_copy(update={"text": ""})
        return CachedAnswerRecord(opened.bound(self.opened.envelope), end.bound(self.end.envelope))

    def without_texts(self) -> "CachedAnswerRecord":
        """A matched question may be longer than the first one, by blanks."""
        short = self.opened.question.model_copy(
            update={"text": capped(self.opened.question.text, SHORT), "history": ()}
        )
        opened = self.opened.model_copy(update={"question": short}).bound(self.opened.envelope)
        end = self.end.model_copy(update={"text": capped(self.end.text, SHORT)})
        return CachedAnswerRecord(opened, end.bound(self.end.envelope))


def read_cached_answer_record(entry: bytes) -> CachedAnswerRecord:
    """Raises pydantic's ValidationError."""
    envelope, opened, end = (*entry.split(b"\n", 2), b"", b"")[:3]
    request = RequestOpened.read(opened, _ENVELOPE.validate_json(envelope))
    return CachedAnswerRecord(request, AnswerFinished.model_validate_json(end).after(request))
