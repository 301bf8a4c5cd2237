"""Every route that causes work passes authentication, permission, rate and a fair permit, in this order.

The route table is the source: a new route is tested without a change of this file.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from libs.core.ids import new_response_id
from libs.ports.identity import EVERYTHING, GRANT_KINDS, Grants, KeyLimits
from libs.runtime.settings.static_keys import StaticKeys
from libs.testing.model_server import Reply, Rule
from services.gateway.api.routes import ENDPOINTS, Access, Endpoint, Quota
from services.gateway.pipeline.app_context import AppContext
from tests.integration.gateway.test_embeddings import MODEL, Server, embedding_gateway
from tests.integration.metering.test_limit_headers import Limited
from tests.support.cluster import started
from tests.support.direct_gateway import DirectGateway, DirectSetting, direct_gateway
from tests.support.gateway import KEY, GatewayHarness
from tests.support.identity.permission_matrix import call_of

POOR, OTHER = "key-without-grants-0123", "key-of-another-tenant-0123"
ALL = Grants(frozenset((kind, EVERYTHING) for kind in GRANT_KINDS))
UNKNOWN_ID = new_response_id(7, 1_790_000_000.0)
FREE = {
    "/api/show", "/api/tags", "/api/ps", "/api/version", "/v1/models", "/v1/models/{model_id:path}", "/openapi.json",
    "/docs", "/v1/responses/compact", "/v1/responses/{response_id}/input_items",
    "/graph/stats", "/graph/search", "/v1/admin/ontology-gaps", "/v1/admin/planner-patterns",
}  # fmt: skip
COUNTING = {"/v1/messages/count_tokens", "/v1/responses/input_tokens"}
METERED = [each for each in ENDPOINTS if each.quota is not Quota.NONE]
GRANTED = [each for each in METERED if each.path not in COUNTING | {"/v1/provider-status"}]
CREATING = [each for each in GRANTED if each.method == "POST" and "{response_id}" not in each.path]


def named(endpoint: Endpoint) -> str:
    return f"{endpoint.method} {endpoint.path}"


class Metered(Limited):
    """A gateway whose caller may do everything, one request a minute; one key has no grant, one is another tenant's."""

    def alter(self, front: AppContext) -> AppContext:
        self.front = super().alter(front)
        poor = replace(self.caller, key_id="k2", grants=Grants())
        rich = replace(self.caller, grants=ALL)
        keys = {KEY: rich, POOR: poor, OTHER: replace(rich, tenant="other", key_id="k3", limits=KeyLimits())}
        return replace(self.front, authenticator=StaticKeys.of(keys))


@asynccontextmanager
async def metered(folder: Path, server: Server, requests: int = 1) -> AsyncIterator[tuple[DirectGateway, Metered]]:
    limited = Metered(KeyLimits(requests_per_minute=requests))
    async with embedding_gateway(folder, server, alter=limited.alter) as direct:
        yield direct, limited


async def send(direct: GatewayHarness, endpoint: Endpoint, key: str = KEY, **headers: str) -> httpx.Response:
    call = call_of(endpoint, UNKNOWN_ID)
    body = {**call.body, "model": MODEL} if isinstance(call.body, dict) and "embed" in call.path else call.body
    sent = {"authorization": f"Bearer {key}", **headers}
    return await direct.client.request(call.method, call.path, json=body, headers=sent)


def test_a_route_without_a_quota_is_one_of_those_that_are_answered_from_memory() -> None:
    assert {each.path for each in ENDPOINTS if each.quota is Quota.NONE} == FREE
    assert {each.path for each in ENDPOINTS if each.access is Access.ADMIN} <= FREE


