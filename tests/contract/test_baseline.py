"""The interface of clients and operators equals the baseline, and no test is lost."""

import json
from pathlib import Path

from renaming.table import read_table

from moe.generate.files import generated_files
from tests.contract.baseline import facts
from tests.contract.baseline.streamed_files import streamed_files
from tests.contract.rules import ROOT

FILES = generated_files()


def _kept(name: str) -> str:
    return (facts.FOLDER / name).read_text()


def test_the_api_document_is_byte_equal_to_the_baseline() -> None:
    assert FILES["schemas/openapi.json"] == _kept("openapi.json")


def test_the_help_of_every_command_is_byte_equal_to_the_baseline() -> None:
    assert facts.help_tree() == _kept("cli_help.txt")


def test_schemas_and_flow_page_are_those_of_the_baseline() -> None:
    assert facts.digests(FILES) == json.loads(_kept("generated.json"))


def test_no_folder_has_fewer_tests_than_the_baseline() -> None:
    tables = [read_table(path) for path in sorted(facts.TABLES.glob("*.toml"))]
    moves = {row.source: row.target for table in tables for row in table.moves}
    before = facts.by_folder(json.loads(_kept("tests.json")), moves)
    assert facts.lost(before, facts.by_folder(facts.counts_of_tests(), {})) == []


async def test_a_streamed_question_runs_no_more_files_than_in_the_baseline() -> None:
    before, now = facts.by_package(json.loads(_kept("streamed_question.json"))), await streamed_files()
    assert now
    assert facts.by_package(now)["services/gateway"] <= before["services/gateway"]
    assert len(now) <= before.total()


def test_a_lost_test_is_found_and_a_moved_one_is_not() -> None:
    before = facts.by_folder({"tests/a/test_x.py": 2, "tests/b/test_y.py": 1}, {"tests/a": "tests/c"})
    assert facts.lost(before, {"tests/c": 2, "tests/b": 1}) == []
    assert facts.lost(before, {"tests/c": 1, "tests/b": 1}) == ["tests/c: 2 tests became 1"]


def test_every_command_has_its_help_in_the_tree() -> None:
    commands = [line for line in facts.help_tree().splitlines() if line.startswith("$ moe")]
    assert {"$ moe --help", "$ moe keys create --help"} <= set(commands)


def test_tables_lie_where_the_check_looks_for_them() -> None:
    assert facts.TABLES.relative_to(ROOT) == Path("tools/renames")
