"""Databases for tests on one Postgres: a new one for each test, empty or with the tables of the fleet.

Those with tables are copies of a template that is migrated once per server: copying takes a quarter of the time.
Postgres copies files instead of logging pages, which takes half of the CPU time without fsync.
"""

from secrets import token_hex
from urllib.parse import urlsplit

import asyncpg

from libs.adapters.journal.pool import migrated
from libs.testing.keys import SIGNING_KEY

_TEMPLATE = "migrated_template"


async def empty_database(server_url: str) -> str:
    """Superuser URL of a new database without tables."""
    return await _new_database(server_url, "template1")


async def migrated_database(server_url: str) -> str:
    """Superuser URL of a new database with tables, and roles that log in by `SIGNING_KEY`.

    Not safe for concurrent calls on a server that has no template yet.
    """
    try:
        return await _new_database(server_url, _TEMPLATE)
    except asyncpg.InvalidCatalogNameError:
        await _make_template(server_url)
    return await _new_database(server_url, _TEMPLATE)


async def drop_database(url: str) -> None:
    """Drop a database of the other functions and ends its sessions."""
    await _execute(urlsplit(url)._replace(path="/postgres").geturl(), f"DROP DATABASE {_name_in(url)} WITH (FORCE)")


async def _make_template(server_url: str) -> None:
    """Rename the database to the template's name once the migration is complete."""
    url = await empty_database(server_url)
    await migrated(url, SIGNING_KEY)
    await _execute(server_url, f"ALTER DATABASE {_name_in(url)} RENAME TO {_TEMPLATE}")


async def _new_database(server_url: str, template: str) -> str:
    name = f"test_{token_hex(6)}"
    await _execute(server_url, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
    return urlsplit(server_url)._replace(path=f"/{name}").geturl()


async def _execute(server_url: str, statement: str) -> None:
    connection = await asyncpg.connect(server_url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def _name_in(url: str) -> str:
    return urlsplit(url).path.removeprefix("/")
