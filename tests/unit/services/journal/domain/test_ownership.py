"""Ownership of a record: the signature decides; for an unsigned record, its claims do."""

import base64
from dataclasses import replace

import pytest

from libs.contracts.dead_letter import DeadLettered, OriginalRecord
from libs.contracts.message import Message
from libs.contracts.origin import Origin
from libs.contracts.question import Question, QuestionAsked
from libs.contracts.record import Record
from libs.core.ids import SYSTEM_TENANT, new_response_id, response_uuid
from libs.core.subjects import pseudonym
from libs.ports.journal import Owner
from libs.runtime.messaging.codec import encode, verifier
from libs.runtime.messaging.signing import Signer
from services.journal.domain.ownership import owner_of

SIGNER = Signer(b"a signing key for tests")
ADA = pseudonym("a signing key for tests", "acme", "ada")
RESPONSE_ID = new_response_id(3, 1_700_000_000)
OPENING = Origin(RESPONSE_ID, "acme", deadline_at=1_700_000_060.0, trace="00-t-01", subject=ADA)
ASKED = QuestionAsked(question=Question(text="How many?")).opening(OPENING)


def record(message: Message, signer: Signer = SIGNER) -> Record:
    (outgoing,) = encode(message, signer)
    return Record(outgoing.topic.name, 0, 1, 5, outgoing.key, outgoing.headers, outgoing.value)


def letter_about(original: Record) -> DeadLettered:
    kept = OriginalRecord(
        topic=original.topic,
        partition=0,
        offset=1,
        timestamp_ms=5,
        key=base64.b64encode(original.key or b"").decode(),
        headers=tuple((name, base64.b64encode(value).decode()) for name, value in original.headers),
        body="",
        body_sha256="",
        body_bytes=0,
    )
    letter = DeadLettered(
        letter="l",
        record=kept,
        stage="s",
        code_version="1",
        error="e",
        error_class="E",
        message="m",
        first_failed_at=1.0,
        last_failed_at=2.0,
    )
    return letter.opening(replace(OPENING, tenant=SYSTEM_TENANT, subject=""))


def test_a_signed_record_belongs_to_its_tenant_and_subject() -> None:
    assert owner_of(record(ASKED), verifier(SIGNER)) == Owner("acme", ADA)


def test_a_foreign_signature_makes_it_the_system_s_under_the_claimed_subject() -> None:
    assert owner_of(record(ASKED, Signer(b"a key of somebody else")), verifier(SIGNER)) == Owner(SYSTEM_TENANT, ADA)


def test_without_a_readable_envelope_it_is_found_by_its_response() -> None:
    bare = replace(record(ASKED), headers=())
    assert owner_of(bare, verifier(SIGNER)) == Owner(SYSTEM_TENANT, str(response_uuid(RESPONSE_ID)))


@pytest.mark.parametrize("key", [None, b"", b"\xff", b"chatcmpl-1", b"nul\0"])
def test_without_any_claim_it_is_the_system_s_own(key: bytes | None) -> None:
    assert owner_of(replace(record(ASKED), headers=(("subject", b"A" * 32),), key=key), verifier(SIGNER)) == Owner()


def test_a_dead_letter_belongs_to_the_subject_of_its_record() -> None:
    foreign = record(ASKED, Signer(b"a key of somebody else"))
    assert owner_of(record(letter_about(foreign)), verifier(SIGNER)) == Owner(SYSTEM_TENANT, ADA)
    bare = replace(foreign, headers=())
    assert owner_of(record(letter_about(bare)), verifier(SIGNER)) == Owner(
        SYSTEM_TENANT, str(response_uuid(RESPONSE_ID))
    )


def test_a_dead_letter_that_nobody_can_read_is_the_tenant_s_own() -> None:
    letter = letter_about(record(ASKED))
    headers = letter.envelope.headers(SIGNER.sign(letter.envelope, b"{}"))
    assert owner_of(Record("t", 0, 1, 5, b"", headers, b"{}"), verifier(SIGNER)) == Owner(SYSTEM_TENANT, "")
