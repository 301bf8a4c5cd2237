"""Models that a gateway offers, by its settings."""

import json

import pytest

from libs.adapters.templates.postgres import PostgresTemplates
from libs.contracts.staffing import ModelRef
from libs.core.errors import ConfigurationError
from libs.testing.keys import API_KEY, SIGNING_KEY, every_root
from services.gateway.assembly.models import model_resolver_of
from services.gateway.settings import Settings

SERVERS = json.dumps(
    [{"name": "gpu-1", "url": "http://127.0.0.1:9/v1"}, {"name": "gpu-2", "url": "http://127.0.0.1:9"}]
)
PROFILE = {"id": "cc", "name": "CC", "moe_mode": "native", "tool_model": "coder:30b@gpu-2", "default": True}


def settings(**given: str) -> Settings:
    return Settings.read({"REDIS_URL": "redis://127.0.0.1:1", "MOE_BOOTSTRAP_API_KEY": API_KEY, **given})


def test_without_postgres_there_are_the_profiles_of_the_environment() -> None:
    menus = model_resolver_of(settings(INFERENCE_SERVERS=SERVERS, CLAUDE_CODE_PROFILES=json.dumps([PROFILE])))
    assert menus.resolver.templates is not None
    found = menus.resolver.templates.default_profile("anybody")
    assert found is not None
    assert (found.profile.id, found.tool) == ("cc", ModelRef(model="coder:30b", server="gpu-2"))
    assert (menus.resources, menus.checks) == ((), ())


def test_with_postgres_its_templates_are_followed() -> None:
    url = "postgresql://nobody@127.0.0.1:9/moe"
    menus = model_resolver_of(settings(POSTGRES_CHECKPOINT_URL=url, **every_root(SIGNING_KEY)))
    assert [check.name for check in menus.checks] == ["templates"]
    assert menus.checks[0].required
    assert isinstance(menus.resolver.templates, PostgresTemplates)
    assert menus.resources == (menus.resolver.templates.watch,)


def test_the_ids_of_claude_are_eight_and_all_that_begin_so() -> None:
    claude = model_resolver_of(settings()).resolver.claude
    assert len(claude.named) == 8
    assert all(name in claude for name in (*claude.named, "claude-something-new"))
    assert "gpt-5" not in claude


def test_the_operator_says_which_ids_of_claude_are_answered() -> None:
    claude = model_resolver_of(settings(CLAUDE_CODE_MODELS=" claude-a, claude-b ,")).resolver.claude
    assert claude.named == ("claude-a", "claude-b")
    assert "claude-c" not in claude


def test_the_bounds_of_profiles_are_settings() -> None:
    menu = model_resolver_of(settings(TOOL_MAX_TOKENS="100")).resolver
    assert (menu.tool_max_tokens, menu.reasoning_max_tokens) == (100, 16384)


@pytest.mark.parametrize(
    ("profiles", "told"),
    [
        ("[", "CLAUDE_CODE_PROFILES: .*not valid JSON"),
        ('[{"id": "cc"}]', "CLAUDE_CODE_PROFILES: .*cc: name"),
        (json.dumps([PROFILE]), "CLAUDE_CODE_PROFILES: cc: tool_model: INFERENCE_SERVERS names no server"),
    ],
)
def test_a_wrong_profile_stops_the_start_with_its_field(profiles: str, told: str) -> None:
    with pytest.raises(ConfigurationError, match=told):
        model_resolver_of(settings(CLAUDE_CODE_PROFILES=profiles))
