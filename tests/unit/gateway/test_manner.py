"""How a model that is asked straight away is spoken to."""

import pytest

from libs.contracts.profile import Profile
from libs.contracts.template import ExpertTemplate, TemplateExpert
from services.gateway.domain.routing.call_options import PLAIN, Manner, in_manner, manner_of
from services.gateway.domain.routing.model_resolver import Served

TEMPLATE = ExpertTemplate(id="racks", name="Racks", tool_prompt="Call tools with care.", max_tokens=900)
PROFILE = Profile(
    id="cc",
    name="CC",
    system_prompt_prefix="You serve Acme.",
    tool_max_tokens=100,
    reasoning_max_tokens=700,
    tool_choice="any",
    stream_think=False,
)
BRIEF = {"type": "text", "text": "Be brief."}
RAW = {"model": "m", "messages": [{"role": "user", "content": "Hi"}], "temperature": 0.5}


def test_a_mode_changes_nothing() -> None:
    assert manner_of(Served("moe-orchestrator"), "tools") == PLAIN
    assert in_manner(RAW, PLAIN) == RAW


def test_the_words_of_a_template_about_tools_are_for_requests_with_tools() -> None:
    served = Served("racks", template=TEMPLATE)
    assert manner_of(served, "tools") == Manner("Call tools with care.", 900)
    assert manner_of(served, "text") == Manner("", 900)


def test_a_profile_has_bounds_for_tools_and_for_reasoning() -> None:
    tools = Served("claude", profile=PROFILE, straight="judge")
    assert manner_of(tools, "tools") == Manner("You serve Acme.", 100, must_call=True, shows_thinking=False)
    assert manner_of(tools, "text") == Manner("You serve Acme.", 700, shows_thinking=False)
    native = Served("claude", profile=PROFILE, straight="tool")
    assert manner_of(native, "text").max_tokens == 100


def test_the_window_for_tools_is_for_requests_with_tools() -> None:
    served = Served("racks", template=TEMPLATE.model_copy(update={"tool_context_window": 8000}))
    assert (manner_of(served, "tools").window, manner_of(served, "text").window) == (8000, 0)
    profiled = Served("cc", template=served.template, profile=PROFILE.model_copy(update={"context_window": 4000}))
    assert manner_of(profiled, "tools").window == 4000


def test_images_are_put_to_a_model_as_the_templates_expert_for_them_says() -> None:
    seeing = TemplateExpert(system_prompt="Read the labels.", max_tokens=300, context_window=8000)
    served = Served("racks", template=TEMPLATE.model_copy(update={"experts": {"vision": seeing}}))
    assert manner_of(served, "images") == Manner("Read the labels.", 300, window=8000)
    assert manner_of(served, "text") == Manner("", 900)


def test_the_smallest_bound_of_profile_and_template_holds() -> None:
    both = Served("claude", template=TEMPLATE, profile=PROFILE.model_copy(update={"tool_max_tokens": 5000}))
    assert manner_of(both, "tools").max_tokens == 900
    assert manner_of(both, "tools").prompt == "You serve Acme.\n\nCall tools with care."
    assert manner_of(both, "text").max_tokens == 700


def test_the_window_of_a_profile_goes_along() -> None:
    served = Served("claude", profile=PROFILE.model_copy(update={"context_window": 32_000}))
    assert manner_of(served, "tools").window == 32_000
    assert manner_of(Served("claude", profile=PROFILE), "tools").window == 0


def test_the_prompt_goes_before_the_clients_messages_and_the_client_keeps_its_own() -> None:
    said = in_manner(RAW, Manner("You serve Acme."))
    assert said["messages"] == [{"role": "system", "content": "You serve Acme."}, {"role": "user", "content": "Hi"}]
    assert RAW["messages"] == [{"role": "user", "content": "Hi"}]
    assert said["temperature"] == 0.5


@pytest.mark.parametrize("role", ["system", "developer"])
@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("Be brief.", "You serve Acme.\n\nBe brief."),
        ([BRIEF], [{"type": "text", "text": "You serve Acme.\n\n"}, BRIEF]),
        (None, "You serve Acme."),
        ("", "You serve Acme."),
    ],
)
def test_the_prompt_and_the_clients_instructions_are_one_message(role: str, content: object, told: object) -> None:
    user = {"role": "user", "content": "Hi"}
    said = in_manner({"messages": [{"role": role, "content": content}, user]}, Manner("You serve Acme."))
    assert said["messages"] == [{"role": role, "content": told}, user]


def test_the_smaller_bound_holds_under_the_clients_own_name() -> None:
    assert in_manner(RAW, Manner(max_tokens=50))["max_tokens"] == 50
    assert in_manner({**RAW, "max_tokens": 20}, Manner(max_tokens=50))["max_tokens"] == 20
    both = in_manner({**RAW, "max_completion_tokens": 80}, Manner(max_tokens=50))
    assert both["max_completion_tokens"] == 50
    assert "max_tokens" not in both


def test_a_tool_is_called_where_the_client_leaves_it_open() -> None:
    must = Manner(must_call=True)
    assert in_manner({**RAW, "tools": [{}]}, must)["tool_choice"] == "required"
    assert in_manner({**RAW, "tools": [{}], "tool_choice": "auto"}, must)["tool_choice"] == "required"
    assert in_manner({**RAW, "tools": [{}], "tool_choice": "none"}, must)["tool_choice"] == "none"
    assert "tool_choice" not in in_manner(RAW, must)
