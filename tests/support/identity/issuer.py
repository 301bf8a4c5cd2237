"""An OpenID issuer over real HTTP, whose keys and moods the test chooses."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm
from pydantic import JsonValue
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from libs.core.clock import SystemClock
from libs.core.tasks import TaskSet
from libs.runtime.process.http.listener import HttpListener

AUDIENCE, GROUP = "sovereign-fleet", "moe-admins"


@dataclass
class SigningKey:
    """A key pair of the issuer."""

    key_id: str
    private: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
    algorithm: str

    @classmethod
    def rsa(cls, key_id: str) -> "SigningKey":
        return cls(key_id, rsa.generate_private_key(public_exponent=65537, key_size=2048), "RS256")

    @classmethod
    def elliptic(cls, key_id: str) -> "SigningKey":
        return cls(key_id, ec.generate_private_key(ec.SECP256R1()), "ES256")

    def public(self) -> dict[str, JsonValue]:
        if isinstance(self.private, rsa.RSAPrivateKey):
            told = RSAAlgorithm.to_jwk(self.private.public_key())
        else:
            told = ECAlgorithm.to_jwk(self.private.public_key())
        return {**json.loads(told), "kid": self.key_id, "use": "sig", "alg": self.algorithm}


@cache
def first_key() -> SigningKey:
    """Key that every issuer begins with: making one takes its time."""
    return SigningKey.rsa("first")


@dataclass
class Issuer:
    """`fetched` counts the requests for its keys."""

    url: str = ""
    names_itself: str = ""
    keys_at: str = ""
    keys: list[SigningKey] = field(default_factory=lambda: [first_key()])
    extra: list[dict[str, JsonValue]] = field(default_factory=list)
    fetched: int = 0
    broken: bool = False

    def claims(self, **changed: JsonValue) -> dict[str, JsonValue]:
        """Good claims with some changed; None takes one away."""
        now = int(SystemClock().now())
        good: dict[str, JsonValue] = {
            "iss": self.url, "aud": AUDIENCE, "sub": "ada@example.org", "iat": now, "nbf": now, "exp": now + 300,
            "groups": [GROUP],
        }  # fmt: skip
        return {name: value for name, value in (good | changed).items() if value is not None}

    def token(self, key: SigningKey | None = None, **changed: JsonValue) -> str:
        signer = key or self.keys[0]
        return jwt.encode(
            self.claims(**changed), signer.private, algorithm=signer.algorithm, headers={"kid": signer.key_id}
        )

    async def configuration(self, _: Request) -> Response:
        return JSONResponse({"issuer": self.names_itself or self.url, "jwks_uri": self.keys_at or f"{self.url}/keys"})

    async def key_set(self, _: Request) -> Response:
        self.fetched += 1
        if self.broken:
            return Response("not now", 500)
        listed: list[Mapping[str, JsonValue]] = [*self.extra, *(key.public() for key in self.keys)]
        return JSONResponse({"keys": listed})


@asynccontextmanager
async def running_issuer() -> AsyncIterator[Issuer]:
    issuer = Issuer()
    routes = [
        Route("/.well-known/openid-configuration", issuer.configuration),
        Route("/keys", issuer.key_set),
    ]
    errors: list[BaseException] = []
    listener = HttpListener(Starlette(routes=routes), "127.0.0.1", 0, TaskSet(errors.append))
    listener.start()
    issuer.url = f"http://127.0.0.1:{listener.port}"
    try:
        yield issuer
    finally:
        await listener.stop()
    assert not errors
