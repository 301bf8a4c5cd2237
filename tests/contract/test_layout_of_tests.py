"""Test files lie and are named as the code that they test; what they share is in `tests/support`."""

from collections.abc import Mapping

import pytest

from tests.contract import rules
from tests.contract.layout_of_tests import helpers_elsewhere, imports_of_tests, imports_of_tools, polls, unmirrored

LEAST_MIRRORED = 0.9
# Folders of runnable tools, with modules of their own, and what runs them.
TOOLS = {
    "tests/affected/": "`make affected`",
    "tests/bench/": "`make bench`, `make bench-against`, `make bench-instructions`",
    "tests/chaos/": "`make chaos`, `make mutate`, `make mutate-sample`",
    "tests/clients/": "`make test-clients`",
    "tests/conformance/": "`make test-mcp-conformance`",
    "tests/contract/": "`make contract`, `make baseline`, `python -m tests.contract.retired`",
    "tests/peers/": "`make bench-peers`",
    "tests/plugins/": "pytest, by `tests/conftest.py`",
    "tests/suites/": "`make gate`, `make test-full`, `make test-pythons`",
}
OF_TOOLS = ("tests/unit/tests/",)  # the tools' own tests
PLUGINS = "tests/plugins/"  # their options and fixtures are for every test
# The poll itself, and folders in which polls are part of what is measured.
MAY_POLL = ("libs/testing/waiting.py", "tests/bench/", "tests/peers/")


def test_helper_modules_are_in_tests_support() -> None:
    assert helpers_elsewhere(rules.sources("tests"), TOOLS) == []


def test_every_exempt_folder_is_a_tool_with_modules() -> None:
    files = rules.sources("tests")
    without = {folder: reason for folder, reason in TOOLS.items() if not helpers_elsewhere(_below(files, folder), ())}
    assert without == {}


def test_support_and_unit_tests_import_no_other_suite() -> None:
    assert imports_of_tests(rules.sources("tests")) == []


def test_suites_do_not_import_tools() -> None:
    files = rules.sources("tests/support", "tests/unit", "tests/integration", "tests/flow", "tests/e2e")
    judged = {path: text for path, text in files.items() if not path.startswith(OF_TOOLS)}
    assert imports_of_tools(judged, TOOLS.keys() - {PLUGINS}) == []


def test_unit_tests_are_named_as_the_modules_that_they_test() -> None:
    tests = [path for path in rules.sources("tests/unit") if path.rpartition("/")[2].startswith("test_")]
    others = unmirrored(tests, rules.sources("libs", "services", "moe", "tools", "tests"))
    assert len(others) <= (1 - LEAST_MIRRORED) * len(tests), others


def test_conditions_are_awaited_by_the_one_poll() -> None:
    files = rules.sources("tests", "libs/testing")
    assert polls({path: text for path, text in files.items() if not path.startswith(MAY_POLL)}) == []


@pytest.mark.parametrize("path", ["tests/unit/libs/words.py", "tests/flow/fleet.py", "tests/other/tool.py"])
def test_a_helper_beside_tests_is_found(path: str) -> None:
    assert helpers_elsewhere({path: "X = 1\n", "tests/unit/libs/test_words.py": "X = 1\n"}, TOOLS) == [path]


@pytest.mark.parametrize(
    "path",
    ["tests/support/words.py", "tests/flow/conftest.py", "tests/unit/test_words.py", "tests/bench/x.py", "libs/x.py"],
)
def test_a_helper_in_its_place_is_not_found(path: str) -> None:
    assert helpers_elsewhere({path: "X = 1\n"}, TOOLS) == []


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("tests/unit/moe/test_a.py", "from tests.integration.gateway import gateway\n"),
        ("tests/unit/moe/test_a.py", "import tests.flow.fleet\n"),
        ("tests/unit/moe/test_a.py", "from tests.flow import fleet\n"),
        ("tests/unit/moe/test_a.py", "def f() -> None:\n    from tests.e2e.fleet import Fleet\n"),
        ("tests/support/a.py", "from tests.integration.conftest import URL\n"),
        ("tests/support/a.py", "from tests.unit.moe.test_a import X\n"),
    ],
)
def test_an_import_of_another_suite_is_found(path: str, text: str) -> None:
    assert len(imports_of_tests({path: text})) == 1


def test_an_import_of_support_is_allowed() -> None:
    assert imports_of_tests({"tests/unit/moe/test_a.py": "from tests.support.fleet import Fleet\n"}) == []


def test_an_import_of_a_tool_is_found() -> None:
    files = {
        "tests/flow/test_a.py": "from tests.bench.figures import Figures\n",
        "tests/flow/test_b.py": "import tests\n",
    }
    assert imports_of_tools(files, TOOLS) == ["tests/flow/test_a.py: tests.bench.figures.Figures"]


@pytest.mark.parametrize(
    ("test", "mirrors"),
    [
        ("libs/core/test_ids.py", True),
        ("libs/core/test_uuids.py", False),
        ("libs/test_ids.py", False),
        ("libs/test_core.py", True),
        ("libs/core/ids/test_order.py", True),
        ("libs/core/test_order.py", False),
    ],
)
def test_a_unit_test_mirrors_a_module_a_package_or_one_aspect_of_a_module(test: str, *, mirrors: bool) -> None:
    found = unmirrored([f"tests/unit/{test}"], ["libs/core/__init__.py", "libs/core/ids.py"])
    assert found == ([] if mirrors else [f"tests/unit/{test}"])


@pytest.mark.parametrize("pause", ["0.1", "PAUSE_S", "0"])
def test_a_loop_that_only_sleeps_is_found(pause: str) -> None:
    assert (
        len(polls({"tests/a.py": f"async def f():\n    while not met():\n        await asyncio.sleep({pause})\n"})) == 1
    )


def test_a_loop_that_works_is_none() -> None:
    assert (
        polls({"tests/a.py": "async def f():\n    while True:\n        work()\n        await asyncio.sleep(1)\n"}) == []
    )


def _below(files: Mapping[str, str], folder: str) -> dict[str, str]:
    return {path: text for path, text in files.items() if path.startswith(folder)}
