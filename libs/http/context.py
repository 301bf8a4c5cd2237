"""The context of an HTTP request. No other module reads or writes our keys of an ASGI scope.

ASGI has no other place for what a middleware adds. The steps of a service get fields: mypy checks them, and a reader
finds their source.
"""

import random
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from itertools import chain, repeat
from typing import Self, TypeAlias

from starlette.types import Receive, Scope, Send

from libs.http.metadata import ResponseMetadata
from libs.ports.identity import Caller

Continuation: TypeAlias = Callable[[Send], Awaitable[None]]

_TRACEPARENT = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_CALLER, _METADATA, _CONTINUATION = "caller", "metadata", "continuation"


@dataclass(frozen=True, slots=True)
class HttpContext:
    """One authenticated request. `headers` map lower-case names to the first value of each.

    Never stored in its scope: the cycle would keep a closed stream until the next garbage collection.
    """

    scope: Scope
    receive: Receive
    send: Send
    caller: Caller
    headers: Mapping[str, str]
    metadata: ResponseMetadata

    @classmethod
    def of(cls, scope: Scope, receive: Receive, send: Send) -> Self:
        """Requires AuthenticationMiddleware. Call it once a request: it reads all headers in one pass, as one scan per
        name cost as much as the API key."""
        sent = reversed(scope["headers"])
        texts = map(bytes.decode, chain.from_iterable(sent), repeat("latin-1"))  # no Python step for each header
        headers = dict(zip(texts, texts, strict=True))
        return cls(scope, receive, send, scope[_CALLER], headers, scope.get(_METADATA) or ResponseMetadata())


def trace_of(traceparent: str) -> str:
    """A valid incoming traceparent is unchanged; any other is replaced by a new one."""
    if _TRACEPARENT.fullmatch(traceparent):
        return traceparent
    chance = f"{random.getrandbits(192):048x}"  # a name, no secret: those cost a system call each
    return f"00-{chance[:32]}-{chance[32:]}-01"


def store_caller(scope: Scope, caller: Caller) -> None:
    """For AuthenticationMiddleware, and for tests of what follows it. Ends the step `auth` of the metadata."""
    scope[_CALLER] = caller
    metadata: ResponseMetadata | None = scope.get(_METADATA)
    if metadata is not None:
        metadata.step("auth")


def caller_in(scope: Scope) -> Caller:
    """Requires AuthenticationMiddleware."""
    caller = scope[_CALLER]
    assert isinstance(caller, Caller)
    return caller


def known_caller(scope: Scope) -> Caller | None:
    """None before authentication, and for a rejected key."""
    return scope.get(_CALLER)


def store_metadata(scope: Scope, metadata: ResponseMetadata) -> None:
    scope[_METADATA] = metadata


def metadata_in(scope: Scope) -> ResponseMetadata:
    """Unused new metadata where ResponseMetadataMiddleware did not run."""
    metadata: ResponseMetadata | None = scope.get(_METADATA)
    return ResponseMetadata() if metadata is None else metadata


def run_detached(scope: Scope, continuation: Continuation) -> None:
    """Schedule `continuation`: it is awaited with the client's `send` once the application has returned."""
    scope[_CONTINUATION] = continuation


def detach(scope: Scope) -> Continuation | None:
    """Take the continuation. With one, the scope releases the metadata: the server holds the scope until the end."""
    continuation: Continuation | None = scope.pop(_CONTINUATION, None)
    if continuation is not None:
        scope.pop(_METADATA, None)
    return continuation
