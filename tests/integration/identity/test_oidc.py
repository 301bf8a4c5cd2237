"""A token of the issuer is the key of an admin, if everything about it is good."""

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import jwt
import pytest
import pytest_asyncio
from pydantic import JsonValue

from libs.adapters.identity.oidc_admins import OidcAdmins
from libs.adapters.identity.oidc_keys import IssuerKeys, IssuerUnavailable, KeyRefreshIntervals
from libs.core.clock import SystemClock
from libs.runtime.settings.admin_rules import AdminRules
from libs.runtime.settings.static_keys import StaticKeys, owner_of
from libs.testing.waiting import eventually
from tests.support.identity.issuer import AUDIENCE, GROUP, Issuer, SigningKey, running_issuer
from tests.support.identity.registry import BOOTSTRAP, MovableClock

NOW = int(SystemClock().now())
BRACKETS = base64.urlsafe_b64encode(b'{"a":' + b"[" * 9000).decode().rstrip("=") + ".e30.e30"
EAGER = KeyRefreshIntervals(unknown_s=0.0)  # fetches keys at once for every unknown key


@pytest_asyncio.fixture
async def issuer() -> AsyncIterator[Issuer]:
    async with running_issuer() as running:
        yield running


@asynccontextmanager
async def fetching_admins(
    issuer: Issuer, pace: KeyRefreshIntervals | None = None, clock: MovableClock | None = None
) -> AsyncIterator[OidcAdmins]:
    """Yield the authenticator of a gateway that has fetched the issuer's keys once."""
    rules = AdminRules(issuer.url, AUDIENCE, GROUP, "default")
    others = StaticKeys.of({BOOTSTRAP: owner_of("default")})
    async with OidcAdmins(IssuerKeys(issuer.url, pace, clock), rules, others) as opened:
        await eventually(lambda: issuer.fetched > 0)
        yield opened


@asynccontextmanager
async def ready_admins(
    issuer: Issuer, pace: KeyRefreshIntervals | None = None, clock: MovableClock | None = None
) -> AsyncIterator[OidcAdmins]:
    """Yield the authenticator of a gateway that has the issuer's keys."""
    async with fetching_admins(issuer, pace, clock) as opened:
        await eventually(lambda: opened.trouble is None)
        yield opened


async def test_an_admin_of_the_issuer_comes_in_as_an_admin(issuer: Issuer) -> None:
    async with ready_admins(issuer) as opened:
        caller = opened.authenticate(issuer.token())
    assert caller is not None
    assert (caller.tenant, caller.admin) == ("default", True)
    assert caller.grants.allow("feature", "anything")


async def test_no_name_of_the_admin_travels(issuer: Issuer) -> None:
    async with ready_admins(issuer) as opened:
        caller = opened.authenticate(issuer.token(sub="ada@example.org"))
        other = opened.authenticate(issuer.token(sub="bob@example.org"))
    assert caller is not None
    assert other is not None
    assert "ada" not in repr(caller)
    assert caller.user != other.user


async def test_a_key_on_an_elliptic_curve_will_do(issuer: Issuer) -> None:
    issuer.keys = [SigningKey.elliptic("curve")]
    async with ready_admins(issuer) as opened:
        assert opened.authenticate(issuer.token()) is not None


async def test_a_token_that_was_made_for_this_client_opens(issuer: Issuer) -> None:
    async with ready_admins(issuer) as opened:
        assert opened.authenticate(issuer.token(azp=AUDIENCE, client_id=AUDIENCE, typ="Bearer")) is not None


@pytest.mark.parametrize("kind", ["logout+jwt", "dpop+jwt", "refresh+jwt"])
async def test_a_token_of_another_type_opens_nothing(issuer: Issuer, kind: str) -> None:
    async with ready_admins(issuer) as opened:
        key = issuer.keys[0]
        for name, opens in ((kind, False), ("at+jwt", True), ("JWT", True)):
            headers = {"kid": key.key_id, "typ": name}
            token = jwt.encode(issuer.claims(), key.private, algorithm=key.algorithm, headers=headers)
            assert (opened.authenticate(token) is not None) is opens


async def test_a_token_for_several_is_for_us_too(issuer: Issuer) -> None:
    async with ready_admins(issuer) as opened:
        assert opened.authenticate(issuer.token(aud=["others", AUDIENCE])) is not None


