"""`--pgbouncer`: product processes that a test starts reach Postgres through PgBouncer, pooling by transaction.

The tests themselves read the database directly.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from fnmatch import fnmatch
from urllib.parse import urlsplit

import pytest

from libs.adapters.postgres.address import PostgresAddress
from libs.embedded import postgres
from libs.testing.databases import migrated_database

# Features that a pooler does not support, and why.
LEFT_OUT = {
    "*/test_acceptance.py::test_a_request_that_was_moved*": "a lock of a session",
    "*/test_acceptance.py::test_a_log_that_is_alive*": "the same lock",
    "*/test_acceptance.py::test_of_two_that_start_at_once*": "the same lock",
    "*/test_postgres_watch.py::test_a_change_is_told_without_waiting*": "no NOTIFY arrives",
    "*/test_role_pool.py::test_a_database_that_is_made_meanwhile*": "a pooler remembers which database was missing",
    "*/test_directory.py::test_what_is_known_opens_for_a_while*": "it ends sessions, which a pooler hides",
}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--pgbouncer", action="store_true", help="Put PgBouncer before the Postgres that tests share.")


def pytest_configure(config: pytest.Config) -> None:
    """Let the server have more sessions: the pooler keeps some for each role in each test's database."""
    if config.getoption("--pgbouncer"):
        postgres._OPTIONS["max_connections"] = "1000"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what cannot work."""
    if config.getoption("--pgbouncer"):
        left_out = [item for item in items if any(fnmatch(item.nodeid, name) for name in LEFT_OUT)]
        items[:] = [item for item in items if item not in left_out]
        config.hook.pytest_deselected(items=left_out)


@asynccontextmanager
async def pooled_if_asked(config: pytest.Config, url: str) -> AsyncIterator[None]:
    """With `--pgbouncer`, run a pooler before the server of `url`, and have every address of that server mean it."""
    if not config.getoption("--pgbouncer"):
        yield
        return
    from tests.support.postgres.pgbouncer import pgbouncer

    await migrated_database(url)  # makes the template, which must have no other sessions when it is copied
    parse = PostgresAddress.parse
    async with pgbouncer(url) as pooled:
        PostgresAddress.parse = _redirected(parse, _place(url), _place(pooled))  # type: ignore[method-assign, assignment]
        try:
            yield
        finally:
            PostgresAddress.parse = parse  # type: ignore[method-assign]


def _redirected(parse: Callable[[str], PostgresAddress], server: str, pooler: str) -> Callable[[str], PostgresAddress]:
    def redirected(url: str) -> PostgresAddress:
        if _place(url) != server:
            return parse(url)
        return parse(urlsplit(url.replace(server, pooler))._replace(query="pool_mode=transaction").geturl())

    return redirected


def _place(url: str) -> str:
    return urlsplit(url).netloc.rpartition("@")[2]
