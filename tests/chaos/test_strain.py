"""Effects of an overload, from the results of each client."""

from dataclasses import replace

import pytest

from tests.chaos.arrivals import Arrival, Wave
from tests.chaos.arriving import due
from tests.chaos.strain import AFTER, FLOOD, NORMAL, Memory, Strain, missed, strain_of


def arrival(wave: str, asked: float, took_s: float, status: int = 200) -> Arrival:
    refused = status != 200
    return Arrival(wave, f"#{wave}", asked, took_s, status, "" if refused else "r1", retry_after="1" if refused else "")


CAME = (
    *(arrival(NORMAL, number, 1.0) for number in range(10)),
    *(arrival(FLOOD, 10.0 + number, 1.4) for number in range(11)),
    *(arrival(FLOOD, 10.0 + number, 0.002, 503) for number in range(11)),
    *(arrival(AFTER, 21.0 + number, 1.0) for number in range(10)),
)
MEMORY = {"gateway-0": Memory(100, 104), "merger-0": Memory(100, 110)}


def strain(*more: Arrival, memory: dict[str, Memory] | None = None) -> Strain:
    return strain_of((*CAME, *more), memory or MEMORY, capacity=1.0)


def test_a_fleet_that_refuses_in_time_and_answers_as_always_misses_nothing() -> None:
    found = strain()
    assert (found.answered, found.refused, found.otherwise, found.recovery_s) == (11, 11, 0, 0.0)
    assert found.slower == pytest.approx(1.4)
    assert found.used == pytest.approx(1.1)
    assert (found.fattest, round(found.growth, 3)) == ("merger-0", 0.1)
    assert list(missed(found)) == []


def test_the_wait_before_the_acceptance_is_no_slowness_of_the_fleet() -> None:
    waited = [replace(arrival(FLOOD, 15.0, 6.0), queued_s=5.0) for _ in range(5)]
    assert strain(*waited).slower == pytest.approx(1.4)


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("slower", arrival(FLOOD, 12.0, 1.6)),
        ("refused_p99_s", arrival(FLOOD, 12.0, 0.2, 503)),
        ("without_hint", replace(arrival(FLOOD, 12.0, 0.002, 429), retry_after="")),
        ("otherwise", arrival(FLOOD, 12.0, 0.002, 500)),
        ("otherwise", arrival(FLOOD, 12.0, 0.002, 0)),
        ("refused_in_calm", arrival(NORMAL, 2.0, 0.002, 503)),
        ("recovery_s", arrival(AFTER, 50.5, 0.002, 503)),
        ("recovery_s", arrival(AFTER, 50.5, 1.6)),
    ],
    ids=lambda value: value if isinstance(value, str) else f"{value.wave} {value.status}",
)
def test_a_bar_that_is_not_reached_is_told(name: str, more: Arrival) -> None:
    assert [violation.about for violation in missed(strain(more))] == [name]


def test_a_process_that_grows_is_told() -> None:
    grown = strain(memory=MEMORY | {"journal-0": Memory(100, 121)})
    assert [(each.about, grown.fattest) for each in missed(grown)] == [("growth", "journal-0")]


def test_an_overload_in_which_nobody_is_refused_is_none() -> None:
    calm = strain_of([each for each in CAME if not each.refused], MEMORY, 1.0)
    assert [violation.about for violation in missed(calm)] == ["refused"]


async def test_clients_come_at_the_pace_of_their_wave_and_one_wave_after_the_other() -> None:
    waves = (Wave("a", 10_000.0, 0.05), Wave("b", 20_000.0, 0.05))
    came = [name async for name, _, _ in due(waves, seed=1)]
    assert came == sorted(came)
    assert came.count("a") == pytest.approx(500, rel=0.2)
    assert came.count("b") == pytest.approx(1000, rel=0.2)


def test_a_wave_is_told_as_text() -> None:
    assert Wave.of(str(Wave("flood", 80.0, 60.0))) == Wave("flood", 80.0, 60.0)
