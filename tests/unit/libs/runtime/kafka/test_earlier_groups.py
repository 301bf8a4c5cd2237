"""Offsets of earlier groups: asked by topic, repeated while a coordinator is missing, nothing where it is forbidden."""

import asyncio
from collections.abc import Mapping

import pytest
from aiokafka.errors import (
    GroupAuthorizationFailedError,
    GroupCoordinatorNotAvailableError,
    InvalidGroupIdError,
    KafkaError,
)
from aiokafka.structs import OffsetAndMetadata, TopicPartition

from libs.runtime.kafka.earlier_groups import offsets_of_groups
from libs.testing.fake_clock import JumpingLoop

loop_factory = JumpingLoop
ASKED, DRAFTED = TopicPartition("asked", 0), TopicPartition("drafted", 3)


class Admin:
    """Offsets by group; each error is raised once, before them."""

    def __init__(self, offsets: Mapping[str, Mapping[TopicPartition, OffsetAndMetadata]], *errors: KafkaError) -> None:
        self._offsets = offsets
        self._errors = list(errors)

    async def list_consumer_group_offsets(
        self, group_id: str, partitions: list[TopicPartition]
    ) -> dict[TopicPartition, OffsetAndMetadata]:
        if self._errors:
            raise self._errors.pop(0)
        nothing = OffsetAndMetadata(-1, "")
        return {place: self._offsets.get(group_id, {}).get(place, nothing) for place in partitions}


COMMITTED = {
    "planner.asked": {ASKED: OffsetAndMetadata(7, "intervals")},
    "planner.drafted": {DRAFTED: OffsetAndMetadata(-1, "")},
}


async def found(admin: Admin) -> Mapping[TopicPartition, OffsetAndMetadata]:
    return await offsets_of_groups(admin, "planner", [ASKED, DRAFTED])


async def test_each_topic_had_a_group_and_partitions_without_an_offset_are_left_out() -> None:
    assert await found(Admin(COMMITTED)) == {ASKED: OffsetAndMetadata(7, "intervals")}


async def test_a_group_without_a_coordinator_is_asked_again() -> None:
    errors = [GroupCoordinatorNotAvailableError() for _ in range(5)]
    assert await found(Admin(COMMITTED, *errors)) == {ASKED: OffsetAndMetadata(7, "intervals")}


async def test_a_coordinator_that_does_not_come_is_an_error() -> None:
    began = asyncio.get_running_loop().time()
    with pytest.raises(GroupCoordinatorNotAvailableError):
        await found(Admin(COMMITTED, *(GroupCoordinatorNotAvailableError() for _ in range(1000))))
    assert asyncio.get_running_loop().time() - began == pytest.approx(10, abs=1)


async def test_another_error_is_not_repeated() -> None:
    with pytest.raises(InvalidGroupIdError):
        await found(Admin(COMMITTED, InvalidGroupIdError()))


async def test_what_may_not_be_read_counts_as_nothing() -> None:
    admin = Admin({}, GroupAuthorizationFailedError("planner.asked"), GroupAuthorizationFailedError("planner.drafted"))
    assert await found(admin) == {}
