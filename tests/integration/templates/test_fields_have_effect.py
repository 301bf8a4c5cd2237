"""Every field of a template or a profile changes the model requests or the client's response: no field is inert.

One fleet, many documents: each is the base with one field changed, and gets the same requests as the base.
"""

import json
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

import httpx
import pytest
import pytest_asyncio
from prometheus_client import REGISTRY

from libs.adapters.identity.keys import Keys
from libs.adapters.identity.users import UserStore
from libs.contracts.message import Value
from libs.contracts.profile import Profile
from libs.contracts.template import ExpertTemplate, TemplateExpert, TemplateModel
from libs.ports.directory import NewKey
from libs.testing.databases import migrated_database
from libs.testing.keys import SIGNING_KEY, every_root
from libs.testing.model_server import ModelServer, PipelineOptions, Prompt, Rule, pipeline_script
from libs.testing.stores import valkey
from libs.testing.waiting import eventually
from tests.integration.templates.test_templates_in_the_fleet import listed
from tests.support.fleet import KEY, Client, Stores, whole_fleet
from tests.support.template_stores import answers, office, profiles_of, templates_of

CLAUDE = "claude-opus-5-5"
THINKING = "Let me think."
QUESTION = {"role": "user", "content": "How large should connection pools be, see #e1?"}
TURNS = [{"role": "user", "content": "word " * 200}, {"role": "assistant", "content": "Good. " * 30}]
IMAGE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}
TOOL = {"type": "function", "function": {"name": "look", "parameters": {"type": "object", "properties": {}}}}
# Kinds of requests: a question with history, and a repetition; about an image; with tools; in a stream.
BODIES: Mapping[str, Mapping[str, object]] = {
    "question": {"messages": [*TURNS, QUESTION]},
    "again": {"messages": [*TURNS, QUESTION]},
    "image": {"messages": [{"role": "user", "content": [IMAGE, {"type": "text", "text": "What is it?"}]}]},
    "tools": {"messages": [QUESTION], "tools": [TOOL]},
    "format": {"messages": [QUESTION], "response_format": {"type": "json_object"}},
    "stream": {"messages": [QUESTION], "stream": True},
}
MODEL: Mapping[str, object] = {"model": "own-science:7b", "endpoint": "one", "role": "primary"}
SECOND: Mapping[str, object] = {"model": "own-second:7b", "endpoint": "one", "role": "fallback"}
EXPERT: Mapping[str, object] = {"models": [MODEL, SECOND]}
TEMPLATE: Mapping[str, object] = {
    "id": "base",
    "name": "Base",
    "experts": {"science": EXPERT, "vision": {"models": [{"model": "own-seer:7b", "endpoint": "one"}]}, "math": {}},
}
PROFILE: Mapping[str, object] = {"id": "base", "name": "Base", "moe_mode": "native"}
# Fields whose effect no request shows here, and the tests that show it.
ELSEWHERE: Mapping[str, str] = {
    "id": "test_templates_in_the_fleet: asked by its id",
    "name": "test_templates_in_the_fleet: asked by its name",
    "description": "for people alone",
    "profile.id": "here: keys are bound by it",
    "profile.name": "for people alone",
    "profile.description": "for people alone",
    "profile.default": "test_templates_in_the_fleet: a key that is bound to none",
}


def with_expert(category: str = "science", **changed: object) -> Mapping[str, object]:
    experts = TEMPLATE["experts"]
    assert isinstance(experts, dict)
    return {"experts": {**experts, category: {**experts[category], **changed}}}


def with_model(**changed: object) -> Mapping[str, object]:
    return with_expert(models=[{**MODEL, **changed}, SECOND])


