"""From changed files to the test files that they can make fail, nearest first."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tests.affected.data_files import readers_of
from tests.affected.dependency_graph import EVERY, DependencyGraph, Node
from tests.affected.module_facts import BODY, ModuleFacts, changed_symbols
from tests.affected.source_tree import SourceTree, is_test_file, module_name

ALWAYS = "tests/contract/"  # these read the sources themselves
_EVERYTHING = ("requirements/fleet.txt", "requirements/weights.txt", "tests/conftest.py")
_TOOL_TABLES = {"ruff", "mypy", "pydantic-mypy", "importlinter"}  # of pyproject.toml: no running test reads them
_FAR = 1000
# Cheap kinds of tests first: one that runs a whole fleet finds the same mistake later. Counted as references.
_COSTS = {"tests/unit/": 0, "tests/affected/": 0, "tests/contract/": 0, "tests/integration/": 2, "tests/flow/": 3}
_COST_OF_OTHERS = 10
# A word that the paths of a test and of a changed file share counts as so many references less.
_GAIN_OF_WORD = 2
_WORD = re.compile(r"[a-z]+")
_COMMON_WORDS = {"libs", "services", "moe", "tests", "test", "unit", "integration", "py", "init"}


@dataclass(frozen=True)
class Selected:
    """A test file; `distance`: the number of references between it and what changed, 0 for a changed file."""

    path: str
    distance: int


class Selection:
    """Answers for one state of the sources; changes are given as old texts of files, or as new ones."""

    def __init__(self, tree: SourceTree) -> None:
        self.tree = tree
        self._modules = {facts.path: facts for facts in tree.modules()}
        self._graph = DependencyGraph(self._modules.values(), tree.scripts())
        self.test_files = tuple(path for path in tree.files if is_test_file(path))

    def everything(self) -> list[Selected]:
        return _ordered(Selected(path, _FAR) for path in self.test_files)

    def affected_by(self, old_texts: Mapping[str, str | None]) -> list[Selected]:
        """Test files that depend on changed files, given with their old text; None if they are new."""
        if not old_texts:
            return []
        if any(self._changes_everything(path, old) for path, old in old_texts.items()):
            return self.everything()
        nodes = {node for path, old in old_texts.items() for node in self._changed(path, old)}
        return self._depending_on(nodes, old_texts)

    def affected_by_edit(self, path: str, text: str) -> list[Selected]:
        """Test files that depend on what `text` changes in this Python file."""
        new = self.tree.module(path, text)
        return self._depending_on(_nodes(self._modules[path], new), (path,))

    def _depending_on(self, changed: set[Node], files: Iterable[str]) -> list[Selected]:
        distances: dict[str, int] = {}
        for node, distance in self._graph.distances(changed).items():
            facts = self._graph.modules.get(node.module)
            if facts is not None and node.symbol in facts.symbols and is_test_file(facts.path):
                distances[facts.path] = min(distance, distances.get(facts.path, distance))
        for path in self.test_files:
            if path.startswith(ALWAYS):
                distances.setdefault(path, _FAR)
        return _ordered((Selected(path, distance) for path, distance in distances.items()), files)

    def _changed(self, path: str, old: str | None) -> set[Node]:
        if not path.endswith(".py"):
            return readers_of(path, self._modules.values())
        new = self._modules.get(path)
        name = module_name(path)
        nodes = _nodes(self._empty(path) if old is None else self.tree.module(path, old), new or self._empty(path))
        if path.endswith("/conftest.py") and new is None:  # its fixtures are deleted
            folder = path.removesuffix("conftest.py")
            nodes |= {Node(facts.name, BODY) for facts in self._modules.values() if facts.path.startswith(folder)}
        return nodes if new is not None and old is not None else nodes | {Node(name, BODY), Node(name, EVERY)}

    def _empty(self, path: str) -> ModuleFacts:
        return ModuleFacts(module_name(path), path)

    def _changes_everything(self, path: str, old: str | None) -> bool:
        if path != "pyproject.toml" or old is None or path not in self.tree.files:
            return path in (*_EVERYTHING, "pyproject.toml")
        return _running_parts(old) != _running_parts((self.tree.root / path).read_text())


def _nodes(old: ModuleFacts, new: ModuleFacts) -> set[Node]:
    return {Node(new.name, symbol) for symbol in changed_symbols(old, new)}


def _running_parts(text: str) -> object:
    project = tomllib.loads(text)
    tools = {name: table for name, table in project.pop("tool", {}).items() if name not in _TOOL_TABLES}
    return project, tools


def _ordered(found: Iterable[Selected], changed: Iterable[str] = ()) -> list[Selected]:
    words = _words(changed)
    return sorted(found, key=lambda each: (each.distance + _cost(each.path, words), each.path))


def _cost(path: str, words: set[str]) -> int:
    cost = next((cost for folder, cost in _COSTS.items() if path.startswith(folder)), _COST_OF_OTHERS)
    return cost - _GAIN_OF_WORD * len(_words((path,)) & words)


def _words(paths: Iterable[str]) -> set[str]:
    return {word for path in paths for word in _WORD.findall(path)} - _COMMON_WORDS