@pytest.mark.parametrize("endpoint", METERED, ids=named)
async def test_a_key_over_its_rate_is_rejected_and_nothing_is_stored_or_asked(
    tmp_path: Path, endpoint: Endpoint
) -> None:
    server = Server()
    async with metered(tmp_path, server) as (direct, limited):
        assert (await direct.gateway.client.get(f"/v1/responses/{UNKNOWN_ID}")).status_code == 404
        refused = await send(direct.gateway, endpoint, **{"idempotency-key": "once"})
        notes = limited.front.key_values
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "60")
        assert (direct.gateway.fleet.published, len(direct.models.log.calls), server.asked) == ([], 0, [])
        assert (notes.values, notes.lists) == ({}, {})  # type: ignore[attr-defined]
        assert direct.proxy.outbox.spool.waiting == 0


async def continue_from(direct: DirectGateway, **previous: str) -> httpx.Response:
    body = {"model": "judge-7b@scripted", "input": "And then?", **previous}
    return await direct.gateway.client.post("/v1/responses", json=body)


@asynccontextmanager
async def answering(folder: Path, requests: int) -> AsyncIterator[DirectGateway]:
    limited = Metered(KeyLimits(requests_per_minute=requests))
    async with direct_gateway(DirectSetting(folder), Rule(Reply("Then it rained.")), alter=limited.alter) as direct:
        yield direct


async def test_a_look_up_of_a_previous_response_takes_a_request_of_the_rate(tmp_path: Path) -> None:
    async with answering(tmp_path, requests=3) as direct:
        statuses = [(await continue_from(direct, previous_response_id=UNKNOWN_ID)).status_code for _ in range(5)]
    assert statuses == [404, 404, 404, 429, 429]


async def test_a_continued_conversation_takes_one_request_of_the_rate(tmp_path: Path) -> None:
    async with answering(tmp_path, requests=3) as direct:
        first = await continue_from(direct)
        others = [await continue_from(direct, previous_response_id=first.json()["id"]) for _ in range(3)]
    assert [each.status_code for each in (first, *others)] == [200, 200, 200, 429]


async def test_another_body_under_a_used_idempotency_key_takes_a_request_of_the_rate(tmp_path: Path) -> None:
    async with answering(tmp_path, requests=3) as direct:
        client = direct.gateway.client
        bodies = [{"model": "judge-7b@scripted", "input": f"Number {number}?"} for number in range(5)]
        statuses = [
            (await client.post("/v1/responses", json=body, headers={"idempotency-key": "one"})).status_code
            for body in bodies
        ]
    assert statuses == [200, 409, 409, 429, 429]


@pytest.mark.parametrize("endpoint", CREATING, ids=named)
async def test_a_caller_without_permission_is_rejected_before_its_rate_and_nothing_is_stored(
    tmp_path: Path, endpoint: Endpoint
) -> None:
    async with metered(tmp_path, Server()) as (direct, limited):
        statuses = {
            (await send(direct.gateway, endpoint, POOR, **{"idempotency-key": "x"})).status_code for _ in range(2)
        }
        notes = limited.front.key_values
        assert statuses == ({404, 429} if endpoint.path == "/v1/feedback" else {403})
        assert (direct.gateway.fleet.published, notes.values) == ([], {})  # type: ignore[attr-defined]


@pytest.mark.parametrize("endpoint", [each for each in METERED if each.quota is Quota.REQUEST], ids=named)
async def test_permits_that_one_tenant_holds_leave_some_for_others(tmp_path: Path, endpoint: Endpoint) -> None:
    async with metered(tmp_path, Server(), 1000) as (direct, limited):
        turns = limited.front.permits.requests
        async with asyncio.TaskGroup() as group:
            held, over = [asyncio.Event() for _ in range(48)], asyncio.Event()

            async def hold(at: asyncio.Event) -> None:
                async with turns.permit("default"):
                    at.set()
                    await over.wait()

            for each in held:
                group.create_task(hold(each))
            for each in held:
                await each.wait()
            waiting = started(send(direct.gateway, endpoint))
            answered = await send(direct.gateway, endpoint, OTHER)
            assert answered.status_code not in (429, 503)
            assert not waiting.done()
            over.set()
        assert (await waiting).status_code not in (429, 503)
