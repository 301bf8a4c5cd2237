"""Routes without an answer take one request of their key, no tokens and no budget."""

import asyncio
from dataclasses import replace
from typing import TypeAlias

import httpx
import openai
import pytest

from libs.contracts.progress import RequestOpened
from libs.ports.identity import Grants, KeyLimits
from services.gateway.lookup.responses import ResponseLookup
from services.gateway.pipeline.app_context import AppContext
from tests.integration.metering.test_limit_headers import ALL_MODES, Limited, error_of
from tests.support.cluster import started
from tests.support.gateway import KEY, Fleet, GatewayHarness, answering, open_gateway

Route: TypeAlias = tuple[str, str, dict[str, object]]
ROUTES: list[Route] = [
    ("GET", "/v1/responses/{}", {}),
    ("GET", "/v1/responses/{}?stream=true", {}),
    ("DELETE", "/v1/responses/{}", {}),
    ("POST", "/v1/responses/{}/cancel", {}),
    ("POST", "/v1/feedback", {"response_id": "{}", "rating": 5}),
    ("POST", "/v1/memory/ingest", {"session_summary": "We chose tea."}),
]
DONE = {("POST", "/v1/memory/ingest"): 202, ("DELETE", "/v1/responses/{}"): 503}  # this gateway records no deletions


class Remembering(Limited):
    """A gateway whose log can be searched, and whose caller may have sessions remembered."""

    def alter(self, front: AppContext) -> AppContext:
        assert isinstance(front.publisher, Fleet)
        self.caller = replace(self.caller, grants=Grants(ALL_MODES.granted | {("feature", "memory_ingest")}))
        return replace(
            super().alter(front),
            lookup=ResponseLookup(front.pending_replies, front.publisher, None, settled_after_s=60),
        )


async def send(at: GatewayHarness, route: Route, response_id: str) -> httpx.Response:
    method, path, body = route
    filled = {name: response_id if value == "{}" else value for name, value in body.items()}
    return await at.client.request(method, path.format(response_id), json=filled or None)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route[0]} {route[1]}")
async def test_each_takes_one_request_of_the_key(route: Route) -> None:
    limited = Remembering(KeyLimits(requests_per_minute=2))
    async with open_gateway(answering("4"), alter=limited.alter) as at:
        response_id = (await at.ask()).headers["x-request-id"]
        done, refused = await send(at, route, response_id), await send(at, route, response_id)
    assert (done.status_code, refused.status_code) == (DONE.get(route[:2], 200), 429)
    assert done.headers["x-ratelimit-remaining-requests"] == "0"
    assert (error_of(refused)["code"], refused.headers["retry-after"]) == ("rate_limit_exceeded", "30")


async def test_ids_that_nobody_had_are_not_free() -> None:
    async with open_gateway(alter=Remembering(KeyLimits(requests_per_minute=1)).alter) as at:
        statuses = [(await at.client.get("/v1/responses/x")).status_code for _ in range(2)]
    assert statuses == [404, 429]


async def test_who_has_no_tokens_left_is_shown_the_answer_all_the_same() -> None:
    async with open_gateway(answering("4"), alter=Remembering(KeyLimits(tokens_per_minute=10)).alter) as at:
        response_id = (await at.ask()).headers["x-request-id"]  # takes 42, which is four minutes' worth
        assert (await at.ask()).status_code == 429
        shown = await at.client.get(f"/v1/responses/{response_id}")
    assert (shown.status_code, shown.json()["output_text"]) == (200, "4")


async def test_who_has_no_budget_left_is_shown_the_answer_all_the_same() -> None:
    async with open_gateway(answering("4"), alter=Remembering(KeyLimits(), total=5000).alter) as at:
        response_id = (await at.ask()).headers["x-request-id"]
        assert (await at.ask()).status_code == 429
        shown = await at.client.get(f"/v1/responses/{response_id}")
    assert shown.status_code == 200


async def test_a_key_without_limits_is_told_nothing() -> None:
    async with open_gateway(answering("4"), alter=Remembering(KeyLimits()).alter) as at:
        shown = await at.client.get(f"/v1/responses/{(await at.ask()).headers['x-request-id']}")
    assert (shown.status_code, [name for name in shown.headers if "ratelimit" in name]) == (200, [])


async def test_a_stream_that_is_taken_up_is_one_of_the_streams_of_its_key() -> None:
    limited = Remembering(KeyLimits(streams=1))
    async with open_gateway(None, alter=limited.alter) as at, limited.metering:
        work = started(at.ask())
        (opened, *_) = await at.fleet.wait_for(RequestOpened)
        path = f"/v1/responses/{opened.envelope.response_id}?stream=true"
        async with at.client.stream("GET", path) as first:
            assert first.status_code == 200
            assert (await at.client.get(path)).status_code == 429
        work.cancel()
        await asyncio.wait([work])


async def test_the_sdk_is_told_when_it_polls_too_often() -> None:
    limited = Remembering(KeyLimits(requests_per_minute=3))
    async with open_gateway(answering("4"), alter=limited.alter) as at:
        response_id = (await at.ask()).headers["x-request-id"]
        async with openai.AsyncOpenAI(base_url=f"{at.url}/v1", api_key=KEY, max_retries=0) as client:
            for _ in range(2):
                assert (await client.responses.retrieve(response_id)).status == "completed"
            with pytest.raises(openai.RateLimitError):
                await client.responses.retrieve(response_id)
            limited.clock.advance(20)
            assert (await client.responses.retrieve(response_id)).status == "completed"
