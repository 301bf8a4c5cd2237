"""Two trees are the same code after a table, or each difference is named with file and line."""

import subprocess
from pathlib import Path

import pytest
import same_code
from comparing.trees import snapshot
from renaming.table import parse_table

from tests.support.tools.renames import grow, moved, named

TABLE = moved("lib/pool.py", "lib/pg/connections.py") + named("lib.pool:Turns", "FairSemaphore")
OLD = {
    "lib__pool": '"""Turns."""\nimport re\n\n\nclass Turns:\n    def take(self) -> int:\n        return 1\n',
    "use": "import os\nfrom lib.pool import Turns\n\nx = [Turns().take(), os]  # one\ny = 'lib.pool'\n",
}
NEW = {
    "lib__pg__connections": """
        import re


        class FairSemaphore:
            '''Permits.'''

            def take(self) -> int:
                return 1
        """,
    "use": """
        from lib.pg.connections import FairSemaphore
        import os

        x = [
            FairSemaphore().take(),
            os,
        ]
        y = 'lib.pg.connections'
        """,
}


def compared(folder: Path, table: str = TABLE, **changed: str) -> list[str]:
    grow(folder / "old", **OLD)
    grow(folder / "new", **NEW | changed)
    old, new = (snapshot(str(folder / name), folder) for name in ("old", "new"))
    return list(same_code.compare(old, new, parse_table(table)))


def test_moves_names_imports_docstrings_and_formatting_may_differ(tmp_path: Path) -> None:
    assert compared(tmp_path) == []


CHANGES = {
    "a changed line": ("return 1", "return 2", "lib/pg/connections.py:8: 1 became 2"),
    "a new line": ("return 1", "return 1\n                return 1", "is new"),
    "another name": ("def take", "def give", "take became give"),
    "a new import": ("import re\n", "import re\n        import json\n", "import of json is new"),
    "a lost import": ("import re\n", "", "import of re is gone"),
    "another operator": ("-> int", "-> 'int'", "became"),
}


@pytest.mark.parametrize(("before", "after", "difference"), CHANGES.values(), ids=CHANGES)
def test_each_other_change_is_named(tmp_path: Path, before: str, after: str, difference: str) -> None:
    changed = NEW["lib__pg__connections"].replace(before, after)
    found = compared(tmp_path, lib__pg__connections=changed)
    assert len(found) >= 1
    assert difference in found[0]


def test_a_name_outside_the_table_may_not_change(tmp_path: Path) -> None:
    assert compared(tmp_path, table=moved("lib/pool.py", "lib/pg/connections.py")) != []


def test_missing_and_new_files_are_named(tmp_path: Path) -> None:
    assert "more.py: is new" in compared(tmp_path, more="")
    assert "lib/pool.py: is missing" in compared(tmp_path / "still", table=named("lib.pool:Turns", "FairSemaphore"))


def test_files_that_are_no_python_differ_by_the_table_alone(tmp_path: Path) -> None:
    grow(tmp_path / "old")
    for folder, text in (("old", "lib/pool.py\n"), ("new", "lib/pg/connections.py\n")):
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
        (tmp_path / folder / "a.md").write_text(text)
        (tmp_path / folder / "b.md").write_text(folder)
    assert compared(tmp_path) == ["b.md:1: 'old' became 'new'"]
    assert compared(tmp_path, table=TABLE.replace("[[move]]", 'prose = ["b.md"]\n[[move]]', 1)) == []


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    grow(tmp_path, **OLD)
    _git(tmp_path, "init", "-q")
    _commit(tmp_path)
    (tmp_path / "lib/pool.py").unlink()
    grow(tmp_path, **NEW)
    (tmp_path / "tools/renames").mkdir(parents=True)
    (tmp_path / "tools/renames/010-pool.toml").write_text(TABLE)
    _commit(tmp_path)
    return tmp_path


def test_a_range_of_commits_is_checked_by_the_table_lines_of_each(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    grow(repository, more="x = 1\n")
    _commit(repository)  # no table lines: not checked
    assert same_code.main(["--range", "HEAD~2..HEAD", "--root", str(repository)]) == 0
    table = repository / "tools/renames/010-pool.toml"
    table.write_text(table.read_text() + named("more:x", "y"))
    grow(repository, more="y = 2\n")
    _commit(repository)
    assert same_code.main(["--range", "HEAD~3..HEAD", "--root", str(repository)]) == 1
    assert "more.py:1: 1 became 2" in capsys.readouterr().out


def _commit(root: Path) -> None:
    _git(root, "add", "-A")
    _git(root, "-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-q", "-m", "a")


def _git(root: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(root), *arguments], check=True)
