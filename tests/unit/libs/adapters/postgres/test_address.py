"""Addresses of Postgres: one server, several, or a pooler."""

import pytest

from libs.adapters.postgres.address import PostgresAddress
from libs.core.errors import ConfigurationError
from libs.testing.keys import SIGNING_KEY
from moe.registry import build_service
from tests.support.journal.commands import variables

WRITES = "target_session_attrs=read-write"
SEVERAL = {
    "postgresql://u:p@a:1,b:2/moe": (f"postgresql://u:p@a:1/moe?{WRITES}", f"postgresql://u:p@b:2/moe?{WRITES}"),
    "postgres://a,[::1]:2": (f"postgres://a?{WRITES}", f"postgres://[::1]:2?{WRITES}"),
    "postgresql://a,b/moe?target_session_attrs=primary&sslmode=require": (
        "postgresql://a/moe?target_session_attrs=primary&sslmode=require",
        "postgresql://b/moe?target_session_attrs=primary&sslmode=require",
    ),
    "postgresql:///moe?host=a,b&port=1,2": (
        f"postgresql:///moe?{WRITES}&host=a&port=1",
        f"postgresql:///moe?{WRITES}&host=b&port=2",
    ),
    "postgresql:///moe?host=/run/a,/run/b": (
        f"postgresql:///moe?{WRITES}&host=%2Frun%2Fa&port=5432",
        f"postgresql:///moe?{WRITES}&host=%2Frun%2Fb&port=5432",
    ),
}
WRONG = (
    "",
    "mysql://u:secret@h/moe",
    "postgresql://",
    "postgresql://u:secret@a,/moe",
    "postgresql://u:secret@a:port/moe",
    "postgresql://u:secret@[::1/moe",
    "postgresql://u:secret@/moe?host=a,b&port=1,2,3",
    "postgresql://u:secret@h/moe?pool_mode=statement",
)


@pytest.mark.parametrize("url", ["postgresql://u:p@h:1/moe", "postgresql:///moe?host=/run/pg", "postgres://h?x=1"])
def test_the_address_of_one_server_stays_as_it_is(url: str) -> None:
    assert PostgresAddress.parse(url) == PostgresAddress((url,))


@pytest.mark.parametrize("url", SEVERAL)
def test_several_servers_are_addresses_of_their_own_of_which_one_takes_writes(url: str) -> None:
    assert PostgresAddress.parse(url) == PostgresAddress(SEVERAL[url])


@pytest.mark.parametrize(("mode", "has_sessions"), [("transaction", False), ("session", True)])
def test_a_pooler_is_named_in_the_address_and_never_passed_on(mode: str, *, has_sessions: bool) -> None:
    address = PostgresAddress.parse(f"postgresql://h/moe?sslmode=disable&pool_mode={mode}")
    assert address == PostgresAddress(("postgresql://h/moe?sslmode=disable",), mode)
    assert address.has_sessions is has_sessions


@pytest.mark.parametrize("url", WRONG)
def test_what_is_no_address_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(ConfigurationError, match=r"^POSTGRES_CHECKPOINT_URL: ") as caught:
        PostgresAddress.parse(url)
    assert "secret" not in str(caught.value)


def test_a_journal_that_restores_requests_refuses_a_pooler_without_sessions() -> None:
    given = variables("postgresql://h/moe?pool_mode=transaction", SIGNING_KEY)
    build_service("journal", given)
    with pytest.raises(ConfigurationError, match="pool_mode=session"):
        build_service("journal", given | {"MOE_LOG_INCARNATION": "log-1"})
    build_service("journal", given | {"MOE_LOG_INCARNATION": "log-1", "MOE_LOG_DURABLE": "true"})
