"""Whose a session is, in the SDK's words."""

from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
from mcp.server.auth.provider import AccessToken
from mcp.server.context import ServerRequestContext
from starlette.requests import Request
from starlette.types import Scope

from libs.ports.identity import Caller as KeyOwner
from services.mcp.api.authentication import caller_in
from services.mcp.contract import Caller


def assign_owner(scope: Scope) -> None:
    """Note who asks where the SDK looks for it: a session that one key has opened answers no other."""
    known = caller_in(scope)
    scope["user"] = AuthenticatedUser(
        AccessToken(token="", client_id=known.key_id, scopes=[], subject=f"{known.tenant}/{known.user}")
    )


def caller_of(context: ServerRequestContext[None]) -> Caller:
    """Return who sent the request that is being answered: each request has come through the door by itself."""
    known = _known(context)
    return Caller(known.tenant, known.grants, known.key_id)


def key_of(context: ServerRequestContext[None]) -> str:
    """Return the public part of the key that the request came with."""
    return _known(context).key_id


def _known(context: ServerRequestContext[None]) -> KeyOwner:
    request = context.request
    assert isinstance(request, Request)
    return caller_in(request.scope)
