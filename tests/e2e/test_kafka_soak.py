"""Many concurrent questions on a real Apache Kafka.

`tests/bench/test_soak.py` is the full test, with a memory limit.
"""

import pytest

from tests.support.fleet_processes import FleetHarness
from tests.support.soak import soak

pytestmark = [pytest.mark.kafka, pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]


async def test_a_hundred_at_once_get_each_their_own_answer_twice(harness: FleetHarness) -> None:
    done = await soak(harness, rounds=2, at_once=100)
    print(f"\n{done}")  # noqa: T201
