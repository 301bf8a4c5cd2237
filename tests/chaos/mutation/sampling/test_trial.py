"""A break is caught when a test fails that passes on the whole product; a hang ends and is reported as such."""

import shutil
from pathlib import Path

import pytest

from tests.affected.source_tree import SourceTree
from tests.chaos.mutation.sampling import chosen_tests
from tests.chaos.mutation.sampling.trial import Bench, Limits, Run, Verdict, copy_product

WHOLE = "def answer() -> int:\n    return 42\n\n\ndef is_done() -> bool:\n    return True\n"
WRONG = WHOLE.replace("42", "43")
ENDLESS = WHOLE.replace("True", "False")
TEST = "test_answer.py"
FILES = {
    "pyproject.toml": '[tool.pytest.ini_options]\npythonpath = ["."]\nmarkers = ["kafka: x", "slow: x"]\n',
    "product.py": WHOLE,
    TEST: "import threading\n\nfrom product import answer, is_done\n\n\ndef test_answer() -> None:\n"
    "    assert answer() == 42\n\n\ndef test_end() -> None:\n    if not is_done():\n        threading.Event().wait()\n",
    "test_red.py": "from product import answer\n\n\ndef test_red() -> None:\n    assert answer() == 0\n",
    "test_other.py": "import product\n\n\ndef test_other() -> None:\n    assert product\n",
}


@pytest.fixture(autouse=True)
def few_plugins(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start pytest in a fraction of the time."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """A copy of a product of one module."""
    source = tmp_path / "source"
    source.mkdir()
    for path, text in FILES.items():
        (source / path).write_text(text)
    copy_product(SourceTree(source, tuple(FILES)), tmp_path / "copy")
    plugin = tmp_path / "copy" / f"{chosen_tests.__name__.replace('.', '/')}.py"
    plugin.parent.mkdir(parents=True)
    shutil.copy2(chosen_tests.__file__, plugin)
    return Bench(tmp_path / "copy", Limits())


async def test_a_break_that_a_test_notices_is_caught_and_one_that_none_notices_survives(bench: Bench) -> None:
    assert await bench.try_break("product.py", WRONG, [TEST]) == Verdict("caught", f"{TEST}::test_answer")
    assert await bench.try_break("product.py", WRONG, ["test_other.py"]) == Verdict("survived")
    assert (bench.folder / "product.py").read_text() == WHOLE


async def test_chosen_tests_run_first_in_their_order_and_the_rest_of_the_files_after_them(bench: Bench) -> None:
    bench.limits = Limits(silent_s=4.0)
    chosen = [f"{TEST}::test_end", f"{TEST}::test_answer"]
    assert await bench.try_break("product.py", WRONG, [], first=chosen) == Verdict("caught", chosen[1])
    assert await bench.try_break("product.py", ENDLESS, [TEST], first=chosen) == Verdict("hang", chosen[0])
    assert await bench.try_break("product.py", ENDLESS, [], first=chosen[1:]) == Verdict("survived")
    assert await bench.try_break("product.py", WRONG, [TEST], first=chosen[:1]) == Verdict("caught", chosen[1])


async def test_chosen_tests_that_are_gone_catch_nothing(bench: Bench) -> None:
    assert await bench.try_break("product.py", WRONG, [], first=[f"{TEST}::test_gone"]) == Verdict("survived")


async def test_a_break_of_the_same_length_is_seen_though_the_file_was_compiled_in_the_same_second(bench: Bench) -> None:
    assert await bench.passes(TEST)
    assert (await bench.try_break("product.py", WRONG, [TEST])).outcome == "caught"
    assert (await bench.try_break("product.py", WHOLE, [TEST])).outcome == "survived"


async def test_a_test_that_fails_without_the_break_catches_nothing(bench: Bench) -> None:
    assert await bench.try_break("product.py", WRONG, ["test_red.py"]) == Verdict("unreliable", "test_red.py::test_red")


async def test_a_test_that_fails_without_the_break_hides_none_that_notices_it(bench: Bench) -> None:
    caught = Verdict("caught", f"{TEST}::test_answer")
    assert await bench.try_break("product.py", WRONG, ["test_red.py", TEST]) == caught
    assert await bench.try_break("product.py", WRONG, ["test_red.py", "test_other.py"]) == Verdict("survived")


async def test_a_module_that_cannot_be_imported_any_more_is_caught(bench: Bench) -> None:
    assert await bench.try_break("product.py", "raise ValueError\n", [TEST]) == Verdict("caught", TEST)


async def test_a_test_that_never_ends_is_a_hang(bench: Bench) -> None:
    bench.limits = Limits(silent_s=4.0)
    assert (await bench.try_break("product.py", ENDLESS, [TEST])).outcome == "hang"


async def test_a_trial_that_takes_too_long_is_unfinished(bench: Bench) -> None:
    bench.limits = Limits(total_s=0.01)
    assert (await bench.try_break("product.py", WRONG, [TEST])).outcome == "unfinished"


async def test_every_failing_test_is_found_but_those_that_fail_without_the_break(bench: Bench) -> None:
    tests = [TEST, "test_other.py", "test_red.py"]
    assert await bench.failing("product.py", WRONG, tests) == [f"{TEST}::test_answer"]


def test_the_stack_dump_of_a_test_that_took_too_long_is_a_hang() -> None:
    output = "a.py::test_x PASSED\na.py::test_y +++++++++++ Timeout +++++++++++\n+++++ Timeout +++++\n"
    assert Run(output, 1).is_hang
    assert Run(output, 1).last_test == "a.py::test_y"
    assert not Run("a.py::test_x PASSED\n", 0).is_hang
