"""Construction of dead letters: everything needed to inspect and replay a record."""

import base64
import hashlib
import traceback
import uuid
from dataclasses import dataclass
from pathlib import Path

from libs.contracts.dead_letter import DeadLettered, OriginalRecord
from libs.contracts.record import Record
from libs.core.errors import FleetError
from libs.runtime.code_version import code_version
from libs.runtime.delivery.outcomes import Bug

MAX_BODY_BYTES = 512 * 1024  # base64 makes it a third longer, and brokers take a megabyte
MAX_HEADER_BYTES = 128 * 1024
MAX_MESSAGE_CHARS = 300
_LETTERS = uuid.UUID("6f1d5c52-6c1c-5d5e-9f5a-0c8f3a7d2b41")


@dataclass(frozen=True, slots=True)
class FailureContext:
    """The failure of a record: stage, error, time, attempts since `first_at` (Unix seconds)."""

    stage: str
    error: FleetError
    at: float
    first_at: float
    attempts: int = 1


def position_of(record: Record, log_id: str) -> str:
    """One line; `log_id` identifies the broker's log and is empty for a durable one."""
    place = f"{record.topic}/{record.partition}/{record.offset}"
    return f"{log_id}/{place}" if log_id else place


def letter_id(stage: str, position: str) -> str:
    """Deterministic in stage and position."""
    return str(uuid.uuid5(_LETTERS, f"{stage}/{position}"))


def dead_letter(record: Record, failure: FailureContext, log_id: str, *, with_content: bool = True) -> DeadLettered:
    """Not yet bound to a request. Without content the letter holds hash and position only."""
    error = failure.error
    return DeadLettered(
        letter=letter_id(failure.stage, position_of(record, log_id)),
        record=_original(record, with_content=with_content),
        stage=failure.stage,
        code_version=code_version(),
        error=error.code,
        error_class=type(error.__cause__ if isinstance(error, Bug) and error.__cause__ else error).__name__,
        message=" ".join(str(error).split())[:MAX_MESSAGE_CHARS],
        traceback=_frames(error.__cause__) if isinstance(error, Bug) else "",
        attempts=failure.attempts,
        first_failed_at=failure.first_at,
        last_failed_at=failure.at,
    )


def _original(record: Record, *, with_content: bool) -> OriginalRecord:
    body = record.value if with_content and len(record.value) <= MAX_BODY_BYTES else b""
    size = sum(len(name) + len(value) for name, value in record.headers)
    headers = record.headers if with_content and size <= MAX_HEADER_BYTES else ()
    return OriginalRecord(
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        timestamp_ms=record.timestamp_ms,
        key=_base64((record.key or b"")[:MAX_HEADER_BYTES]),
        headers=tuple((name, _base64(value)) for name, value in headers),
        body=_base64(body),
        body_sha256=hashlib.sha256(record.value).hexdigest(),
        body_bytes=len(record.value),
    )


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _frames(error: BaseException | None) -> str:
    """Frames and types of a chain of errors. Never their texts: those may quote a question or a key."""
    lines: list[str] = []
    while error is not None:
        frames = traceback.extract_tb(error.__traceback__)[-20:]
        places = (f"  {'/'.join(Path(f.filename).parts[-3:])}:{f.lineno} in {f.name}" for f in frames)
        lines += [type(error).__name__, *places]
        error = error.__cause__ or error.__context__
    return "\n".join(lines)
