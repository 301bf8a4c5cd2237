"""Measures of the import graph: packages stay few and flat, chains of imports short, and none is a circle."""

from collections.abc import Iterator, Mapping, Set
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import grimp
import pytest

from tests.contract.rules import ROOT

MAX_ADAPTER_PACKAGES = 12
MAX_RUNTIME_MODULES = 6
# Modules of the longest chain of imports inside a package. These numbers may only fall.
LONGEST = {"services.gateway.api": 5, "services.gateway": 15}
Imports = Mapping[str, Set[str]]


@cache
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("libs", "services", "moe", cache_dir=None)


def test_no_import_is_part_of_a_circle() -> None:
    assert circle(executed_imports(graph())) == []


def test_a_circle_through_a_parent_package_is_found() -> None:
    cyclic = graph_of({"a": ("a.x",), "a.x": ("b.y",), "b": ("a.x",), "b.y": ()})
    assert "b" in circle(executed_imports(cyclic))
    straight = graph_of({"a": ("a.x",), "a.x": ("b.y",), "b": (), "b.y": ("b.z",), "b.z": ()})
    assert circle(executed_imports(straight)) == []


@pytest.mark.parametrize("package", LONGEST)
def test_chains_of_imports_are_as_long_as_before(package: str) -> None:
    chain = longest_chain(graph(), package)
    assert len(chain) == LONGEST[package], chain


def test_the_longest_chain_stays_inside_the_package() -> None:
    chained = graph_of({"a": ("a.x",), "a.x": ("a.y", "b"), "a.y": ("a.z",), "a.z": (), "b": ("a.z",)})
    assert longest_chain(chained, "a") == ("a.x", "a.y", "a.z")


def test_adapters_are_packages_and_few() -> None:
    flat, packages = children(ROOT / "libs/adapters")
    assert flat == []
    assert len(packages) <= MAX_ADAPTER_PACKAGES, packages


def test_the_runtime_has_few_flat_modules() -> None:
    flat, _ = children(ROOT / "libs/runtime")
    assert len(flat) <= MAX_RUNTIME_MODULES, flat


def test_commands_are_packages_but_for_their_root() -> None:
    assert children(ROOT / "moe/cli")[0] == ["root"]


def test_flat_modules_and_packages_are_told_apart(tmp_path: Path) -> None:
    for name in ("__init__.py", "flat.py", "package/__init__.py", "data/text.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert children(tmp_path) == (["flat"], ["package"])


def children(folder: Path) -> tuple[list[str], list[str]]:
    """Names of the flat modules and of the packages in a package."""
    flat = sorted(path.stem for path in folder.glob("*.py") if path.stem != "__init__")
    return flat, sorted(path.parent.name for path in folder.glob("*/__init__.py"))


def executed_imports(graph: grimp.ImportGraph) -> Imports:
    """Modules that an import of each module executes: those it names, and their packages unless they are its own."""
    return {
        module: {
            executed
            for imported in graph.find_modules_directly_imported_by(module)
            for executed in (imported, *parents(imported))
            if executed == imported or executed not in (module, *parents(module))
        }
        for module in graph.modules
    }


def circle(imports: Imports) -> list[str]:
    """Modules of one circle, empty without one."""
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        found: list[str] = error.args[1]
        return found
    return []


def longest_chain(graph: grimp.ImportGraph, package: str) -> tuple[str, ...]:
    """Modules inside a package of which each imports the next one; the package itself counts for none."""
    inside = graph.find_descendants(package)
    imports = {module: graph.find_modules_directly_imported_by(module) & inside for module in inside}
    longest: dict[str, tuple[str, ...]] = {}
    for module in TopologicalSorter(imports).static_order():
        chains = [longest[imported] for imported in sorted(imports[module])]
        longest[module] = (module, *max(chains, key=len, default=()))
    return max(longest.values(), key=len, default=())


def parents(module: str) -> Iterator[str]:
    while "." in module:
        module = module.rpartition(".")[0]
        yield module


def graph_of(imports: Mapping[str, tuple[str, ...]]) -> grimp.ImportGraph:
    made = grimp.ImportGraph()
    for module, imported in imports.items():
        made.add_module(module)
        for each in imported:
            made.add_import(importer=module, imported=each)
    return made
