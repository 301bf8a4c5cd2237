"""Modules that a table joins: one file with the code of all, its importers changed, and `same_code` agreeing."""

from pathlib import Path

import pytest
import rename
import same_code
from comparing.trees import snapshot
from renaming.edits import RenameError
from renaming.table import parse_table

from tests.support.tools.renames import grow, named, planned

JOINED = '[[merge]]\nfrom = ["lib/count.py", "lib/pool.py"]\nto = "lib/pool.py"\ndocstring = "Pools."\n'
FILES = {
    "lib__count": (
        '"""Counts."""\n\nimport re\n\n_WORD = re.compile("a")\n\n\n# of permits\ndef count() -> int:\n    return 1\n'
    ),
    "lib__pool": (
        '"""Pool."""\n\nimport re\nfrom lib.count import count\n\n_WORD = re.compile("a")\n\n\n'
        "def take() -> int:\n    return count()  # counted\n"
    ),
    "use": "from lib import count\nfrom lib.pool import take\n\nx = [count.count(), take()]\ny = 'lib/count.py'\n",
}
POOL = '''"""Pools."""

import re

_WORD = re.compile("a")


# of permits
def count() -> int:
    return 1


def take() -> int:
    return count()  # counted
'''


def test_modules_become_one_and_importers_follow(tmp_path: Path) -> None:
    grow(tmp_path / "old", **FILES)
    grow(tmp_path / "new", **FILES)
    rename.write(planned(tmp_path / "new", JOINED), tmp_path / "new")
    assert (tmp_path / "new/lib/pool.py").read_text() == POOL
    assert not (tmp_path / "new/lib/count.py").exists()
    assert (tmp_path / "new/use.py").read_text() == (
        "from lib import pool\nfrom lib.pool import take\n\nx = [pool.count(), take()]\ny = 'lib/pool.py'\n".replace(
            "'", '"'
        )
    )
    old, new = (snapshot(str(tmp_path / name), tmp_path) for name in ("old", "new"))
    assert list(same_code.compare(old, new, parse_table(JOINED))) == []
    assert planned(tmp_path / "new", JOINED).is_empty


@pytest.mark.parametrize("line", ["    return 2\n", "    return 1\n\n\ndef more() -> None: ...\n", ""])
def test_a_change_of_a_joined_module_is_a_difference(tmp_path: Path, line: str) -> None:
    grow(tmp_path / "old", **FILES)
    grow(tmp_path / "new", **FILES)
    rename.write(planned(tmp_path / "new", JOINED), tmp_path / "new")
    path = tmp_path / "new/lib/pool.py"
    path.write_text(POOL.replace("    return 1\n", line or "    return 1\n\n\nimport os\n"))
    old, new = (snapshot(str(tmp_path / name), tmp_path) for name in ("old", "new"))
    assert list(same_code.compare(old, new, parse_table(JOINED))) != []


def test_names_that_differ_stop_the_merge_until_a_row_renames_one(tmp_path: Path) -> None:
    grow(tmp_path, **{**FILES, "lib__pool": FILES["lib__pool"].replace('compile("a")', 'compile("b")')})
    with pytest.raises(RenameError, match="two sources bind _WORD"):
        planned(tmp_path, JOINED)
    assert (
        b'_PERMIT = re.compile("b")'
        in planned(tmp_path, JOINED + named("lib.pool:_WORD", "_PERMIT")).writes["lib/pool.py"]
    )


def test_a_module_that_reads_a_joined_one_by_its_module_name_is_an_error(tmp_path: Path) -> None:
    grow(
        tmp_path, **{**FILES, "lib__pool": "from lib import count\n\n\ndef take() -> int:\n    return count.count()\n"}
    )
    with pytest.raises(RenameError, match="as a module"):
        planned(tmp_path, JOINED)


def test_one_name_for_two_imports_is_an_error(tmp_path: Path) -> None:
    grow(tmp_path, **{**FILES, "lib__pool": FILES["lib__pool"].replace("import re\n", "import regex as re\n")})
    with pytest.raises(RenameError, match="two sources import another re"):
        planned(tmp_path, JOINED)
