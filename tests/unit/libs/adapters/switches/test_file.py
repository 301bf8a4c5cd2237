"""A disabled tool stays disabled, in every process that shares the data directory."""

import asyncio
from pathlib import Path

import pytest

from libs.adapters.switches.file import LOOK_EVERY_S, FileSwitches, SwitchesUnreadable
from libs.testing.fake_clock import FakeClock


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "mcp" / "switched-off.json"


async def test_everything_is_on_until_somebody_switches_it_off(path: Path) -> None:
    switches = FileSwitches(path)
    assert not switches.off("calculate")
    await switches.turn("calculate", "ada", on=False)
    assert switches.off("calculate")
    assert not switches.off("date_diff")


async def test_what_was_switched_off_is_off_after_a_restart(path: Path) -> None:
    await FileSwitches(path).turn("calculate", "ada", on=False)
    assert FileSwitches(path).off("calculate")


async def test_another_instance_knows_within_two_seconds(path: Path) -> None:
    clock = FakeClock()
    ours, theirs = FileSwitches(path), FileSwitches(path, clock)
    assert not theirs.off("calculate")
    await ours.turn("calculate", "ada", on=False)
    clock.advance(LOOK_EVERY_S)
    assert theirs.off("calculate")
    await ours.turn("calculate", "ada", on=True)
    clock.advance(LOOK_EVERY_S)
    assert not theirs.off("calculate")


async def test_two_instances_forget_nothing_of_each_other(path: Path) -> None:
    ours, theirs = FileSwitches(path), FileSwitches(path)
    assert not theirs.off("calculate")
    await ours.turn("calculate", "ada", on=False)
    await theirs.turn("date_diff", "ada", on=False)
    fresh = FileSwitches(path)
    assert fresh.off("calculate")
    assert fresh.off("date_diff")


async def test_switching_off_twice_is_switching_off(path: Path) -> None:
    switches = FileSwitches(path)
    for _ in range(2):
        await switches.turn("calculate", "ada", on=False)
    await switches.turn("calculate", "ada", on=True)
    assert not switches.off("calculate")


@pytest.mark.parametrize(
    "damaged", [b"", b"{", b'{"calculate": true}', b"[1]"], ids=["empty", "cut", "object", "number"]
)
async def test_a_damaged_file_switches_nothing_on(path: Path, damaged: bytes) -> None:
    await FileSwitches(path).turn("calculate", "ada", on=False)
    await asyncio.to_thread(path.write_bytes, damaged)
    switches = FileSwitches(path)
    with pytest.raises(SwitchesUnreadable):
        switches.off("calculate")
    with pytest.raises(SwitchesUnreadable):
        await switches.turn("calculate", "ada", on=True)
