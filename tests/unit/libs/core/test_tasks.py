"""Background tasks whose handle is stored."""

import asyncio

import pytest

from libs.core.tasks import TaskSet, all_or_first_error


@pytest.fixture
def errors() -> list[BaseException]:
    return []


@pytest.fixture
def tasks(errors: list[BaseException]) -> TaskSet:
    return TaskSet(errors.append)


async def wait_for_ever() -> None:
    await asyncio.Event().wait()


async def fail() -> None:
    raise ValueError("broken")


async def test_an_error_reaches_the_callback(tasks: TaskSet, errors: list[BaseException]) -> None:
    tasks.start(fail())
    assert await tasks.drain(1)
    assert [str(error) for error in errors] == ["broken"]


async def test_a_task_that_ended_is_forgotten(tasks: TaskSet) -> None:
    await tasks.start(asyncio.sleep(0))
    assert len(tasks) == 0


async def test_a_cancelled_task_is_no_error(tasks: TaskSet, errors: list[BaseException]) -> None:
    task = tasks.start(wait_for_ever())
    await tasks.cancel()
    assert task.cancelled()
    assert errors == []


async def test_draining_says_what_did_not_end_in_time(tasks: TaskSet) -> None:
    tasks.start(wait_for_ever())
    assert not await tasks.drain(0)
    await tasks.cancel()
    assert await tasks.drain(0)


async def test_cancelling_waits_until_the_work_has_cleaned_up(tasks: TaskSet) -> None:
    left = []

    async def tidy() -> None:
        try:
            await wait_for_ever()
        finally:
            await asyncio.sleep(0)
            left.append("tidy")

    tasks.start(tidy())
    await asyncio.sleep(0)
    await tasks.cancel()
    assert left == ["tidy"]


async def test_a_group_ends_with_the_first_error_as_it_was_raised_and_cancels_the_others() -> None:
    cancelled = asyncio.Event()

    async def waits() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise

    async def fails() -> None:
        await asyncio.sleep(0)
        raise LookupError("away")

    async def both() -> None:
        async with all_or_first_error() as group:
            group.create_task(waits())
            group.create_task(fails())

    with pytest.raises(LookupError, match="away"):
        await both()
    assert cancelled.is_set()
