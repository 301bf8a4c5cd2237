"""The official Anthropic SDK for Python."""

from collections.abc import Iterator

import anthropic
import pytest
from anthropic.types import ImageBlockParam, MessageParam, TextBlockParam, ToolParam, ToolResultBlockParam
from pydantic import BaseModel

from tests.clients.python.visit import MODEL, PIXEL, WEATHER_SCHEMA, FleetAddress, Question

WEATHER: ToolParam = {"name": "weather", "description": "The weather of a city", "input_schema": WEATHER_SCHEMA}


class Pool(BaseModel):
    """How large a pool should be."""

    size: int
    reason: str


@pytest.fixture(scope="session")
def client(fleet: FleetAddress) -> Iterator[anthropic.Anthropic]:
    with with_key(fleet, fleet.key) as client:
        yield client


def with_key(fleet: FleetAddress, key: str) -> anthropic.Anthropic:
    return anthropic.Anthropic(base_url=fleet.url, api_key=key)


def says(text: str) -> list[MessageParam]:
    return [{"role": "user", "content": text}]


def ask_hastily(client: anthropic.Anthropic, question: Question) -> None:
    for number in range(12):
        client.messages.create(model=MODEL, max_tokens=500, messages=says(f"{question.plain} {number}"))


def text_of(message: anthropic.types.Message) -> str:
    return "".join(block.text for block in message.content if block.type == "text")


def test_chat(client: anthropic.Anthropic, question: Question) -> None:
    message = client.messages.create(model=MODEL, max_tokens=500, messages=says(question.plain))
    assert question.token in text_of(message)
    assert message.stop_reason == "end_turn"
    assert message.usage.output_tokens > 0
    assert message._request_id


def test_stream(client: anthropic.Anthropic, question: Question) -> None:
    events = list(client.messages.create(model=MODEL, max_tokens=500, messages=says(question.plain), stream=True))
    kinds = [event.type for event in events]
    assert (kinds[0], kinds[-2:]) == ("message_start", ["message_delta", "message_stop"])
    assert kinds.count("content_block_start") == kinds.count("content_block_stop") >= 1


def test_stream_helper(client: anthropic.Anthropic, question: Question) -> None:
    with client.messages.stream(model=MODEL, max_tokens=500, messages=says(question.plain)) as stream:
        text = "".join(stream.text_stream)
        message = stream.get_final_message()
    assert question.token in text
    assert text_of(message) == text
    assert message.usage.output_tokens > 0


def test_system_prompt(client: anthropic.Anthropic, question: Question) -> None:
    message = client.messages.create(
        model=MODEL,
        max_tokens=500,
        system=[{"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral"}}],
        messages=says(question.plain),
    )
    assert question.token in text_of(message)


def calls_of(message: anthropic.types.Message) -> list[object]:
    assert len({block.id for block in message.content if block.type == "tool_use"}) == len(message.content)
    return [block.input for block in message.content if block.type == "tool_use" and block.name == "weather"]


def test_tools(client: anthropic.Anthropic, question: Question) -> None:
    message = client.messages.create(
        model=MODEL, max_tokens=500, messages=says(question.weather("Bern")), tools=[WEATHER]
    )
    assert calls_of(message) == [{"city": "Bern"}]
    assert message.stop_reason == "tool_use"


def test_parallel_tools(client: anthropic.Anthropic, question: Question) -> None:
    message = client.messages.create(
        model=MODEL,
        max_tokens=500,
        messages=says(question.weather("Bern", "Rome")),
        tools=[WEATHER],
        tool_choice={"type": "auto", "disable_parallel_tool_use": False},
    )
    assert calls_of(message) == [{"city": "Bern"}, {"city": "Rome"}]


def test_tools_stream_helper(client: anthropic.Anthropic, question: Question) -> None:
    asked = says(question.weather("Bern", "Rome"))
    with client.messages.stream(model=MODEL, max_tokens=500, messages=asked, tools=[WEATHER]) as stream:
        pieces = [event.partial_json for event in stream if event.type == "input_json"]
        message = stream.get_final_message()
    assert calls_of(message) == [{"city": "Bern"}, {"city": "Rome"}]
    assert "".join(pieces) == '{"city": "Bern"}{"city": "Rome"}'


