"""The families of this machine as a process has them: listed with reasons, and run through the common toolbox."""

import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest
from pydantic import JsonValue
from starlette.applications import Starlette

from libs.adapters.files.object_folder import ObjectFolder
from libs.core.clock import SystemClock
from libs.core.errors import ConfigurationError
from libs.ports.objects import NewObject
from libs.testing.fake_clock import FakeClock
from libs.testing.fake_publisher import FakePublisher
from libs.testing.keys import SIGNING_KEY
from libs.testing.waiting import eventually
from services.mcp.contract import Caller, ToolError
from services.mcp.sandbox.runner import refusal
from services.mcp.tools.policy import granted
from services.mcp.tools.pure.pools import ToolPools
from services.mcp.tools.served.local import LocalTools, local_tools
from services.mcp.tools.served.settings import LocalSettings
from services.mcp.tools.toolbox import Toolbox
from services.mcp.workers.pool import PoolLimits
from tests.support.mcp.timeouts import patience
from tests.support.paths import FIXTURES

LAWS = FIXTURES / "laws"
PORT = 8003
CALLER = Caller("default", granted(None))
NAMES = [
    "generate_file",
    "file_upload",
    "file_download_url",
    "parse_attachment",
    "fetch_pdf_text",
    "repo_map",
    "read_file_chunked",
    "lsp_query",
    "legal_search_laws",
    "legal_get_law_overview",
    "legal_get_paragraph",
    "legal_fulltext_search",
    "python_sandbox",
]
WITHOUT_A_SETTING = {
    "MOE_DOWNLOADS_KEY": NAMES[:3],
    "MOE_WEB_TOOLS": NAMES[3:5],
    "MOE_WORKSPACE_DIR": NAMES[5:8],
    "MOE_LAWS_DIR": NAMES[8:12],
}


def tools_with(data: Path, **given: str) -> LocalTools:
    return local_tools(LocalSettings.read({"MOE_DATA_DIR": str(data), **given}), PORT)


def toolbox_of(local: LocalTools) -> Toolbox:
    return Toolbox(ToolPools(PoolLimits()), local.tools)


def test_all_tools_are_listed_and_those_that_lack_a_setting_name_it(tmp_path: Path) -> None:
    local = tools_with(tmp_path)
    assert [tool.name for tool in local.tools] == NAMES
    reasons = {tool.name: tool.unavailable or "" for tool in local.tools}
    for setting, names in WITHOUT_A_SETTING.items():
        assert all(reasons[name].startswith(f"{setting} is not set") for name in names)
    assert reasons["python_sandbox"] == ("" if refusal() is None else f"the kernel refuses isolation: {refusal()}")


async def test_what_is_unavailable_is_refused_cleanly(tmp_path: Path) -> None:
    local = tools_with(tmp_path)
    toolbox = toolbox_of(local)
    for tool in local.tools:
        if tool.unavailable:
            with pytest.raises(ToolError) as caught:
                await toolbox.invoke(tool.name, tool.describe().example.args, caller=CALLER)
            assert (caught.value.code, str(caught.value)) == ("unavailable", f"{tool.name}: {tool.unavailable}")


@pytest.fixture
def code() -> Iterator[str]:
    """A world-readable folder: sandboxes run as an unprivileged user."""
    with tempfile.TemporaryDirectory() as made:
        Path(made).chmod(0o755)
        (Path(made) / "tea.py").write_text("def brew(): ...\n")
        yield made


async def test_with_settings_every_tool_answers(tmp_path: Path, code: str) -> None:
    settings = {"MOE_DOWNLOADS_KEY": SIGNING_KEY, "MOE_LAWS_DIR": str(LAWS), "MOE_WORKSPACE_DIR": code}
    async with AsyncExitStack() as stack:
        stack.enter_context(patience())
        local = tools_with(tmp_path, MOE_WEB_TOOLS="on", **settings)
        for resource in local.resources:
            await stack.enter_async_context(resource)
        await _all_answer(local)


async def _all_answer(local: LocalTools) -> None:
    toolbox, caller = toolbox_of(local), CALLER

    async def said(tool: str, **args: JsonValue) -> dict[str, JsonValue]:
        return (await toolbox.invoke(tool, args, caller=caller)).result

    made = await said("generate_file", content="# Tea\n\nGood.", format="pdf", filename="tea")
    transport = httpx.ASGITransport(app=Starlette(routes=list(local.routes)))
    async with httpx.AsyncClient(transport=transport) as http:
        response = await http.get(str(made["url"]))
    assert (response.status_code, response.content[:5]) == (200, b"%PDF-")
    assert "Good." in str((await said("parse_attachment", object_name=made["object_name"]))["text"])
    assert "Good." in str((await said("fetch_pdf_text", url=made["url"]))["text"])
    longer = await said("file_download_url", object_name=made["object_name"], expires_hours=48)
    assert str(longer["kept_until"]) > str(made["kept_until"])
    assert (await said("file_upload", content_base64="aGk=", filename="a"))["bytes"] == 2
    assert (await said("repo_map"))["symbol_count"] == 1
    assert (await said("read_file_chunked", file_path="tea.py"))["total_lines"] == 1
    assert (await said("legal_get_paragraph", law="GG", paragraph="3"))["designation"] == "Art 3"
    if refusal() is None:
        assert (await said("python_sandbox", code="6 * 7"))["value"] == "42"
        known = await said("lsp_query", file_path="tea.py", action="signature", symbol="brew")
        assert known["signatures"] == ["brew()"]


def test_a_key_that_is_too_short_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"^MOE_DOWNLOADS_KEY: .*moe secrets generate"):
        tools_with(tmp_path, MOE_DOWNLOADS_KEY="short")


@pytest.mark.parametrize("url", ["ftp://a", "tools.example", "https://a?b", "https://a b"])
def test_a_wrong_address_of_downloads_is_told_at_the_start(tmp_path: Path, url: str) -> None:
    with pytest.raises(ConfigurationError, match="MOE_DOWNLOADS_URL"):
        tools_with(tmp_path, MOE_DOWNLOADS_URL=url)


async def test_what_is_too_old_is_taken_away_while_the_service_runs(tmp_path: Path) -> None:
    past = FakeClock(SystemClock().now() - 25 * 3600)
    await ObjectFolder(tmp_path / "files", past).put("a", "files", NewObject("a.txt", "text/plain", b"old"))
    local = tools_with(tmp_path, MOE_DOWNLOADS_KEY=SIGNING_KEY)
    (sweep,) = local.workers
    async with asyncio.TaskGroup() as group:
        sweeping = group.create_task(sweep(FakePublisher()))
        await eventually(lambda: not _files(tmp_path))
        sweeping.cancel()


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]
