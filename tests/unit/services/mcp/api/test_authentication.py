"""Authentication: a valid key is required, except for paths that carry their own permission."""

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from libs.core.errors import Retryable
from libs.http.context import caller_in
from libs.ports.identity import Authenticator, Caller
from libs.runtime.settings.static_keys import StaticKeys, owner_of
from services.mcp.api.authentication import AuthenticatedApp
from services.mcp.api.hosts import KnownHosts

KEY = "the-bootstrap-key"


class NobodyKnows:
    """A key ring whose directory is out of reach."""

    def authenticate(self, key: str) -> Caller | None:
        raise Retryable("the directory is silent")


async def _whose(request: Request) -> Response:
    return JSONResponse({"tenant": caller_in(request.scope).tenant})


async def _file(_: Request) -> Response:
    return Response("the file")


async def ask(path: str, key: str, keys: Authenticator) -> httpx.Response:
    app = Starlette(routes=[Route("/whose", _whose), Route("/downloads/{link}", _file)])
    authenticated = AuthenticatedApp(app, keys, KnownHosts.of("127.0.0.1", (), ()), free=("/downloads/",))
    transport = httpx.ASGITransport(app=authenticated)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        return await client.get(path, headers={"x-api-key": key})


async def test_whoever_has_a_key_comes_in_as_its_tenant() -> None:
    keys = StaticKeys.of({KEY: owner_of("acme")})
    assert (await ask("/whose", KEY, keys)).json() == {"tenant": "acme"}


@pytest.mark.parametrize("path", ["/whose", "/no/such/path", "/downloads", "/Downloads/x", "//downloads/x"])
async def test_everywhere_else_a_key_is_needed(path: str) -> None:
    assert (await ask(path, "wrong", StaticKeys.of({KEY: owner_of("acme")}))).status_code == 401


async def test_several_keys_are_rejected() -> None:
    app = Starlette(routes=[Route("/whose", _whose)])
    authenticated = AuthenticatedApp(app, StaticKeys.of({KEY: owner_of("acme")}), KnownHosts.of("127.0.0.1", (), ()))
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=authenticated), base_url="http://localhost"
    ) as client:
        sent = [("authorization", f"Bearer {KEY}"), ("authorization", f"Bearer {KEY}")]
        rejected = await client.get("/whose", headers=sent)
    assert rejected.status_code == 400


async def test_a_link_that_carries_its_permission_needs_no_key() -> None:
    assert (await ask("/downloads/x", "", NobodyKnows())).text == "the file"


async def test_while_nobody_can_tell_whose_a_key_is_clients_are_asked_to_come_again() -> None:
    refused = await ask("/whose", KEY, NobodyKnows())
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
