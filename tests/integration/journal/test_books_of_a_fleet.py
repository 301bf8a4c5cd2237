"""`moe usage` reports all calls of a request that ended early, as recorded and in Postgres."""

import asyncio
from pathlib import Path

import pytest

from libs.adapters.quota.budgets.admin import PostgresBudgetAdmin
from libs.contracts.model_call import BROKEN_OFF, Usage, total_usage
from libs.contracts.progress import RequestOpened
from libs.contracts.reported_calls import reported_calls
from libs.runtime.memory import MemoryBroker, MemoryBus
from libs.testing.bus_suite.listener import WAIT_TIMEOUT_S
from libs.testing.keys import SIGNING_KEY, every_root
from libs.testing.model_server import Fault, ModelServer, PipelineOptions, Reply, Rule
from libs.testing.stores import valkey
from libs.testing.waiting import eventually
from tests.support.fleet import STAGES, Client, Stores, gateway_client, process
from tests.support.scenes import first

pytestmark = pytest.mark.embedded
KEY = SIGNING_KEY  # the test fleet's own
DRAFTED = PipelineOptions(tasks=2, categories=("medical_consult", "general"))
CALLS = 5  # planner, two experts, judge, critic


async def _usage(budget_admin: PostgresBudgetAdmin) -> Usage:
    lines = await budget_admin.usage("day", 2)
    told = (Usage(prompt_tokens=line.prompt_tokens, completion_tokens=line.completion_tokens) for line in lines)
    return sum(told, start=Usage())


async def _on_record(client: Client) -> Usage:
    """Sum of all recorded calls; waits until each of them is recorded."""

    def usage() -> Usage | None:
        calls = {call.id: call for message in client.events() for call in reported_calls(message)}
        is_complete = len(calls) == CALLS and any(call.finish_reason == BROKEN_OFF for call in calls.values())
        return total_usage(tuple(calls.values())) if is_complete else None

    return await eventually(usage, within_s=WAIT_TIMEOUT_S)


async def test_the_books_of_a_request_that_was_cancelled_have_all_its_calls(owner_url: str, tmp_path: Path) -> None:
    silent = first(Rule(Reply(fault=Fault("silence")), stage="critic"), DRAFTED)
    broker = MemoryBroker()
    async with valkey() as valkey_url, ModelServer(silent) as models:
        extra = {"POSTGRES_CHECKPOINT_URL": owner_url, **every_root(KEY)}
        stores = Stores(models.url, valkey_url, tmp_path, extra)
        async with (
            process(("gateway", *STAGES, "journal"), MemoryBus(broker), stores) as fleet,
            gateway_client(fleet.ports[0], broker) as client,
        ):
            asking = asyncio.get_running_loop().create_task(client.ask("How large should pools be, see #b1?"))
            await models.log.wait_started(CALLS)
            asking.cancel()
            spent = await _on_record(client)
            (opened,) = client.events(RequestOpened)
            budget_admin = PostgresBudgetAdmin(owner_url, KEY, opened.envelope.tenant)

            async def booked() -> bool:
                return await _usage(budget_admin) == spent

            await eventually(booked, within_s=WAIT_TIMEOUT_S, look_every_s=0.05)
    assert len(models.calls) == CALLS
