"""Moves and top-level names: each way in which a file can refer to a module or to a name in it."""

from pathlib import Path
from textwrap import dedent

import pytest
from renaming.edits import RenameError

from tests.support.tools.renames import grow, moved, named, planned

MOVED = moved("lib/pool.py", "lib/pg/connections.py")
NAMED = named("lib.pool:Turns", "FairSemaphore")
POOL = "class Turns:\n    pass\n\n\ndef make() -> 'Turns':\n    return Turns()\n"

USES = {
    "from-import": (
        "from lib.pool import Turns\nx = Turns()\n",
        "from lib.pg.connections import FairSemaphore\nx = FairSemaphore()\n",
    ),
    "alias": (
        "from lib.pool import Turns as T\nx = T()\n",
        "from lib.pg.connections import FairSemaphore as T\nx = T()\n",
    ),
    "module": (
        "from lib import pool\nx = pool.Turns()\n",
        "from lib.pg import connections\nx = connections.FairSemaphore()\n",
    ),
    "module beside a variable of its new name": (
        "from lib import pool\nconnections = pool.Turns()\n",
        "from lib.pg import connections as pool\nconnections = pool.FairSemaphore()\n",
    ),
    "aliased module": (
        "import lib.pool as p\nx = p.Turns()\n",
        "import lib.pg.connections as p\nx = p.FairSemaphore()\n",
    ),
    "dotted": (
        "import lib.pool\nx = lib.pool.Turns()\n",
        "import lib.pg.connections\nx = lib.pg.connections.FairSemaphore()\n",
    ),
    "in a function": (
        "def f():\n    from lib.pool import Turns\n    return Turns\n",
        "def f():\n    from lib.pg.connections import FairSemaphore\n    return FairSemaphore\n",
    ),
    "two modules of one package": (
        "from lib import other, pool\nx = (other, pool)\n",
        "from lib import other\nfrom lib.pg import connections\nx = (other, connections)\n",
    ),
    "re-export": ("from lib.api import Turns\nx = Turns\n", "from lib.api import FairSemaphore\nx = FairSemaphore\n"),
    "string annotation": (
        "from lib.pool import Turns\nx: 'list[Turns]' = []\n",
        "from lib.pg.connections import FairSemaphore\nx: 'list[FairSemaphore]' = []\n",
    ),
    "literal": (
        "from typing import Literal\nfrom lib.pool import Turns\nx: Literal['Turns'] = 'Turns'\n",
        "from typing import Literal\nfrom lib.pg.connections import FairSemaphore\nx: Literal['Turns'] = 'Turns'\n",
    ),
    "dotted text": ("x = 'lib.pool.Turns lib.pool'\n", "x = 'lib.pg.connections.FairSemaphore lib.pg.connections'\n"),
    "path in a text": (
        "x = 'lib/pool.py::f'  # lib/pool.py\n",
        "x = 'lib/pg/connections.py::f'  # lib/pg/connections.py\n",
    ),
    "another of this name": ("class Turns:\n    pass\nx = Turns\n", ""),
    "a parameter of this name": (
        "from lib.pool import Turns\ndef f(Turns):\n    return Turns\n",
        "from lib.pg.connections import FairSemaphore\ndef f(Turns):\n    return Turns\n",
    ),
}


@pytest.mark.parametrize(("before", "after"), USES.values(), ids=USES)
def test_each_way_to_refer_to_a_name_is_followed(tmp_path: Path, before: str, after: str) -> None:
    grow(tmp_path, lib__pool=POOL, lib__other="", lib__api="from lib.pool import Turns as Turns\n", use=before)
    assert planned(tmp_path, MOVED + NAMED).writes.get("use.py", b"").decode() == after


def test_the_defining_module_moves_with_its_new_name(tmp_path: Path) -> None:
    grow(tmp_path, lib__pool=POOL)
    found = planned(tmp_path, '[packages]\n"lib/pg" = "Postgres."\n' + MOVED + NAMED)
    assert found.moves == {"lib/pool.py": "lib/pg/connections.py"}
    assert found.writes["lib/pg/connections.py"].decode() == POOL.replace("Turns", "FairSemaphore")
    assert found.writes["lib/pg/__init__.py"] == b'"""Postgres."""\n'


def test_a_package_moves_with_its_data_and_relative_imports(tmp_path: Path) -> None:
    grow(
        tmp_path,
        lib__cli__pool=POOL,
        lib__cli__use="from .pool import Turns\n",
        use="from importlib import import_module\n",
    )
    (tmp_path / "lib/cli/page.html").write_text("")
    (tmp_path / "use.py").write_text("def f(name):\n    return import_module(f'lib.cli.{name}')\n")
    found = planned(tmp_path, moved("lib/cli", "top/cli"))
    assert found.moves["lib/cli/page.html"] == "top/cli/page.html"
    assert found.writes["top/cli/use.py"] == b"from top.cli.pool import Turns\n"
    assert b"import_module(f'top.cli.{name}')" in found.writes["use.py"]


