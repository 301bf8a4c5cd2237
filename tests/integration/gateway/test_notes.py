"""Contract of the key-value store, for Valkey and its fake."""

from collections.abc import AsyncIterator

import pytest

from libs.adapters.valkey.key_value_store import REST_S, ValkeyKeyValues
from libs.ports.key_values import KeyValueStore, KeyValueStoreUnavailable
from libs.ports.no_key_values import NoKeyValues
from libs.testing.fake_clock import FakeClock
from libs.testing.fake_key_values import FakeKeyValues
from libs.testing.stores import valkey


@pytest.fixture(params=["fake", "valkey"])
async def notes(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[KeyValueStore]:
    monkeypatch.setattr("libs.adapters.valkey.key_value_store.TIMEOUT_S", 20.0)
    if request.param == "fake":
        yield FakeKeyValues()
        return
    async with valkey() as url, ValkeyKeyValues(url) as store:
        yield store


async def test_a_note_is_there_until_it_is_dropped(notes: KeyValueStore) -> None:
    assert await notes.get("a") is None
    await notes.put("a", b"\x00\xff", 60)
    assert await notes.get("a") == b"\x00\xff"
    await notes.delete("a", "b")
    assert await notes.get("a") is None


async def test_one_claim_wins_and_the_others_see_it(notes: KeyValueStore) -> None:
    assert await notes.put_if_absent("a", b"one", 60) is None
    assert await notes.put_if_absent("a", b"two", 60) == b"one"
    assert await notes.get("a") == b"one"


async def test_only_what_is_noted_is_replaced(notes: KeyValueStore) -> None:
    await notes.put("a", b"one", 60)
    assert not await notes.compare_and_swap("a", b"two", b"three", 60)
    assert await notes.compare_and_swap("a", b"one", b"two", 60)
    assert await notes.get("a") == b"two"
    assert await notes.compare_and_swap("a", b"two", b"", 60)
    assert await notes.get("a") is None


async def test_a_note_ends() -> None:
    clock = FakeClock()
    notes = FakeKeyValues(clock)
    await notes.put("a", b"1", 5)
    clock.advance(6)
    assert await notes.get("a") is None


async def test_a_store_that_is_away_is_told_at_once() -> None:
    clock = FakeClock()
    async with ValkeyKeyValues("redis://127.0.0.1:1", clock) as notes:
        with pytest.raises(KeyValueStoreUnavailable, match="onnect"):
            await notes.get("a")
        for _ in range(50):
            with pytest.raises(KeyValueStoreUnavailable, match="no answer a moment ago"):
                await notes.get("a")
        clock.advance(REST_S)
        with pytest.raises(KeyValueStoreUnavailable, match="onnect"):
            await notes.get("a")


async def test_without_a_store_every_call_says_so() -> None:
    notes = NoKeyValues()
    for call in (notes.get("a"), notes.put("a", b"", 1), notes.put_if_absent("a", b"", 1), notes.delete("a")):
        with pytest.raises(KeyValueStoreUnavailable):
            await call
    with pytest.raises(KeyValueStoreUnavailable):
        await notes.compare_and_swap("a", b"", b"", 1)
