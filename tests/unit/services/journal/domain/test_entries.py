"""Stored form of a record, whatever its bytes are."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.contracts.envelope import Envelope
from libs.contracts.record import Record
from libs.ports.journal import MAX_CLAIM_CHARS, Claims, Position
from libs.runtime.messaging.codec import verifier
from libs.runtime.messaging.signing import Signer
from services.journal.domain.entries import entry_of

SIGNER = Signer(b"a signing key for tests")
ENVELOPE = Envelope("e2", "chatcmpl-1", "acme", "e1", 1_700_000_000.0, "plan-drafted.v1", "00-trace-01")
RECORD = Record("moe.pipeline.progress.v1", 3, 7, 1_700_000_000_123, b"chatcmpl-1", ENVELOPE.headers("sig"), b"{}")


def test_an_entry_has_the_record_and_what_its_envelope_claims() -> None:
    entry = entry_of(RECORD, "log-1", verifier(SIGNER))
    assert entry.position == Position("log-1", RECORD.topic, 3, 7)
    assert (entry.timestamp_ms, entry.key, entry.payload) == (RECORD.timestamp_ms, RECORD.key, RECORD.value)
    assert entry.headers == RECORD.headers
    assert entry.claims == Claims("e2", "chatcmpl-1", "acme", "plan-drafted.v1", "e1")


def test_the_key_stands_in_for_a_response_id_that_cannot_be_read() -> None:
    without = replace(RECORD, headers=(("response_id", b"\xff\xfe"),))
    assert entry_of(without, "", verifier(SIGNER)).claims == Claims(response_id="chatcmpl-1")


@pytest.mark.parametrize("raw", [b"", b"\xff", b"nul\0byte", b"x" * (MAX_CLAIM_CHARS + 1)])
def test_an_unreadable_claim_is_none_and_its_bytes_stay_in_the_headers(raw: bytes) -> None:
    entry = entry_of(replace(RECORD, key=None, headers=(("tenant", raw), ("response_id", raw))), "", verifier(SIGNER))
    assert entry.claims == Claims()
    assert entry.headers == (("tenant", raw), ("response_id", raw))


NAMES = st.sampled_from(["event_id", "response_id", "tenant", "schema", "causation_id"])


@given(st.lists(st.tuples(NAMES | st.text(), st.binary()), max_size=5), st.none() | st.binary())
def test_no_record_is_too_strange_to_be_kept(headers: list[tuple[str, bytes]], key: bytes | None) -> None:
    entry = entry_of(replace(RECORD, headers=tuple(headers), key=key), "", verifier(SIGNER))
    claims = entry.claims
    for claim in (claims.event_id, claims.response_id, claims.tenant, claims.schema, claims.causation_id):
        assert claim is None or (0 < len(claim) <= MAX_CLAIM_CHARS and "\0" not in claim)
