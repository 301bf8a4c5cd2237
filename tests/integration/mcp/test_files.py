"""Files end to end: written by a worker, stored in a folder, downloaded over HTTP, read again."""

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import httpx
import pytest
import pytest_asyncio
from pydantic import JsonValue
from starlette.applications import Starlette

from libs.adapters.files.object_folder import ObjectFolder, Quota
from libs.ports.fetching import Fetched, FetchError, FetchRequest
from libs.testing.fake_clock import FakeClock
from libs.testing.waiting import eventually
from services.mcp.contract import AnswerStyle, AnyServedTool, Caller, ToolError, ToolResult
from services.mcp.tools.served.documents.workshop import Workshop
from services.mcp.tools.served.files import FileParts, build
from services.mcp.tools.served.files.downloads import downloads
from services.mcp.tools.served.files.file_links import FileLinks
from services.mcp.tools.served.files.links import DownloadLinks, key_from
from services.mcp.tools.served.files.settings import NOT_SET
from services.mcp.tools.served.files.sources import AT_ONCE
from tests.support.mcp.timeouts import PATIENT_WORKSHOP

BASE = "http://tools.example"
HOUR_S = 3600
GERMAN = AnswerStyle(language="de")


@dataclass
class FakeWeb:
    """Serves fixed responses; rejects internal addresses as the real one does."""

    pages: dict[str, Fetched] = field(default_factory=dict)

    def put(self, url: str, body: bytes, content_type: str = "", status: int = 200) -> None:
        headers = MappingProxyType({"content-type": content_type})
        self.pages[url] = Fetched(url, status, body, 0.0, headers)

    async def fetch(self, request: FetchRequest) -> Fetched:
        if request.url not in self.pages:
            raise FetchError("address_refused", "the host has no public address")
        return self.pages[request.url]

    async def check(self, url: str) -> str:
        return url


@dataclass
class FileTools:
    """All that the tools stand on."""

    tools: dict[str, AnyServedTool]
    http: httpx.AsyncClient
    web: FakeWeb
    clock: FakeClock

    async def call(self, tool: str, args: dict[str, JsonValue], tenant: str = "a") -> ToolResult:
        return await self.tools[tool].invoke(args, AnswerStyle(), Caller(tenant))

    async def refused(self, tool: str, args: dict[str, JsonValue], tenant: str = "a") -> ToolError:
        with pytest.raises(ToolError) as caught:
            await self.call(tool, args, tenant)
        return caught.value


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def workshop() -> AsyncIterator[Workshop]:
    async with Workshop(PATIENT_WORKSHOP) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def file_tools(tmp_path: Path, workshop: Workshop) -> AsyncIterator[FileTools]:
    clock, web = FakeClock(), FakeWeb()
    store = ObjectFolder(tmp_path, clock, Quota(tenant_objects=20))
    links = DownloadLinks(key_from("a signing key of the fleet"), BASE)
    app = Starlette(routes=[downloads(store, links, clock)])
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as http:
        tools = build(FileParts(workshop, FileLinks(store, links, clock), web, None))
        yield FileTools({tool.name: tool for tool in tools}, http, web, clock)


async def test_a_report_is_written_downloaded_and_read_in_every_format(file_tools: FileTools) -> None:
    for kind in ("html", "md", "txt", "csv", "docx", "xlsx", "pptx", "pdf"):
        content = "Ware,Preis\nTee,2.50\n" if kind in ("csv", "xlsx") else "# Ware\n\nPreis von Tee\n"
        made = (
            await file_tools.call("generate_file", {"content": content, "filename": "Liste", "format": kind})
        ).result
        assert made["filename"] == f"Liste.{kind}"
        response = await file_tools.http.get(str(made["url"]))
        assert (response.status_code, len(response.content)) == (200, made["bytes"])
        read = (await file_tools.call("parse_attachment", {"object_name": made["object_name"]})).result
        assert "Tee" in str(read["text"]), kind
        assert read["sha256"] == made["sha256"]


