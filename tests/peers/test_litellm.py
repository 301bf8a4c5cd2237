"""The gateway beside LiteLLM's proxy: one model server, one client, alternating rounds, one worker and a key each.

Prints figures and ratios; machines differ, so a clock never fails it. Only the answers are judged.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from tests.peers.comparison import as_json, rows_of, table, write
from tests.peers.litellm_proxy import KEY, LITELLM, litellm_process
from tests.peers.sides import CUT, Effort, Side, measure
from tests.support.gateway_process import two_ways
from tests.support.measured_path import Way


@pytest.fixture
async def sides(tmp_path: Path) -> AsyncIterator[tuple[Side, Side, Side]]:
    """Start the model server, our gateway with its stores, and LiteLLM."""
    assert LITELLM.exists(), "LiteLLM is not installed: run `make bench-peers`"
    async with two_ways(tmp_path) as ways:
        proxy = litellm_process(tmp_path, ways.model.url)
        await proxy.start()
        try:
            yield Side("bare server", ways.straight), Side("LiteLLM", Way(proxy, KEY)), Side("gateway", ways.through)
        finally:
            await proxy.stop()


async def test_the_gateway_beside_litellm(sides: tuple[Side, Side, Side], request: pytest.FixtureRequest) -> None:
    effort = CUT if request.config.getoption("--cut", default=False) else Effort()
    assert not any(psutil.Process(side.way.process.running.pid).children() for side in sides)  # one worker each
    await measure(sides, effort)
    rows, names = rows_of(*sides, effort), [side.name for side in sides]
    print(f"\n{psutil.cpu_count()} cores\n{table(rows, names)}")
    write(request.config.getoption("--json", default=None), as_json(rows, names, effort))
