"""Many questions at once, round after round, on a real Apache Kafka: each gets its own answer, and nothing grows."""

import pytest

from tests.e2e.house import House
from tests.e2e.soak import LIMIT, soak

pytestmark = [pytest.mark.kafka, pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]


async def test_two_rounds_of_a_hundred_are_answered_each_with_its_own(house: House) -> None:
    done = await soak(house, rounds=2, at_once=100)
    print(f"\n{done}")  # noqa: T201