def test_tool_result(client: anthropic.Anthropic, question: Question) -> None:
    asked = says(question.weather("Bern", "Rome"))
    message = client.messages.create(model=MODEL, max_tokens=500, messages=asked, tools=[WEATHER])
    calls = [block for block in message.content if block.type == "tool_use"]
    results: list[ToolResultBlockParam] = [
        {"type": "tool_result", "tool_use_id": call.id, "content": weather}
        for call, weather in zip(calls, ("rain", "sun"), strict=True)
    ]
    turns: list[MessageParam] = [
        *asked,
        {"role": "assistant", "content": message.content},
        {"role": "user", "content": results},
    ]
    answer = client.messages.create(model=MODEL, max_tokens=500, messages=turns, tools=[WEATHER])
    assert text_of(answer) == f"The tools say: rain; sun {question.token}"
    assert answer.stop_reason == "end_turn"


def test_structured_output(client: anthropic.Anthropic, question: Question) -> None:
    message = client.messages.parse(model=MODEL, max_tokens=500, messages=says(question.plain), output_format=Pool)
    assert message.parsed_output is not None
    assert message.parsed_output.size == 8


def test_image(client: anthropic.Anthropic, question: Question) -> None:
    picture: ImageBlockParam = {
        "type": "image",
        "source": {"type": "base64", "media_type": "image/gif", "data": PIXEL},
    }
    text: TextBlockParam = {"type": "text", "text": f"What is in the picture, see {question.token}?"}
    message = client.messages.create(
        model=MODEL, max_tokens=500, messages=[{"role": "user", "content": [picture, text]}]
    )
    assert text_of(message) == f"I see 1 picture, see {question.token}."


def test_count_tokens(client: anthropic.Anthropic, question: Question) -> None:
    short = client.messages.count_tokens(model=MODEL, messages=says("Why?")).input_tokens
    assert client.messages.count_tokens(model=MODEL, messages=says(question.plain)).input_tokens > short > 0


def test_models(client: anthropic.Anthropic) -> None:
    models = {model.id: model for model in client.models.list()}
    assert models[MODEL].type == "model"
    assert models[MODEL].display_name
    assert client.models.retrieve(MODEL).created_at == models[MODEL].created_at


def test_error_400(client: anthropic.Anthropic) -> None:
    with pytest.raises(anthropic.BadRequestError) as caught:
        client.messages.create(model=MODEL, max_tokens=500, messages=[])
    assert caught.value.type == "invalid_request_error"


def test_error_401(fleet: FleetAddress, question: Question) -> None:
    with with_key(fleet, "nobodys-key") as unauthenticated, pytest.raises(anthropic.AuthenticationError):
        unauthenticated.messages.create(model=MODEL, max_tokens=500, messages=says(question.plain))


def test_error_403(fleet: FleetAddress, question: Question) -> None:
    with with_key(fleet, fleet.narrow_key) as narrow, pytest.raises(anthropic.PermissionDeniedError):
        narrow.messages.create(model=MODEL, max_tokens=500, messages=says(question.plain))


def test_error_404(client: anthropic.Anthropic, question: Question) -> None:
    with pytest.raises(anthropic.NotFoundError):
        client.messages.create(model="no-such-model", max_tokens=500, messages=says(question.plain))


def test_error_422(fleet: FleetAddress, question: Question) -> None:
    with with_key(fleet, fleet.lost_key) as lost, pytest.raises(anthropic.UnprocessableEntityError):
        lost.messages.create(model="claude-opus-5-5", max_tokens=500, messages=says(question.plain))


def test_error_429(fleet: FleetAddress, question: Question) -> None:
    with (
        with_key(fleet, fleet.slow_keys["anthropic-python"]) as slow,
        pytest.raises(anthropic.RateLimitError) as caught,
    ):
        ask_hastily(slow.with_options(max_retries=0), question)
    assert caught.value.response.headers["anthropic-ratelimit-requests-limit"] == "6"


def test_no_retry_of_done_work(fleet: FleetAddress, question: Question) -> None:
    attempts: list[str] = []
    hooks = {"request": [lambda request: attempts.append(request.method)]}
    http = anthropic.DefaultHttpxClient(event_hooks=hooks)
    with (
        anthropic.Anthropic(base_url=fleet.url, api_key=fleet.key, http_client=http) as client,
        pytest.raises(anthropic.InternalServerError),
    ):
        client.messages.create(model=MODEL, max_tokens=500, messages=says(question.unanswerable))
    assert attempts == ["POST"], "x-should-retry: false"


def test_error_in_a_stream(client: anthropic.Anthropic, question: Question) -> None:
    stream = client.messages.create(model=MODEL, max_tokens=500, messages=says(question.unanswerable), stream=True)
    with pytest.raises(anthropic.APIStatusError):
        list(stream)
