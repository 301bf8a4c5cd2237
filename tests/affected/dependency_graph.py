"""Which top-level names of which modules each name depends on, and which test files depend on a name."""

import fnmatch
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from tests.affected.module_facts import BODY, ModuleFacts
from tests.affected.references import References
from tests.affected.source_tree import is_test_file

EVERY = "*"  # all names of a module
_PLUGINS = "pytest_plugins"  # names modules with hooks and fixtures, as conftest.py is one
_ROOTS = ("libs", "services", "moe", "tests")


class Node(NamedTuple):
    """A top-level name of a module; BODY is what importing the module runs."""

    module: str
    symbol: str


class DependencyGraph:
    """Names and modules may be deleted or not exist yet: a reference makes its module depend on them all the same."""

    def __init__(self, modules: Iterable[ModuleFacts], scripts: Mapping[str, str]) -> None:
        """`scripts`: commands that the installation provides, each with its module."""
        self.modules = {facts.name: facts for facts in modules}
        self._scripts = scripts
        self._by_path = {facts.path: facts.name for facts in self.modules.values()}
        self._users: dict[Node, set[Node]] = defaultdict(set)
        for facts in self.modules.values():
            self._add_module(facts)

    def module_at(self, path: str) -> str | None:
        return self._by_path.get(path)

    def distances(self, changed: Iterable[Node]) -> dict[Node, int]:
        """Every name that depends on a changed one, with the length of the shortest way to it."""
        found = dict.fromkeys(changed, 0)
        queue = deque(found)
        while queue:
            node = queue.popleft()
            for user in self._users.get(node, ()):
                if user not in found:
                    found[user] = found[node] + 1
                    queue.append(user)
        return found

    def _add_module(self, facts: ModuleFacts) -> None:
        body = Node(facts.name, BODY)
        for symbol, known in facts.symbols.items():
            node = Node(facts.name, symbol)
            self._add(node, body)
            self._add(Node(facts.name, EVERY), node)
            for used in self._targets(facts, known.references):
                self._add(node, Node(used.module, BODY) if symbol == _PLUGINS else used)
        for alias, target in facts.bindings.items():
            self._add(Node(facts.name, EVERY), Node(facts.name, alias))
            for used in self._resolved(target.split(".")):
                self._add(Node(facts.name, alias), used)
        parent = facts.name.rpartition(".")[0]
        if parent:
            self._add(body, Node(parent, BODY))
        self._add_fixtures(facts)

    def _add(self, user: Node, used: Node) -> None:
        if user != used:
            self._users[used].add(user)

    def _targets(self, facts: ModuleFacts, found: References) -> Iterator[Node]:
        for name in found.imports:
            yield from self._imported(name)
        for name in found.names:
            root, *rest = name.split(".")
            if root in facts.symbols:
                yield Node(facts.name, root)
            for bindings in (facts.bindings, found.bindings):
                if root in bindings:
                    yield from self._resolved([*bindings[root].split("."), *rest])
        for text in found.modules:
            yield from self._named(text)
        for path in found.paths:
            yield from self._run_as_file(path)

    def _imported(self, name: str) -> Iterator[Node]:
        """Importing `a.b` runs the bodies of `a` and `a.b`; the body of a module that is not there is waited for."""
        parts = name.split(".")
        if parts[0] in _ROOTS or name in self.modules:
            yield from (Node(".".join(parts[:length]), BODY) for length in range(1, len(parts) + 1))

    def _resolved(self, parts: list[str]) -> Iterator[Node]:
        """Resolve a dotted name: a name in a module, or all of a module that is passed as a value."""
        length = next((n for n in range(len(parts), 0, -1) if ".".join(parts[:n]) in self.modules), 0)
        if not length:
            if parts[0] in _ROOTS:  # a namespace package, or a deleted module
                yield Node(".".join(parts), BODY)
            return
        module, rest = ".".join(parts[:length]), parts[length:]
        passed_on = self.modules[module].bindings.get(rest[0], "") if len(rest) > 1 else ""
        if passed_on in self.modules:
            yield from self._resolved([*passed_on.split("."), *rest[1:]])
        else:
            yield Node(module, rest[0] if rest else EVERY)

    def _named(self, text: str) -> Iterator[Node]:
        """Yield the modules that a text names; the longest part of it that is a module, or a pattern."""
        if "*" in text:
            yield from (Node(name, EVERY) for name in fnmatch.filter(self.modules, text) if "." in text)
            return
        parts = text.split(".")
        length = next((n for n in range(len(parts), 0, -1) if ".".join(parts[:n]) in self.modules), 0)
        if length:
            yield Node(".".join(parts[:length]), EVERY)

    def _run_as_file(self, path: str) -> Iterator[Node]:
        if path in self._scripts:
            yield from self._named(self._scripts[path])
        if path.endswith(".py") and not is_test_file(path):  # lists of tests name those; pytest alone runs them
            found = (name for file, name in self._by_path.items() if file == path or file.endswith(f"/{path}"))
            yield from (Node(name, EVERY) for name in found)

    def _add_fixtures(self, facts: ModuleFacts) -> None:
        """A test depends on the conftest.py above it: on hooks, automatic fixtures, and the fixtures that it names."""
        body = Node(facts.name, BODY)
        for name in facts.automatic:
            self._add(body, Node(facts.name, name))
        if not facts.name.startswith("tests."):
            return
        for name in facts.bindings.keys() - facts.names_used:  # imported for pytest: fixtures, hooks and tests
            self._add(body, Node(facts.name, name))
        for conftest in _conftests_above(facts.path):
            if conftest not in self._by_path:
                continue
            above = self.modules[self._by_path[conftest]]
            self._add(body, Node(above.name, BODY))
            for provider in (above, *self._plugins_of(above)):
                self._add_fixtures_of(provider, facts)

    def _plugins_of(self, conftest: ModuleFacts) -> Iterator[ModuleFacts]:
        named = conftest.symbols.get(_PLUGINS)
        for name in named.references.modules if named is not None else ():
            if name in self.modules:
                yield self.modules[name]

    def _add_fixtures_of(self, provider: ModuleFacts, facts: ModuleFacts) -> None:
        for symbol, known in facts.symbols.items():
            for name in known.references.arguments & (provider.symbols.keys() | provider.bindings.keys()):
                self._add(Node(facts.name, symbol), Node(provider.name, name))


def _conftests_above(path: str) -> list[str]:
    folders = path.split("/")[:-1]
    found = ["/".join((*folders[:length], "conftest.py")) for length in range(1, len(folders) + 1)]
    return [each for each in found if each != path]
