"""Signatures: the fields that they cover, and the keys that can make them."""

import hashlib
import hmac
from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.contracts.envelope import Envelope, key_id_of, read_envelope
from libs.runtime.messaging.signing import BadSignature, Signer

KEY = b"a signing key that only tests know"
SIGNED = Envelope(
    event_id="e",
    response_id="r",
    tenant="acme",
    causation_id="c",
    deadline_at=1_760_000_000.25,
    schema="s.v1",
    trace="00-1-2-01",
    subject="ada",
    reads='{"web":["1"]}',
    waited_ms=40,
)
UNSIGNED = {"trace", "attempt", "contracts", "logged_ms"}  # they may change on the way; the last is the broker's
CHANGED: dict[str, Envelope] = {
    "event_id": replace(SIGNED, event_id="e2"),
    "response_id": replace(SIGNED, response_id="r2"),
    "tenant": replace(SIGNED, tenant="other"),
    "causation_id": replace(SIGNED, causation_id="c2"),
    "deadline_at": replace(SIGNED, deadline_at=1_760_000_000.250001),
    "schema": replace(SIGNED, schema="s.v2"),
    "subject": replace(SIGNED, subject="bob"),
    "reads": replace(SIGNED, reads='{"web":["2"]}'),
    "waited_ms": replace(SIGNED, waited_ms=41),
}
BODY = b'{"text":"hello"}'


def test_a_signature_holds_for_what_was_signed() -> None:
    Signer(KEY).verify(SIGNED, BODY, Signer(KEY).sign(SIGNED, BODY))


@pytest.mark.parametrize("changed", CHANGED.values(), ids=CHANGED)
def test_a_changed_envelope_is_refused(changed: Envelope) -> None:
    signer = Signer(KEY)
    with pytest.raises(BadSignature, match="is wrong"):
        signer.verify(changed, BODY, signer.sign(SIGNED, BODY))


@pytest.mark.parametrize("name", ["subject", "reads", "waited_ms"])
def test_an_optional_header_that_is_taken_away_is_missed(name: str) -> None:
    signer = Signer(KEY)
    headers = SIGNED.headers(signer.sign(SIGNED, BODY))
    envelope, signature = read_envelope(header for header in headers if header[0] != name)
    with pytest.raises(BadSignature, match="is wrong"):
        signer.verify(envelope, BODY, signature)


def test_every_field_of_the_envelope_is_signed_or_may_change() -> None:
    assert {field.name for field in fields(Envelope)} == CHANGED.keys() | UNSIGNED


def test_a_text_that_moves_into_the_next_field_is_refused() -> None:
    signer, shifted = Signer(KEY), replace(SIGNED, event_id="e\nr", response_id="")
    with pytest.raises(BadSignature, match="is wrong"):
        signer.verify(shifted, BODY, signer.sign(SIGNED, BODY))


@given(st.binary(max_size=60))
def test_another_body_is_refused(body: bytes) -> None:
    signer = Signer(KEY)
    if body != BODY:
        with pytest.raises(BadSignature):
            signer.verify(SIGNED, body, signer.sign(SIGNED, BODY))


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=70))
def test_a_made_up_signature_is_refused(signature: str) -> None:
    with pytest.raises(BadSignature):
        Signer(KEY).verify(SIGNED, BODY, signature)


def test_another_key_signs_differently() -> None:
    with pytest.raises(BadSignature):
        Signer(KEY).verify(SIGNED, BODY, Signer(b"the key of another fleet").sign(SIGNED, BODY))


def test_tenants_have_keys_of_their_own() -> None:
    signer = Signer(KEY)
    signatures = {signer.sign(replace(SIGNED, tenant=tenant), BODY) for tenant in ("a", "b", "")}
    assert len(signatures) == 3


def test_a_signature_is_an_hmac_under_the_key_of_the_tenant_over_every_signed_field() -> None:
    tenant_key = hmac.new(KEY, b"tenant:acme", hashlib.sha256).digest()
    head = b'e\nr\nacme\nc\ns.v1\n1760000000.250000\nada\n40\n{"web":["1"]}\n'
    expected = hmac.new(tenant_key, head + hashlib.sha256(BODY).digest(), hashlib.sha256).hexdigest()
    assert Signer(KEY).sign(SIGNED, BODY) == expected


def test_attempt_and_trace_may_change_on_the_way() -> None:
    signer = Signer(KEY)
    signer.verify(replace(SIGNED, attempt=3, trace="00-9-9-00"), BODY, signer.sign(SIGNED, BODY))


@given(st.floats(0, 1e11))
def test_a_signature_survives_the_headers(deadline_at: float) -> None:
    signer, envelope = Signer(KEY), replace(SIGNED, deadline_at=deadline_at)
    read, signature = read_envelope(envelope.headers(signer.sign(envelope, BODY)))
    signer.verify(read, BODY, signature)


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValueError, match="fewer than 16 bytes"):
        Signer(b"short")


OLD, NEW = b"the key before the rotation", b"the key after the rotation"


@pytest.mark.parametrize("signed_with", ["", "by its id"])
def test_both_keys_hold_during_a_rotation(signed_with: str) -> None:
    before, during, after = Signer(OLD), Signer(NEW, (OLD,)), Signer(NEW)
    key_id = signed_with and before.key_id
    during.verify(SIGNED, BODY, before.sign(SIGNED, BODY), key_id)
    during.verify(SIGNED, BODY, after.sign(SIGNED, BODY), signed_with and after.key_id)
    with pytest.raises(BadSignature):
        after.verify(SIGNED, BODY, before.sign(SIGNED, BODY), key_id)


def test_a_signature_holds_under_the_key_that_it_names_alone() -> None:
    during = Signer(NEW, (OLD,))
    for key_id in (during.key_id, "00000000", "next"):
        with pytest.raises(BadSignature):
            during.verify(SIGNED, BODY, Signer(OLD).sign(SIGNED, BODY), key_id)


def test_an_envelope_names_its_key_and_one_of_before_names_none() -> None:
    signer = Signer(KEY)
    headers = SIGNED.headers(signer.sign(SIGNED, BODY), signer.key_id)
    assert key_id_of(headers) == signer.key_id
    assert key_id_of(SIGNED.headers("")) == ""
    assert read_envelope(headers) == read_envelope(SIGNED.headers(signer.sign(SIGNED, BODY)))
