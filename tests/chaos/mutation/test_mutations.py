"""Every guard line is at its listed place and protects its promise, and the checker detects its removal."""

import asyncio
import re
from pathlib import Path

import pytest

from libs.testing.every import for_every
from tests.chaos.mutation.mutation import Mutation
from tests.chaos.mutation.mutations import MUTATIONS
from tests.chaos.mutation.proof import (
    ROOT,
    Stale,
    copy_of_the_product,
    mutated,
    played,
    proof_of,
    run_tests,
    verdict,
)

GUARD = Mutation("a promise", "a.py", "if late:", "if False:", "a-scene")
QUICK_SCENE = "broker-away"  # `make mutate` plays all
ONE_MODULE = """
import threading

GUARD = True


def test_rule() -> None:
    assert GUARD


def test_endless() -> None:
    if not GUARD:
        threading.Event().wait()
"""
A, B = "tests/a.py::test_a", "tests/a.py::test_b"
SUMMARY = "ERROR a log\nFAILED tests/a.py::test_b\n=== short test summary info ===\n"


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the product."""
    folder = tmp_path_factory.mktemp("product")
    copy_of_the_product(folder)
    return folder


def test_a_guard_is_replaced_where_it_stands() -> None:
    text = "def f():\n    if late:\n        return\n"
    assert mutated(text, GUARD) == "def f():\n    if False:\n        return\n"


@pytest.mark.parametrize("text", ["", "if late:\nif late:\n", "if late and tired:\n"], ids=["gone", "twice", "changed"])
def test_a_guard_that_is_not_there_exactly_once_is_stale(text: str) -> None:
    with pytest.raises(Stale, match=r"a\.py"):
        mutated(text, GUARD)


@for_every(mutation=MUTATIONS)
def test_the_list_of_guards_is_up_to_date(mutation: Mutation) -> None:
    path = ROOT / mutation.file
    assert mutated(path.read_text(), mutation) != path.read_text()


def test_every_guard_has_either_a_scene_or_tests_and_a_promise_of_its_own() -> None:
    assert [mutation.promise for mutation in MUTATIONS if bool(mutation.scene) == bool(mutation.tests)] == []
    assert len({mutation.promise for mutation in MUTATIONS}) == len(MUTATIONS)


@for_every(mutation=MUTATIONS)
def test_the_tests_of_a_guard_exist(mutation: Mutation) -> None:
    for test in mutation.tests:
        path, _, name = test.partition("::")
        assert re.search(rf"^(async )?def {name}\(", (ROOT / path).read_text(), re.MULTILINE), test


@pytest.fixture
def small_tree(tmp_path: Path) -> Path:
    (tmp_path / "test_it.py").write_text(ONE_MODULE)
    (tmp_path / "pyproject.toml").write_text("[tool.pytest.ini_options]\n")
    return tmp_path


async def test_a_guard_is_caught_when_its_test_fails_and_the_copy_is_whole_again(small_tree: Path) -> None:
    guard = Mutation("", "test_it.py", "GUARD = True", "GUARD = False", tests=("test_it.py::test_rule",))
    assert (await proof_of(guard, small_tree)).outcome == "caught"
    assert (small_tree / "test_it.py").read_text() == ONE_MODULE
    assert (await run_tests(guard.tests, small_tree)).outcome == "survived"


async def test_a_test_that_never_ends_is_reported_as_hung(small_tree: Path) -> None:
    path = small_tree / "test_it.py"
    path.write_text(ONE_MODULE.replace("GUARD = True", "GUARD = False"))
    assert (await run_tests(("test_it.py::test_endless",), small_tree, limit_s=3.0)).outcome == "hung"


@pytest.mark.parametrize(
    ("code", "told", "outcome"),
    [
        (1, f"FAILED {A}[x y] - assert\nFAILED {B} - assert\n2 failed", "caught"),
        (1, f"FAILED {A}[x y] - assert\n1 failed, 1 passed", "survived"),
        (1, f"FAILED {A}_and_more - assert\nFAILED {B}\n1 failed", "survived"),
        (0, "", "survived"),
        (1, f"FAILED {A} - assert\nFAILED {B}\nERROR {B} - OSError\n", "broken"),
        (2, f"ERROR {A} - ImportError\n", "broken"),
        (4, "", "broken"),
        (1, "cut off", "broken"),
        (-9, "", "broken"),
    ],
    ids=["each", "one of two", "another name", "none", "error", "no import", "no such test", "cut off", "killed"],
)
def test_a_guard_is_caught_when_each_of_its_tests_fails(code: int, told: str, outcome: str) -> None:
    head = "" if told == "cut off" else SUMMARY
    assert verdict(code, head + told, (A, B)) == outcome


@pytest.mark.slow
def test_a_scene_passes_on_the_product_and_misses_its_guard(tree: Path) -> None:
    guard = next(mutation for mutation in MUTATIONS if mutation.scene == QUICK_SCENE)
    whole = asyncio.run(played(QUICK_SCENE, tree))
    assert whole.outcome == "survived", whole.told
    broken = asyncio.run(proof_of(guard, tree))
    assert broken.outcome == "caught", broken.told
