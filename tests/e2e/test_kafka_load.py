"""Processes crash, start and stop during a hundred requests: each request gets its own answer, once."""

import asyncio
from collections.abc import Sequence

import httpx
import pytest

from libs.testing.processes import moe_process
from tests.support.fleet_processes import FleetHarness

pytestmark = [pytest.mark.kafka, pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]

KINDS = ("slow", "med", "words", "fast")  # see the script of the harness
AT_ONCE = 100
LOOKED_AT = 10  # responses whose ends on the log are compared; reading the log takes a moment
PACE_S = 0.08


async def test_no_crash_loses_a_request(harness: FleetHarness) -> None:
    tokens = [f"#{KINDS[number % 4]}crash{number}" for number in range(AT_ONCE)]
    async with asyncio.TaskGroup() as group:
        asked = [group.create_task(harness.ask(_question(token))) for token in tokens]
        for victim in ("merger", "planner", "expert-worker", "merger"):
            await asyncio.wait(asked, timeout=0.5, return_when=asyncio.FIRST_COMPLETED)
            await harness.processes[victim].kill()
            await harness.processes[victim].start()
    await _assert_each_its_own(harness, tokens, [task.result() for task in asked])


async def test_members_of_a_group_come_and_go(harness: FleetHarness) -> None:
    """A second merger joins and is killed: requests that are half collected move to it and back."""
    tokens = [f"#{KINDS[number % 4]}move{number}" for number in range(AT_ONCE)]
    second = moe_process(harness.place, "serve", "merger")
    async with asyncio.TaskGroup() as group:
        asking = group.create_task(_asked_in_turn(harness, tokens))
        await second.start()
        await second.kill()
    await _assert_each_its_own(harness, tokens, asking.result())


async def _asked_in_turn(harness: FleetHarness, tokens: Sequence[str]) -> list[httpx.Response]:
    async with asyncio.TaskGroup() as group:
        asked = []
        for token in tokens:
            asked.append(group.create_task(harness.ask(_question(token))))
            await asyncio.sleep(PACE_S)
    return [task.result() for task in asked]


def _question(token: str) -> str:
    return f"How large should connection pools be, see {token}?"


async def _assert_each_its_own(
    harness: FleetHarness, tokens: Sequence[str], responses: Sequence[httpx.Response]
) -> None:
    assert [response.text for response in responses if response.status_code != 200] == []
    texts = [response.json()["choices"][0]["message"]["content"] for response in responses]
    assert [token for token, text in zip(tokens, texts, strict=True) if token not in text] == []
    for response, text in list(zip(responses, texts, strict=True))[:: AT_ONCE // LOOKED_AT]:
        ends = await harness.ends(response.json()["id"])
        assert len({end.envelope.event_id for end in ends}) == 1
        assert ends[0].text == text
