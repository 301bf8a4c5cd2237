"""A price is a number, whichever client sets it."""

from secrets import token_hex
from urllib.parse import urlsplit

import asyncpg
import pytest

from libs.adapters.postgres.migrate import migrate, shipped

PRICED = "INSERT INTO moe.model_costs (tenant, model, factor) VALUES ('acme', $1, $2)"


async def test_the_table_takes_no_factor_that_is_no_number(owner_url: str) -> None:
    owner = await asyncpg.connect(owner_url)
    with pytest.raises(asyncpg.CheckViolationError):
        await owner.execute(PRICED, "moe", "NaN")
    await owner.close()


async def test_a_factor_that_is_no_number_goes_when_the_table_learns_it(server_url: str) -> None:
    server = await asyncpg.connect(server_url)
    name = f"test_{token_hex(6)}"
    await server.execute(f"CREATE DATABASE {name}")
    await server.close()
    owner = await asyncpg.connect(urlsplit(server_url)._replace(path=f"/{name}").geturl())
    await migrate(owner, [each for each in shipped() if each.name < "0015"])
    await owner.execute(PRICED, "broken", "NaN")
    await owner.execute(PRICED, "moe", "2")
    await migrate(owner)
    assert [row["model"] for row in await owner.fetch("SELECT model FROM moe.model_costs")] == ["moe"]
    await owner.close()
