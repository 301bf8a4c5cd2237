"""Private parts of the Kafka client stand in one module: one page says what an upgrade of the client may break."""

import ast
from collections.abc import Iterator, Mapping

import pytest

from tests.contract import rules

INTERNALS = "libs/runtime/kafka/client_internals.py"
CODE = {path: text for path, text in rules.sources("libs").items() if "/kafka/" in path}
CLIENTS = ("aiokafka", "faststream")


def private_uses(files: Mapping[str, str]) -> list[str]:
    """Private attributes of another object, and private names imported from the client."""
    return [f"{path}:{line} {name}" for path, text in files.items() for line, name in _uses(ast.parse(text))]


def _uses(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and _is_private(node.attr) and not _is_own(node.value):
            yield node.lineno, node.attr
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith(CLIENTS):
            yield from ((node.lineno, each.name) for each in node.names if _is_private(each.name))


def _is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def _is_own(value: ast.expr) -> bool:
    """True for `self`, `cls` and `super()`."""
    called = value.func if isinstance(value, ast.Call) else value
    return isinstance(called, ast.Name) and called.id in {"self", "cls", "super"}


def test_no_other_module_uses_a_private_part_of_the_client() -> None:
    assert private_uses({path: text for path, text in CODE.items() if path != INTERNALS}) == []
    assert len(private_uses({INTERNALS: CODE[INTERNALS]})) > 10


@pytest.mark.parametrize(
    "text",
    [
        "consumer._client.close()",
        "self._consumer._client",
        "from aiokafka.record.memory_records import _MemoryRecordsPy",
        "consumer._coordinator._group_instance_id = None",
    ],
)
def test_a_private_part_elsewhere_is_found(text: str) -> None:
    assert private_uses({"a.py": text})


@pytest.mark.parametrize("text", ["self._consumer.stop()", "super()._maybe_uncompress()", "cls._of(consumer)"])
def test_own_private_parts_are_no_matter(text: str) -> None:
    assert private_uses({"a.py": text}) == []