TEMPLATES: Mapping[str, Mapping[str, object]] = {
    "planner_prompt": {"planner_prompt": "Prefer few tasks."},
    "planner_model": {"planner_model": "own-planner:8b"},
    "planner_context_window": {"planner_context_window": 500},
    "judge_prompt": {"judge_prompt": "Cite."},
    "judge_model": {"judge_model": "own-judge:8b"},
    "judge_context_window": {"judge_context_window": 500},
    "tool_prompt": {"tool_prompt": "Call with care."},
    "tool_model": {"tool_model": "own-tools:8b"},
    "tool_context_window": {"tool_context_window": 20},
    "experts": {"experts": {"science": EXPERT}},
    "enable_cache": {"enable_cache": False},
    "force_think": {"force_think": True},
    "history_max_turns": {"history_max_turns": 1},
    "history_max_chars": {"history_max_chars": 40},
    "max_tokens": {"max_tokens": 33},
    "experts.system_prompt": with_expert(system_prompt="You know it by heart."),
    "experts.models": with_expert(models=[MODEL]),
    "experts.mcp_tools": with_expert(mcp_tools=["calculate"]),
    "experts.context_window": with_expert(context_window=600),
    "experts.max_tokens": with_expert(max_tokens=44),
    "vision.system_prompt": with_expert("vision", system_prompt="Read the labels."),
    "vision.context_window": with_expert("vision", context_window=100),
    "vision.max_tokens": with_expert("vision", max_tokens=44),
    "experts.models.model": with_model(model="own-other:7b"),
    "experts.models.endpoint": with_model(endpoint="two"),
    "experts.models.role": with_expert(models=[MODEL, {**SECOND, "role": "always"}]),
}
PROFILES: Mapping[str, Mapping[str, object]] = {
    "moe_mode": {"moe_mode": "moe_reasoning"},
    "tool_model": {"tool_model": "own-coder:8b"},
    "tool_endpoint": {"tool_model": "coder:8b", "tool_endpoint": "two"},
    "expert_template_id": {"moe_mode": "moe_orchestrated", "expert_template_id": "base"},
    "accepted_models": {"accepted_models": ["mine-*"]},
    "system_prompt_prefix": {"system_prompt_prefix": "You serve Acme."},
    "stream_think": {"stream_think": False},
    "tool_max_tokens": {"tool_max_tokens": 55},
    "reasoning_max_tokens": {"moe_mode": "moe_reasoning", "reasoning_max_tokens": 66},
    "context_window": {"context_window": 200},
    "tool_choice": {"tool_choice": "required"},
    "enabled": {"enabled": False},
}
# Base of the comparison for a template that does not name the second model at all.
COMPARED = {"experts.models.role": "experts.models"}
# Other bases for profiles.
BESIDE: Mapping[str, Mapping[str, object]] = {
    "tool_endpoint": {"tool_model": "coder:8b"},
    "expert_template_id": {"moe_mode": "moe_orchestrated"},
    "reasoning_max_tokens": {"moe_mode": "moe_reasoning"},
}


@dataclass
class Listening:
    """Requests to the model servers. Experts are called in any order, so the record has none."""

    asked: set[str] = field(default_factory=set)

    def script(self, server: str) -> tuple[Rule, ...]:
        """Usual script, which records its prompts; a chat begins with some thinking."""
        *stages, chat = pipeline_script(PipelineOptions(tasks=2, categories=("science", "math"), confidence="medium"))
        spoken = (*stages, replace(chat, reply=replace(chat.reply, reasoning=THINKING)))
        return tuple(self._told(server, rule) for rule in spoken)

    def _told(self, server: str, rule: Rule) -> Rule:
        def text(prompt: Prompt) -> str:
            self.asked.add(repr((server, prompt)))
            return rule.reply.text_for(prompt)

        return replace(rule, reply=replace(rule.reply, text=text))


@dataclass(frozen=True)
class Asked:
    """A model id, and the profile of the key; empty for the default key."""

    model: str
    profile: str = ""


@dataclass(frozen=True)
class TemplateFleet:
    """A fleet with two model servers, and the documents that it knows; `keys` by the profile that they are bound to."""

    client: Client
    heard: Listening
    keys: Mapping[str, str]
    known: dict[tuple[str, Asked], object] = field(default_factory=dict)

    async def became(self, body: str, asked: Asked) -> object:
        """Model requests and the client's reply. Computed once a request, then cached."""
        if (body, asked) not in self.known:
            self.known[body, asked] = await self._asked(body, asked)
        return self.known[body, asked]

    async def _asked(self, body: str, asked: Asked) -> object:
        self.heard.asked.clear()
        headers = {"authorization": f"Bearer {self.keys[asked.profile]}"}
        fields = {**BODIES[body], "model": asked.model}
        posted = partial(self.client.http.post, "/v1/chat/completions", json=fields, headers=headers)
        await eventually(nobody_is_served)  # an answer is cached just after it was sent
        response = await answers(posted)
        shown = [response.headers.get(name) for name in ("x-moe-cache", "x-moe-experts")]
        return response.status_code, shown, _said(response), sorted(self.heard.asked)


