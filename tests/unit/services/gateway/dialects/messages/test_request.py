import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from services.gateway.dialects.messages.count import count_body
from services.gateway.dialects.messages.dialect import MESSAGES
from services.gateway.domain.errors import RequestRefused

CLAUDE_CODE = Path("tests/fixtures/clients/claude-code")
PNG = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "iVBORw0K"}}
WEATHER = {"name": "weather", "description": "Tells it.", "input_schema": {"type": "object", "properties": {}}}


def body(*messages: Mapping[str, object], **fields: object) -> dict[str, object]:
    return {"model": "moe-orchestrator", "max_tokens": 99, "messages": [*messages], **fields}


def user(content: object) -> dict[str, object]:
    return {"role": "user", "content": content}


def assistant(*blocks: Mapping[str, object]) -> dict[str, object]:
    return {"role": "assistant", "content": [*blocks]}


def raw(value: dict[str, object]) -> Any:  # noqa: ANN401 - a JSON value
    return MESSAGES.read(value).raw


def refused(value: dict[str, object]) -> RequestRefused:
    with pytest.raises(RequestRefused) as caught:
        MESSAGES.read(value)
    return caught.value


def test_a_string_is_a_turn_of_the_user() -> None:
    assert raw(body(user("Hi")))["messages"] == [{"role": "user", "content": "Hi"}]


@pytest.mark.parametrize("system", ["Be brief.", [{"type": "text", "text": "Be brief.", "cache_control": {}}]])
def test_a_system_prompt_goes_first(system: object) -> None:
    assert raw(body(user("Hi"), system=system))["messages"][0] == {"role": "system", "content": "Be brief."}


def test_instructions_between_turns_join_the_system_prompt_and_the_turns_around_them_are_one() -> None:
    told = raw(body(user("One"), {"role": "system", "content": "Also this."}, user("Two"), system="First."))
    assert told["messages"] == [
        {"role": "system", "content": "First.\n\nAlso this."},
        {"role": "user", "content": "One\nTwo"},
    ]


def test_bookkeeping_of_claude_code_is_no_instruction() -> None:
    system = [
        {"type": "text", "text": "x-anthropic-billing-header: cc_version=2;"},
        {"type": "text", "text": "You help."},
    ]
    assert raw(body(user("Hi"), system=system))["messages"][0]["content"] == "You help."


