"""The owner of a record: the tenant that signed it or the system, and the subject whose erasure includes it."""

import base64
import re
from collections.abc import Callable, Sequence

from pydantic import ValidationError

from libs.contracts.dead_letter import DeadLettered, OriginalRecord
from libs.contracts.envelope import Envelope
from libs.contracts.record import Record
from libs.core.errors import Rejected
from libs.core.ids import SYSTEM_TENANT, response_uuid
from libs.core.subjects import PSEUDONYM_CHARS
from libs.ports.journal import Owner

Verify = Callable[[Record], Envelope]
_PERSON = rf"[0-9a-f]{{{PSEUDONYM_CHARS}}}"
_SUBJECT = re.compile(rf"{_PERSON}(?:\.{_PERSON}){{0,15}}")


def owner_of(record: Record, verify: Verify) -> Owner:
    """The owner of a record. Never raises: records that `verify` rejects belong to the system.

    An unverifiable record may still contain personal content, and so may its dead letter. The system keeps those under
    the subject that they claim, else under the response that they claim, so that an erasure finds them.
    """
    try:
        envelope = verify(record)
    except Rejected:
        return Owner(SYSTEM_TENANT, _claimed_subject(dict(record.headers).get("subject"), record.key))
    subject = envelope.subject
    if not subject and envelope.schema == DeadLettered.schema_name():
        subject = _subject_of_letter(record.value)
    return Owner(envelope.tenant or SYSTEM_TENANT, subject)


def _subject_of_letter(body: bytes) -> str:
    try:
        original = DeadLettered.model_validate_json(body).record
    except ValidationError:
        return ""
    return _claimed_subject(_decoded(_header(original, "subject")), _decoded(original.key))


def _header(original: OriginalRecord, name: str) -> str:
    values: Sequence[str] = [value for found, value in original.headers if found == name]
    return values[-1] if values else ""


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text)
    except ValueError:
        return b""


def _claimed_subject(subject: bytes | None, key: bytes | None) -> str:
    if subject and _SUBJECT.fullmatch(name := subject.decode("ascii", "replace")):
        return name
    try:
        return str(response_uuid((key or b"").decode("ascii", "replace")))
    except ValueError:
        return ""
