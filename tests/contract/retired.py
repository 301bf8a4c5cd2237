"""Finds retired words: in identifiers, file names, logs, settings, help, messages, docstrings, comments and docs.

`python -m tests.contract.retired` lists them.
"""

import ast
import io
import re
import sys
import tokenize
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Literal, get_args

from tests.contract.rules import ROOT

TABLE = Path(__file__).with_name("retired_names.toml")
# These files contain retired names, or words that users write.
EXEMPT = (
    "services/planner/recogniser/",
    "tests/support/planner/phrasing/",
    "tests/support/planner/corpus_negative.py",
    "tools/renames/",
    "tests/contract/retired_names.toml",
    "tests/contract/test_retired_names.py",
)
_TEXTS = (".md", ".yaml", ".yml", ".toml", ".example")
_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+")
_LOGS = {"debug", "info", "warning", "error", "exception", "critical"}
_DOCUMENTED = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef

Place = Literal["identifier", "file", "log", "setting", "help", "message", "docstring", "comment", "docs"]
PLACES: tuple[Place, ...] = get_args(Place)


@dataclass(frozen=True, slots=True)
class Name:
    """A renamed definition. It must not reappear below the folder `scope`."""

    name: str
    scope: str
    successor: str


@dataclass(frozen=True, slots=True)
class Word:
    """A word that may stand nowhere: no part of an identifier or a file name, and not in a text."""

    name: str
    successor: str


@dataclass(frozen=True, slots=True)
class Right:
    """A word or name that is right below a path, and why."""

    name: str
    scope: str
    reason: str

    def covers(self, name: str, path: str) -> bool:
        return self.name == name.lower() and f"{path}/".startswith(f"{self.scope}/")


@dataclass(frozen=True, slots=True)
class Finding:
    path: str
    line: int
    place: Place
    text: str
    name: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.place}: {self.text}"


@dataclass(frozen=True)
class Retired:
    """The table: names within their scope, words everywhere, subjects in texts, and where one of them is right."""

    names: tuple[Name, ...] = ()
    words: tuple[Word, ...] = ()
    subjects: tuple[Word, ...] = ()
    right: tuple[Right, ...] = ()

    @cached_property
    def by_name(self) -> Mapping[str, tuple[Name, ...]]:
        return {name.name: tuple(each for each in self.names if each.name == name.name) for name in self.names}

    @cached_property
    def parts(self) -> Mapping[str, str]:
        return {word.name: word.successor for word in self.words}

    @cached_property
    def in_text(self) -> re.Pattern[str]:
        every = sorted((word.name for word in (*self.words, *self.subjects)), key=len, reverse=True)
        return re.compile(rf"\b(?:{'|'.join(map(re.escape, every))})\b", re.IGNORECASE)

    def successor(self, word: str) -> str:
        every = {each.name: each.successor for each in (*self.words, *self.subjects)}
        return every[word.lower()]


def read_table() -> Retired:
    table = tomllib.loads(TABLE.read_text())
    names = tuple(Name(name, scope, successor) for name, scope, successor in table["names"])
    words = tuple(Word(name, successor) for name, successor in table["words"])
    return Retired(
        names,
        words,
        tuple(Word(name, successor) for name, successor in table["subjects"]),
        tuple(Right(*row) for row in table["right"]),
    )


def tracked_texts() -> dict[str, str]:
    """Path -> text of every file of the project that people read; the API page and schemas are generated from code."""
    roots = ("libs", "services", "moe", "tests", "tools", "docs", "changes", "compose", "deploy", "README.md")
    paths = (
        path for root in roots for path in ([ROOT / root] if (ROOT / root).is_file() else (ROOT / root).rglob("*"))
    )
    found = {str(path.relative_to(ROOT)): path for path in paths if path.suffix in (".py", *_TEXTS) and path.is_file()}
    return {path: found[path].read_text() for path in sorted(found) if not path.startswith(EXEMPT)}


