"""The envelope on the wire."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.contracts.envelope import Envelope, MalformedEnvelope, read_envelope

words = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=30)
envelopes = st.builds(
    Envelope,
    event_id=words,
    response_id=words,
    tenant=words,
    causation_id=words,
    deadline_at=st.integers(0, 4_000_000_000_000_000).map(lambda micros: micros / 1e6),
    schema=words,
    trace=words,
    attempt=st.integers(1, 1000),
)
ONE = Envelope("e", "r", "t", "c", 1_760_000_000.25, "s.v1", "00-1-2-01", 3)


@given(envelopes, words)
def test_headers_read_back_as_the_envelope(envelope: Envelope, signature: str) -> None:
    read, read_signature = read_envelope(envelope.headers(signature))
    assert read_signature == signature
    assert read.deadline_at == pytest.approx(envelope.deadline_at, abs=1e-6, rel=0)
    assert read.by(0.0) == envelope.by(0.0)


@given(envelopes)
def test_a_deadline_that_travelled_once_does_not_change_any_more(envelope: Envelope) -> None:
    once, _ = read_envelope(envelope.headers(""))
    twice, _ = read_envelope(once.headers(""))
    assert twice == once


@pytest.mark.parametrize("name", [name for name, _ in ONE.headers("x")])
def test_a_missing_header_is_named(name: str) -> None:
    with pytest.raises(MalformedEnvelope, match=f"header '{name}' is missing"):
        read_envelope([header for header in ONE.headers("x") if header[0] != name])


@pytest.mark.parametrize(
    ("name", "value"), [("deadline_at", b"soon"), ("attempt", b"1.5"), ("tenant", b"\xff\xfe"), ("attempt", b"")]
)
def test_a_header_that_cannot_be_read_is_refused(name: str, value: bytes) -> None:
    with pytest.raises(MalformedEnvelope, match="cannot be read"):
        read_envelope([*(header for header in ONE.headers("x") if header[0] != name), (name, value)])


def test_headers_that_we_do_not_know_are_ignored() -> None:
    assert read_envelope([*ONE.headers("x"), ("other", b"\xff\xfe"[:0])]) == (ONE, "x")


def test_only_an_earlier_deadline_is_taken() -> None:
    assert ONE.by(5.0).deadline_at == 5.0
    assert ONE.by(9e9) == ONE
