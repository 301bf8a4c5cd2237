"""Some services in one process, the rest in processes of their own, on one real Apache Kafka."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from libs.testing.processes import ServerProcess, moe_process, start_all, stop_all
from tests.e2e.house import House

pytestmark = [pytest.mark.kafka, pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]

TOGETHER = ("planner", "merger")


@asynccontextmanager
async def together(house: House, folder: Path) -> AsyncIterator[ServerProcess]:
    """Run two services with `moe up` instead of their own processes, on another data directory."""
    apart = [house.processes[name] for name in TOGETHER]
    assert await stop_all(apart) == {"serve-planner": 0, "serve-merger": 0}
    place = replace(house.place, variables={**house.place.variables, "MOE_DATA_DIR": str(folder)})
    process = moe_process(place, "up", *TOGETHER)
    try:
        await process.start()
        yield process
    finally:
        code = await process.stop()
        await start_all(apart)
    assert code == 0


async def test_two_services_in_one_process_answer_with_the_rest_apart(house: House, tmp_path: Path) -> None:
    question = "How large should connection pools be, see #x1?"
    before = await house.stream(question)
    async with together(house, tmp_path) as process:
        metrics = (await house.http.get(f"{process.url}/metrics")).text
        stream = await house.stream(question)
        stores = psutil.Process(process.running.pid).children()
        after = (await house.http.get(f"{process.url}/metrics")).text
    assert stream.text == before.text
    assert (stream.errors, stream.done) == ([], True)
    assert stores == []  # every address is configured
    for handled in ('service="planner",message="question-asked.v1"', 'service="merger",message="merge-answer.v1"'):
        assert _label(handled) not in metrics
        assert _label(handled) in after


def _label(handled: str) -> str:
    service, message = handled.split(",")
    return f'{{{message},outcome="done",{service}}}'
