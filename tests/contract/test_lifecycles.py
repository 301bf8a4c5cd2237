"""What is entered before use is a `Resource`, or a function under `@asynccontextmanager`."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.contract.rules import ROOT

# Classes that write `__aenter__` and `__aexit__` themselves, with the reason. This list may only shrink.
HAND_MADE = {
    "libs/core/resource.py:Resource": "the one implementation",
    "libs/runtime/process/fleet.py:Fleet": "closes its ports before anything else ends, also after a cancellation",
    "libs/embedded/supervisor.py:Supervisor": "enters as the addresses of its stores",
    "libs/runtime/messaging/delta_coalescer.py:DeltaCoalescer": "sends the rest unless its block failed",
    "libs/adapters/models/openai_chat/open_stream.py:OpenStream": "one a model call: closes one response",
    "libs/adapters/models/openai_chat/exchange.py:Exchange": "one a direct request: releases one connection",
    "services/mcp/api/protocol/sse_stream.py:Closing": "one a message: the SDK's stream protocol demands it",
}


def hand_made(root: Path = ROOT) -> Iterator[str]:
    for path in sorted(path for top in ("libs", "services", "moe") for path in (root / top).rglob("*.py")):
        if "__aexit__" in (text := path.read_text()):
            yield from (f"{path.relative_to(root).as_posix()}:{name}" for name in _classes(ast.parse(text)))


def _classes(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and any(
            isinstance(each, ast.AsyncFunctionDef) and each.name == "__aexit__" for each in node.body
        ):
            yield node.name


def test_a_class_that_is_entered_writes_no_pair_of_its_own() -> None:
    assert set(hand_made()) == set(HAND_MADE)
    assert len(HAND_MADE) <= 10


def test_a_hand_made_pair_is_found(tmp_path: Path) -> None:
    (tmp_path / "libs").mkdir()
    pair = "    async def __aenter__(self): ...\n    async def __aexit__(self, *error): ...\n"
    (tmp_path / "libs" / "pair.py").write_text(f"class Pair:\n{pair}")
    assert list(hand_made(tmp_path)) == ["libs/pair.py:Pair"]
