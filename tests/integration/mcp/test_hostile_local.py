"""For any arguments, the tools of this machine answer or reject in time, and reveal nothing of the machine."""

import random
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from pydantic import JsonValue

from libs.testing.keys import SIGNING_KEY
from services.mcp.contract import AnswerStyle, AnyServedTool, Caller, ToolError
from services.mcp.tools.served.local import local_tools
from services.mcp.tools.served.settings import LocalSettings
from tests.support.mcp.timeouts import patience
from tests.support.paths import FIXTURES

LAWS = FIXTURES / "laws"
CANARY = "canary-6c1f"
CALLS = 400

STRINGS: list[str] = [
    "",
    " ",
    "\x00",
    "\u202e",
    "\uffff",
    "../" * 20 + "etc/passwd",
    "/etc/passwd",
    "/proc/self/environ",
    "~/.ssh/id_rsa",
    "file:///etc/passwd",
    "http://127.0.0.1:22/",
    "http://169.254.169.254/",
    "gopher://x",
    "%2e%2e%2f",
    "a" * 39,
    "é" * 500,
    "'; DROP TABLE laws; --",
    "${jndi:ldap://x}",
    "{{7*7}}",
    "__import__('os').system('id')",
    "=cmd|' /C calc'!A0",
    "<script>alert(1)</script>",
    "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>",
    "# a\n" * 500,
    "[" * 3000,
    "> " * 2000,
    "|a|\n|-|\n" * 300,
    "open('/etc/passwd').read()",
    "import os; print(os.environ)",
    "while True: pass",
    "raise SystemExit(3)",
    "x = 'a' * 10**9",
    "def f(): f()\nf()",
    "import ctypes; ctypes.string_at(0)",
    "§ 242",
    "BGB",
    "tea.py",
    "signature",
    "completions",
    "html",
    "pdf",
    "docx",
    "pptx",
    "xlsx",
    "csv",
    "0" * 32,
    "f" * 32 + ".pdf",
    "YQ==",
    "JVBERi0x",
]
VALUES: list[JsonValue] = [
    None,
    True,
    False,
    0,
    1,
    -1,
    2**63,
    10**30,
    0.5,
    -0.0,
    1e308,
    [],
    {},
    ["a"],
    {"a": 1},
    50,
    200,
]


@pytest.fixture
async def tools(tmp_path: Path) -> AsyncIterator[tuple[AnyServedTool, ...]]:
    with tempfile.TemporaryDirectory() as code, patience():
        given = {"MOE_DOWNLOADS_KEY": SIGNING_KEY, "MOE_LAWS_DIR": str(LAWS), "MOE_WORKSPACE_DIR": _workspace(code)}
        local = local_tools(LocalSettings.read({"MOE_DATA_DIR": str(tmp_path / CANARY), **given}), 8003)
        async with AsyncExitStack() as stack:
            for resource in local.resources:
                await stack.enter_async_context(resource)
            yield local.tools


def _workspace(folder: str) -> str:
    Path(folder).chmod(0o755)
    (Path(folder) / "tea.py").write_text("def brew(): ...\n")
    (Path(folder) / "passwd.py").symlink_to("/etc/passwd")
    return folder


async def test_every_call_is_answered_or_refused_in_time(tools: tuple[AnyServedTool, ...]) -> None:
    chance = random.Random(606)
    told: list[str] = []
    for _ in range(CALLS):
        tool = chance.choice(tools)
        args = _arguments(chance, tool)
        try:
            outcome = await tool.invoke(args, AnswerStyle(language=chance.choice(("en", "de"))), Caller("a"))
            told.append(f"{outcome.result} {outcome.answer}")
        except ToolError as error:
            told.append(str(error))
    assert len(set(told)) > CALLS / 10
    assert [one for one in told if one.startswith("wall time")] == []  # each is ended by its CPU limit, or before
    everything = "\n".join(told)
    for secret in (CANARY, SIGNING_KEY, "root:x:0:0", "root:*:", "BEGIN OPENSSH"):
        assert secret not in everything


def _arguments(chance: random.Random, tool: AnyServedTool) -> dict[str, JsonValue]:
    """Example with some of its arguments replaced, now and then one that does not exist."""
    properties = tool.describe().input_schema["properties"]
    assert isinstance(properties, dict)
    args: dict[str, JsonValue] = dict(tool.describe().example.args)
    for name in properties:
        if chance.random() < 0.4:
            args[name] = _hostile(chance, properties[name])
    if chance.random() < 0.05:
        args[chance.choice(STRINGS)] = chance.choice(VALUES)
    return args


def _hostile(chance: random.Random, schema: JsonValue) -> JsonValue:
    """Mostly values of the argument's own type, so that they reach the tool."""
    is_number = isinstance(schema, dict) and schema.get("type") == "integer"
    if chance.random() < 0.1:
        return chance.choice(VALUES)
    if is_number:
        return chance.choice((1, 2, 3, 10, 24, 50))
    return chance.choice(STRINGS) + (chance.choice(STRINGS) if chance.random() < 0.1 else "")
