"""Permissions of a key; every wrong key takes the same work."""

import hmac
import math

import pytest

from libs.adapters.identity.directory_snapshot import KnownKey, Snapshot
from libs.core.api_keys import digest_of, lookup_of, new_api_key
from libs.ports.identity import Caller

NOW = 1_763_700_000.0
GOOD, EXPIRED, REVOKED, UNKNOWN = (new_api_key() for _ in range(4))
HALF_RIGHT = f"{GOOD.rsplit('-', 2)[0]}-{UNKNOWN.split('-', 3)[3]}"


def known(key: str, user: str = "usr-1", tenant: str = "default", expires_at: float = math.inf) -> KnownKey:
    return KnownKey(digest_of(key), Caller(tenant, user, lookup_of(key) or ""), expires_at)


@pytest.fixture
def snapshot() -> Snapshot:
    made = Snapshot()
    made.add(known(GOOD))
    made.add(known(EXPIRED, expires_at=NOW))
    made.add(known(REVOKED, user="usr-2"))
    made.drop("usr-2")
    return made


class Comparing:
    """Compares as the authenticator does, and counts."""

    def __init__(self) -> None:
        self.lengths: list[tuple[int, int]] = []

    def __call__(self, one: bytes, other: bytes) -> bool:
        self.lengths.append((len(one), len(other)))
        return hmac.compare_digest(one, other)


def test_a_known_key_opens(snapshot: Snapshot) -> None:
    caller = snapshot.authenticate(GOOD, NOW)
    assert caller is not None
    assert caller.user == "usr-1"


@pytest.mark.parametrize(
    "key",
    [EXPIRED, REVOKED, UNKNOWN, HALF_RIGHT, GOOD[:-1], "", "moe-sk-", "nonsense", "\ud800"],
    ids=["expired", "revoked", "unknown", "half right", "cut", "empty", "prefix", "nonsense", "surrogate"],
)
def test_nothing_else_does(snapshot: Snapshot, key: str) -> None:
    assert snapshot.authenticate(key, NOW) is None


@pytest.mark.parametrize(
    "key",
    [GOOD, EXPIRED, REVOKED, UNKNOWN, HALF_RIGHT, GOOD[:-1], "", "nonsense"],
    ids=["good", "expired", "revoked", "unknown", "half right", "cut", "empty", "nonsense"],
)
def test_every_key_is_compared_once_and_over_its_whole_digest(snapshot: Snapshot, key: str) -> None:
    comparing = Comparing()
    snapshot.authenticate(key, NOW, comparing)
    assert comparing.lengths == [(32, 32)]


def test_a_key_opens_until_the_moment_it_expires(snapshot: Snapshot) -> None:
    assert snapshot.authenticate(EXPIRED, NOW - 0.001) is not None
    assert snapshot.authenticate(EXPIRED, NOW) is None


def test_who_knows_the_public_part_alone_is_nobody(snapshot: Snapshot) -> None:
    assert snapshot.authenticate(lookup_of(GOOD) or "", NOW) is None


def test_no_key_has_the_digest_of_nobody(snapshot: Snapshot) -> None:
    assert snapshot.authenticate(UNKNOWN, NOW, lambda one, other: True) is None


def test_dropping_somebody_leaves_the_keys_of_others(snapshot: Snapshot) -> None:
    snapshot.drop("usr-2")
    snapshot.drop("usr-3")
    assert len(snapshot) == 2
    snapshot.drop("usr-1")
    assert len(snapshot) == 0


def test_tenants_are_known_while_they_have_keys(snapshot: Snapshot) -> None:
    snapshot.add(known(UNKNOWN, user="usr-9", tenant="acme"))
    assert snapshot.tenants == {"default", "acme"}
    snapshot.drop("usr-9")
    assert snapshot.tenants == {"default"}
