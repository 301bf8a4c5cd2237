"""Dead letters: a failed record, with everything needed to investigate and replay it."""

from typing import ClassVar, Literal

from libs.contracts.message import Message, Value
from libs.contracts.summaries import TEXT_LIMIT
from libs.contracts.topics import DEAD_LETTERS, Topic
from libs.core.text import capped


class OriginalRecord(Value):
    """The record as it lay on the log. Bytes are base64; `body` is empty when it was larger than the cap.

    `body_sha256` and `body_bytes` tell about the whole body in every case.
    """

    topic: str
    partition: int
    offset: int
    timestamp_ms: int
    key: str
    headers: tuple[tuple[str, str], ...]
    body: str
    body_sha256: str
    body_bytes: int


class DeadLettered(Message):
    """`letter` names the dead letter: a function of stage and position, so the same record gives the same one.

    `stage` is the service that gave up, `code_version` its version, `error` the stable code, `error_class` the type,
    `message` one line, `traceback` that of a bug. `attempts` counts all tries; times are Unix seconds.
    """

    topics: ClassVar[tuple[Topic, ...]] = (DEAD_LETTERS,)
    letter: str
    record: OriginalRecord
    stage: str
    code_version: str
    error: str
    error_class: str
    message: str
    traceback: str = ""
    attempts: int = 1
    first_failed_at: float
    last_failed_at: float

    @property
    def part_id(self) -> str:
        return self.letter

    def summary(self) -> str:
        error = f"{self.error}: {capped(self.message, TEXT_LIMIT)}"
        return f"dead letter of {self.stage}, {self.record.topic}: {error}"


class DeadLetterSettled(Message):
    """What an operator did about a dead letter: it was put back on its topic, or dropped for good."""

    topics: ClassVar[tuple[Topic, ...]] = (DEAD_LETTERS,)
    letter: str
    action: Literal["replayed", "dropped"]
    operator: str
    ts: float

    @property
    def part_id(self) -> str:
        return f"{self.letter}/{self.action}"

    def summary(self) -> str:
        return f"{self.action} by {self.operator}"
