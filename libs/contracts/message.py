"""The base of every message."""

import re
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, ClassVar, Self

from pydantic import BaseModel, ConfigDict

from libs.contracts.envelope import Envelope
from libs.contracts.origin import Origin
from libs.contracts.topics import Topic
from libs.core import ids

_WORD_START = re.compile(r"(?<!^)(?=[A-Z])")


class Value(BaseModel):
    """A frozen piece of a message. Unknown fields are ignored, so that new fields never break an old reader."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


class Message(Value):
    """A fact or a command. Construct it, then bind it to its cause: `PlanDrafted(...).after(event)`."""

    # A slot beside the fields: not part of the payload, and ten times as fast to read as a private attribute.
    __slots__ = ("_envelope",)
    if TYPE_CHECKING:
        _envelope: Envelope

    topics: ClassVar[tuple[Topic, ...]]
    version: ClassVar[int] = 1

    @classmethod
    def schema_name(cls) -> str:
        """Contract name, for example `part-completed.v1`."""
        return _schema_name(cls)

    @property
    def part_id(self) -> str:
        """The part of the response that this message is about; empty for the whole response."""
        return ""

    @property
    def revision(self) -> int:
        """Distinguishes two messages of one stage and part."""
        return 0

    def summary(self) -> str:
        """One line for operators. May hold text of users, line breaks included: flatten it before showing it."""
        return self.schema_name()

    @property
    def envelope(self) -> Envelope:
        """Raises ValueError before `after` or `bound` was called."""
        try:
            return self._envelope
        except AttributeError as error:
            raise ValueError(f"{type(self).__name__} is not bound to a request yet: call after(cause)") from error

    def bound(self, envelope: Envelope) -> Self:
        """A copy that carries `envelope`."""
        copy = object.__new__(type(self))  # a fifth of what model_copy costs; frozen, so the fields can be shared
        object.__setattr__(copy, "__dict__", self.__dict__)
        object.__setattr__(copy, "__pydantic_fields_set__", self.__pydantic_fields_set__)
        object.__setattr__(copy, "__pydantic_extra__", None)
        object.__setattr__(copy, "__pydantic_private__", None)
        object.__setattr__(copy, "_envelope", envelope)
        return copy

    @classmethod
    def read(cls, body: bytes, envelope: Envelope) -> Self:
        """Parse a payload. Raises pydantic.ValidationError."""
        message = cls.model_validate_json(body)
        object.__setattr__(message, "_envelope", envelope)
        return message

    def opening(self, origin: Origin) -> Self:
        """Bind this message as the first of its history: computes event id and schema, names no cause."""
        schema = self.schema_name()
        return self.bound(
            Envelope(
                event_id=ids.event_id(origin.response_id, schema, self.part_id, self.revision),
                response_id=origin.response_id,
                tenant=origin.tenant,
                causation_id="",
                deadline_at=origin.deadline_at,
                schema=schema,
                trace=origin.trace,
                subject=origin.subject,
            )
        )

    def after(self, cause: "Message", *, deadline_at: float | None = None) -> Self:
        """A copy as an effect of `cause`: same request, tenant and trace.

        A later deadline than that of `cause` is ignored.
        """
        origin = cause.envelope
        due = origin.deadline_at if deadline_at is None else min(deadline_at, origin.deadline_at)
        return self.bound(self._caused_by(origin, due))

    def following(self, cause: Envelope, *, deadline_at: float) -> Self:
        """Return this message as an effect of the message with that envelope, with a deadline of its own."""
        return self.bound(self._caused_by(cause, deadline_at))

    def again(self, times: int) -> Self:
        """The n-th republication after its log was lost: the same message under another id."""
        origin = self.envelope
        name = ids.event_id(origin.response_id, self.schema_name(), self.part_id, self.revision + times)
        return self.bound(replace(origin, event_id=name))

    def _caused_by(self, cause: Envelope, deadline_at: float) -> Envelope:
        schema = self.schema_name()
        return Envelope(
            event_id=ids.event_id(cause.response_id, schema, self.part_id, self.revision),
            response_id=cause.response_id,
            tenant=cause.tenant,
            causation_id=cause.event_id,
            deadline_at=deadline_at,
            schema=schema,
            trace=cause.trace,
            subject=cause.subject,
            waited_ms=cause.waited_ms,
        )

    def body(self) -> bytes:
        """JSON."""
        return self.model_dump_json().encode()


class PartMessage(Message):
    """A message about one part of a response. `part` is the explicit id that the planner gave it."""

    part: str

    @property
    def part_id(self) -> str:
        return self.part


@cache
def _schema_name(kind: type[Message]) -> str:
    return f"{_WORD_START.sub('-', kind.__name__).lower()}.v{kind.version}"
