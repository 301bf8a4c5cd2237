"""Five rounds of two hundred concurrent questions, each service a process on a real Kafka; their memory afterwards."""

from pathlib import Path

import pytest

from libs.runtime.settings import BusSettings
from tests.bench.figures import Figures
from tests.bench.fleets import apart, model_server
from tests.support.soak import soak

pytestmark = [pytest.mark.kafka, pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]
LIMIT = 1.05


async def test_five_rounds_of_two_hundred_leave_the_memory_where_it_was(
    kafka: BusSettings, tmp_path: Path, figures: Figures
) -> None:
    async with model_server(tmp_path) as models, apart(kafka, models, tmp_path) as fleet:
        done = await soak(fleet, rounds=5, at_once=200)
    print(f"\n{done}")
    figures.add("soak, memory after five rounds as after one", done.growth["all"], goal=f"<= {LIMIT}")
    assert done.growth["all"] <= LIMIT
