"""A tool disabled in Postgres is disabled for every instance, at once and after a restart."""

import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import asyncpg
import pytest
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters

from libs.adapters.postgres.login import logged_in
from libs.adapters.switches.postgres import PostgresSwitches, SwitchesUnread, switches_at
from libs.core.database_roles import TOOL_ADMIN_ROLE
from libs.testing.keys import SIGNING_KEY
from libs.testing.waiting import eventually
from moe.cli.context.embedded_stores import ENDPOINTS_FILE
from tests.support.identity.registry import QUICK, Registry

pytestmark = pytest.mark.embedded


@asynccontextmanager
async def instance(url: str) -> AsyncIterator[PostgresSwitches]:
    switches = PostgresSwitches(partial(logged_in, url, SIGNING_KEY, TOOL_ADMIN_ROLE), "default", QUICK.intervals)
    async with switches.watch as watch:
        await eventually(lambda: watch.loaded)
        yield switches


async def test_another_instance_knows_at_once(registry: Registry) -> None:
    async with instance(registry.url) as ours, instance(registry.url) as theirs:
        assert not theirs.off("calculate")
        await ours.turn("calculate", "ada", on=False)
        assert ours.off("calculate")
        await eventually(lambda: theirs.off("calculate"))
        await theirs.turn("calculate", "ada", on=True)
        await eventually(lambda: not ours.off("calculate"))


async def test_what_was_switched_off_is_off_after_a_restart(registry: Registry) -> None:
    async with instance(registry.url) as before:
        await before.turn("calculate", "ada", on=False)
    async with instance(registry.url) as after:
        assert after.off("calculate")
        assert not after.off("date_diff")


async def test_nobody_can_tell_before_the_first_load() -> None:
    switches = switches_at("postgresql://127.0.0.1:1/moe", SIGNING_KEY, "default")
    with pytest.raises(SwitchesUnread):
        switches.off("calculate")


async def test_an_act_is_told_to_the_audit_once(registry: Registry, owner_url: str) -> None:
    async with instance(registry.url) as switches:
        for on in (False, False, True, True):
            await switches.turn("calculate", "key-of-ada", on=on)
    owner = await asyncpg.connect(owner_url)
    rows = await owner.fetch(
        "SELECT tenant, action, actor, target FROM moe.audit_outbox WHERE target = 'calculate' ORDER BY 2"
    )
    await owner.close()
    assert [tuple(row) for row in rows] == [
        ("default", "tool-disabled", "key-of-ada", "calculate"),
        ("default", "tool-enabled", "key-of-ada", "calculate"),
    ]


@pytest.mark.parametrize("place", ["beside a fleet", "told the address"])
async def test_what_is_switched_off_is_off_for_a_client_that_starts_us(
    registry: Registry, tmp_path: Path, place: str
) -> None:
    async with instance(registry.url) as admin:
        await admin.turn("calculate", "ada", on=False)
    fleet = {"pid": os.getpid(), "postgres": registry.url if place == "beside a fleet" else None}
    (tmp_path / ENDPOINTS_FILE).write_text(json.dumps(fleet))
    (tmp_path / "database.key").write_text(SIGNING_KEY)
    told = {"MOE_DATA_DIR": str(tmp_path)}
    if place == "told the address":
        told["POSTGRES_CHECKPOINT_URL"] = registry.url
    child = StdioServerParameters(command=sys.executable, args=["-m", "moe", "mcp", "--stdio"], env=told)
    async with Client(child) as client:
        tools = {tool.name for tool in (await client.list_tools()).tools}
        result = await client.call_tool("date_add", {"base_date": "2026-01-31", "days": 1})
    assert "calculate" not in tools
    assert not result.is_error