def test_an_image_is_an_image_part() -> None:
    content = raw(body(user([{"type": "text", "text": "What is it?"}, PNG])))["messages"][0]["content"]
    assert content[1] == {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0K"}}


def test_an_image_may_be_an_address() -> None:
    image = {"type": "image", "source": {"type": "url", "url": "https://example.org/a.png"}}
    content = raw(body(user([image])))["messages"][0]["content"]
    assert content == [{"type": "image_url", "image_url": {"url": "https://example.org/a.png"}}]


def test_a_document_of_text_is_text_under_its_title() -> None:
    document = {"type": "document", "title": "Notes", "source": {"type": "text", "data": "It rains."}}
    assert raw(body(user([document])))["messages"][0]["content"] == "Notes\nIt rains."


def test_a_pdf_is_a_file_part() -> None:
    source = {"type": "base64", "media_type": "application/pdf", "data": "JVBE"}
    (part,) = raw(body(user([{"type": "document", "source": source}])))["messages"][0]["content"]
    file = {"filename": "document.pdf", "file_data": "data:application/pdf;base64,JVBE"}
    assert part == {"type": "file", "file": file}


def test_a_call_and_its_result_are_translated() -> None:
    call = {"type": "tool_use", "id": "toolu_1", "name": "weather", "input": {"city": "Köln"}}
    result = {"type": "tool_result", "tool_use_id": "toolu_1", "content": [{"type": "text", "text": "Rain"}]}
    question = {"type": "text", "text": "And now?"}
    messages = raw(
        body(
            user("How is it?"),
            assistant({"type": "text", "text": "I look."}, call),
            user([result, question]),
            tools=[WEATHER],
        )
    )["messages"]
    function = {"name": "weather", "arguments": '{"city": "Köln"}'}
    assert messages[1:] == [
        {
            "role": "assistant",
            "content": "I look.",
            "tool_calls": [{"id": "toolu_1", "type": "function", "function": function}],
        },
        {"role": "tool", "tool_call_id": "toolu_1", "content": "Rain"},
        {"role": "user", "content": "And now?"},
    ]


def test_thoughts_go_back_with_the_call_that_followed_them_and_not_otherwise() -> None:
    thought = {"type": "thinking", "thinking": "Hm.", "signature": "x"}
    call = {"type": "tool_use", "id": "t", "name": "weather", "input": {}}
    told = raw(body(user("a"), assistant(thought, call), user("b")))
    assert told["messages"][1]["reasoning_content"] == "Hm."
    plain = raw(body(user("a"), assistant(thought, {"type": "text", "text": "So."}), user("b")))
    assert plain["messages"][1] == {"role": "assistant", "content": "So."}


def test_a_failed_result_says_so() -> None:
    result = {"type": "tool_result", "tool_use_id": "t", "content": "no such city", "is_error": True}
    assert raw(body(user([result])))["messages"][0]["content"] == "Error: no such city"


def test_images_of_a_result_follow_in_a_turn_of_the_user() -> None:
    result = {"type": "tool_result", "tool_use_id": "t", "content": [{"type": "text", "text": "Seen"}, PNG]}
    tool, following = raw(body(user([result])))["messages"]
    assert tool == {"role": "tool", "tool_call_id": "t", "content": "Seen"}
    assert [part["type"] for part in following["content"]] == ["text", "image_url"]


def test_results_in_two_turns_of_the_user_stand_next_to_their_calls() -> None:
    calls: list[dict[str, object]] = [{"type": "tool_use", "id": each, "name": "weather", "input": {}} for each in "ab"]
    results = [user([{"type": "tool_result", "tool_use_id": each, "content": [PNG]}]) for each in "ab"]
    told = raw(body(user("Go"), assistant(*calls), *results))["messages"]
    assert [message["role"] for message in told] == ["user", "assistant", "tool", "tool", "user"]


def test_what_only_anthropic_understands_in_its_own_turns_is_left_out() -> None:
    search = {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {}}
    told = raw(body(user("a"), assistant(search, {"type": "text", "text": "So."}), user("b")))
    assert told["messages"][1] == {"role": "assistant", "content": "So."}


@pytest.mark.parametrize(
    "block",
    [
        {"type": "web_search_tool_result", "content": [{"type": "web_search_result", "url": "https://example.org"}]},
        {"type": "web_search_tool_result", "content": {"type": "web_search_tool_result_error"}},
        {"type": "web_fetch_tool_result", "content": {"type": "web_fetch_result", "content": {"type": "document"}}},
        {"type": "code_execution_tool_result", "content": {"type": "code_execution_result", "content": []}},
        {"type": "tool_search_tool_result", "content": {"tool_references": []}},
    ],
    ids=lambda block: f"{block['type']}-{type(block['content']).__name__}",
)
def test_results_of_anthropics_own_tools_are_left_out(block: dict[str, object]) -> None:
    sent = body(user("a"), assistant({"tool_use_id": "s", **block}, {"type": "text", "text": "So."}), user("b"))
    assert raw(sent)["messages"][1] == {"role": "assistant", "content": "So."}
    assert json.loads(count_body(sent))["input_tokens"] > 0


def test_a_tool_keeps_name_description_and_schema() -> None:
    function = {"name": "weather", "description": "Tells it.", "parameters": WEATHER["input_schema"]}
    assert raw(body(user("a"), tools=[WEATHER]))["tools"] == [{"type": "function", "function": function}]


@pytest.mark.parametrize(
    ("choice", "told"),
    [
        ({"type": "auto"}, "auto"),
        ({"type": "any"}, "required"),
        ({"type": "none"}, "none"),
        ({"type": "tool", "name": "weather"}, {"type": "function", "function": {"name": "weather"}}),
    ],
)
def test_every_choice_of_tools_has_its_word(choice: dict[str, object], told: object) -> None:
    assert raw(body(user("a"), tools=[WEATHER], tool_choice=choice))["tool_choice"] == told


def test_parallel_calls_can_be_forbidden() -> None:
    choice = {"type": "auto", "disable_parallel_tool_use": True}
    assert raw(body(user("a"), tools=[WEATHER], tool_choice=choice))["parallel_tool_calls"] is False


def test_wishes_keep_their_meaning() -> None:
    told = raw(body(user("a"), temperature=0.5, top_p=0.9, top_k=40, stop_sequences=["END"], stream=True))
    wanted = {"temperature": 0.5, "top_p": 0.9, "top_k": 40, "stop": ["END"], "stream": True, "max_tokens": 99}
    assert {name: told[name] for name in wanted} == wanted


def test_a_format_is_a_response_format() -> None:
    schema = {"type": "object", "properties": {}}
    told = raw(body(user("a"), output_config={"format": {"type": "json_schema", "schema": schema}}))
    assert told["response_format"]["json_schema"]["schema"] == schema


@pytest.mark.parametrize(
    ("thinking", "shown"),
    [
        (None, False),
        ({"type": "disabled"}, False),
        ({"type": "enabled", "budget_tokens": 1024}, True),
        ({"type": "adaptive"}, True),
        ({"type": "adaptive", "display": "omitted"}, False),
    ],
)
def test_thinking_is_shown_to_who_asks_for_it(thinking: object, *, shown: bool) -> None:
    assert bool(MESSAGES.read(body(user("a"), thinking=thinking)).echo) is shown


@pytest.mark.parametrize(
    ("user_id", "person", "session"),
    [
        ("ada", "ada", ""),
        ("user_1_account_2_session_3", "user_1_account_2", "3"),
        ('{"device_id": "d", "account_uuid": "a", "session_id": "s"}', "a", "s"),
        ('{"device_id": "d", "account_uuid": "", "session_id": "s"}', "d", "s"),
        ("{broken", "{broken", ""),
    ],
)
def test_a_person_stays_the_same_in_every_session(user_id: str, person: str, session: str) -> None:
    ask = MESSAGES.read(body(user("a"), metadata={"user_id": user_id}))
    assert (ask.chat.user, ask.session) == (person, session)


def test_unknown_fields_are_no_complaint() -> None:
    read = MESSAGES.read(body(user([{"type": "text", "text": "a", "citations": {}}]), context_management={"edits": []}))
    assert read.raw["messages"] == raw(body(user([{"type": "text", "text": "a"}])))["messages"]


@pytest.mark.parametrize(
    ("broken", "param"),
    [
        ({"model": "m", "messages": [{"role": "user", "content": "a"}]}, "max_tokens"),
        (body(), "messages"),
        (body(user([{"type": "text"}])), "messages[0].content[0].text"),
        (body(user([{"type": "image", "source": {"type": "ftp"}}])), "messages[0].content[0].source.type"),
        (body(user([{"type": "image", "source": {"type": 3}}])), "messages[0].content[0].source.type"),
        (body(user([{"type": "image"}])), "messages[0].content[0].source"),
        (body(user([{"type": "hologram"}])), "messages[0].content[0].type"),
        (body(user([{"type": "tool_result"}])), "messages[0].content[0].tool_use_id"),
        (body(user([{"type": "tool_result", "tool_use_id": "t", "content": {}}])), "messages[0].content[0].content"),
        (body(user([{"type": "search_result", "content": {}}])), "messages[0].content[0].content"),
        (body({"role": "robot", "content": "a"}), "messages[0].role"),
        (body(user("a"), tools=[{"type": "web_search_20250305", "name": "web_search"}]), "tools[0].type"),
        (body(user("a"), tools=[WEATHER], tool_choice={"type": "tool"}), "tool_choice"),
        (body(user("a"), temperature=1.5), "temperature"),
    ],
)
def test_a_refusal_names_the_field(broken: dict[str, object], param: str) -> None:
    refusal = refused(broken)
    assert (refusal.error.status, refusal.error.param) == (400, param)


@pytest.mark.parametrize("name", ["question", "own-model", "after-a-tool"])
def test_what_claude_code_sends_is_read(name: str) -> None:
    sent = json.loads((CLAUDE_CODE / f"{name}.json").read_text())["body"]
    ask = MESSAGES.read(sent)
    assert ask.stream
    assert len(ask.raw["tools"]) == len(sent["tools"])  # type: ignore[arg-type]
    assert ask.session == "00000000-0000-4000-8000-000000000000"
