"""Profiles as keys are bound to them, from the database to the models."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from libs.adapters.identity.grants import Permissions
from libs.adapters.identity.keys import Keys
from libs.adapters.identity.users import UserStore
from libs.contracts.profile import Profile
from libs.ports.directory import Grant, Holder, NewKey
from libs.testing.keys import SIGNING_KEY, every_root
from libs.testing.model_server import ModelServer, PipelineOptions, pipeline_script
from libs.testing.stores import valkey
from libs.testing.waiting import eventually
from tests.support.fleet import Client, Stores, whole_fleet
from tests.support.template_stores import (
    PATIENCE_S,
    RACKS,
    answers,
    office,
    profiles_of,
    templates_of,
)

CLAUDE = "claude-sonnet-5-5"
SCRIPT = pipeline_script(PipelineOptions(tasks=2, categories=("technical_support", "science")))
NATIVE = Profile(id="native", name="N", moe_mode="native", tool_model="own-coder:8b", system_prompt_prefix="Acme's.")
REASONING = Profile(id="reasoning", name="R", moe_mode="moe_reasoning", tool_model="own-coder:8b")
FLEET = Profile(id="fleet", name="F", tool_model="own-coder:8b")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def valkey_url() -> AsyncIterator[str]:
    async with valkey() as url:
        yield url


@pytest_asyncio.fixture
async def keys(owner_url: str) -> Mapping[str, str]:
    """Key for each profile, and one that is bound to a profile which is not there; nothing is granted."""
    await profiles_of(owner_url).put([NATIVE, REASONING, FLEET])
    await UserStore(office(owner_url)).create_user("ann")
    wishes = ("native", "reasoning", "fleet", "gone", "")
    return {name: await Keys(office(owner_url)).create(NewKey("ann", profile=name)) for name in wishes}


@dataclass(frozen=True)
class Running:
    """A whole fleet and the models that it calls."""

    client: Client
    models: ModelServer

    @property
    def asked(self) -> list[str]:
        return [call.model for call in self.models.calls]


@pytest_asyncio.fixture
async def fleet(owner_url: str, keys: Mapping[str, str], valkey_url: str, tmp_path: Path) -> AsyncIterator[Running]:
    told = {"POSTGRES_CHECKPOINT_URL": owner_url, **every_root(SIGNING_KEY)}
    async with (
        ModelServer(SCRIPT) as models,
        whole_fleet(Stores(models.url, valkey_url, tmp_path, told)) as client,
    ):
        yield Running(client, models)


async def ask(client: Client, key: str, model: str = CLAUDE, **fields: object) -> httpx.Response:
    """Send a request with a key, as soon as the gateway has loaded it."""
    body = {"model": model, "messages": [{"role": "user", "content": "How large, see #p1?"}], **fields}
    headers = {"authorization": f"Bearer {key}"}
    return await answers(lambda: client.http.post("/v1/chat/completions", json=body, headers=headers))


@pytest.mark.parametrize(
    ("name", "models_asked"),
    [("native", ["own-coder:8b"]), ("reasoning", ["scripted:7b"]), ("fleet", ["scripted:7b"] * 4)],
)
async def test_a_key_is_answered_as_its_profile_says(
    name: str, models_asked: list[str], keys: Mapping[str, str], fleet: Running
) -> None:
    response = await ask(fleet.client, keys[name])
    assert (response.status_code, response.json()["model"]) == (200, CLAUDE)
    assert fleet.asked == models_asked


@pytest.mark.parametrize("name", ["native", "reasoning", "fleet"])
async def test_tools_go_to_the_tool_model_of_the_profile(name: str, keys: Mapping[str, str], fleet: Running) -> None:
    tools = [{"type": "function", "function": {"name": "look", "parameters": {"type": "object", "properties": {}}}}]
    response = await ask(fleet.client, keys[name], tools=tools)
    assert response.status_code == 200, response.text
    assert fleet.asked == ["own-coder:8b"]


async def test_the_words_of_a_profile_go_before_the_clients(keys: Mapping[str, str], fleet: Running) -> None:
    await ask(fleet.client, keys["native"])
    assert fleet.models.calls[0].messages[0].content == "Acme's."


async def test_what_a_key_is_bound_to_or_granted_and_is_gone_is_told(
    owner_url: str, keys: Mapping[str, str], fleet: Running
) -> None:
    await templates_of(owner_url).put([RACKS])
    await Permissions(office(owner_url)).grant(Holder("user", "ann"), Grant("expert_template", "deleted"))
    client, unbound = fleet.client, keys[""]
    await becomes_refused(client, unbound, "racks", 403)
    await becomes_refused(client, unbound, "deleted", 422)
    refused = [await ask(client, keys["gone"]), await ask(client, unbound, "deleted"), await ask(client, unbound, "x")]
    assert [(response.status_code, response.json()["error"]["code"]) for response in refused] == [
        (422, "profile_not_found"),
        (422, "template_not_found"),
        (404, "model_not_found"),
    ]


async def test_a_claude_client_is_answered_in_its_own_words(keys: Mapping[str, str], fleet: Running) -> None:
    body = {"model": CLAUDE, "max_tokens": 300, "messages": [{"role": "user", "content": "How, see #p2?"}]}
    headers = {"x-api-key": keys["fleet"], "anthropic-version": "2023-06-01", "authorization": ""}
    response = await answers(lambda: fleet.client.http.post("/v1/messages", json=body, headers=headers))
    assert response.status_code == 200, response.text
    assert response.json()["model"] == CLAUDE
    assert "#p2" in response.json()["content"][0]["text"]
    assert [call.stage for call in fleet.models.calls].count("planner") == 1


async def becomes_refused(client: Client, key: str, model: str, status: int) -> None:
    """Wait for the refusal of a model: the gateway follows soon."""

    async def is_refused() -> bool:
        return (await ask(client, key, model)).status_code == status

    await eventually(is_refused, within_s=PATIENCE_S, look_every_s=0.05)
