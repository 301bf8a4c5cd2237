"""Names that functions bind, and attributes by their name: each way in which a file can refer to one."""

from pathlib import Path

import pytest
from renaming.edits import RenameError

from tests.support.tools.renames import grow, planned

ROW = '[[{}]]\nin = "{}"\nfrom = "said"\nto = "text"\n'
LOCAL, ATTRIBUTE = ROW.format("local", "lib/a.py"), ROW.format("attribute", "lib/a.py")
LOCALS = {
    "a variable": ("def f():\n    said = 1\n    return said\n", "def f():\n    text = 1\n    return text\n"),
    "a parameter": ("def f(said: int):\n    return said\n", "def f(text: int):\n    return text\n"),
    "a closure": (
        "def f(said):\n    def g():\n        return said\n    return g\n",
        "def f(text):\n    def g():\n        return text\n\n    return g\n",
    ),
    "a comprehension": ("x = [said for said in 'ab']\n", "x = [text for text in 'ab']\n"),
    "a lambda": ("f = lambda said: said + 1\n", "f = lambda text: text + 1\n"),
    "a pattern": (
        "def f(x):\n    match x:\n        case [said, *_]:\n            return said\n",
        "def f(x):\n    match x:\n        case [text, *_]:\n            return text\n",
    ),
    "an exception": (
        "def f():\n    try:\n        g()\n    except OSError as said:\n        raise said\n",
        "def f():\n    try:\n        g()\n    except OSError as text:\n        raise text\n",
    ),
    "a global stays": ("said = 1\n\n\ndef f():\n    return said\n", None),
    "an attribute stays": ("class A:\n    said = 1\n\n    def f(self):\n        return self.said\n", None),
}


def written(root: Path, table: str, path: str = "lib/a.py") -> str | None:
    text = planned(root, table).writes.get(path)
    return text.decode() if text is not None else None


@pytest.mark.parametrize("case", LOCALS)
def test_a_local_name_follows_its_scope(case: str, tmp_path: Path) -> None:
    before, after = LOCALS[case]
    grow(tmp_path, lib__a=before)
    found = written(tmp_path, LOCAL)
    assert found is None if after is None else (found or "").replace("\n", "") == after.replace("\n", "")


def test_a_parameter_takes_the_keywords_of_its_calls_along(tmp_path: Path) -> None:
    grow(tmp_path, lib__a="def f(said):\n    return said\n", use="from lib.a import f\nx = f(said=1)\ny = g(said=2)\n")
    assert written(tmp_path, LOCAL, "use.py") == "from lib.a import f\nx = f(text=1)\ny = g(said=2)\n"


def test_a_parameter_takes_names_in_parametrize_along(tmp_path: Path) -> None:
    grow(tmp_path, lib__a="@mark.parametrize('said, x', [])\ndef f(said, x):\n    return said\n")
    assert written(tmp_path, LOCAL) == "@mark.parametrize('text, x', [])\ndef f(text, x):\n    return text\n"


def test_the_closest_row_decides(tmp_path: Path) -> None:
    grow(tmp_path, lib__a="def f(said):\n    return said\n\ndef g(said):\n    return said\n")
    table = LOCAL + ROW.format("local", "lib/a.py:g").replace('"text"', '"word"')
    assert written(tmp_path, table) == "def f(text):\n    return text\n\ndef g(word):\n    return word\n"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("def f(said, text):\n    return said\n", "text is bound here already"),
        ("def f(said):\n    return said, text\n", "would hide text"),
    ],
)
def test_a_name_that_is_taken_is_an_error(text: str, reason: str, tmp_path: Path) -> None:
    grow(tmp_path, lib__a=text)
    with pytest.raises(RenameError, match=reason):
        planned(tmp_path, LOCAL)


def test_a_class_of_another_file_keeps_its_keyword(tmp_path: Path) -> None:
    grow(tmp_path, lib__a="x = A(said=a.said)\n", lib__b="class A:\n    said: int\n    other: int\n")
    table = ATTRIBUTE + ROW.format("attribute", "lib/b.py").replace('"said"', '"other"').replace('"text"', '"second"')
    assert written(tmp_path, table) == "x = A(said=a.text)\n"


def test_an_attribute_follows_by_name_with_the_keyword_of_its_class(tmp_path: Path) -> None:
    grow(
        tmp_path,
        lib__a="class A:\n    said: int\n\n    def f(self):\n        return self.said\na = A(said=1)\nb = B(said=2)\n",
    )
    assert written(tmp_path, ATTRIBUTE) == (
        "class A:\n    text: int\n\n    def f(self):\n        return self.text\na = A(text=1)\nb = B(said=2)\n"
    )
