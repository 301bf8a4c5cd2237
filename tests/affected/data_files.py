"""Which names read a file that is not Python: by its name, its folder or a pattern in their text."""

import fnmatch
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from tests.affected.dependency_graph import Node
from tests.affected.module_facts import BODY, ModuleFacts

# Folders whose names are ambiguous: `"docs"` alone names no file in it, unless the module walks through the folder.
_TOP = {"docs", "libs", "moe", "schemas", "services", "tests", "tools", "requirements", "changes", "deploy", "compose"}
_PACKAGES = ("libs/", "services/", "moe/", "tests/")


def readers_of(path: str, modules: Iterable[ModuleFacts]) -> set[Node]:
    """Names that may read the file. For one inside a package, if none is known, all modules beside it."""
    modules = list(modules)
    found = {node for facts in modules for node in _readers_in(facts, path)}
    if found or not path.startswith(_PACKAGES):
        return found
    return set(_modules_beside(path, modules))


def _readers_in(facts: ModuleFacts, path: str) -> Iterator[Node]:
    every = {text for known in facts.symbols.values() for text in known.references.paths}
    walks = any("*" in text for text in every)
    for symbol, known in facts.symbols.items():
        if any(_names(text, path, every, walks=walks) for text in known.references.paths):
            yield Node(facts.name, symbol)


def _names(text: str, path: str, others: set[str], *, walks: bool) -> bool:
    folders = PurePosixPath(path).parts[:-1]
    if "*" in text:
        anywhere = fnmatch.fnmatch(path, f"*{text}") and ("/" in text.replace("**/", "") or bool({*folders} & others))
        return anywhere or fnmatch.fnmatch(path, text.replace("**/", "*"))
    if path == text or path.endswith(f"/{text}"):
        return True
    inside = f"/{text.strip('/')}/" in f"/{path}"
    return inside and (text not in _TOP or walks)


def _modules_beside(path: str, modules: list[ModuleFacts]) -> Iterator[Node]:
    """Yield the modules in the nearest folder above that has any, and in those below it."""
    for folder in PurePosixPath(path).parents:
        found = [facts for facts in modules if facts.path.startswith(f"{folder}/")]
        if found:
            yield from (Node(facts.name, BODY) for facts in found)
            return
