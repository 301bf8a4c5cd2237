"""Installed packages are the pinned ones: every declared dependency has a pin, every pin hashes, no file an address."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[2]
LOCKS = (*(ROOT / "requirements").glob("*.txt"), *(ROOT / "tests").glob("*/requirements.txt"))
OPEN_WEBUI = ROOT / "tests" / "clients" / "open-webui.txt"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
EXTRAS = PROJECT["project"]["optional-dependencies"]
_PIN = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)", re.MULTILINE)


def pins(text: str) -> dict[str, str]:
    return {canonicalize_name(name): version for name, version in _PIN.findall(text)}


def declared() -> list[Requirement]:
    groups = (PROJECT["project"]["dependencies"], *EXTRAS.values(), PROJECT["build-system"]["requires"])
    return [Requirement(line) for group in groups for line in group]


def unpinned(requirements: list[Requirement], pinned: dict[str, str]) -> list[str]:
    return [
        str(each)
        for each in requirements
        if not each.specifier.contains(pinned.get(canonicalize_name(each.name), "0.dev0"), prereleases=False)
    ]


def test_every_dependency_of_the_project_is_pinned() -> None:
    assert unpinned(declared(), pins((ROOT / "requirements" / "fleet.txt").read_text())) == []


def bounds() -> list[tuple[str, str]]:
    """Each dependency of the product with its lower bound; "" for one without."""
    product = [each for name, extra in EXTRAS.items() if name != "test" for each in extra]
    found = [Requirement(line) for line in (*PROJECT["project"]["dependencies"], *product)]
    return [
        (each.name, min((one.version for one in each.specifier if one.operator == ">="), default="")) for each in found
    ]


def too_new(declared: list[tuple[str, str]], lock: str) -> list[str]:
    """Dependencies whose lower bound differs from the lock; with several pins, one has to match."""
    tested = [(canonicalize_name(name), Version(version)) for name, version in _PIN.findall(lock)]
    return [
        f"{name}>={bound}"
        for name, bound in declared
        if not bound or (canonicalize_name(name), Version(bound)) not in tested
    ]


def test_every_lower_bound_is_the_version_that_the_oldest_environment_has() -> None:
    assert too_new(bounds(), (ROOT / "requirements" / "oldest.txt").read_text()) == []


def test_a_bound_that_is_not_tested_is_found() -> None:
    assert too_new([("A", "2"), ("b", ""), ("c", "1")], "a==2.0\nb==1\nc==1.1\n") == ["b>=", "c>=1"]


def test_a_dependency_without_a_fitting_pin_is_found() -> None:
    assert unpinned([Requirement("a>=2"), Requirement("b")], {"a": "1.9"}) == ["a>=2", "b"]


@pytest.mark.parametrize("path", [*LOCKS, OPEN_WEBUI], ids=lambda path: str(path.relative_to(ROOT)))
def test_every_pin_has_hashes_of_wheels_and_no_address(path: Path) -> None:
    text = path.read_text()
    entries = [entry for entry in re.split(r"\n(?=\S)", text) if "==" in entry]
    assert entries
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []
    assert text.startswith("--only-binary :all:\n")
    assert "//" not in text
    assert "index-url" not in text
