"""Members and parameters follow the types: of one name, only those of the class that the row names change."""

from pathlib import Path

import pytest
from renaming.edits import RenameError
from renaming.plan import Plan

from tests.support.tools.renames import grow, named, planned

PROJECT = """\
[tool.mypy]
strict = true
explicit_package_bases = true
files = ["."]
"""
LIMITS = """
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, NamedTuple, Protocol


class Entrance(Protocol):
    def enter(self, name: str) -> int: ...


class Gate:
    __slots__ = ("count",)

    def __init__(self, count: int) -> None:
        self.count = count

    def enter(self, name: str) -> int:
        return self.count + len(name)


class Narrow(Gate):
    def enter(self, name: str) -> int:
        return super().enter(name) + 1


class Hall:
    def enter(self) -> None:
        pass


@dataclass(frozen=True)
class Size:
    most: int = 1
    least: int = field(default=0)

    @property
    def both(self) -> int:
        return self.most + self.least


class Pair(NamedTuple):
    most: int


def pass_by(entrance: Entrance, name: str = "") -> int:
    return entrance.enter(name=name)
"""
USE = """
from functools import partial
from dataclasses import replace

from lib import limits
from lib.limits import Entrance, Gate, Narrow, Pair, Hall, Size, pass_by


class Fake:
    def enter(self, name: str) -> int:
        return len(name)


def use(entrance: Entrance, hall: Hall, gates: list[Gate], either: Gate | Narrow) -> int:
    hall.enter()
    pass_by(Fake(), name="é" + str(entrance.enter("")))
    partial(pass_by, name="x")
    size = replace(limits.Size(most=1), most=2)
    match size:
        case Size(most=found):
            pass
    return sum(gate.enter(name="") for gate in gates) + either.enter("") + size.most + Pair(most=3).most + found
"""
TABLE = (
    named("lib.limits:Entrance.enter", "acquire")
    + named("lib.limits:Size.most", "maximum")
    + named("lib.limits:pass_by(name)", "tenant")
    + named("lib.limits:Gate.count", "permits")
)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    root = tmp_path_factory.mktemp("tree")
    grow(root, lib__limits=LIMITS, use=USE)
    (root / "pyproject.toml").write_text(PROJECT)
    return planned(root, TABLE)


def test_a_method_follows_its_protocol_its_overrides_and_its_calls(found: Plan) -> None:
    definition, use = found.writes["lib/limits.py"].decode(), found.writes["use.py"].decode()
    assert definition.count("def acquire(self, name: str)") == 3  # protocol, implementation, override
    assert "super().acquire(name) + 1" in definition
    assert "entrance.acquire(name=tenant)" in definition
    assert "def acquire(self, name: str)" in use  # a fake that implements the protocol without naming it
    assert 'str(entrance.acquire(""))' in use
    assert 'gate.acquire(name="") for gate in gates) + either.acquire("")' in use


def test_a_method_of_an_unrelated_class_keeps_its_name(found: Plan) -> None:
    assert "def enter(self) -> None" in found.writes["lib/limits.py"].decode()
    assert "hall.enter()" in found.writes["use.py"].decode()


def test_a_field_follows_keywords_patterns_and_copies(found: Plan) -> None:
    definition, use = found.writes["lib/limits.py"].decode(), found.writes["use.py"].decode()
    assert "    maximum: int = 1" in definition
    assert "return self.maximum + self.least" in definition
    assert "replace(limits.Size(maximum=1), maximum=2)" in use
    assert "case Size(maximum=found)" in use
    assert "size.maximum + Pair(most=3).most + found" in use


def test_a_parameter_follows_its_body_and_its_keywords(found: Plan) -> None:
    assert 'def pass_by(entrance: Entrance, tenant: str = "") -> int' in found.writes["lib/limits.py"].decode()
    use = found.writes["use.py"].decode()
    assert 'pass_by(Fake(), tenant="é"' in use
    assert 'partial(pass_by, tenant="x")' in use


def test_an_attribute_of_the_instance_follows_and_a_parameter_of_this_name_stays(found: Plan) -> None:
    definition = found.writes["lib/limits.py"].decode()
    assert '__slots__ = ("permits",)' in definition
    assert "self.permits = count" in definition
    assert "return self.permits + len(name)" in definition


FAULTS = {
    "a missing member": (named("lib.limits:Gate.ghost", "spirit"), "no such member"),
    "a missing class": (named("lib.limits:Ghost.enter", "acquire"), "no such class"),
    "a taken member": (named("lib.limits:Size.most", "least"), "has it already"),
    "a member of a protocol": (named("lib.limits:Gate.enter", "acquire"), "needs a row"),
    "an unknown type": (named("lib.limits:Gate.count", "permits"), "of an unknown type"),
    "a taken parameter": (named("lib.limits:pass_by(name)", "entrance"), "bound here already"),
}


@pytest.mark.parametrize(("table", "reason"), FAULTS.values(), ids=FAULTS)
def test_a_row_that_is_not_exact_is_an_error(broken: Path, table: str, reason: str) -> None:
    with pytest.raises(RenameError, match=reason):
        planned(broken, table)


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("broken")
    grow(root, lib__limits=LIMITS, use="from typing import Any\n\ndef f(x: Any) -> Any:\n    return x.count\n")
    (root / "pyproject.toml").write_text(PROJECT)
    return root


def test_an_unknown_type_is_left_or_changed_as_the_row_says(broken: Path) -> None:
    keep = planned(broken, named("lib.limits:Gate.count", "permits", 'untyped = "keep"\n'))
    change = planned(broken, named("lib.limits:Gate.count", "permits", 'untyped = "rename"\n'))
    assert "use.py" not in keep.writes
    assert b"x.permits" in change.writes["use.py"]


def test_a_parameter_of_a_constructor_follows_though_every_class_has_a_constructor(broken: Path) -> None:
    definition = planned(broken, named("lib.limits:Gate.__init__(count)", "size")).writes["lib/limits.py"].decode()
    assert "def __init__(self, size: int) -> None:" in definition
    assert "self.count = size" in definition