def nobody_is_served() -> bool:
    """Whether all requests are over, with the work after their answers."""
    return REGISTRY.get_sample_value("moe_requests_in_flight") == 0


def _said(response: httpx.Response) -> object:
    """A reply without volatile fields: ids, stream chunking, progress lines."""
    frames = [line.removeprefix("data: ") for line in response.text.splitlines() if line.startswith("data: {")]
    bodies = [json.loads(frame) for frame in frames or [response.text]]
    codes = [body["error"]["code"] for body in bodies if "error" in body]
    choices = [choice for body in bodies for choice in body.get("choices", ())]
    said = [choice.get("delta", choice.get("message", {})) for choice in choices]
    text, thought = ("".join(each.get(name) or "" for each in said) for name in ("content", "reasoning_content"))
    return codes, text, THINKING in thought, [choice["finish_reason"] for choice in choices][-1:]


def documents(base: Mapping[str, object], cases: Mapping[str, Mapping[str, object]]) -> list[Mapping[str, object]]:
    """Base, and the base with each change, under separate names."""
    return [
        base,
        {**base, "id": "same", "name": "same"},
        *({**base, **changed, "id": name, "name": name} for name, changed in cases.items()),
    ]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def template_fleet(server_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[TemplateFleet]:
    owner_url = await migrated_database(server_url)
    await templates_of(owner_url).put([ExpertTemplate.model_validate(each) for each in documents(TEMPLATE, TEMPLATES)])
    compared = {f"beside.{name}": changed for name, changed in BESIDE.items()}
    profiles = [Profile.model_validate(each) for each in documents(PROFILE, {**PROFILES, **compared})]
    await profiles_of(owner_url).put(profiles)
    await UserStore(office(owner_url)).create_user("ann")
    keys = {"": KEY} | {
        each.id: await Keys(office(owner_url)).create(NewKey("ann", profile=each.id)) for each in profiles
    }
    heard = Listening()
    async with (
        valkey() as url,
        ModelServer(heard.script("one")) as one,
        ModelServer(heard.script("two")) as two,
    ):
        servers = [{"name": name, "url": server.url} for name, server in (("one", one), ("two", two))]
        extra = {
            "POSTGRES_CHECKPOINT_URL": owner_url,
            **every_root(SIGNING_KEY),
            "INFERENCE_SERVERS": json.dumps(servers),
            "MOE_ANSWER_CACHE_SECONDS": "60",
        }
        async with whole_fleet(Stores(one.url, url, tmp_path_factory.mktemp("house"), extra)) as client:
            await listed(client, "base")
            yield TemplateFleet(client, heard, keys)


async def differing(template_fleet: TemplateFleet, asked: Asked, compared: Asked) -> str:
    """First request with another result, empty for none.

    Each is sent once in a fixed order, as one may answer another.
    """
    for body in BODIES:
        if await template_fleet.became(body, asked) != await template_fleet.became(body, compared):
            return body
    return ""


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("name", TEMPLATES)
async def test_a_field_of_a_template_has_an_effect(name: str, template_fleet: TemplateFleet) -> None:
    assert await differing(template_fleet, Asked(name), Asked(COMPARED.get(name, "base")))


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("name", PROFILES)
async def test_a_field_of_a_profile_has_an_effect(name: str, template_fleet: TemplateFleet) -> None:
    compared = f"beside.{name}" if name in BESIDE else "base"
    assert await differing(template_fleet, Asked(CLAUDE, name), Asked(CLAUDE, compared))


@pytest.mark.asyncio(loop_scope="module")
async def test_what_says_the_same_fares_the_same(template_fleet: TemplateFleet) -> None:
    assert await differing(template_fleet, Asked("same"), Asked("base")) == ""
    assert await differing(template_fleet, Asked(CLAUDE, "same"), Asked(CLAUDE, "base")) == ""


def _fields() -> Iterator[str]:
    kinds: tuple[tuple[type[Value], str], ...] = (
        (ExpertTemplate, ""),
        (TemplateExpert, "experts."),
        (TemplateModel, "experts.models."),
        (Profile, "profile."),
    )
    return (f"{place}{name}" for kind, place in kinds for name in kind.model_fields)


def test_every_field_is_tried_here_or_elsewhere() -> None:
    tried = {*TEMPLATES, *(f"profile.{name}" for name in PROFILES), *ELSEWHERE}
    assert [name for name in _fields() if name not in tried] == []
