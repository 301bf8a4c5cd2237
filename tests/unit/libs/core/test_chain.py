"""A link commits to everything before it, to its header and to its content."""

import hashlib
from dataclasses import replace

import pytest

from libs.core.chain import GENESIS, ChainHeader, Checkpoint, commitment, link

HEADER = ChainHeader("acme", 1, "", "moe.audit", 2, 3, 4, 5, "event", "response", "schema.v1", None)


def test_a_header_has_one_spelling() -> None:
    assert HEADER.canonical() == b'[1,"acme",1,"","moe.audit",2,3,4,5,"event","response","schema.v1",null]'


@pytest.mark.parametrize(
    "other",
    [
        replace(HEADER, tenant="zeta"),
        replace(HEADER, sequence=2),
        replace(HEADER, log_id="other"),
        replace(HEADER, topic="moe.requests"),
        replace(HEADER, partition=9),
        replace(HEADER, offset=9),
        replace(HEADER, timestamp_ms=9),
        replace(HEADER, received_us=9),
        replace(HEADER, event_id=None),
        replace(HEADER, response_id=None),
        replace(HEADER, schema=None),
        replace(HEADER, causation_id="event"),
    ],
)
def test_every_field_is_part_of_the_hash(other: ChainHeader) -> None:
    assert other.canonical() != HEADER.canonical()


def test_text_outside_ascii_is_escaped() -> None:
    assert replace(HEADER, tenant="ä").canonical().startswith(b'[1,"\\u00e4",1')


def test_a_link_is_the_hash_of_the_one_before_the_header_and_the_commitment() -> None:
    committed = commitment(b"salt", b"secret")
    assert committed == hashlib.sha256(b"saltsecret").digest()
    assert link(GENESIS, b"header", committed) == hashlib.sha256(bytes(32) + b"header" + committed).digest()


def test_a_checkpoint_is_not_spelled_like_a_header() -> None:
    signed = Checkpoint("acme", 7, "ab", 9, "cd").canonical()
    assert signed == b'["moe checkpoint 1","acme",7,"ab",9,"cd"]'
