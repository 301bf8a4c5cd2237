"""Each root is rotated, service by service, under load: no request fails."""

import asyncio
from base64 import b64encode
from collections.abc import Awaitable, Callable
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from libs.core.key_roots import (
    AUDIT,
    DATABASE,
    DOWNLOADS,
    ENVELOPES,
    JOURNAL,
    NOTES,
    PSEUDONYMS,
    KeyRoot,
)
from libs.testing.waiting import eventually
from moe.cli.context.key_holders import roots_of
from tests.support.fleet import KEY, PATIENCE_S, THINKING
from tests.support.journal.installation import GATEWAYS, TOOL_SERVERS, Installation, installation

pytestmark = pytest.mark.embedded
FLEET = ("journal", *THINKING, *GATEWAYS)
FILE = b"kept before the rotation"
Ask = Callable[[Installation, httpx.AsyncClient, int], Awaitable[str]]


async def question(fleet: Installation, http: httpx.AsyncClient, number: int) -> str:
    """Fault of the answer to a question; empty for a good one."""
    body = {"model": "moe-orchestrator", "messages": [{"role": "user", "content": f"How large is pool {number}?"}]}
    with fleet.balanced(GATEWAYS, number) as gateway:
        response = await http.post(f"{gateway}/v1/chat/completions", json=body)
    return "" if response.status_code == 200 else response.text


async def rotated_under_load(fleet: Installation, root: KeyRoot, ask: Ask) -> list[str]:
    """Rotate a root while two clients send requests without a pause; return the failures."""
    async with httpx.AsyncClient(headers={"authorization": f"Bearer {KEY}"}, timeout=PATIENCE_S) as http:
        rotated, troubles = asyncio.Event(), list[str]()

        async def ask_on() -> None:
            while not rotated.is_set():
                troubles.append(await ask(fleet, http, len(troubles)))

        async with asyncio.TaskGroup() as group:
            for _ in range(2):
                group.create_task(ask_on())
            before = fleet.keys[root].current
            await fleet.rotate(root)
            asked = len(troubles)
            await eventually(lambda: len(troubles) >= asked + 4)  # with the new key alone
            rotated.set()
    assert fleet.keys[root].current != before
    return [trouble for trouble in troubles if trouble]


@pytest.mark.parametrize("root", [ENVELOPES, DATABASE, JOURNAL, AUDIT, PSEUDONYMS, NOTES], ids=lambda root: root.name)
async def test_no_request_fails_while_a_root_is_rotated(owner_url: str, tmp_path: Path, root: KeyRoot) -> None:
    async with installation(owner_url, tmp_path, FLEET) as fleet:
        assert await rotated_under_load(fleet, root, question) == []


async def test_no_link_to_a_file_breaks_while_its_root_is_rotated(owner_url: str, tmp_path: Path) -> None:
    links: list[str] = []

    async def invoke(http: httpx.AsyncClient, server: str, tool: str, args: dict[str, str]) -> dict[str, str]:
        response = await http.post(f"{server}/invoke", json={"tool": tool, "args": args})
        assert response.status_code == 200, response.text
        result: dict[str, str] = response.json()["result"]
        return result

    async def download(fleet: Installation, http: httpx.AsyncClient, number: int) -> str:
        """Make a link at one server; follow it, and the oldest, at another."""
        with fleet.balanced(TOOL_SERVERS, number) as server:
            kept = await invoke(http, server, "file_download_url", {"object_name": name})
        links.append(urlsplit(kept["url"]).path)
        with fleet.balanced(TOOL_SERVERS, number + 1) as server:
            found = [await http.get(server + link) for link in (links[0], links[-1])]
        return "".join(response.text for response in found if response.content != FILE)

    assert DOWNLOADS in roots_of("mcp")
    async with installation(owner_url, tmp_path, ("journal", *TOOL_SERVERS)) as fleet:
        async with httpx.AsyncClient(headers={"authorization": f"Bearer {KEY}"}, timeout=PATIENCE_S) as http:
            with fleet.balanced(TOOL_SERVERS, 0) as server:
                args = {"content_base64": b64encode(FILE).decode(), "filename": "note.txt"}
                name = (await invoke(http, server, "file_upload", args))["object_name"]
        assert await rotated_under_load(fleet, DOWNLOADS, download) == []
