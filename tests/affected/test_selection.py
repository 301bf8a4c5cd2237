"""Each kind of dependency of a test on a file is found; unrelated tests are left out."""

import subprocess
from pathlib import Path

import pytest

from tests.affected.selection import Selection
from tests.affected.source_tree import git, read_tree

FILES = {
    "pyproject.toml": '[project]\nname = "x"\n[project.scripts]\nmoe = "moe.__main__:main"\n'
    "[tool.ruff]\nline-length = 80\n",
    "Makefile": "all:\n",
    "requirements/fleet.txt": "click\n",
    "docs/page.md": "a page\n",
    "libs/core/clock.py": "LIMIT = 5\n\ndef now() -> int:\n    return 1\n\ndef later() -> int:\n    return now() + 1\n",
    "libs/core/start.py": "from libs.core.clock import now\n\nSTARTED = now()\nprint(now())\nNAME = 'start'\n",
    "libs/core/__init__.py": "",
    "libs/passed/__init__.py": "from libs.passed.first import first\nfrom libs.passed.second import second\n",
    "libs/passed/first.py": "def first() -> int:\n    return 1\n",
    "libs/passed/second.py": "def second() -> int:\n    return 2\n",
    "libs/store.py": 'from importlib.resources import files\n\nFOLDER = files("libs") / "migrations"\n',
    "libs/migrations/001.sql": "select 1;\n",
    "libs/unread/notes.txt": "notes\n",
    "libs/unread/alone.py": "X = 1\n",
    "libs/shapes.py": "class Base:\n    def area(self) -> int:\n        return 1\n\n\n"
    "class Square(Base):\n    SIDES = 4\n",
    "libs/hooked.py": "class Hooked:\n    def __init_subclass__(cls) -> None:\n        cls.x = 1\n",
    "moe/__init__.py": "",
    "moe/__main__.py": 'COMMANDS = {"serve": ("moe.cli.fleet.serve", "Run.")}\n\ndef main() -> None: ...\n',
    "moe/cli/fleet/serve.py": "from services.registry import build\n",
    "services/registry.py": "from importlib import import_module\n\n\ndef package_of(name: str) -> str:\n"
    '    return name\n\n\ndef build(name: str) -> object:\n    return import_module(f"{package_of(name)}.app")\n',
    "services/planner/app.py": "from services.planner.rules import rule\n\n\ndef build() -> int:\n    return rule()\n",
    "services/planner/rules.py": "def rule() -> int:\n    return 3\n",
    "tests/conftest.py": "",
    "tests/contract/test_rules.py": "",
    "tests/unit/conftest.py": "import pytest\nfrom libs.core.clock import later\n\n\n"
    "@pytest.fixture\ndef hour() -> int:\n    return later()\n\n\n"
    "@pytest.fixture(autouse=True)\ndef calm() -> None: ...\n",
    "tests/plugged/conftest.py": 'pytest_plugins = ("tests.plugged.plugin",)\n',
    "tests/plugged/plugin.py": "import pytest\nfrom libs.shapes import Square\n\n"
    "LISTED = ('tests/unit/test_first.py',)\n\n\ndef pytest_sessionstart() -> None: ...\n\n\n"
    "@pytest.fixture\ndef square() -> object:\n    return Square()\n",
    "tests/plugged/test_square.py": "def test_x(square: object) -> None: ...\n",
    "tests/plugged/test_plugged.py": "def test_x() -> None: ...\n",
    "tests/unit/test_now.py": "from libs.core.clock import now\n\ndef test_now() -> None:\n    assert now()\n",
    "tests/unit/test_limit.py": "from libs.core import clock\n\ndef test_limit() -> None:\n    assert clock.LIMIT\n",
    "tests/unit/test_hour.py": "def test_hour(hour: int) -> None:\n    assert hour\n",
    "tests/unit/test_start.py": "from libs.core.start import NAME\n\ndef test_name() -> None:\n    assert NAME\n",
    "tests/unit/test_first.py": "from libs.passed import first\n\ndef test_first() -> None:\n    assert first()\n",
    "tests/unit/test_store.py": "from libs.store import FOLDER\n\ndef test_store() -> None:\n    assert FOLDER\n",
    "tests/unit/test_alone.py": "import libs.unread.alone\n",
    "tests/unit/test_shapes.py": "from libs.shapes import Square\n\ndef test_square() -> None:\n    assert Square()\n",
    "tests/unit/test_hooked.py": "import libs.hooked\n",
    "tests/unit/test_text.py": "CODE = 'import libs.core.clock; print(libs.core.clock.now())'\n",
    "tests/unit/test_lazy.py": "def test_lazy() -> None:\n    from libs.passed.second import second\n"
    "    assert second()\n",
    "tests/unit/test_second.py": "from libs.passed.second import second\n\n"
    "def test_second() -> None:\n    assert second()\n",
    "tests/unit/test_page.py": 'from pathlib import Path\n\nPAGE = Path("docs") / "page.md"\n',
    "tests/unit/test_make.py": 'from pathlib import Path\n\nMAKE = Path("Makefile")\n',
    "tests/unit/suite.py": "from libs.core.clock import later\n\n\nclass TestHours:\n"
    "    def test_later(self) -> None:\n        assert later()\n",
    "tests/unit/test_suite.py": "from tests.unit.suite import TestHours\n",
    "tests/unit/test_attribute.py": "import libs.core\n\ndef test_name() -> None:\n    assert libs.core.start.NAME\n",
    "tests/unit/test_gone.py": "import libs.gone\n",
    "tests/e2e/test_up.py": "import sys\nCOMMAND = (sys.executable, '-m', 'moe', 'serve')\n",
    "tests/e2e/test_moe.py": "import sys\nfrom pathlib import Path\nMOE = Path(sys.executable).parent / 'moe'\n",
    "tests/e2e/test_other.py": "import sys\nCOMMAND = (sys.executable, '-m', 'tests.e2e.program')\n",
    "tests/e2e/program.py": "from libs.passed.second import second\n\nprint(second())\n",
}
PROCESSES = {"e2e/test_up", "e2e/test_moe"}
USERS_OF_NOW = {
    "unit/test_now",
    "unit/test_hour",
    "unit/test_start",
    "unit/test_text",
    "unit/test_suite",
    "unit/test_attribute",
}


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small checkout with one test for each kind of dependency."""
    root = tmp_path_factory.mktemp("checkout")
    for path, text in FILES.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    git(root, "add", ".")
    return root


@pytest.fixture(scope="module")
def selection(tree: Path) -> Selection:
    return Selection(read_tree(tree))


def found(selection: Selection, path: str, old: str | None) -> set[str]:
    """Affected test files, those left out that every change affects."""
    paths = {each.path for each in selection.affected_by({path: old})}
    assert "tests/contract/test_rules.py" in paths
    return {path.removeprefix("tests/").removesuffix(".py") for path in paths} - {"contract/test_rules"}


def replaced(path: str, now: str, before: str) -> str:
    """Text of a file in which `before` stood where `now` stands."""
    assert now in FILES[path]
    return FILES[path].replace(now, before)


CASES = {
    "a function, its callers, fixtures, imported tests, imports that call it, and programs in texts": (
        ("libs/core/clock.py", "return 1", "return 0"),
        USERS_OF_NOW,
    ),
    "a function that only a fixture calls": (
        ("libs/core/clock.py", "now() + 1", "now() + 2"),
        {"unit/test_hour", "unit/test_text", "unit/test_suite"},
    ),
    "a constant that is read through its module": (
        ("libs/core/clock.py", "LIMIT = 5", "LIMIT = 6"),
        {"unit/test_limit", "unit/test_text"},
    ),
    "a name that a package passes on, in a test that a plugin lists": (
        ("libs/passed/first.py", "return 1", "return 0"),
        {"unit/test_first"},
    ),
    "an import in a function, and a program started as a process": (
        ("libs/passed/second.py", "return 2", "return 0"),
        {"unit/test_lazy", "unit/test_second", "e2e/test_other"},
    ),
    "a method of a base class, used by a fixture of a plugin": (
        ("libs/shapes.py", "return 1", "return 0"),
        {"unit/test_shapes", "plugged/test_square"},
    ),
    "a class attribute": (("libs/shapes.py", "SIDES = 4", "SIDES = 5"), {"unit/test_shapes", "plugged/test_square"}),
    "a method that Python calls while it makes classes": (("libs/hooked.py", "= 1", "= 2"), {"unit/test_hooked"}),
    "a service that is imported by a made-up name": (("services/planner/rules.py", "return 3", "return 0"), PROCESSES),
    "a statement that importing a module runs": (
        ("libs/core/start.py", "STARTED = now()", "STARTED = -now()"),
        {"unit/test_start", "unit/test_attribute"},
    ),
    "a statement that importing a module now runs as well": (
        ("libs/core/start.py", "print(now())\n", ""),
        {"unit/test_start", "unit/test_attribute"},
    ),
    "a file of a folder that a module reads": (("libs/migrations/001.sql", "1", "2"), {"unit/test_store"}),
    "a file in a package that no text names": (("libs/unread/notes.txt", "notes", "x"), {"unit/test_alone"}),
    "a page of the documentation that a test reads": (("docs/page.md", "a page", "x"), {"unit/test_page"}),
    "the Makefile": (("Makefile", "all", "x"), {"unit/test_make"}),
    "settings of a linter": (("pyproject.toml", "80", "90"), set[str]()),
    "a fixture of conftest.py": (("tests/unit/conftest.py", "return later()", "return 1"), {"unit/test_hour"}),
    "a plugin that conftest.py names": (
        ("tests/plugged/plugin.py", "None: ...", "None: 1"),
        {"plugged/test_plugged", "plugged/test_square"},
    ),
    "a test": (("tests/unit/test_now.py", "assert now()", "assert 1"), {"unit/test_now"}),
    "a comment or nothing": (("libs/core/clock.py", "\n\ndef", "\n# why\n\ndef"), set[str]()),
}


@pytest.mark.parametrize(("change", "expected"), CASES.values(), ids=CASES)
def test_the_tests_that_depend_on_a_change_are_found(
    selection: Selection, change: tuple[str, str, str], expected: set[str]
) -> None:
    path, now, before = change
    assert found(selection, path, replaced(path, now, before)) == expected


def test_an_automatic_fixture_affects_every_test_below_its_folder(selection: Selection) -> None:
    before = replaced("tests/unit/conftest.py", "def calm() -> None: ...", "def calm() -> None: 1")
    units = {path.removeprefix("tests/").removesuffix(".py") for path in FILES if path.startswith("tests/unit/test_")}
    assert found(selection, "tests/unit/conftest.py", before) == units


@pytest.mark.parametrize(
    ("path", "old"),
    [
        ("requirements/fleet.txt", "click==1\n"),
        ("pyproject.toml", FILES["pyproject.toml"].replace('"x"', '"y"')),
        ("tests/conftest.py", "x = 1\n"),
    ],
    ids=["a dependency", "the project", "the settings of all tests"],
)
def test_what_every_test_depends_on_affects_all(selection: Selection, path: str, old: str) -> None:
    assert {each.path for each in selection.affected_by({path: old})} == set(selection.test_files)


def test_a_deleted_module_affects_the_tests_that_still_import_it(selection: Selection) -> None:
    assert found(selection, "libs/gone.py", "X = 1\n") == {"unit/test_gone"}


def test_no_change_affects_nothing(selection: Selection) -> None:
    assert selection.affected_by({}) == []


def test_a_deleted_name_affects_those_that_still_refer_to_it(selection: Selection) -> None:
    before = FILES["libs/core/start.py"] + "OTHER = 1\n"
    assert found(selection, "libs/core/start.py", before) == {"unit/test_start", "unit/test_attribute"}


def test_the_nearest_test_comes_first(selection: Selection) -> None:
    before = replaced("libs/core/clock.py", "return 1", "return 0")
    order = [each.path for each in selection.affected_by({"libs/core/clock.py": before})]
    assert order.index("tests/unit/test_now.py") < order.index("tests/unit/test_hour.py")
    assert order[-1] == "tests/contract/test_rules.py"


def test_of_tests_equally_far_the_one_with_the_name_of_the_changed_module_comes_first(selection: Selection) -> None:
    before = replaced("libs/passed/second.py", "return 2", "return 0")
    order = [each.path for each in selection.affected_by({"libs/passed/second.py": before})]
    assert order.index("tests/unit/test_second.py") < order.index("tests/unit/test_lazy.py")


def test_an_edit_affects_the_same_tests_as_the_change_back(selection: Selection) -> None:
    edited = replaced("libs/core/clock.py", "return 1", "return 0")
    there = selection.affected_by_edit("libs/core/clock.py", edited)
    assert there == selection.affected_by({"libs/core/clock.py": edited})
