"""Call options of a direct request."""

import pytest

from libs.contracts.profile import Profile
from libs.contracts.template import ExpertTemplate, TemplateExpert
from services.gateway.domain.routing.call_options import PLAIN, CallOptions, call_options_of, with_options
from services.gateway.domain.routing.model_resolver import ResolvedModel

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
    assert call_options_of(ResolvedModel("moe-orchestrator"), "tools") == PLAIN
    assert with_options(RAW, PLAIN) == RAW


def test_the_words_of_a_template_about_tools_are_for_requests_with_tools() -> None:
    served = ResolvedModel("racks", template=TEMPLATE)
    assert call_options_of(served, "tools") == CallOptions("Call tools with care.", 900)
    assert call_options_of(served, "text") == CallOptions("", 900)


def test_a_profile_has_bounds_for_tools_and_for_reasoning() -> None:
    tools = ResolvedModel("claude", profile=PROFILE, straight="judge")
    assert call_options_of(tools, "tools") == CallOptions("You serve Acme.", 100, must_call=True, shows_thinking=False)
    assert call_options_of(tools, "text") == CallOptions("You serve Acme.", 700, shows_thinking=False)
    native = ResolvedModel("claude", profile=PROFILE, straight="tool")
    assert call_options_of(native, "text").max_tokens == 100


def test_the_window_for_tools_is_for_requests_with_tools() -> None:
    served = ResolvedModel("racks", template=TEMPLATE.model_copy(update={"tool_context_window": 8000}))
    assert (call_options_of(served, "tools").window, call_options_of(served, "text").window) == (8000, 0)
    profiled = ResolvedModel(
        "cc", template=served.template, profile=PROFILE.model_copy(update={"context_window": 4000})
    )
    assert call_options_of(profiled, "tools").window == 4000


def test_images_are_put_to_a_model_as_the_templates_expert_for_them_says() -> None:
    seeing = TemplateExpert(system_prompt="Read the labels.", max_tokens=300, context_window=8000)
    served = ResolvedModel("racks", template=TEMPLATE.model_copy(update={"experts": {"vision": seeing}}))
    assert call_options_of(served, "images") == CallOptions("Read the labels.", 300, window=8000)
    assert call_options_of(served, "text") == CallOptions("", 900)


def test_the_smallest_bound_of_profile_and_template_holds() -> None:
    both = ResolvedModel("claude", template=TEMPLATE, profile=PROFILE.model_copy(update={"tool_max_tokens": 5000}))
    assert call_options_of(both, "tools").max_tokens == 900
    assert call_options_of(both, "tools").prompt == "You serve Acme.\n\nCall tools with care."
    assert call_options_of(both, "text").max_tokens == 700


def test_the_window_of_a_profile_goes_along() -> None:
    served = ResolvedModel("claude", profile=PROFILE.model_copy(update={"context_window": 32_000}))
    assert call_options_of(served, "tools").window == 32_000
    assert call_options_of(ResolvedModel("claude", profile=PROFILE), "tools").window == 0


def test_the_prompt_goes_before_the_clients_messages_and_the_client_keeps_its_own() -> None:
    said = with_options(RAW, CallOptions("You serve Acme."))
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
    said = with_options({"messages": [{"role": role, "content": content}, user]}, CallOptions("You serve Acme."))
    assert said["messages"] == [{"role": role, "content": told}, user]


def test_the_smaller_bound_holds_under_the_clients_own_name() -> None:
    assert with_options(RAW, CallOptions(max_tokens=50))["max_tokens"] == 50
    assert with_options({**RAW, "max_tokens": 20}, CallOptions(max_tokens=50))["max_tokens"] == 20
    both = with_options({**RAW, "max_completion_tokens": 80}, CallOptions(max_tokens=50))
    assert both["max_completion_tokens"] == 50
    assert "max_tokens" not in both


def test_a_tool_is_called_where_the_client_leaves_it_open() -> None:
    must = CallOptions(must_call=True)
    assert with_options({**RAW, "tools": [{}]}, must)["tool_choice"] == "required"
    assert with_options({**RAW, "tools": [{}], "tool_choice": "auto"}, must)["tool_choice"] == "required"
    assert with_options({**RAW, "tools": [{}], "tool_choice": "none"}, must)["tool_choice"] == "none"
    assert "tool_choice" not in with_options(RAW, must)
