"""Authenticates admins by tokens of an OpenID issuer, which they use as their API key."""

import hashlib
import re
from contextlib import AsyncExitStack, suppress
from dataclasses import replace

import jwt
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from libs.adapters.identity.oidc_keys import IssuerKeys
from libs.core.resource import Resource
from libs.ports.identity import Authenticator, Caller
from libs.runtime.settings.admin_rules import AdminRules
from libs.runtime.settings.static_keys import owner_of

LEEWAY_S = 60.0
LONGEST_LIFE_S = 24 * 3600.0
_LONGEST = 16 * 1024
# `typ` of the header: ID and access tokens (RFC 9068), no logout tokens and no proofs of a key. Without `typ`, a token
# counts as an ID token. Keycloak names the use in a claim as well: refresh tokens have the same signature.
_TYPES = frozenset({"jwt", "at+jwt", "application/at+jwt"})
_USES = frozenset({"ID", "Bearer"})
_FORM = re.compile(r"eyJ[A-Za-z0-9_-]*\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")
# RecursionError: from a header of nested brackets.
_NO_TOKEN = (jwt.PyJWTError, ValidationError, RecursionError)


class _Claims(BaseModel):
    """Claims that are read after signature, times, issuer and audience are verified.

    The client is `azp` in ID tokens and `client_id` in access tokens (RFC 9068); Okta has `cid`, Entra ID 1.0 `appid`.
    Logout tokens and security events (RFC 8417) have `events`, whatever their type.
    """

    model_config = ConfigDict(frozen=True)

    sub: str = Field(min_length=1)
    iat: float
    exp: float
    azp: str | None = None
    client_id: str | None = None
    cid: str | None = None
    appid: str | None = None
    typ: str | None = None
    events: None = None
    groups: tuple[str, ...] = ()


class OidcAdmins(Resource):
    """Authenticates tokens of the issuer; passes every other key to `others`."""

    name = "openid issuer"
    required = False

    def __init__(self, keys: IssuerKeys, rules: AdminRules, others: Authenticator) -> None:
        self._keys = keys
        self._rules = rules
        self._others = others

    async def _enter(self, stack: AsyncExitStack) -> None:
        await stack.enter_async_context(self._keys)

    @property
    def trouble(self) -> str | None:
        """The reason why the issuer's keys are unavailable, None if they are available."""
        return self._keys.trouble

    async def __call__(self) -> str | None:
        """Readiness check; causes are logged where they occur."""
        return None if self.trouble is None else "unavailable"

    def authenticate(self, key: str) -> Caller | None:
        """Raises IssuerUnavailable for a token that cannot be verified now."""
        if not _looks_like_token(key):
            return self._others.authenticate(key)
        claims = self._claims(key)
        if claims is None or self._rules.group not in claims.groups:
            return None
        return self._admin(claims.sub)

    def _claims(self, token: str) -> _Claims | None:
        with suppress(*_NO_TOKEN):
            header = jwt.get_unverified_header(token)
            key = self._keys.key_of(str(header.get("kid", "")))
            if key is None or str(header.get("typ", "JWT")).lower() not in _TYPES:
                return None
            decoded = jwt.decode(
                token,
                key,
                algorithms=[key.algorithm_name],
                audience=self._rules.audience,
                issuer=self._rules.issuer,
                leeway=LEEWAY_S,
                options={"require": ["exp", "iat", "iss", "aud", "sub"]},
            )
            claims = _Claims.model_validate(decoded)
            return claims if self._is_for_us(claims) else None
        return None

    def _is_for_us(self, claims: _Claims) -> bool:
        """The token was made for this client, for direct use, and for LONGEST_LIFE_S at most."""
        clients = {claims.azp, claims.client_id, claims.cid, claims.appid}
        if not clients <= {None, self._rules.audience} or claims.typ not in (None, *_USES):
            return False
        return claims.exp - claims.iat <= LONGEST_LIFE_S

    def _admin(self, subject: str) -> Caller:
        """Uses a digest of the issuer's name for the admin: it may be an e-mail address."""
        digest = hashlib.sha256(f"{self._rules.issuer} {subject}".encode()).hexdigest()[:20]
        return replace(owner_of(self._rules.tenant), user=f"oidc-{digest}", key_id=f"oidc-{digest}")


def _looks_like_token(key: str) -> bool:
    return len(key) <= _LONGEST and _FORM.fullmatch(key) is not None