async def test_a_download_is_an_attachment_that_runs_nowhere(file_tools: FileTools) -> None:
    args: dict[str, JsonValue] = {"content": "<script>alert(1)</script>", "filename": 'Größe"; x=.html'}
    made = (await file_tools.call("generate_file", args)).result
    response = await file_tools.http.get(str(made["url"]))
    headers = response.headers
    assert headers["content-disposition"].startswith('attachment; filename="Gr__e')
    assert "filename*=UTF-8''Gr%C3%B6%C3%9Fe" in headers["content-disposition"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"].startswith("sandbox")
    assert headers["cache-control"] == "private, no-store"
    assert "<script>" not in response.text


class SlowWeb:
    """`Fetcher` that answers when the gate opens, and counts its callers."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.asking = self.most = 0

    async def fetch(self, request: FetchRequest) -> Fetched:
        self.asking += 1
        self.most = max(self.most, self.asking)
        await self.gate.wait()
        self.asking -= 1
        return Fetched(request.url, 200, b"a,b\n", 0.0, MappingProxyType({"content-type": "text/csv"}))

    async def check(self, url: str) -> str:
        return url


async def test_few_files_are_fetched_and_read_at_once_and_of_one_tenant_half_of_them(tmp_path: Path) -> None:
    web = SlowWeb()
    async with Workshop(PATIENT_WORKSHOP) as workshop, asyncio.TaskGroup() as calls:
        tools = {tool.name: tool for tool in build(FileParts(workshop, None, web, None))}

        async def read(tenant: str) -> None:
            await tools["parse_attachment"].invoke({"url": "http://x.org/a.csv"}, AnswerStyle(), Caller(tenant))

        for tenant in ("b", *"aaaaaa"):
            calls.create_task(read(tenant))
        await eventually(lambda: web.asking >= 3)
        for _ in range(20):
            await asyncio.sleep(0)
        asking = web.asking
        web.gate.set()
    assert (asking, AT_ONCE) == (3, 4)
    assert web.most <= AT_ONCE


async def test_links_expire_and_the_file_with_them(file_tools: FileTools) -> None:
    made = (await file_tools.call("generate_file", {"content": "x"})).result
    file_tools.clock.advance(24 * HOUR_S - 1)
    assert (await file_tools.http.get(str(made["url"]))).status_code == 200
    file_tools.clock.advance(2)
    assert (await file_tools.http.get(str(made["url"]))).status_code == 404
    error = await file_tools.refused("file_download_url", {"object_name": made["object_name"]})
    assert error.code == "not_found"


async def test_a_longer_link_keeps_the_file(file_tools: FileTools) -> None:
    made = (await file_tools.call("generate_file", {"content": "x"})).result
    longer = await file_tools.call("file_download_url", {"object_name": made["object_name"], "expires_hours": 100})
    file_tools.clock.advance(99 * HOUR_S)
    assert (await file_tools.http.get(str(longer.result["url"]))).status_code == 200
    assert (await file_tools.http.get(str(made["url"]))).status_code == 404
    file_tools.clock.advance(2 * HOUR_S)
    assert (await file_tools.http.get(str(longer.result["url"]))).status_code == 404


async def test_changed_links_and_odd_paths_lead_nowhere(file_tools: FileTools) -> None:
    made = (await file_tools.call("generate_file", {"content": "x"})).result
    url = str(made["url"])
    for wrong in (url[:-1], url + "A", url[:-5] + "AAAAA", f"{BASE}/downloads/", f"{BASE}/downloads/..%2f..%2fetc"):
        assert (await file_tools.http.get(wrong)).status_code == 404
    assert (await file_tools.http.post(url)).status_code == 405


async def test_an_upload_comes_back_as_it_was(file_tools: FileTools) -> None:
    content = bytes(range(256)) * 10
    args: dict[str, JsonValue] = {"content_base64": b64encode(content).decode(), "filename": "../../a b.bin"}
    kept = (await file_tools.call("file_upload", args | {"bucket": "mine"})).result
    assert (kept["filename"], kept["bucket"]) == ("a b.bin", "mine")
    assert (await file_tools.http.get(str(kept["url"]))).content == content


async def test_no_tenant_reaches_a_file_of_another(file_tools: FileTools) -> None:
    made = (await file_tools.call("generate_file", {"content": "ours"})).result
    for tool in ("file_download_url", "parse_attachment"):
        error = await file_tools.refused(tool, {"object_name": made["object_name"]}, tenant="b")
        assert error.code == "not_found"
    assert (await file_tools.refused("parse_attachment", {"url": made["url"]}, tenant="b")).code == "not_found"


async def test_one_of_our_own_links_is_read_without_the_web(file_tools: FileTools) -> None:
    made = (await file_tools.call("generate_file", {"content": "ours", "format": "pdf"})).result
    assert "ours" in str((await file_tools.call("parse_attachment", {"url": made["url"]})).result["text"])
    assert "ours" in str((await file_tools.call("fetch_pdf_text", {"url": made["url"]})).result["text"])


async def test_a_file_on_the_web_is_read(file_tools: FileTools) -> None:
    file_tools.web.put("https://a.example/list.csv?key=secret", b"a,b\n1,2\n", "text/csv")
    result = await file_tools.call("parse_attachment", {"url": "https://a.example/list.csv?key=secret", "max_chars": 5})
    assert (result.result["text"], result.result["truncated"], result.result["format"]) == ("a,b\n1", True, "csv")
    assert result.result["source"] == "https://a.example/list.csv"
    assert result.answer == "The file says: a,b 1"


async def test_what_the_fetcher_refuses_is_the_arguments_fault(file_tools: FileTools) -> None:
    for tool in ("parse_attachment", "fetch_pdf_text"):
        error = await file_tools.refused(tool, {"url": "http://169.254.169.254/latest/meta-data"})
        assert error.code == "invalid_argument"


async def test_what_is_no_pdf_is_not_read_as_one(file_tools: FileTools) -> None:
    file_tools.web.put("https://a.example/x.pdf", b"<html>no</html>", "application/pdf")
    assert "no PDF" in str(await file_tools.refused("fetch_pdf_text", {"url": "https://a.example/x.pdf"}))


@pytest.mark.parametrize(("status", "code"), [(404, "not_found"), (500, "outside_failed"), (403, "outside_failed")])
async def test_errors_of_servers_are_told(file_tools: FileTools, status: int, code: str) -> None:
    file_tools.web.put("https://a.example/x", b"", status=status)
    assert (await file_tools.refused("parse_attachment", {"url": "https://a.example/x"})).code == code


async def test_wrong_arguments_are_refused(file_tools: FileTools) -> None:
    wrong: list[tuple[str, dict[str, JsonValue]]] = [
        ("parse_attachment", {}),
        ("parse_attachment", {"url": "https://a.example", "object_name": "0" * 32}),
        ("generate_file", {"content": "x", "filename": "///"}),
        ("generate_file", {"content": "x", "filename": "..."}),
        ("file_upload", {"content_base64": "****", "filename": "a"}),
        ("file_upload", {"content_base64": "aGk=", "filename": "a", "content_type": "text/html\r\nx: y"}),
        ("file_upload", {"content_base64": "aGk=", "filename": "a", "bucket": "../b"}),
        ("file_download_url", {"object_name": "0" * 32, "expires_hours": 169}),
        ("file_download_url", {"object_name": "0" * 32, "expires_hours": 0}),
    ]
    for tool, args in wrong:
        assert (await file_tools.refused(tool, args)).code == "invalid_argument", (tool, args)


async def test_the_error_examples_are_refused_with_their_code(file_tools: FileTools) -> None:
    for tool in file_tools.tools.values():
        example = tool.describe().error_example
        assert (await file_tools.refused(tool.name, example.args)).code == example.code


async def test_quotas_are_told(file_tools: FileTools) -> None:
    for _ in range(20):
        await file_tools.call("file_upload", {"content_base64": "aGk=", "filename": "a"})
    assert (await file_tools.refused("generate_file", {"content": "x"})).code == "limit_exceeded"


async def test_a_document_that_takes_too_much_costs_its_worker_only(file_tools: FileTools) -> None:
    bomb = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n" + b"9" * 3_000_000
    file_tools.web.put("https://a.example/bomb", bomb, "application/pdf")
    await file_tools.refused("parse_attachment", {"url": "https://a.example/bomb"})
    assert (await file_tools.call("generate_file", {"content": "still here"})).result["bytes"]


@pytest.mark.parametrize(
    ("content", "kind"),
    [("<!--" * 25_000, "html"), ("*a " * 33_000, "pdf"), ("- a b c\n" * 12_000, "docx"), ("[" * 100_000, "html")],
    ids=["comments", "stars", "lists", "brackets"],
)
async def test_content_that_takes_long_is_answered_or_refused_in_time(
    file_tools: FileTools, content: str, kind: str
) -> None:
    code = ""
    try:
        await file_tools.call("generate_file", {"content": content, "format": kind})
    except ToolError as error:
        code = error.code
    assert code != "timeout"  # its CPU limit ends it, or an earlier error


async def test_the_result_has_the_shape_that_is_told(file_tools: FileTools) -> None:
    made = await file_tools.call("generate_file", {"content": "x"})
    described = file_tools.tools["generate_file"].describe()
    assert set(made.result) == set(described.example.result)
    german = await file_tools.tools["generate_file"].invoke({"content": "x"}, GERMAN, Caller("a"))
    assert german.answer.startswith("output.html (")


async def test_without_a_key_and_without_the_web_the_tools_say_why() -> None:
    async with Workshop() as workshop:
        tools = {tool.name: tool for tool in build(FileParts(workshop, None, None, "MOE_WEB_TOOLS is off"))}
    assert {name: tool.unavailable for name, tool in tools.items()} == {
        "generate_file": NOT_SET,
        "file_upload": NOT_SET,
        "file_download_url": NOT_SET,
        "parse_attachment": "MOE_WEB_TOOLS is off",
        "fetch_pdf_text": "MOE_WEB_TOOLS is off",
    }
