"""How a model that is asked straight away is spoken to."""

from libs.contracts.profile import Profile
from libs.contracts.template import ExpertTemplate
from services.gateway.domain.manner import PLAIN, Manner, in_manner, manner_of
from services.gateway.domain.serving import Served

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
RAW = {"model": "m", "messages": [{"role": "user", "content": "Hi"}], "temperature": 0.5}


def test_a_mode_changes_nothing() -> None:
    assert manner_of(Served("moe-orchestrator"), with_tools=True) == PLAIN
    assert in_manner(RAW, PLAIN) == RAW


def test_the_words_of_a_template_about_tools_are_for_requests_with_tools() -> None:
    served = Served("racks", template=TEMPLATE)
    assert manner_of(served, with_tools=True) == Manner("Call tools with care.", 900)
    assert manner_of(served, with_tools=False) == Manner("", 900)


def test_a_profile_has_bounds_for_tools_and_for_reasoning() -> None:
    tools = Served("claude", profile=PROFILE, straight="judge")
    assert manner_of(tools, with_tools=True) == Manner("You serve Acme.", 100, must_call=True, shows_thinking=False)
    assert manner_of(tools, with_tools=False) == Manner("You serve Acme.", 700, shows_thinking=False)
    native = Served("claude", profile=PROFILE, straight="tool")
    assert manner_of(native, with_tools=False).max_tokens == 100


def test_the_prompt_goes_before_the_clients_messages_and_the_client_keeps_its_own() -> None:
    said = in_manner(RAW, Manner("You serve Acme."))
    assert said["messages"] == [{"role": "system", "content": "You serve Acme."}, {"role": "user", "content": "Hi"}]
    assert RAW["messages"] == [{"role": "user", "content": "Hi"}]
    assert said["temperature"] == 0.5


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
