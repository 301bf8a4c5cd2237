"""Current code reproduces recorded histories byte by byte."""

from pathlib import Path

import pytest

from moe.replay.network import network_shut
from moe.replay.verifying import Status
from tests.support.golden import RECORDED, golden_files, read_golden
from tests.support.recorded_messages import verdict_on


@pytest.mark.parametrize("path", golden_files(), ids=lambda path: path.stem)
async def test_a_golden_history_says_the_same_again(path: Path) -> None:
    journal = read_golden(path)
    with network_shut():
        verdicts = [await verdict_on(journal, response_id) for response_id in journal.requests()]
    assert verdicts
    assert [verdict.differences for verdict in verdicts] == [()] * len(verdicts)
    assert {verdict.status for verdict in verdicts} == {Status.VERIFIED}


def test_every_golden_history_is_there() -> None:
    assert len(golden_files()) == len(RECORDED)
