"""Accepted requests and ends as bytes: a message with its envelope, compressed and encrypted for its subject.

The signature is not kept: the ciphertext is authenticated, and whoever says the message again signs it again.
"""

import json
from typing import Literal, TypeVar

from libs.adapters.journal_cipher import SubjectKey
from libs.adapters.journal_content import compressed, expanded
from libs.contracts.answer import AnswerFinished
from libs.contracts.envelope import read_envelope
from libs.contracts.message import Message
from libs.contracts.progress import RequestOpened
from libs.ports.journal import JournalEntry, Position

Kind = Literal["opened", "ended"]
M = TypeVar("M", bound=Message)
KINDS: dict[type[Message], Kind] = {RequestOpened: "opened", AnswerFinished: "ended"}
_NOWHERE = Position("", "", 0, 0)


def sealed(message: RequestOpened | AnswerFinished, key: SubjectKey) -> bytes:
    """Return a message as it is stored."""
    envelope = message.envelope
    entry = JournalEntry(_NOWHERE, 0, None, envelope.headers(signature=""), message.body())
    return key.encrypt(compressed(entry), _identity(envelope.tenant, envelope.response_id, KINDS[type(message)]))


def opened_again(contract: type[M], name: tuple[str, str], content: bytes, key: SubjectKey) -> M:
    """Return the message of a row. `name` is tenant and response id. Raises ConfigurationError under another key."""
    plain = key.decrypt(content, _identity(*name, KINDS[contract]))
    found = expanded(plain, (None, None, None, None))  # there are no columns that say the same
    envelope, _ = read_envelope(found.headers)
    return contract.read(found.payload, envelope)


def _identity(tenant: str, response_id: str, kind: Kind) -> bytes:
    return json.dumps(["moe accepted", tenant, response_id, kind]).encode()
