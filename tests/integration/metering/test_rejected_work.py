"""Work for a request that is rejected afterwards takes a request of the rate."""

from dataclasses import replace
from pathlib import Path

import pytest

from libs.adapters.templates.snapshot import TemplateSnapshot
from libs.contracts.profile import Profile
from libs.ports.identity import KeyLimits
from libs.ports.templates import LoadedProfile
from libs.testing.model_server import Reply, Rule
from services.gateway.domain.routing.model_resolver import ModelResolver
from services.gateway.pipeline.app_context import AppContext
from tests.integration.metering.test_every_route import Metered
from tests.support.direct_gateway import DirectSetting, direct_gateway

LATER = {
    "unknown model": {"model": "no-such-model"},
    "unknown server": {"model": "judge-7b@elsewhere"},
    "unsupported by the fleet": {"model": "moe-orchestrator", "top_p": 0.5},
}


@pytest.mark.parametrize("rejected", LATER.values(), ids=LATER)
async def test_a_look_up_for_a_request_that_is_rejected_afterwards_takes_a_request_of_the_rate(
    tmp_path: Path, rejected: dict[str, object]
) -> None:
    limited = Metered(KeyLimits(requests_per_minute=4))
    async with direct_gateway(DirectSetting(tmp_path), Rule(Reply("Then it rained.")), alter=limited.alter) as direct:
        client = direct.gateway.client
        first = await client.post("/v1/responses", json={"model": "judge-7b@scripted", "input": "What then?"})
        assert first.status_code == 200
        body = {"input": "And then?", "previous_response_id": first.json()["id"], **rejected}
        statuses = [(await client.post("/v1/responses", json=body)).status_code for _ in range(5)]
    assert statuses[:3].count(429) == 0
    assert statuses[3:] == [429, 429]


async def test_a_prompt_that_is_counted_and_too_long_takes_a_request_of_the_rate(tmp_path: Path) -> None:
    limited = Metered(KeyLimits(requests_per_minute=3))
    bound = LoadedProfile(Profile(id="cc", name="cc", moe_mode="native", context_window=50, default=True))

    def alter(front: AppContext) -> AppContext:
        return replace(limited.alter(front), models=ModelResolver(TemplateSnapshot(defaults=(bound,))))

    async with direct_gateway(DirectSetting(tmp_path), Rule(Reply("Never.")), alter=alter) as direct:
        body = {
            "model": "claude-sonnet-4-5",
            "max_tokens": 9,
            "messages": [{"role": "user", "content": "word " * 20_000}],
        }
        client = direct.gateway.client
        refused = [await client.post("/v1/messages", json=body) for _ in range(5)]
        assert (await client.get("/v1/models")).status_code == 200
    assert "prompt is too long" in refused[0].text
    assert [each.status_code for each in refused] == [400, 400, 400, 429, 429]
