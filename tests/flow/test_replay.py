"""Whatever happens to a request: everything that was said about it is computed again, byte by byte."""

from pathlib import Path

import pytest

from services.replaying.verifying import Status
from tests.flow.fleet import STAGES
from tests.flow.recording import verdicts
from tests.flow.scenes import SCENES, crashed, played


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
    assert [verdict.differences for verdict in found] == [(), ()]
