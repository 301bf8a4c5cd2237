"""No spelling of a path, method or header gets around the key."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from libs.testing.waiting import waiting
from services.gateway.api.routes import ENDPOINTS
from tests.support.cluster import OURS, Cluster, Gateway, gateway
from tests.support.identity.permission_matrix import call_of

RESPONSE_ID = "chatcmpl-00000000-0000-8000-8000-000000000000"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY")


@pytest_asyncio.fixture
async def instance(tmp_path: Path) -> AsyncIterator[Gateway]:
    async with gateway(Cluster(tmp_path), 0) as running:
        yield running


async def sent(instance: Gateway, first_line: str, *headers: str) -> int:
    """Send a request as it is written and return the status."""
    reader, writer = await asyncio.open_connection("127.0.0.1", instance.fleet.ports[0])
    lines = [first_line, "host: 127.0.0.1", "content-length: 0", "connection: close", *headers]
    writer.write("\r\n".join([*lines, "", ""]).encode("latin-1"))
    async with waiting(30):
        status = await reader.readline()
        await reader.read()
    writer.close()
    return int(status.split()[1])


def spellings(path: str) -> list[str]:
    head, _, last = path.rpartition("/")
    return [
        path, f"{path}/", f"/{path}", f"{head}//{last}", f"{head}/./{last}", f"{head}/x/../{last}", path.upper(),
        f"{path}?key=x", f"{path};x", f"{path}%00", f"{head}%2f{last}", f"{head}/%{ord(last[0]):02x}{last[1:]}",
        f"http://elsewhere{path}", f"{path}#x", f"/health/..{path}", f"/health%2f..{path}",
    ]  # fmt: skip


async def test_no_spelling_of_a_path_needs_no_key(instance: Gateway) -> None:
    open_ones = []
    for endpoint in ENDPOINTS:
        call = call_of(endpoint, RESPONSE_ID)
        for path in spellings(call.path):
            status = await sent(instance, f"{call.method} {path} HTTP/1.1")
            open_ones += [f"{call.method} {path}: {status}"] if status not in (400, 401) else []
    assert open_ones == []


async def test_no_method_needs_no_key(instance: Gateway) -> None:
    paths = {call_of(endpoint, RESPONSE_ID).path for endpoint in ENDPOINTS}
    asked = [(method, path) for method in METHODS for path in sorted(paths)]
    statuses = {f"{method} {path}": await sent(instance, f"{method} {path} HTTP/1.1") for method, path in asked}
    assert {what: status for what, status in statuses.items() if status not in (400, 401)} == {}


@pytest.mark.parametrize(
    "header",
    [
        "authorization: Basic {}",
        "authorization: {}",
        "authorization: Bearer",
        "authorization: Bearer {} x",
        "authorization: Bearer x {}",
        "authorization: Bearer {}\x00",
        "authorization: Bearer\t{}",
        "authorization: Bearer {}, Bearer x",
        "cookie: authorization=Bearer {}",
        "x-forwarded-user: admin",
        "x-api-key: {}x",
        "x-api-key: Bearer {}",
        "x-api_key: {}",
        "proxy-authorization: Bearer {}",
    ],
)
async def test_a_key_in_another_shape_is_no_key(instance: Gateway, header: str) -> None:
    assert await sent(instance, "GET /v1/models HTTP/1.1", header.format(OURS)) in (400, 401)


@pytest.mark.parametrize(
    "headers",
    [("authorization: bearer {}",), ("Authorization:Bearer   {}  ",), ("X-Api-Key: {}",), ("ANTHROPIC-API-KEY:{}",)],
)
async def test_a_key_in_a_known_shape_opens(instance: Gateway, headers: tuple[str, ...]) -> None:
    assert await sent(instance, "GET /v1/models HTTP/1.1", *(header.format(OURS) for header in headers)) == 200


async def test_a_wrong_key_is_not_made_good_by_a_right_one_behind_it(instance: Gateway) -> None:
    both = ("x-api-key: wrong-key-000", f"authorization: Bearer {OURS}")
    assert await sent(instance, "GET /v1/models HTTP/1.1", *both) == 400


async def test_a_key_in_the_address_is_no_key(instance: Gateway) -> None:
    for name in ("key", "api_key", "api-key", "access_token"):
        assert await sent(instance, f"GET /v1/models?{name}={OURS} HTTP/1.1") == 401
