"""A test of many cases lists all that fail, and passes on its fixtures."""

import asyncio
import inspect

import pytest

from libs.testing.every import for_every


def test_each_failure_is_listed_with_its_case() -> None:
    seen = []

    @for_every(number=range(3), letter="ab")
    def check(number: int, letter: str) -> None:
        seen.append((number, letter))
        assert (number, letter) not in {(1, "a"), (2, "b")}

    with pytest.raises(BaseExceptionGroup, match="2 cases failed") as caught:
        check()
    assert seen == [(number, letter) for number in range(3) for letter in "ab"]
    notes = [failure.__notes__ for failure in caught.value.exceptions]
    assert notes == [["with number=1, letter='a'"], ["with number=2, letter='b'"]]


def test_an_expected_error_that_does_not_come_is_a_failure() -> None:
    @for_every(number=[1])
    def check(number: int) -> None:
        with pytest.raises(ValueError, match="never"):
            assert number

    with pytest.raises(BaseExceptionGroup):
        check()


def test_a_coroutine_is_awaited_for_each_case() -> None:
    @for_every(number=[1, 2])
    async def check(number: int) -> None:
        await asyncio.sleep(0)
        assert number == 1

    with pytest.raises(BaseExceptionGroup, match="1 cases failed"):
        asyncio.run(check())


def test_other_arguments_are_fixtures() -> None:
    @for_every(number=[1])
    def check(number: int, place: str) -> None:
        assert (number, place) == (1, "here")

    assert list(inspect.signature(check).parameters) == ["place"]
    check(place="here")


def test_no_case_at_all_is_an_error() -> None:
    with pytest.raises(ValueError, match="no case of number"):
        for_every(number=[])
