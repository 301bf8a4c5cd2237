from libs.ports.deltas import Delta
from libs.testing.fake_deltas import FakeDeltas

PIECE = Delta("text", "p1.ab", 0, "Hello")


async def test_a_follower_hears_only_its_response_and_only_from_now_on() -> None:
    deltas = FakeDeltas()
    await deltas.append("r1", Delta("progress", text="before"))
    async with deltas.follow("r1") as entries:
        await deltas.append("r2", Delta("progress", text="another"))
        await deltas.append("r1", PIECE)
        assert await anext(entries) == PIECE
    assert deltas.following() == frozenset()


async def test_a_store_that_is_away_takes_nothing_and_raises_nothing() -> None:
    deltas = FakeDeltas()
    deltas.away = True
    await deltas.append("r1", PIECE)
    assert deltas.written["r1"] == []


async def test_a_replay_begins_with_what_was_written_and_goes_on() -> None:
    deltas = FakeDeltas()
    await deltas.append("r1", Delta("progress", text="before"))
    async with deltas.replay("r1") as entries:
        await deltas.append("r1", PIECE)
        assert [await anext(entries), await anext(entries)] == [Delta("progress", text="before"), PIECE]
    assert deltas.following() == frozenset()
