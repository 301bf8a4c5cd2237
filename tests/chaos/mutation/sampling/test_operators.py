"""Each operator changes only its line and only its target; code that cannot change behaviour is unchanged."""

import ast

import pytest

from tests.chaos.mutation.sampling.operators import breaks_in, broken

BREAKS = {
    "x = a < b": {"x = a <= b"},
    "x = a <= b": {"x = a < b"},
    "x = a == b": {"x = a != b"},
    "x = a is not b": {"x = a is b"},
    "x = a not in b": {"x = a in b"},
    "x = (a) in (b)": {"x = (a) not in (b)"},
    "x = 0 < a": {"x = 0 <= a", "x = 1 < a"},
    "x = a < b <= c": {"x = a <= b <= c", "x = a < b < c"},
    "x = a and b": {"x = a or b"},
    "x = not a": {"x = a"},
    "x = not (a or b)": {"x = (a or b)", "x = not (a and b)"},
    "x = a + b": {"x = a - b"},
    "x = a // b": {"x = a * b"},
    "x = 5": {"x = 6"},
    "x = 1.5": {"x = 3.0"},
    "x = True": {"x = False"},
    "x = 'key'": {"x = 'keyx'"},
    "x: int = 5": {"x: int = 6"},
    "x = y if a else z": {"x = y if not (a) else z"},
    "x = max(a, b)": {"x = min(a, b)"},
    "x = any(a)": {"x = all(a)"},
    "x = 'é' in a": {"x = 'éx' in a", "x = 'é' not in a"},
    "f(a)": {"pass"},
    "await f(a)": {"pass"},
    "a.b = c": {"pass"},
    "a += b": {"pass", "a += b"} - {"a += b"},
    "raise Wrong(a)": {"pass"},
    "for a in b: continue": {"for a in b: pass"},
    "while a: break": {"while a: pass", "while not (a): break"},
    "if a: x": {"if not (a): x"},
    "def f(a=1): ...": {"def f(a=2): ..."},
    "def f() -> bool: return a": {"def f() -> bool: return not (a)"},
    "def f() -> int: return a": {"def f() -> int: return 0"},
    "def f() -> str: return a": {'def f() -> str: return ""'},
    "def f() -> Found: return a": {"def f() -> Found: return None"},
}
LEFT_ALONE = (
    '"""A docstring."""',
    "x: Literal['key']",
    "def f(a: Literal['key']) -> Annotated[int, 5]: ...",
    "log.warning('key')",
    "_log.error('key', 5)",
    "logging.getLogger('key').info(5)",
    "x = 'A text for people.'",
    "x = f(description='key')",
    "x = cast('Key', y)",
    "x = Literal['key']",
    "x = f'{a + 5}'",
    "import key",
    "from key import x",
    "assert a",
    "__all__ = ['key']",
    "@decorated(5)\ndef f(): ...",
    "class Port(Protocol):\n    limit: int = 5",
    "if TYPE_CHECKING: x",
    "def f(): return",
    "def f(): return None",
)


@pytest.mark.parametrize(("source", "expected"), BREAKS.items(), ids=BREAKS)
def test_an_operator_breaks_what_it_names(source: str, expected: set[str]) -> None:
    assert {broken(source, each) for each in breaks_in(source)} == expected


def test_what_cannot_change_behaviour_is_left_alone() -> None:
    assert [(source, found) for source in LEFT_ALONE if (found := breaks_in(source))] == []


def test_a_break_changes_one_line_and_leaves_python() -> None:
    text = "def f(a: int) -> bool:\n    if a < 3 and not g(a):\n        h(a)\n    return a == 5\n"
    for each in breaks_in(text):
        changed = broken(text, each)
        ast.parse(changed)
        pairs = zip(text.splitlines(), changed.splitlines(), strict=True)
        assert [number for number, (old, new) in enumerate(pairs, 1) if old != new] == [each.line]
    assert {each.line for each in breaks_in(text)} == {2, 3, 4}


def test_an_expression_of_two_lines_is_left_alone() -> None:
    assert breaks_in("x = f(\n    a,\n)\ny = (a\n    < b)\nf(\n    a)\n") == []
