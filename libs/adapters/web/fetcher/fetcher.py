"""The fetcher: the only path of web requests, to public or operator-named hosts."""

import asyncio
import ssl
from dataclasses import dataclass, field
from types import MappingProxyType

from libs.adapters.web.fetcher.addresses import Address
from libs.adapters.web.fetcher.exchange import Answer, Call, check_headers, exchange
from libs.adapters.web.fetcher.names import Resolver, SystemResolver
from libs.adapters.web.fetcher.network import Connector, SystemConnector, Wire
from libs.adapters.web.fetcher.reach import Reach
from libs.adapters.web.fetcher.redirects import MAX_REDIRECTS, redirected
from libs.core.clock import Clock, SystemClock
from libs.core.fair_semaphore import FairSemaphore, TooManyWaiters
from libs.core.tenancy import current_tenant
from libs.ports.fetching import Fetched, FetchError, FetchRequest
from libs.ports.web_url import WebUrl, parse_url

_NAME = "sovereign-fleet/1"


def user_agent(contact: str = "") -> str:
    """The fetcher's User-Agent, with a contact address for complaints if there is one."""
    return f"{_NAME} (tool server; {contact or 'for a user'})"


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """Limits in bytes of a body, as received and decoded, and in seconds: total, to connect, between bytes.

    At most `at_once` fetches run and `waiting` wait, within their own timeout; tenants share both fairly. At most
    `addresses` of a host are tried.
    """

    max_bytes: int = 4 << 20
    total_s: float = 20.0
    connect_s: float = 5.0
    idle_s: float = 8.0
    at_once: int = 32
    waiting: int = 128
    addresses: int = 3


@dataclass(frozen=True, slots=True)
class World:
    """The resolver, connector and clock of the machine, and the User-Agent."""

    resolver: Resolver = field(default_factory=SystemResolver)
    connector: Connector = field(default_factory=SystemConnector)
    clock: Clock = field(default_factory=SystemClock)
    user_agent: str = field(default_factory=user_agent)


class WebFetcher:
    """`Fetcher` without cookies, credentials or proxies of the environment.

    It resolves a name once, checks all addresses and connects to one of them; again for each redirect.
    """

    def __init__(self, reach: Reach, limits: FetchLimits | None = None, world: World | None = None) -> None:
        self._reach = reach
        self._limits = limits or FetchLimits()
        self._world = world or World()
        at_once, waiting = self._limits.at_once, self._limits.waiting
        self._turns = FairSemaphore(at_once, waiting, lasting=True)

    async def fetch(self, request: FetchRequest) -> Fetched:
        url = parse_url(request.url)
        check_headers((*request.headers, *request.secret_headers))
        call = Call(request.method, url, (*request.headers, *request.secret_headers), request.body)
        try:
            async with asyncio.timeout(self._limits.total_s), self._turns.permit(current_tenant()):
                call, answer = await self._followed(request, call)
        except TooManyWaiters as error:
            raise FetchError("busy", f"fetches that wait: the limit is {self._limits.waiting}") from error
        except TimeoutError as error:
            raise FetchError("timeout", f"the whole took longer than {self._limits.total_s:g} s") from error
        headers = MappingProxyType(answer.headers)
        return Fetched(str(call.url), answer.status, answer.body, self._world.clock.now(), headers)

    async def check(self, url: str) -> str:
        """Normalize a URL whose addresses are all allowed. Raises FetchError."""
        parsed = parse_url(url)
        self._reach.check_url(parsed)
        try:
            async with asyncio.timeout(self._limits.connect_s):
                self._reach.checked(parsed, await self._addresses(parsed))
        except TimeoutError as error:
            raise FetchError("unresolved", f"the addresses of {parsed.hostname[:40]} are not found in time") from error
        return str(parsed)

    async def _followed(self, request: FetchRequest, call: Call) -> tuple[Call, Answer]:
        max_bytes = min(request.max_bytes or self._limits.max_bytes, self._limits.max_bytes)
        for _ in range(MAX_REDIRECTS + 1):
            answer = await self._send(call, max_bytes)
            if answer.location is None:
                return call, answer
            call = redirected(request, call, answer.status, answer.location)
        raise FetchError("too_many_redirects", f"more than {MAX_REDIRECTS} redirects")

    async def _send(self, call: Call, max_bytes: int) -> Answer:
        self._reach.check_url(call.url)
        wire = await self._connected(call.url, self._reach.checked(call.url, await self._addresses(call.url)))
        try:
            return await exchange(
                wire, call, max_bytes=max_bytes, idle_s=self._limits.idle_s, user_agent=self._world.user_agent
            )
        finally:
            wire.close()

    async def _addresses(self, url: WebUrl) -> tuple[str, ...]:
        if url.is_literal:
            return (url.hostname,)
        try:
            return await self._world.resolver.resolve(url.hostname, url.port)
        except (OSError, UnicodeError) as error:
            raise FetchError("unresolved", f"the addresses of {url.hostname[:40]} cannot be found out now") from error

    async def _connected(self, url: WebUrl, addresses: tuple[Address, ...]) -> Wire:
        failure = FetchError("unreachable", f"{url.hostname[:40]} takes no connection")
        for address in addresses[: self._limits.addresses]:
            try:
                return await self._connection(url, address)
            except ssl.SSLError as error:
                failure = FetchError("tls_failed", f"{url.hostname[:40]} cannot prove who it is (TLS)")
                failure.__cause__ = error
            except (OSError, TimeoutError) as error:
                failure.__cause__ = error
        raise failure

    async def _connection(self, url: WebUrl, address: Address) -> Wire:
        tls_name = url.hostname if url.scheme == "https" else None
        async with asyncio.timeout(self._limits.connect_s):
            return await self._world.connector.connect(address, url.port, tls_name=tls_name)
