"""Maps the authenticated caller to the SDK's session owner, and back."""

from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
from mcp.server.auth.provider import AccessToken
from mcp.server.context import ServerRequestContext
from starlette.requests import Request
from starlette.types import Scope

from libs.http.context import caller_in
from libs.ports.identity import Caller as KeyOwner
from services.mcp.contract import Caller


def assign_owner(scope: Scope) -> None:
    """Store the caller where the SDK looks for it: a session serves only the key that opened it."""
    known = caller_in(scope)
    scope["user"] = AuthenticatedUser(
        AccessToken(token="", client_id=known.key_id, scopes=[], subject=f"{known.tenant}/{known.user}")
    )


def caller_of(context: ServerRequestContext[None]) -> Caller:
    """The caller of the current request: each request is authenticated by itself."""
    known = _known(context)
    return Caller(known.tenant, known.grants, known.key_id)


def key_of(context: ServerRequestContext[None]) -> str:
    """The public part of the request's key."""
    return _known(context).key_id


def _known(context: ServerRequestContext[None]) -> KeyOwner:
    request = context.request
    assert isinstance(request, Request)
    return caller_in(request.scope)
