"""Every guard line is where the list says, protects its promise, and is missed by the checker when it is gone."""

import asyncio
from pathlib import Path

import pytest

from tests.chaos.mutation.mutations import MUTATIONS, Mutation
from tests.chaos.mutation.proof import ROOT, Stale, copy_of_the_product, mutated, played, proof_of

GUARD = Mutation("a promise", "a.py", "if late:", "if False:", "a-scene")
SCENES = sorted({mutation.scene for mutation in MUTATIONS})


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


@pytest.mark.parametrize("mutation", MUTATIONS, ids=[mutation.promise for mutation in MUTATIONS])
def test_the_list_of_guards_is_up_to_date(mutation: Mutation) -> None:
    path = ROOT / mutation.file
    assert mutated(path.read_text(), mutation) != path.read_text()


@pytest.mark.slow
@pytest.mark.parametrize("scene", SCENES)
def test_the_product_as_it_is_passes(scene: str, tree: Path) -> None:
    proof = asyncio.run(played(scene, tree))
    assert proof.outcome == "survived", proof.told


@pytest.mark.slow
@pytest.mark.parametrize("mutation", MUTATIONS, ids=[mutation.promise for mutation in MUTATIONS])
def test_the_checker_misses_every_guard(mutation: Mutation, tree: Path) -> None:
    proof = asyncio.run(proof_of(mutation, tree))
    assert proof.outcome == "caught", f"{proof.outcome}\n{proof.told}"
