"""Public keys of an OpenID issuer, in memory."""

import asyncio
import logging
import math
from collections.abc import Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx
import jwt
from pydantic import BaseModel, ConfigDict, JsonValue

from libs.adapters.web.authorities import public_authorities
from libs.core.clock import Clock, SystemClock
from libs.core.errors import Retryable
from libs.core.resource import Resource
from libs.core.tasks import TaskSet

log = logging.getLogger(__name__)

_CONFIGURATION = "/.well-known/openid-configuration"
# The key determines the algorithm, never the token: no secret can pass for a public key.
_ALGORITHMS = {("RSA", None): "RS256", ("EC", "P-256"): "ES256"}
MAX_REPLY_BYTES = 1 << 20
_AT_MOST = 100  # stored keys of an issuer


class IssuerUnavailable(Retryable):
    """The issuer's keys are unavailable now."""

    code = "issuer_out_of_reach"


@dataclass(frozen=True, slots=True)
class KeyRefreshIntervals:
    """Seconds: between fetches, between fetches for an unknown key, after a failed fetch, and the limit of one fetch.

    `believed_s`: how long keys are accepted while the issuer is unavailable.
    """

    refresh_s: float = 600.0
    unknown_s: float = 60.0
    retry_s: float = 10.0
    timeout_s: float = 5.0
    believed_s: float = 3600.0


class _Configuration(BaseModel):
    model_config = ConfigDict(frozen=True)

    issuer: str
    jwks_uri: str


class _KeySet(BaseModel):
    """A JSON Web Key Set (RFC 7517)."""

    model_config = ConfigDict(frozen=True)

    keys: tuple[dict[str, JsonValue], ...]


class IssuerKeys(Resource):
    """Fetches the keys while entered: at the start, every ten minutes, and for an unknown key at most once a minute.

    Entering does not wait for the issuer.
    """

    def __init__(self, issuer: str, intervals: KeyRefreshIntervals | None = None, clock: Clock | None = None) -> None:
        self._issuer = issuer
        self._intervals = intervals or KeyRefreshIntervals()
        self._clock = clock or SystemClock()
        self._keys: Mapping[str, jwt.PyJWK] = {}
        self._fetched_at = self._asked_at = -math.inf
        self._wanted = asyncio.Event()
        self._tasks = TaskSet(self._ended)
        self.trouble: str | None = "the issuer's keys were not fetched yet"

    async def _enter(self, stack: AsyncExitStack) -> None:
        self._tasks.start(self._run(), name="issuer's keys")
        stack.push_async_callback(self._tasks.cancel)

    def key_of(self, key_id: str) -> jwt.PyJWK | None:
        """None for a key that the issuer does not have. Synchronous, without I/O.

        Raises IssuerUnavailable while that is unknown: the keys are about to be fetched, or cannot be.
        """
        now = self._clock.monotonic()
        if now - self._fetched_at > self._intervals.believed_s:
            raise IssuerUnavailable(self.trouble or "the issuer's keys are too old")
        if (key := self._keys.get(key_id)) is not None:
            return key
        if now - self._asked_at < self._intervals.unknown_s:
            return None
        self._wanted.set()
        raise IssuerUnavailable("the issuer is asked for its new keys")

    def _ended(self, error: BaseException) -> None:
        log.critical("the issuer's keys are not fetched any more", exc_info=error)
        self.trouble = f"a bug ended the fetching: {type(error).__name__}"

    async def _run(self) -> None:
        while True:
            self._wanted.clear()
            pause_s = await self._fetched()
            with suppress(TimeoutError):
                async with asyncio.timeout(pause_s):
                    await self._wanted.wait()

    async def _fetched(self) -> float:
        """Seconds until the next fetch."""
        self._asked_at = self._clock.monotonic()
        try:
            async with asyncio.timeout(self._intervals.timeout_s):
                self._keys = await self._fetch()
        except (IssuerUnavailable, TimeoutError) as error:
            self.trouble = str(error) or "the issuer does not answer"
            log.warning("%s: %s", self._issuer, self.trouble)
            return self._intervals.retry_s
        self._fetched_at, self.trouble = self._asked_at, None
        return self._intervals.refresh_s

    def _client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(verify=public_authorities(), timeout=self._intervals.timeout_s, trust_env=False)

    async def _fetch(self) -> Mapping[str, jwt.PyJWK]:
        try:
            async with self._client() as client:
                reply = await _read(client, self._issuer.rstrip("/") + _CONFIGURATION)
                configuration = _Configuration.model_validate_json(reply)
                if configuration.issuer != self._issuer:
                    raise IssuerUnavailable(f"another issuer answers: {configuration.issuer[:200]}")
                if urlsplit(configuration.jwks_uri).scheme != urlsplit(self._issuer).scheme:
                    raise IssuerUnavailable("the issuer's keys are somewhere less safe than the issuer")
                return _usable(_KeySet.model_validate_json(await _read(client, configuration.jwks_uri)))
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise IssuerUnavailable(f"the issuer cannot be reached: {type(error).__name__}") from error
        except ValueError as error:  # includes pydantic's ValidationError
            raise IssuerUnavailable("what the issuer says is no OpenID configuration or key set") from error


async def _read(client: httpx.AsyncClient, url: str) -> bytes:
    async with client.stream("GET", url, headers={"accept-encoding": "identity"}) as response:
        if response.status_code != httpx.codes.OK:
            raise IssuerUnavailable(f"the issuer answers {response.status_code}")
        body = bytearray()
        async for part in response.aiter_raw():
            body += part
            if len(body) > MAX_REPLY_BYTES:
                raise IssuerUnavailable(f"the issuer sends more than {MAX_REPLY_BYTES} bytes")
    return bytes(body)


def _usable(found: _KeySet) -> Mapping[str, jwt.PyJWK]:
    """Signing keys by id; others are omitted."""
    usable = {}
    for entry in found.keys[:_AT_MOST]:
        key_id, algorithm = entry.get("kid"), _algorithm_of(entry)
        if isinstance(key_id, str) and algorithm is not None:
            with suppress(jwt.PyJWTError):
                usable[key_id] = jwt.PyJWK(dict(entry), algorithm)
    return usable


def _algorithm_of(entry: Mapping[str, JsonValue]) -> str | None:
    curve = entry.get("crv")
    algorithm = _ALGORITHMS.get((str(entry.get("kty")), None if curve is None else str(curve)))
    fits = entry.get("use", "sig") == "sig" and entry.get("alg", algorithm) == algorithm
    return algorithm if fits else None
