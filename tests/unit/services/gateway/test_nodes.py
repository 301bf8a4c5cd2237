"""State of the model servers: queried once for all callers, and bounded in time."""

import asyncio
from collections.abc import Awaitable, Callable

from libs.adapters.models.listing import ModelServerUnavailable
from libs.runtime.settings.inference_servers import InferenceServer
from libs.testing.fake_clock import FakeClock
from services.gateway import nodes
from services.gateway.nodes import FRESH_S, Nodes

SERVERS = [InferenceServer(name, f"http://{name}/v1") for name in ("one", "two")]
Listing = Callable[[InferenceServer], Awaitable[tuple[str, ...] | None]]


def listing(answers: dict[str, tuple[str, ...] | ModelServerUnavailable], asked: list[str]) -> Listing:
    async def ask(server: InferenceServer) -> tuple[str, ...] | None:
        asked.append(server.name)
        await asyncio.sleep(0)
        answer = answers[server.name]
        if isinstance(answer, ModelServerUnavailable):
            raise answer
        return answer

    return ask


async def test_each_server_is_seen_as_it_is() -> None:
    away = {status: ModelServerUnavailable("x", status) for status in (None, 429, 500)}
    for status, error in ((None, "unreachable"), (429, "rate_limited"), (500, "http_500")):
        one, two = await Nodes(SERVERS, listing({"one": ("m",), "two": away[status]}, [])).look()
        assert (one.reachable, one.error, one.models) == (True, "", ("m",))
        assert (two.reachable, two.error, two.models) == (status is not None, error, None)


async def test_those_who_ask_within_ten_seconds_share_one_look() -> None:
    asked: list[str] = []
    clock = FakeClock()
    seen = Nodes(SERVERS, listing({"one": (), "two": ()}, asked), clock)
    await asyncio.gather(*(seen.look() for _ in range(5)))
    assert asked == ["one", "two"]
    clock.advance(FRESH_S)
    await seen.look()
    assert len(asked) == 4


async def test_a_server_that_says_nothing_is_not_waited_for() -> None:
    async def silent(_: InferenceServer) -> None:
        await asyncio.Event().wait()

    before, nodes.LISTING_TIMEOUT_S = nodes.LISTING_TIMEOUT_S, 0.01
    try:
        assert [node.error for node in await Nodes(SERVERS, silent).look()] == ["unreachable"] * 2
    finally:
        nodes.LISTING_TIMEOUT_S = before
