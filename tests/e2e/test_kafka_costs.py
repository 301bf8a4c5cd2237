"""What a lonely question costs in requests, on Apache Kafka, Valkey and Postgres: counts, not times."""

from pathlib import Path
from statistics import median

import pytest

from libs.runtime.settings import BusSettings
from libs.testing.native_kafka import native_kafka
from tests.support.request_costs import Costs, counted_fleet

pytestmark = [pytest.mark.kafka, pytest.mark.slow]
SETTLE_S = 3.0  # the journal writes and commits within a second
WARM_UP = 12  # consumers learn that this process publishes their records
QUESTIONS = 5
# Of a plan with four experts, merger and critic. On a slow machine the parts are published one by one.
MOST = {"records": 17, "produce": 10, "commit": 6, "valkey": 0}


async def test_a_lonely_question_costs_few_requests_and_waits_for_no_fetch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with native_kafka() as kafka:
        settings = BusSettings(kafka_url=f"kafka://{kafka.bootstrap}")
        async with counted_fleet(settings, tmp_path, monkeypatch) as fleet:
            for _ in range(WARM_UP):
                await fleet.ask(settle_s=0)
            await fleet.ask(SETTLE_S)
            idle = await fleet.idle(SETTLE_S)
            costs = [await fleet.ask(SETTLE_S) for _ in range(QUESTIONS)]
            with fleet.without_fetches():
                await fleet.ask(settle_s=0)
    for name in ("records", "produce", "fetch", "commit", "valkey", "postgres"):
        answered, settled = typical(costs, name)
        print(f"{name:8} until the answer {answered:3g}, in {SETTLE_S:g} s {settled:3g}, idle {idle[name]:3g}")  # noqa: T201
    assert {name: count for name, most in MOST.items() if (count := typical(costs, name)[1]) > most} == {}


def typical(costs: list[Costs], name: str) -> tuple[float, float]:
    """Medians of a count until the answer, and until the fleet was idle again."""
    return median(each.answered[name] for each in costs), median(each.settled[name] for each in costs)
