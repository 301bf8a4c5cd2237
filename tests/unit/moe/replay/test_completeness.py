"""A field that a record lacks is a difference, whatever its message, unless its code did not know it."""

import pytest

from libs.contracts.envelope import Envelope
from libs.contracts.examples import EXAMPLES
from libs.contracts.field_revisions import current_revision
from libs.contracts.message import Message
from libs.contracts.record import Record
from libs.ports.journal import Journaled
from libs.runtime.messaging.codec import encode, verifier
from moe.replay.records import history_of
from moe.replay.verifying import verify
from services.journal.domain.entries import entry_of
from tests.support.fleet import SIGNER
from tests.support.removed_fields import fields_of, without_field

BY_NAME = {type(message).__name__: message for message in EXAMPLES}


def row_of(message: Message, payload: bytes | None = None, contracts: int | None = None) -> Journaled:
    """Message as the journal keeps it, with another payload that was signed."""
    outgoing = encode(message, SIGNER)[0]
    body = outgoing.value if payload is None else payload
    stated = str(current_revision() if contracts is None else contracts)
    headers = message.envelope.headers(SIGNER.sign(message.envelope, body))
    if contracts != 0:
        headers = (*headers, ("contracts", stated.encode()))
    record = Record(outgoing.topic.name, 0, 0, 1_000, outgoing.key, headers, body)
    return Journaled(entry_of(record, "", verifier(SIGNER)), 1.0)


async def paths_of(row: Journaled) -> set[str]:
    """Fields that differ in a history of one record."""
    verdict = await verify("response", history_of([row], SIGNER), {})
    return {difference.path for difference in verdict.differences}


@pytest.mark.parametrize("name", BY_NAME)
async def test_every_field_of_a_message_is_missed(name: str) -> None:
    message = BY_NAME[name]
    fields = dict(fields_of(message, message.model_dump(mode="json")))
    assert fields
    for path in fields:
        found = await paths_of(row_of(message, without_field(message.body(), path)))
        assert found & {f"body.{path}", "record"}, path  # a record without a field that has no default is no message


async def test_a_whole_message_misses_nothing() -> None:
    for message in EXAMPLES:
        assert not {path for path in await paths_of(row_of(message)) if path.startswith("body.")}


async def test_a_field_that_came_after_a_record_was_written_may_be_missing() -> None:
    older = BY_NAME["RequestLogged"]
    payload = without_field(older.body(), "why")
    assert "body.why" in await paths_of(row_of(older, payload))
    assert "body.why" not in await paths_of(row_of(older, payload, contracts=16))
    assert "body.direct" in await paths_of(row_of(older, without_field(payload, "direct"), contracts=16))


async def test_a_record_that_states_no_revision_knew_what_it_has() -> None:
    """Fields of one revision are present together, or not at all."""
    older = BY_NAME["RequestLogged"]
    without_why = without_field(older.body(), "why")
    assert "body.why" in await paths_of(row_of(older, without_why, contracts=0))
    without_any = without_field(without_field(without_why, "call"), "account.priced_as")
    found = await paths_of(row_of(older, without_any, contracts=0))
    assert not {path for path in found if path.startswith("body.")}


async def test_what_a_payload_has_beside_its_fields_is_found() -> None:
    message = BY_NAME["RequestOpened"]
    more = message.body().replace(b"{", b'{"more":1,', 1)
    assert "body.more" in await paths_of(row_of(message, more))


def test_the_revision_is_read_and_compares_no_envelopes() -> None:
    message = BY_NAME["PartCompleted"]
    (said,) = history_of([row_of(message)], SIGNER).records
    assert (said.revision, said.message.envelope.contracts) == (current_revision(), current_revision())
    assert said.message.envelope == message.envelope
    assert Envelope.__dataclass_fields__["contracts"].compare is False


HIDDEN = {
    "an unknown field with the word for an absent one": (b'{"', b'{"hidden":"nothing","'),
    "a number in place of false": (b'"cache_hit":false', b'"cache_hit":0'),
    "a fraction in place of a whole number": (b'"prompt_tokens":1910', b'"prompt_tokens":1910.0'),
    "a field twice": (b'{"', b'{"answer":"another","'),
}


@pytest.mark.parametrize("hidden", HIDDEN)
async def test_what_a_parser_ignores_is_a_difference(hidden: str) -> None:
    message = BY_NAME["RequestLogged"]
    before, after = HIDDEN[hidden]
    payload = message.body().replace(before, after, 1)
    assert payload != message.body()
    assert {path for path in await paths_of(row_of(message, payload)) if path.startswith("body")}
