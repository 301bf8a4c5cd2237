"""Conversations with one model, stored for their owner."""

import orjson
import pytest

from libs.adapters.valkey.subject_encryption import SubjectEncryption
from libs.adapters.valkey.tenant_encryption import TenantEncryption
from libs.ports.identity import Caller
from libs.ports.key_values import DataSubject, KeyValueStoreUnavailable
from libs.testing.fake_clock import TEST_TIME_S, FakeClock
from libs.testing.fake_key_values import FakeKeyValues
from services.gateway.dialects.responses.request import read_responses
from services.gateway.domain.question.stored_turns import is_storable, turns_with
from services.gateway.domain.streaming.reply import ToolCall
from services.gateway.key_values.conversations import KEPT_S, MAX_BYTES, Conversations
from services.gateway.key_values.personal import EncryptedValues

ADA = Caller("ours", "ada", "k1")
WORDS = DataSubject("ours", "a" * 32, TEST_TIME_S)
TURNS = ({"role": "user", "content": "Why?"}, {"role": "assistant", "content": "Because."})
BODY = {"model": "moe-orchestrator", "input": "What is the weather?", "instructions": "Be brief."}


def conversations(notes: FakeKeyValues) -> Conversations:
    return Conversations(EncryptedValues(notes, SubjectEncryption(TenantEncryption("a signing key"))))


async def test_what_was_kept_is_found() -> None:
    notes = FakeKeyValues()
    await conversations(notes).store(ADA, WORDS, "resp_1", TURNS)
    assert await conversations(notes).find(ADA, "resp_1") == TURNS


@pytest.mark.parametrize("other", [Caller("ours", "bob", "k2"), Caller("theirs", "ada", "k3")], ids=["user", "tenant"])
async def test_nobody_else_finds_it(other: Caller) -> None:
    notes = FakeKeyValues()
    await conversations(notes).store(ADA, WORDS, "resp_1", TURNS)
    assert await conversations(notes).find(other, "resp_1") is None


async def test_the_store_cannot_read_it() -> None:
    notes = FakeKeyValues()
    await conversations(notes).store(ADA, WORDS, "resp_1", TURNS)
    ((name, (value, _)),) = notes.values.items()
    assert b"Because" not in value
    assert "resp_1" not in name


async def test_it_is_forgotten_after_a_day() -> None:
    clock = FakeClock()
    notes = FakeKeyValues(clock)
    await conversations(notes).store(ADA, WORDS, "resp_1", TURNS)
    clock.advance(KEPT_S + 1)
    assert await conversations(notes).find(ADA, "resp_1") is None


async def test_one_that_is_too_long_is_not_kept() -> None:
    notes = FakeKeyValues()
    await conversations(notes).store(ADA, WORDS, "resp_1", ({"role": "user", "content": "x" * MAX_BYTES},))
    assert notes.values == {}


async def test_an_answer_does_not_wait_for_a_store_that_is_away_but_going_on_does() -> None:
    notes = FakeKeyValues(away=True)
    await conversations(notes).store(ADA, WORDS, "resp_1", TURNS)
    with pytest.raises(KeyValueStoreUnavailable):
        await conversations(notes).find(ADA, "resp_1")


def test_calls_are_turns_and_instructions_are_not() -> None:
    call = ToolCall("call_1", "weather", '{"city": "Bern"}')
    asked, answered = turns_with(read_responses(dict(BODY)), "", (call,))
    assert asked == {"role": "user", "content": "What is the weather?"}
    assert answered["content"] is None
    assert orjson.loads(orjson.dumps(answered["tool_calls"])) == [
        {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": '{"city": "Bern"}'}}
    ]


def test_a_client_may_ask_to_keep_nothing() -> None:
    assert is_storable(read_responses(dict(BODY)))
    assert not is_storable(read_responses({**BODY, "store": False}))
