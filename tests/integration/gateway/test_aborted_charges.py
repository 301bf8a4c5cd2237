"""An aborted call is charged for the text that the model had time to generate, up to the client's own limit."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from libs.contracts.model_call import Usage
from libs.contracts.staffing import ModelRef
from libs.core.generation_rates import TOKENS_PER_S, GenerationRates
from libs.ports.llm import TokenUsage
from libs.testing.fake_clock import FakeClock
from libs.testing.model_server import Fault, Reply, Rule
from libs.testing.waiting import waiting
from services.gateway.domain.direct.spent import estimated
from services.gateway.pipeline.app_context import AppContext
from tests.support.direct_gateway import JUDGE, DirectGateway, DirectSetting, direct_gateway

TEXT = "one two three four "
SEEN = -(-len(TEXT) // 4)


async def aborted(folder: Path, fields: dict[str, object], *, stream: bool, seconds: float, rate: float = 0.0) -> Usage:
    """Charge for a call that its client left after some seconds of virtual time."""
    clock = FakeClock(1_790_000_000.0)

    def on_clock(front: AppContext) -> AppContext:
        return replace(front, clock=clock)

    stalled = Rule(Reply(TEXT + "five", fault=Fault("stall", 4) if stream else Fault("silence")))
    async with direct_gateway(DirectSetting(folder), stalled, alter=on_clock) as direct:
        if rate:
            direct.proxy.rates.observe(JUDGE, round(rate * 100), 100.0)
        async with asyncio.TaskGroup() as group:
            asking = group.create_task(_asked(direct, seen := asyncio.Event(), stream=stream, **fields))
            async with waiting(30):
                await (seen.wait() if stream else direct.models.log.wait_started(1))
            clock.advance(seconds)
            asking.cancel()
        return (await direct.logged()).usage


async def _asked(direct: DirectGateway, seen: asyncio.Event, *, stream: bool, **fields: object) -> None:
    body = {"model": "judge-7b@scripted", "messages": [{"role": "user", "content": "Why?"}], "stream": stream, **fields}
    async with direct.gateway.client.stream("POST", "/v1/chat/completions", json=body) as response:
        text = ""
        async for line in response.aiter_lines():
            text += line
            if "four" in text:
                seen.set()


@pytest.mark.parametrize(
    ("stream", "seconds", "fields", "expected"),
    [
        (False, 4.0, {}, 4 * TOKENS_PER_S),
        (False, 4.0, {"max_tokens": 30}, 30),
        (False, 4.0, {"max_completion_tokens": 30, "n": 2}, 60),
        (True, 4.0, {}, SEEN + 4 * TOKENS_PER_S),
        (True, 4.0, {"max_tokens": 30}, 30),
        (True, 0.0, {"max_tokens": 30}, SEEN),
        (False, 4.0, {"n": 3}, 3 * 4 * TOKENS_PER_S),
        (True, 4.0, {"n": 3, "max_tokens": 100}, 300),
    ],
)
async def test_an_aborted_call_is_charged_for_the_time_that_the_model_had(
    tmp_path: Path, stream: bool, seconds: float, fields: dict[str, object], expected: float
) -> None:
    usage = await aborted(tmp_path, fields, stream=stream, seconds=seconds)
    assert (usage.prompt_tokens, usage.completion_tokens) == (1, expected)


async def test_a_model_is_charged_at_the_pace_at_which_it_was_seen_to_write(tmp_path: Path) -> None:
    usage = await aborted(tmp_path, {}, stream=False, seconds=10.0, rate=7.0)
    assert usage.completion_tokens == 70


async def test_a_whole_answer_tells_the_pace_of_its_model(tmp_path: Path) -> None:
    whole = Reply("x", usage=TokenUsage(prompt_tokens=3, completion_tokens=400))
    async with direct_gateway(DirectSetting(tmp_path), Rule(whole)) as direct:
        assert (await direct.ask()).status_code == 200
        assert direct.proxy.rates.tokens_per_s(JUDGE) > 400


class Ticking(FakeClock):
    """Every look at it takes a second."""

    def monotonic(self) -> float:
        self.advance(1.0)
        return super().monotonic()


async def pace_after(folder: Path, answers: int) -> float:
    whole = Reply("x", usage=TokenUsage(prompt_tokens=3, completion_tokens=100_000))
    clock = Ticking(1_790_000_000.0)
    async with direct_gateway(
        DirectSetting(folder), Rule(whole), alter=lambda front: replace(front, clock=clock)
    ) as direct:
        assert (await direct.ask(n=answers)).status_code == 200
        return direct.proxy.rates.tokens_per_s(JUDGE)


async def test_several_answers_at_once_do_not_make_their_model_faster(tmp_path: Path) -> None:
    assert await pace_after(tmp_path / "eight", 8) < await pace_after(tmp_path / "one", 1) / 4


async def test_a_server_that_breaks_off_is_no_abort(tmp_path: Path) -> None:
    async with direct_gateway(DirectSetting(tmp_path), Rule(Reply(TEXT, fault=Fault("reset", 2)))) as direct:
        await direct.ask()
        assert (await direct.logged()).usage.completion_tokens == 0


def test_the_pace_of_at_most_so_many_models_is_known() -> None:
    rates = GenerationRates()
    for number in range(1000):
        rates.observe(ModelRef(model=f"m{number}", server="n"), 100, 1.0)
    assert rates.tokens_per_s(ModelRef(model="m0", server="n")) == TOKENS_PER_S
    assert rates.tokens_per_s(ModelRef(model="m999", server="n")) == 100


def test_what_was_seen_counts_in_full_even_beyond_the_bound() -> None:
    assert estimated(0, 400, unseen_tokens=10, most_tokens=30).usage.completion_tokens == 100
