"""Content is bound to its row: decryption as that of any other row is rejected."""

from dataclasses import replace

import pytest

from libs.adapters.journal.cipher import SubjectKey, UnreadableContent, identity_of, row_identity
from libs.adapters.journal.rows import stored_content
from libs.ports.journal import Claims, JournalEntry, Owner, Position

PLACE = Position("log-1", "moe.requests", 3, 17)
KEY = SubjectKey(1, b"k" * 32)
OTHER_PLACES = {
    "log": replace(PLACE, log_id="log-2"),
    "topic": replace(PLACE, topic="moe.ingest"),
    "partition": replace(PLACE, partition=4),
    "offset": replace(PLACE, offset=18),
    "digits moved": replace(PLACE, partition=31, offset=7),
}


def entry(place: Position = PLACE, tenant: str = "acme") -> JournalEntry:
    return JournalEntry(place, 1_000, b"key", (), b"her words", Claims.of((), b"key"), Owner(tenant, "ada"))


def content_of(stored: JournalEntry) -> bytes:
    content = stored_content(stored, KEY).content
    assert content is not None
    return content


@pytest.mark.parametrize("place", OTHER_PLACES.values(), ids=OTHER_PLACES)
def test_content_of_one_row_is_refused_in_another(place: Position) -> None:
    content = content_of(entry())
    with pytest.raises(UnreadableContent, match="was changed after it was written"):
        KEY.decrypt(content, row_identity("acme", place))
    assert KEY.decrypt(content, row_identity("acme", PLACE))


def test_content_of_one_tenant_is_refused_in_the_same_place_of_another() -> None:
    with pytest.raises(UnreadableContent, match="was changed after it was written"):
        KEY.decrypt(content_of(entry()), row_identity("zeta", PLACE))


def test_no_two_rows_have_one_identity() -> None:
    entries = [entry(place) for place in (PLACE, *OTHER_PLACES.values())]
    entries += [entry(tenant="zeta"), entry(replace(PLACE, log_id='", "'), tenant="ac")]
    assert len({identity_of(each) for each in entries}) == len(entries)
