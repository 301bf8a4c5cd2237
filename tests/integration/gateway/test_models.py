from pathlib import Path

from services.gateway.domain.routing.claude_models import CLAUDE_CODE_MODELS
from tests.support.direct_gateway import JUDGE, DirectSetting, direct_gateway
from tests.support.gateway import open_gateway

MODES = ("code", "concise", "agent", "agent-orchestrated", "plan", "report")
CLAUDE = [name for name in CLAUDE_CODE_MODELS.split(",") if not name.endswith("*")]
IDS = ["moe-orchestrator", *(f"moe-orchestrator-{mode}" for mode in MODES), *CLAUDE]


async def test_the_models_are_listed_in_openais_shape() -> None:
    async with open_gateway() as direct:
        body = (await direct.client.get("/v1/models")).json()
    assert body["object"] == "list"
    assert [model["id"] for model in body["data"]] == IDS
    for model in body["data"]:
        assert set(model) == {"id", "object", "created", "owned_by"}
        assert model["object"] == "model"
        assert type(model["created"]) is int


async def test_one_model_is_shown() -> None:
    async with open_gateway() as direct:
        listed = (await direct.client.get("/v1/models")).json()["data"]
        assert [(await direct.client.get(f"/v1/models/{each}")).json() for each in IDS] == listed


async def test_models_that_can_be_asked_straight_away_are_listed_and_shown(tmp_path: Path) -> None:
    async with direct_gateway(DirectSetting(tmp_path)) as direct:
        client = direct.gateway.client
        ids = [model["id"] for model in (await client.get("/v1/models")).json()["data"]]
        name = f"{JUDGE.model}@{JUDGE.server}"
        assert ids.count(name) == 1
        assert (await client.get(f"/v1/models/{name}")).json()["id"] == name
        assert (await client.get("/v1/models/nobody@scripted")).status_code == 404
