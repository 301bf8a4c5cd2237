"""The official OpenAI SDK for Python."""

from collections.abc import Iterator

import openai
import pytest
from openai.types.chat import ChatCompletionMessageParam

from tests.clients.python.visit import MODEL, FleetAddress, Question


@pytest.fixture(scope="session")
def client(fleet: FleetAddress) -> Iterator[openai.OpenAI]:
    with with_key(fleet, fleet.key) as client:
        yield client


def with_key(fleet: FleetAddress, key: str) -> openai.OpenAI:
    return openai.OpenAI(base_url=fleet.v1, api_key=key)


def says(text: str) -> list[ChatCompletionMessageParam]:
    return [{"role": "user", "content": text}]


def counted(fleet: FleetAddress, key: str, attempts: list[str]) -> openai.OpenAI:
    hooks = {"request": [lambda request: attempts.append(request.method)]}
    return openai.OpenAI(base_url=fleet.v1, api_key=key, http_client=openai.DefaultHttpxClient(event_hooks=hooks))


def ask_hastily(client: openai.OpenAI, question: Question) -> None:
    for number in range(12):
        client.with_options(max_retries=0).chat.completions.create(
            model=MODEL, messages=says(f"{question.plain} {number}")
        )


def test_chat(client: openai.OpenAI, question: Question) -> None:
    completion = client.chat.completions.create(model=MODEL, messages=says(question.plain))
    assert question.token in (completion.choices[0].message.content or "")
    assert completion.choices[0].finish_reason == "stop"
    assert completion.usage is not None
    assert completion.usage.total_tokens == completion.usage.prompt_tokens + completion.usage.completion_tokens > 0
    assert completion._request_id


def test_stream(client: openai.OpenAI, question: Question) -> None:
    chunks = list(client.chat.completions.create(model=MODEL, messages=says(question.plain), stream=True))
    assert chunks[0].choices[0].delta.role == "assistant"
    assert question.token in "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices[0].finish_reason] == ["stop"]
    assert all(chunk.usage is None for chunk in chunks), "usage was not requested"


def test_usage_once(client: openai.OpenAI, question: Question) -> None:
    chunks = list(
        client.chat.completions.create(
            model=MODEL, messages=says(question.plain), stream=True, stream_options={"include_usage": True}
        )
    )
    assert [bool(chunk.choices) for chunk in chunks if chunk.usage is not None] == [False]
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.total_tokens > 0


def test_stream_helper(client: openai.OpenAI, question: Question) -> None:
    with client.chat.completions.stream(model=MODEL, messages=says(question.plain)) as stream:
        kinds = [event.type for event in stream]
        completion = stream.get_final_completion()
    assert question.token in (completion.choices[0].message.content or "")
    assert kinds[-1] == "content.done"


def test_models(client: openai.OpenAI) -> None:
    assert MODEL in {model.id for model in client.models.list()}
    model = client.models.retrieve(MODEL)
    assert (model.id, model.object) == (MODEL, "model")


def test_error_400(client: openai.OpenAI, question: Question) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(model=MODEL, messages=says(question.plain), n=2)
    assert caught.value.param == "n"


def test_error_401(fleet: FleetAddress) -> None:
    with with_key(fleet, "nobodys-key") as unauthenticated, pytest.raises(openai.AuthenticationError):
        unauthenticated.models.list()


def test_error_403(fleet: FleetAddress, question: Question) -> None:
    with with_key(fleet, fleet.narrow_key) as narrow, pytest.raises(openai.PermissionDeniedError):
        narrow.chat.completions.create(model=MODEL, messages=says(question.plain))


def test_error_404(client: openai.OpenAI, question: Question) -> None:
    with pytest.raises(openai.NotFoundError) as caught:
        client.chat.completions.create(model="no-such-model", messages=says(question.plain))
    assert caught.value.code == "model_not_found"


def test_error_409(fleet: FleetAddress, question: Question) -> None:
    attempts: list[str] = []
    headers = {"Idempotency-Key": question.token}
    with counted(fleet, fleet.key, attempts) as client:
        first, again = (
            client.chat.completions.create(model=MODEL, messages=says(question.plain), extra_headers=headers)
            for _ in range(2)
        )
        with pytest.raises(openai.ConflictError):
            client.chat.completions.create(model=MODEL, messages=says("Another?"), extra_headers=headers)
    assert first.id == again.id, "the answer is given again, not made again"
    assert len(attempts) == 3, "a key that was used for something else stays used"


def test_error_422(fleet: FleetAddress, question: Question) -> None:
    with with_key(fleet, fleet.lost_key) as lost, pytest.raises(openai.UnprocessableEntityError) as caught:
        lost.chat.completions.create(model="claude-opus-5-5", messages=says(question.plain))
    assert caught.value.code == "profile_not_found"


def test_error_503(fleet: FleetAddress) -> None:
    client = openai.OpenAI(base_url=fleet.url, api_key=fleet.key, max_retries=0)
    with client, pytest.raises(openai.InternalServerError) as caught:
        client.get("/graph/stats", cast_to=object)
    assert caught.value.status_code == 503


def test_error_429_and_its_retry(fleet: FleetAddress, question: Question) -> None:
    attempts: list[str] = []
    with counted(fleet, fleet.slow_keys["openai-python"], attempts) as client:
        with pytest.raises(openai.RateLimitError) as caught:
            ask_hastily(client, question)
        attempts.clear()
        completion = client.chat.completions.create(model=MODEL, messages=says(question.plain))
    assert caught.value.response.headers["x-ratelimit-limit-requests"] == "6"
    assert question.token in (completion.choices[0].message.content or "")
    assert len(attempts) == 2, "it waited as long as it was told, which is longer than it does by itself"


def test_no_retry_of_done_work(fleet: FleetAddress, question: Question) -> None:
    attempts: list[str] = []
    with counted(fleet, fleet.key, attempts) as client, pytest.raises(openai.InternalServerError):
        client.chat.completions.create(model=MODEL, messages=says(question.unanswerable))
    assert attempts == ["POST"], "x-should-retry: false"


def test_error_in_a_stream(client: openai.OpenAI, question: Question) -> None:
    stream = client.chat.completions.create(model=MODEL, messages=says(question.unanswerable), stream=True)
    with pytest.raises(openai.APIError) as caught:
        list(stream)
    assert caught.value.code
