"""Replay recomputes every message of a request byte by byte, whatever the outcome."""

from pathlib import Path

import pytest

from libs.testing.model_server import Reply, Rule
from moe.replay.verifying import Status
from tests.support.fleet import STAGES
from tests.support.recorded_messages import verdicts
from tests.support.scenes import SCENES, Scene, crashed, first, played


@pytest.mark.parametrize("name", SCENES)
async def test_a_recorded_request_says_the_same_again(name: str, valkey_url: str, tmp_path: Path) -> None:
    async with played(SCENES[name], valkey_url, tmp_path) as client:
        found = await verdicts(client)
    assert found
    assert [verdict.differences for verdict in found] == [()] * len(found)
    assert {verdict.status for verdict in found} == {Status.VERIFIED}
    assert all(verdict.checked >= verdict.records - 4 for verdict in found)


@pytest.mark.parametrize("victim", STAGES)
async def test_a_request_whose_stage_crashed_says_the_same_again(victim: str, valkey_url: str, tmp_path: Path) -> None:
    async with crashed(victim, valkey_url, tmp_path) as client:
        found = await verdicts(client)
    assert [(verdict.status, verdict.differences) for verdict in found] == [(Status.VERIFIED, ())] * 2


async def test_an_answer_too_large_to_travel_twice_is_not_made_again(valkey_url: str, tmp_path: Path) -> None:
    long = Rule(Reply(text="All of it again. " * 15_000), stage="judge")
    async with played(Scene(first(long)), valkey_url, tmp_path) as client:
        (verdict,) = await verdicts(client)
    assert (verdict.status, verdict.differences) == (Status.VERIFIED, ())
    # Beside the opening two, the judge's answer on its two topics.
    assert verdict.checked == verdict.records - 4
