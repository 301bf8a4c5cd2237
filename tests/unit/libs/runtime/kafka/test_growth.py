"""When a member joins its group again because the topic has got partitions."""

from types import SimpleNamespace

import pytest

from libs.contracts.topics import RUN_TOOL
from libs.runtime.kafka.growth import GrowthListener

DECLARED = RUN_TOOL.partitions


class Consumer:
    """Counts the requests to its coordinator to rejoin."""

    def __init__(self) -> None:
        self.rejoined = 0

    @property
    def _coordinator(self) -> "Consumer":
        return self

    def request_rejoin(self) -> None:
        self.rejoined += 1


def rejoined(held: set[int], *counts: int) -> list[int]:
    consumer = Consumer()
    listener = GrowthListener(consumer, RUN_TOOL.name, held)
    found = []
    for count in counts:
        listener(SimpleNamespace(partitions_for_topic=lambda _topic, count=count: set(range(count)) or None))
        found.append(consumer.rejoined)
    return found


@pytest.mark.parametrize("held", [set(range(DECLARED)), {0, 5}, set()], ids=["all", "some", "none"])
def test_a_member_joins_again_once_for_each_growth(held: set[int]) -> None:
    assert rejoined(held, DECLARED, DECLARED + 6, DECLARED + 6, DECLARED + 12) == [0, 1, 1, 2]


def test_a_member_that_came_back_joins_again_where_its_topic_has_grown_meanwhile() -> None:
    assert rejoined(set(range(DECLARED)), DECLARED + 6) == [1]


def test_a_member_that_holds_the_last_partition_knows_all() -> None:
    assert rejoined({0, DECLARED + 5}, DECLARED + 6) == [0]


def test_a_topic_that_a_broker_does_not_show_has_not_grown() -> None:
    assert rejoined({0}, 0, DECLARED) == [0, 0]
