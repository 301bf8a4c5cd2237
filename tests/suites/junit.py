"""Data of a JUnit report besides failures: the CPU seconds of each area, the long waits and the memory."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

from defusedxml import ElementTree

from tests.plugins.waits import limit_s

_DEPTHS = {"unit": 3, "integration": 2}  # of the folders that are areas; others are areas themselves


@dataclass(frozen=True)
class TestCase:
    """A test of a report; `area` is its folder, such as `integration/gateway` or `unit/services/gateway`."""

    __test__ = False

    name: str
    area: str
    cpu_s: float
    waited_s: float
    peak_mb: float


def read_junit(path: Path) -> list[TestCase]:
    """Read a report that pytest wrote."""
    return list(_cases(path))


def cpu_by_area(cases: list[TestCase]) -> Mapping[str, float]:
    """CPU seconds of each area."""
    found: dict[str, float] = {}
    for case in cases:
        found[case.area] = found.get(case.area, 0.0) + case.cpu_s
    return found


def long_waits(cases: list[TestCase]) -> list[str]:
    """Tests that waited longer than they may on a quiet machine, with their seconds."""
    return [f"{case.name} waited {case.waited_s:.1f} s" for case in cases if case.waited_s > limit_s(case.name)]


def _cases(path: Path) -> Iterator[TestCase]:
    for element in ElementTree.parse(path).iter("testcase"):
        properties = {str(each.get("name")): str(each.get("value")) for each in element.iter("property")}
        module, name = str(element.get("classname")), str(element.get("name"))
        yield TestCase(
            f"{module.replace('.', '/')}.py::{name}",
            _area(module),
            float(properties.get("cpu_s", 0)),
            float(properties.get("waited_s", 0)),
            float(properties.get("peak_mb", 0)),
        )


def _area(module: str) -> str:
    folders = list(takewhile(lambda part: not part.startswith("test_"), module.split(".")[1:]))
    return "/".join(folders[: _DEPTHS.get(folders[0], 1)]) if folders else module
