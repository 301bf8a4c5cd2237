"""`moe laws download`, against a portal on this machine."""

import asyncio
import io
import subprocess
import sys
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from libs.testing.fake_clock import FakeClock
from libs.testing.scripted_web import ScriptedWeb, WebRequest, reply
from services.mcp.contract import AnswerStyle, Caller
from services.mcp.tools.served.legal import build
from services.mcp.tools.served.legal.settings import LawsSettings
from tests.support.paths import FIXTURES, ROOT

SAMPLE = FIXTURES / "laws"


def archive(folder: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        for path in (SAMPLE / folder).glob("*.xml"):
            file.writestr(path.name, path.read_bytes())
    return packed.getvalue()


class Portal:
    """Serves the sample; `broken` laws are returned as other content."""

    def __init__(self) -> None:
        self.broken: set[str] = set()

    async def script(self, request: WebRequest, writer: asyncio.StreamWriter) -> None:
        writer.write(self._said(request.path))
        await writer.drain()

    def _said(self, path: str) -> bytes:
        if path == "/gii-toc.xml":
            return reply(200, (SAMPLE / "gii-toc.xml").read_bytes())
        folder = path.strip("/").partition("/")[0]
        return reply(200, b"<html>") if folder in self.broken else reply(200, archive(folder))


@pytest.fixture
def portal() -> Portal:
    return Portal()


@pytest.fixture
async def web(portal: Portal) -> AsyncIterator[ScriptedWeb]:
    async with ScriptedWeb(portal.script) as serving:
        yield serving


async def moe(web: ScriptedWeb, folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "moe", "laws", "download", *options]
    environment = {"MOE_LAWS_DIR": str(folder), "GII_BASE_URL": f"http://127.0.0.1:{web.port}"}
    run = subprocess.run
    return await asyncio.to_thread(run, command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=180)


def laws_asked(web: ScriptedWeb) -> list[str]:
    return sorted(request.path for request in web.requests if request.path != "/gii-toc.xml")


async def test_a_mirror_is_made_and_read(web: ScriptedWeb, tmp_path: Path) -> None:
    done = await moe(web, tmp_path / "laws")
    assert done.stderr == ""
    assert "2 fetched, 0 there already, 0 failed" in done.stdout
    settings = LawsSettings.read({"MOE_LAWS_DIR": str(tmp_path / "laws"), "MOE_DATA_DIR": str(tmp_path)})
    tools = {tool.name: tool for tool in build(settings, FakeClock())}
    args = {"law": "BGB", "paragraph": "242"}
    found = await tools["legal_get_paragraph"].invoke(dict(args), AnswerStyle(), Caller("a"))
    assert found.answer.startswith("§ 242 BGB (Leistung nach Treu und Glauben): Der Schuldner ist verpflichtet")


async def test_a_second_run_fetches_only_what_is_missing(web: ScriptedWeb, portal: Portal, tmp_path: Path) -> None:
    portal.broken = {"gg"}
    first = await moe(web, tmp_path / "laws")
    assert (first.returncode, "gg: the archive is broken" in first.stderr) == (1, True)
    portal.broken = set()
    web.requests.clear()
    second = await moe(web, tmp_path / "laws")
    assert (second.returncode, laws_asked(web)) == (0, ["/gg/xml.zip"])
    assert "1 fetched, 1 there already, 0 failed" in second.stdout
    web.requests.clear()
    assert (await moe(web, tmp_path / "laws", "--refresh")).returncode == 0
    assert laws_asked(web) == ["/bgb/xml.zip", "/gg/xml.zip"]


async def test_one_law_can_be_fetched_alone(web: ScriptedWeb, tmp_path: Path) -> None:
    assert (await moe(web, tmp_path / "laws", "--law", "gg")).returncode == 0
    assert laws_asked(web) == ["/gg/xml.zip"]
    unknown = await moe(web, tmp_path / "laws", "--law", "xyz")
    assert (unknown.returncode, "has no law of that name" in unknown.stderr) == (2, True)