def findings(table: Retired, files: Mapping[str, str]) -> list[Finding]:
    """Every retired word in these files, also where it is right."""
    return [finding for path, text in files.items() for finding in _of_file(table, path, text)]


def wrong(table: Retired, found: Iterable[Finding]) -> list[Finding]:
    """Those that no row of `right` covers."""
    return [each for each in found if not any(right.covers(each.name, each.path) for right in table.right)]


def unneeded(table: Retired, found: Sequence[Finding]) -> list[Right]:
    """Rows of `right` that cover no finding."""
    return [right for right in table.right if not any(right.covers(each.name, each.path) for each in found)]


def _of_file(table: Retired, path: str, text: str) -> Iterator[Finding]:
    for part in _parts_of(Path(path).with_suffix("").as_posix()):
        if part in table.parts:
            yield Finding(path, 0, "file", f"{part} is {table.parts[part]}", part)
    if path.endswith(".py"):
        yield from _in_code(table, path, text)
    else:
        for number, line in enumerate(text.splitlines(), 1):
            yield from _in_text(table, path, number, "docs", line)


def _in_code(table: Retired, path: str, text: str) -> Iterator[Finding]:
    tree = ast.parse(text)
    for node in ast.walk(tree):
        for name in _defined(node):
            yield from _in_name(table, path, getattr(node, "lineno", 0), name)
    if not table.in_text.search(text):
        return
    for constant, place in _texts(tree):
        yield from _in_text(table, path, constant.lineno, place, str(constant.value))
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield from _in_text(table, path, token.start[0], "comment", token.string)


def _in_name(table: Retired, path: str, line: int, name: str) -> Iterator[Finding]:
    for retired in table.by_name.get(name, ()):
        if path.startswith(f"{retired.scope}/"):
            yield Finding(path, line, "identifier", f"{name} is {retired.successor}", name)
            return
    for part in _parts_of(name):
        if part in table.parts:
            yield Finding(path, line, "identifier", f"{name}: {part} is {table.parts[part]}", part)


def _in_text(table: Retired, path: str, line: int, place: Place, text: str) -> Iterator[Finding]:
    for match in table.in_text.finditer(text):
        yield Finding(path, line, place, f"{match[0]} is {table.successor(match[0])}", match[0])


@cache
def _parts_of(name: str) -> list[str]:
    return [part.lower() for part in _PARTS.findall(name)]


def _defined(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            yield node.name
        case ast.arg():
            yield node.arg
        case ast.Name(ctx=ast.Store()):
            yield node.id
        case ast.Attribute(ctx=ast.Store()):
            yield node.attr


def _texts(tree: ast.Module) -> Iterator[tuple[ast.Constant, Place]]:
    """Strings that people read, each once, with where they are read."""
    placed: dict[ast.Constant, Place] = {}
    for node in ast.walk(tree):
        if isinstance(node, _DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            statement = node.body[0]
            assert isinstance(statement, ast.Expr)
            assert isinstance(statement.value, ast.Constant)
            placed[statement.value] = "docstring"
        elif isinstance(node, ast.Call):
            placed |= {constant: place for value, place in _read_in(node) for constant in _constants(value)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
            yield node, placed.get(node, "message")


def _read_in(call: ast.Call) -> Iterator[tuple[ast.expr, Place]]:
    if isinstance(call.func, ast.Attribute) and call.func.attr in _LOGS and call.args:
        yield call.args[0], "log"
    for keyword in call.keywords:
        if keyword.arg == "description":
            yield keyword.value, "setting"
        elif keyword.arg in {"help", "short_help", "epilog"}:
            yield keyword.value, "help"


def _constants(value: ast.expr) -> Iterator[ast.Constant]:
    yield from (node for node in ast.walk(value) if isinstance(node, ast.Constant))


if __name__ == "__main__":
    retired = read_table()
    sys.stdout.writelines(f"{finding}\n" for finding in wrong(retired, findings(retired, tracked_texts())))
