"""Nobody comes in without a key, or from somebody else's page."""

from starlette.types import ASGIApp, Receive, Scope, Send

from libs.core.errors import Retryable
from libs.core.keys_sent import AmbiguousKey, key_sent
from libs.ports.identity import Caller, KeyRing
from services.mcp.http.answers import error_response
from services.mcp.http.hosts import KnownHosts

_NO_KEY = "A valid API key is needed: send `Authorization: Bearer <key>`."
_SEVERAL_KEYS = "Send one API key, in one header."
_UNKNOWN = "Keys cannot be checked at the moment."
_NOT_US = {421: "This server is not known by that name.", 403: "Pages of that origin may not call this server."}


class Door:
    """Lets requests with a known key pass, and notes whose it is as `caller` in the scope.

    Paths that begin with one of `free` need no key: whoever made their links has put the permission into them.
    """

    def __init__(self, app: ASGIApp, keys: KeyRing, hosts: KnownHosts, free: tuple[str, ...] = ()) -> None:
        self._app = app
        self._keys = keys
        self._hosts = hosts
        self._free = free

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        guarded = scope["type"] == "http" and not scope["path"].startswith(self._free)
        status = self._refuses(scope) if guarded else None
        if status is None:
            await self._app(scope, receive, send)
            return
        told = {**_NOT_US, 400: _SEVERAL_KEYS, 401: _NO_KEY, 503: _UNKNOWN}[status]
        await error_response(status, told)(scope, receive, send)

    def _refuses(self, scope: Scope) -> int | None:
        if (status := self._hosts.refuses(scope["headers"])) is not None:
            return status
        try:
            caller = self._keys.caller_of(key_sent(scope["headers"]))
        except AmbiguousKey:
            return 400
        except Retryable:
            return 503
        scope["caller"] = caller
        return None if caller is not None else 401


def caller_in(scope: Scope) -> Caller:
    """Return who has come through the door."""
    caller = scope["caller"]
    assert isinstance(caller, Caller)
    return caller
