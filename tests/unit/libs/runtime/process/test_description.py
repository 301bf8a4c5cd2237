"""All settings that shape a service are described, without secrets."""

import pytest

from libs.runtime.process.description import describe
from libs.testing.keys import API_KEY
from moe.registry import build_service, spec_of

SECRET = API_KEY
GIVEN = {
    "INFERENCE_SERVERS": f'[{{"name":"big","url":"http://127.0.0.1:1/v1","token":"{SECRET}"}}]',
    "JUDGE_MODEL": "magistral:24b",
    "REDIS_URL": f"redis://:{SECRET}@127.0.0.1:6379",
    "MOE_BOOTSTRAP_API_KEY": SECRET,
}
STAGES = ("planner", "expert-worker", "mcp", "merger", "critic")


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_describes_itself_without_secrets(name: str) -> None:
    described = build_service(name, GIVEN).described
    assert described is not None
    assert described.stage == name
    assert SECRET not in described.body().decode()


@pytest.mark.parametrize("name", STAGES)
def test_the_settings_of_a_description_make_the_same_description(name: str) -> None:
    kind = spec_of(name).settings
    described = describe(name, kind.read(GIVEN))
    assert describe(name, kind.read(GIVEN | described.settings)) == described


def test_every_prompt_of_a_stage_is_in_its_description() -> None:
    described = build_service("expert-worker", GIVEN).described
    assert described is not None
    assert {"contract", "general", "mode_code"} <= set(described.prompts)


def test_another_model_is_another_description() -> None:
    kind = spec_of("critic").settings
    one, other = (describe("critic", kind.read(GIVEN | {"JUDGE_MODEL": name})) for name in ("a", "b"))
    assert one.sha256 != other.sha256