@pytest.mark.parametrize(
    "changed",
    [
        {"groups": []},
        {"groups": ["users"]},
        {"groups": None},
        {"groups": "moe-admins"},
        {"aud": "somebody-else"},
        {"aud": None},
        {"iss": "https://issuer.example.org"},
        {"iss": None},
        {"exp": NOW - 120},
        {"exp": None},
        {"exp": "soon"},
        {"nbf": NOW + 3600},
        {"sub": None},
        {"azp": "another-client"},
        {"azp": ["moe"]},
        {"azp": ""},
        {"client_id": "another-client"},
        {"cid": "another-client"},
        {"appid": "another-client"},
        {"aud": [AUDIENCE, 1]},
        {"aud": AUDIENCE.upper()},
        {"sub": ""},
        {"iat": NOW + 7200, "exp": NOW + 7300},
        {"events": {"http://schemas.openid.net/event/backchannel-logout": {}}},
        {"groups": [["moe-admins"]]},
        {"typ": "Refresh"},
        {"typ": "Logout"},
        {"iat": None},
        {"iat": "soon"},
        {"iat": NOW - 2 * 86_400},
        {"exp": NOW + 10 * 86_400},
    ],
)
async def test_a_token_with_a_wrong_claim_opens_nothing(issuer: Issuer, changed: dict[str, JsonValue]) -> None:
    async with ready_admins(issuer) as opened:
        assert opened.authenticate(issuer.token()) is not None
        assert opened.authenticate(issuer.token(None, **changed)) is None


@pytest.mark.parametrize("apart", [{"exp": -5}, {"nbf": 30, "iat": 30}])
async def test_clocks_may_differ_a_little(issuer: Issuer, apart: dict[str, int]) -> None:
    now = int(SystemClock().now())  # tests are collected many minutes before some of them run
    async with ready_admins(issuer) as opened:
        changed = {claim: now + seconds for claim, seconds in apart.items()}
        assert opened.authenticate(issuer.token(None, **changed)) is not None


async def test_a_token_of_another_s_key_under_our_name_opens_nothing(issuer: Issuer) -> None:
    async with ready_admins(issuer) as opened:
        assert opened.authenticate(issuer.token(SigningKey.rsa("first"))) is None


async def test_a_token_without_a_signature_opens_nothing(issuer: Issuer) -> None:
    async with ready_admins(issuer) as opened:
        unsigned = jwt.encode(issuer.claims(), "", algorithm="none", headers={"kid": "first"})
        assert opened.authenticate(unsigned) is None


@pytest.mark.parametrize("algorithm", ["HS256", "RS256", "none"])
async def test_the_public_key_is_no_secret_to_sign_with(issuer: Issuer, algorithm: str) -> None:
    public = json.dumps(issuer.keys[0].public()).encode()
    async with ready_admins(issuer) as opened:
        head = _part({"alg": algorithm, "typ": "JWT", "kid": "first"})
        signed = head + b"." + _part(issuer.claims())
        forged = signed + b"." + _encoded(hmac.digest(public, signed, hashlib.sha256))
        assert opened.authenticate(forged.decode()) is None


async def test_another_algorithm_than_the_key_s_is_refused(issuer: Issuer) -> None:
    async with ready_admins(issuer) as opened:
        key = issuer.keys[0]
        other = jwt.encode(issuer.claims(), key.private, algorithm="RS512", headers={"kid": "first"})
        assert opened.authenticate(other) is None


async def test_a_changed_claim_is_noticed(issuer: Issuer) -> None:
    async with ready_admins(issuer) as opened:
        head, _, signature = issuer.token(groups=["users"]).split(".")
        forged = f"{head}.{_part(issuer.claims()).decode()}.{signature}"
        assert opened.authenticate(forged) is None


@pytest.mark.parametrize(
    "key", ["eyJ..", "eyJh.eyJh.x", "eyJ" + "a" * 20_000 + "..", "eyJ\udc80.é.", "", "moe-sk-x", BRACKETS]
)
async def test_nonsense_opens_nothing(issuer: Issuer, key: str) -> None:
    async with ready_admins(issuer) as opened:
        assert opened.authenticate(key) is None


async def test_other_keys_open_as_before(issuer: Issuer) -> None:
    async with ready_admins(issuer) as opened:
        assert opened.authenticate(BOOTSTRAP) == owner_of("default")


