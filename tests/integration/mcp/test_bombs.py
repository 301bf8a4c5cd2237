"""Too expensive expressions, over HTTP: each is rejected before the work begins, with the name of the limit."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from services.mcp.workers.protocol import MAX_REQUEST_BYTES
from tests.support.mcp.tool_server import client_with, tool_server

pytestmark = pytest.mark.asyncio(loop_scope="module")
MEGABYTE = 1_000_000
ARGUMENTS = f"bytes of the arguments: the limit is {MAX_REQUEST_BYTES:,}"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def address(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    folder: Path = tmp_path_factory.mktemp("tools")
    async with tool_server(folder) as served:
        yield served


@pytest.mark.parametrize(
    ("expression", "code", "named"),
    [
        pytest.param("9" * MEGABYTE, "limit_exceeded", ARGUMENTS, id="a-megabyte-of-digits"),
        pytest.param("(" * MEGABYTE, "limit_exceeded", ARGUMENTS, id="a-megabyte-of-parentheses"),
        pytest.param("9" * 1_001, "limit_exceeded", "1000", id="a-character-too-many"),
        pytest.param("9**9**9", "limit_exceeded", "6,000", id="tower"),
        pytest.param("factorial(10**7)", "limit_exceeded", "2,000", id="factorial"),
        pytest.param("(" * 400 + "1" + ")" * 400, "limit_exceeded", "64", id="nesting"),
        pytest.param("().__class__.__bases__[0].__subclasses__()", "invalid_argument", "character", id="dunder-walk"),
        pytest.param("__import__('os').system('id')", "invalid_argument", "character", id="import"),
        pytest.param("import os", "invalid_argument", "import", id="statement"),
    ],
)
async def test_what_costs_too_much_is_refused_with_the_limit_named(
    address: str, expression: str, code: str, named: str
) -> None:
    call = {"tool": "calculate", "args": {"expression": expression}}
    async with client_with() as client:
        told = (await client.post(f"{address}/invoke", json=call)).json()
    assert told["error"]["code"] == code
    assert named in told["error"]["message"]
    assert len(told["error"]["message"]) < 200  # the input is not sent back