def test_a_package_in_a_namespace_package_makes_no_package_of_it(tmp_path: Path) -> None:
    grow(tmp_path, tests__unit__corpora__texts="X = 1\n")
    (tmp_path / "tests/unit/corpora/__init__.py").write_text("Y = 1\n")
    found = planned(tmp_path, moved("tests/unit/corpora", "tests/support/corpora"))
    assert set(found.moves.values()) == {"tests/support/corpora/texts.py", "tests/support/corpora/__init__.py"}
    assert found.writes == {}


def test_exports_and_files_that_are_no_python_follow(tmp_path: Path) -> None:
    grow(tmp_path, lib__pool="__all__ = ['Turns']\n" + POOL)
    (tmp_path / "pyproject.toml").write_text(
        'layers = ["lib.pool"]\nfiles = ["lib/pool.py"]\nentry = "lib.pool:Turns"\n'
    )
    (tmp_path / "README.md").write_text("Turns are `Turns`. See lib/pool_of.py.\n")
    found = planned(tmp_path, MOVED + named("lib.pool:Turns", "FairSemaphore", "prose = true\n"))
    assert found.writes["lib/pg/connections.py"].startswith(b"__all__ = ['FairSemaphore']")
    assert found.writes["pyproject.toml"].decode().splitlines() == [
        'layers = ["lib.pg.connections"]',
        'files = ["lib/pg/connections.py"]',
        'entry = "lib.pg.connections:FairSemaphore"',
    ]
    assert found.writes["README.md"] == b"Turns are `FairSemaphore`. See lib/pool_of.py.\n"


def test_docstrings_and_comments_stay_without_prose(tmp_path: Path) -> None:
    grow(tmp_path, lib__pool='"""Of `Turns`."""\n# `Turns`\nclass Turns:\n    pass\n')
    written = planned(tmp_path, NAMED).writes["lib/pool.py"].decode()
    assert written == '"""Of `Turns`."""\n# `Turns`\nclass FairSemaphore:\n    pass\n'


def test_a_guard_quotes_the_line_as_it_is_afterwards(tmp_path: Path) -> None:
    guard = "GUARDS = (Mutation('a promise', 'lib/pool.py', 'return Turns()', 'return Turns'),)\n"
    grow(tmp_path, lib__pool=POOL, tests__guards=guard)
    assert planned(tmp_path, MOVED + NAMED).writes["tests/guards.py"].decode() == (
        "GUARDS = (Mutation('a promise', 'lib/pg/connections.py', 'return FairSemaphore()', 'return FairSemaphore'),)\n"
    )


FAULTS = {
    "a missing file": (moved("lib/none.py", "lib/nowhere.py"), "neither exists"),
    "a missing name": (named("lib.pool:Ghost", "Spirit"), "neither it nor Spirit"),
    "a missing module": (named("lib.ghost:Turns", "FairSemaphore"), "no module lib.ghost"),
    "a taken name": (named("lib.pool:Turns", "make"), "both are bound"),
    "a taken file": (moved("lib/pool.py", "lib/other.py"), "the target exists"),
    "an imported name": (named("lib.api:Turns", "FairSemaphore"), "name it there"),
    "a name that a user has": (named("lib.pool:Turns", "Taken"), "bound here already"),
    "a row twice": (NAMED + NAMED, "stands twice"),
    "an unknown key": ("[[nmae]]\n", "unknown key nmae"),
}


@pytest.mark.parametrize(("table", "reason"), FAULTS.values(), ids=FAULTS)
def test_a_table_that_does_not_fit_is_an_error(tmp_path: Path, table: str, reason: str) -> None:
    grow(tmp_path, lib__pool=POOL, lib__other="x = 1\n", lib__api="from lib.pool import Turns\n")
    grow(tmp_path, use="from lib.pool import Turns\nTaken = Turns\n")
    with pytest.raises(RenameError, match=reason):
        planned(tmp_path, table)


def test_an_applied_table_changes_new_code_alone(tmp_path: Path) -> None:
    table = moved("lib/pool.py", "lib/pool/turns.py") + NAMED
    new_code = "from lib.pool import Turns\nfrom lib.pool import turns\nx = 'lib.pool.turns lib/pool/turns.py'\n"
    grow(tmp_path, lib__pool__turns="class FairSemaphore:\n    pass\n", use=new_code)
    found = planned(tmp_path, table)
    assert found.moves == {}
    assert set(found.writes) == {"use.py"}
    assert found.writes["use.py"].decode() == dedent("""\
        from lib.pool.turns import FairSemaphore
        from lib.pool import turns
        x = 'lib.pool.turns lib/pool/turns.py'
        """)
