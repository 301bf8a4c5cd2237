"""Stored form of write-ahead messages: with the envelope, compressed, and encrypted for the data subject."""

import json
from typing import Literal, TypeAlias, TypeVar

from libs.adapters.journal.cipher import SubjectKey
from libs.adapters.journal.content import compressed, expanded
from libs.contracts.answer import AnswerFinished
from libs.contracts.envelope import Envelope, read_envelope
from libs.contracts.message import Message
from libs.contracts.progress import RequestOpened
from libs.contracts.records import FeedbackGiven, KnowledgeOffered
from libs.ports.journal import JournalEntry, Position
from libs.ports.write_ahead import Contribution

Kind = Literal["opened", "ended", "contributed"]
WriteAheadMessage: TypeAlias = RequestOpened | AnswerFinished | Contribution
M = TypeVar("M", bound=Message)
KINDS: dict[type[Message], Kind] = {
    RequestOpened: "opened",
    AnswerFinished: "ended",
    FeedbackGiven: "contributed",
    KnowledgeOffered: "contributed",
}
_NOWHERE = Position("", "", 0, 0)


def event_of(message: WriteAheadMessage) -> str:
    """The event id of a contribution; empty for a request and its end, which their response identifies."""
    return message.envelope.event_id if KINDS[type(message)] == "contributed" else ""


def sealed(message: WriteAheadMessage, key: SubjectKey) -> bytes:
    """Omits the signature: the ciphertext is authenticated, and republishing signs the message again."""
    envelope = message.envelope
    entry = JournalEntry(_NOWHERE, 0, None, envelope.headers(signature=""), message.body())
    name = (*envelope.request, KINDS[type(message)], event_of(message))
    return key.encrypt(compressed(entry), _identity(*name))


def opened_again(contract: type[M], name: tuple[str, str], content: bytes, key: SubjectKey) -> M:
    """`name` is tenant and response id. Raises ConfigurationError under another key."""
    envelope, payload = _read(content, _identity(*name, KINDS[contract], ""), key)
    return contract.read(payload, envelope)


def contributed_again(request: tuple[str, str], event_id: str, content: bytes, key: SubjectKey) -> Contribution:
    """`request` is tenant and response id. Raises ConfigurationError under another key."""
    envelope, payload = _read(content, _identity(*request, "contributed", event_id), key)
    if envelope.schema == FeedbackGiven.schema_name():
        return FeedbackGiven.read(payload, envelope)
    return KnowledgeOffered.read(payload, envelope)


def _read(content: bytes, identity: bytes, key: SubjectKey) -> tuple[Envelope, bytes]:
    found = expanded(key.decrypt(content, identity), (None, None, None, None))  # no columns repeat the content
    envelope, _ = read_envelope(found.headers)
    return envelope, found.payload


def _identity(tenant: str, response_id: str, kind: Kind, event_id: str) -> bytes:
    named = [event_id] if event_id else []
    return json.dumps(["moe accepted", tenant, response_id, kind, *named]).encode()
