"""Some services in one process, the rest in separate processes, on one real Apache Kafka."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from libs.testing.processes import ServerProcess, moe_process, start_all, stop_all
from libs.testing.waiting import waiting
from tests.support.fleet_processes import FleetHarness

pytestmark = [pytest.mark.kafka, pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]

TOGETHER = ("planner", "merger")
COUNTED_WITHIN_S = 60.0


@asynccontextmanager
async def together(harness: FleetHarness, folder: Path) -> AsyncIterator[ServerProcess]:
    """Run two services with `moe up` instead of their own processes, on another data directory."""
    apart = [harness.processes[name] for name in TOGETHER]
    assert await stop_all(apart) == {"serve-planner": 0, "serve-merger": 0}
    place = replace(harness.place, variables={**harness.place.variables, "MOE_DATA_DIR": str(folder)})
    process = moe_process(place, "up", *TOGETHER)
    try:
        await process.start()
        yield process
    finally:
        code = await process.stop()
        await start_all(apart)
    assert code == 0


async def test_two_services_in_one_process_answer_with_the_rest_apart(harness: FleetHarness, tmp_path: Path) -> None:
    question = "How large should connection pools be, see #x1?"
    before = await harness.stream(question)
    async with together(harness, tmp_path) as process:
        stream = await harness.stream(question)
        await _until_counted(harness, process, 'message="question-asked.v1",outcome="done",service="planner"')
        await _until_counted(harness, process, 'message="merge-answer.v1",outcome="done",service="merger"')
        stores = psutil.Process(process.running.pid).children()
    assert stream.text == before.text
    assert (stream.errors, stream.done) == ([], True)
    assert stores == []  # every address is configured


async def _until_counted(harness: FleetHarness, process: ServerProcess, labels: str) -> None:
    """Wait until a process has counted a message as handled; the answer may be faster than its counter."""
    async with waiting(COUNTED_WITHIN_S):
        while True:
            metrics = await harness.http.get(process.metrics_url)
            if f"moe_messages_handled_total{{{labels}}}" in metrics.text:
                return