async def test_a_new_key_of_the_issuer_is_fetched_when_a_token_names_it(issuer: Issuer) -> None:
    async with ready_admins(issuer, EAGER) as opened:
        issuer.keys = [SigningKey.rsa("second")]
        token = issuer.token()
        with pytest.raises(IssuerUnavailable):
            opened.authenticate(token)
        await eventually(lambda: issuer.fetched > 1)
        await eventually(lambda: _opens(opened, token))


async def test_unknown_keys_do_not_make_us_ask_again_and_again(issuer: Issuer) -> None:
    async with ready_admins(issuer) as opened:
        for number in range(50):
            assert opened.authenticate(issuer.token(SigningKey.elliptic(f"made-up-{number}"))) is None
    assert issuer.fetched == 1


async def test_a_key_that_the_issuer_withdrew_opens_nothing_after_the_next_look(issuer: Issuer) -> None:
    async with ready_admins(issuer, KeyRefreshIntervals(refresh_s=0.1)) as opened:
        token = issuer.token()
        issuer.keys = [SigningKey.elliptic("second")]
        await eventually(lambda: opened.authenticate(token) is None)


async def test_while_the_issuer_is_away_its_known_keys_are_believed_for_a_while(issuer: Issuer) -> None:
    clock = MovableClock()
    async with ready_admins(issuer, KeyRefreshIntervals(refresh_s=0.1, retry_s=0.1), clock) as opened:
        issuer.broken = True
        await eventually(lambda: opened.trouble is not None)
        token = issuer.token()
        assert opened.authenticate(token) is not None
        clock.monotonic_ahead_s = KeyRefreshIntervals().believed_s + 1
        assert _cannot_tell(opened, token)


async def test_before_the_keys_are_there_nobody_can_tell(issuer: Issuer) -> None:
    issuer.broken = True
    async with fetching_admins(issuer) as opened:
        with pytest.raises(IssuerUnavailable):
            opened.authenticate(issuer.token())
        assert opened.authenticate(BOOTSTRAP) is not None
        await eventually(lambda: "500" in str(opened.trouble))


async def test_an_issuer_that_calls_itself_something_else_is_not_believed(issuer: Issuer) -> None:
    issuer.names_itself = "https://issuer.example.org"
    rules = AdminRules(issuer.url, AUDIENCE, GROUP, "default")
    async with OidcAdmins(IssuerKeys(issuer.url), rules, StaticKeys.of({})) as opened:
        await eventually(lambda: "another issuer" in str(opened.trouble))
        assert issuer.fetched == 0


@pytest.mark.parametrize(
    "place", ["https://127.0.0.1:1/keys", "http://[", "file:///etc/passwd", "", "http://127.0.0.1:1/"]
)
async def test_keys_in_a_strange_place_are_not_fetched(issuer: Issuer, place: str) -> None:
    issuer.keys_at = place or "nowhere"
    rules = AdminRules(issuer.url, AUDIENCE, GROUP, "default")
    async with OidcAdmins(IssuerKeys(issuer.url), rules, StaticKeys.of({})) as opened:
        await eventually(lambda: "not fetched yet" not in str(opened.trouble))
        assert opened.trouble is not None
        assert "bug" not in opened.trouble
        assert issuer.fetched == 0


async def test_keys_of_other_kinds_are_left_out(issuer: Issuer) -> None:
    secret: dict[str, JsonValue] = {
        "kty": "oct",
        "kid": "secret",
        "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3I",
        "alg": "HS256",
    }
    issuer.extra = [secret, {"kty": "RSA", "kid": "broken", "n": "!", "e": "!"}, {"kid": "empty"}]
    async with ready_admins(issuer) as opened:
        assert opened.authenticate(issuer.token()) is not None
        head = _part({"alg": "HS256", "kid": "secret"}) + b"." + _part(issuer.claims())
        forged = head + b"." + _encoded(hmac.digest(b"secret-secret-secret-secret-secr", head, hashlib.sha256))
        assert opened.authenticate(forged.decode()) is None


def _part(content: dict[str, JsonValue]) -> bytes:
    return _encoded(json.dumps(content).encode())


def _encoded(content: bytes) -> bytes:
    return base64.urlsafe_b64encode(content).rstrip(b"=")


def _opens(opened: OidcAdmins, token: str) -> bool:
    try:
        return opened.authenticate(token) is not None
    except IssuerUnavailable:
        return False


def _cannot_tell(opened: OidcAdmins, token: str) -> bool:
    try:
        opened.authenticate(token)
    except IssuerUnavailable:
        return True
    return False
