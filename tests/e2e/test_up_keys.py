"""Keys of a running fleet: created, used and revoked beside it, and audited."""

import json
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from libs.adapters.journal.reader import PostgresJournalReader
from libs.core.api_keys import lookup_of
from libs.testing.processes import moe
from libs.testing.waiting import eventually
from moe.cli.context.operators import attributed
from tests.support.fleet_processes import journal_of
from tests.support.up_fleet import UpFleet, up

pytestmark = [pytest.mark.embedded, pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]
DAYS = "How many days from 2024-01-15 to 2024-03-10?"
REVOKED_WITHIN_S = 5.0  # docs/identity.md
ACTS = {"user-created", "key-created", "grant-given", "key-revoked"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def fleet(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[UpFleet]:
    async with up(tmp_path_factory.mktemp("keys")) as running:
        yield running


async def test_a_key_opens_what_was_granted_until_it_is_revoked(fleet: UpFleet) -> None:
    await said(fleet, "users", "create", "bob")
    key = await said(fleet, "keys", "create", "bob")
    await becomes(fleet, key, 403)
    await said(fleet, "users", "grant", "bob", "moe_mode", "default")
    await becomes(fleet, key, 200)
    await said(fleet, "keys", "revoke", str(lookup_of(key)))
    await becomes(fleet, key, 401, within_s=REVOKED_WITHIN_S)


async def test_the_audit_has_every_act_with_who_did_it(fleet: UpFleet) -> None:
    await said(fleet, "users", "create", "ann", "--operator", "ada")
    key = await said(fleet, "keys", "create", "ann", "--operator", "ada")
    await said(fleet, "users", "grant", "ann", "skill", "x", "--operator", "ada")
    await said(fleet, "keys", "revoke", str(lookup_of(key)), "--operator", "ada")

    async def is_complete() -> bool:
        return await acts_of(fleet, attributed("ada")) >= ACTS

    await eventually(is_complete, look_every_s=0.5)


async def said(fleet: UpFleet, *command: str) -> str:
    ran = await moe(fleet.place, *command)
    assert ran.code == 0, ran.errors
    return ran.output.strip()


async def becomes(fleet: UpFleet, key: str, status: int, within_s: float = 60.0) -> None:
    """Wait until the gateway answers so."""

    async def answers() -> bool:
        return await status_of(fleet, key) == status

    await eventually(answers, within_s=within_s, look_every_s=0.05)


async def status_of(fleet: UpFleet, key: str) -> int:
    body = {"model": "moe-orchestrator", "messages": [{"role": "user", "content": DAYS}]}
    async with httpx.AsyncClient(base_url=fleet.url, headers={"x-api-key": key}, timeout=60) as client:
        return (await client.post("/v1/chat/completions", json=body)).status_code


async def acts_of(fleet: UpFleet, operator: str) -> set[str]:
    secrets = journal_of(fleet.data_dir)
    url = json.loads((fleet.data_dir / "endpoints.json").read_text())["postgres"]
    rows = await PostgresJournalReader(url, secrets).of_schemas(["audit-recorded.v1"])
    acts = [json.loads(row.entry.payload or b"{}") for row in rows]
    return {act["action"] for act in acts if act.get("actor") == operator}
