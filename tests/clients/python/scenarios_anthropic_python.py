"""The official Anthropic SDK for Python."""

from collections.abc import Iterator

import anthropic
import pytest
from anthropic.types import MessageParam

from tests.clients.python.visit import MODEL, House, Question


@pytest.fixture(scope="session")
def client(house: House) -> Iterator[anthropic.Anthropic]:
    with with_key(house, house.key) as client:
        yield client


def with_key(house: House, key: str) -> anthropic.Anthropic:
    return anthropic.Anthropic(base_url=house.url, api_key=key)


def says(text: str) -> list[MessageParam]:
    return [{"role": "user", "content": text}]


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


def test_error_401(house: House, question: Question) -> None:
    with with_key(house, "nobodys-key") as stranger, pytest.raises(anthropic.AuthenticationError):
        stranger.messages.create(model=MODEL, max_tokens=500, messages=says(question.plain))


def test_error_403(house: House, question: Question) -> None:
    with with_key(house, house.narrow_key) as narrow, pytest.raises(anthropic.PermissionDeniedError):
        narrow.messages.create(model=MODEL, max_tokens=500, messages=says(question.plain))


def test_error_404(client: anthropic.Anthropic, question: Question) -> None:
    with pytest.raises(anthropic.NotFoundError):
        client.messages.create(model="no-such-model", max_tokens=500, messages=says(question.plain))


def test_no_retry_of_done_work(house: House, question: Question) -> None:
    attempts: list[str] = []
    hooks = {"request": [lambda request: attempts.append(request.method)]}
    http = anthropic.DefaultHttpxClient(event_hooks=hooks)
    with (
        anthropic.Anthropic(base_url=house.url, api_key=house.key, http_client=http) as client,
        pytest.raises(anthropic.InternalServerError),
    ):
        client.messages.create(model=MODEL, max_tokens=500, messages=says(question.unanswerable))
    assert attempts == ["POST"], "x-should-retry: false"


def test_error_in_a_stream(client: anthropic.Anthropic, question: Question) -> None:
    stream = client.messages.create(model=MODEL, max_tokens=500, messages=says(question.unanswerable), stream=True)
    with pytest.raises(anthropic.APIStatusError):
        list(stream)
