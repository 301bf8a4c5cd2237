"""The official Ollama client."""

import json
from collections.abc import Iterator
from contextlib import closing

import ollama
import pytest

from tests.clients.python.visit import EMBEDDING_MODEL, MODEL, FleetAddress, Question

POOL = {"type": "object", "properties": {"size": {"type": "integer"}, "reason": {"type": "string"}}}


def weather(city: str) -> str:
    return f"rain in {city}"


@pytest.fixture(scope="session")
def client(fleet: FleetAddress) -> Iterator[ollama.Client]:
    with closing(ollama.Client(host=fleet.url, headers={"authorization": f"Bearer {fleet.key}"})) as client:
        yield client


def test_models(client: ollama.Client) -> None:
    assert MODEL in {str(model.model).removesuffix(":latest") for model in client.list().models}


def test_model(client: ollama.Client) -> None:
    assert "completion" in (client.show(MODEL).capabilities or [])


def test_chat(client: ollama.Client, question: Question) -> None:
    answer = client.chat(model=MODEL, messages=[{"role": "user", "content": question.plain}])
    assert question.token in str(answer.message.content)
    assert answer.done
    assert answer.done_reason == "stop"
    assert answer.eval_count


def test_stream(client: ollama.Client, question: Question) -> None:
    parts = list(client.chat(model=MODEL, messages=[{"role": "user", "content": question.plain}], stream=True))
    assert question.token in "".join(part.message.content or "" for part in parts)
    assert [part.done for part in parts][-1:] == [True]
    assert sum(bool(part.done) for part in parts) == 1


def test_parallel_tools(client: ollama.Client, question: Question) -> None:
    answer = client.chat(
        model=MODEL, messages=[{"role": "user", "content": question.weather("Bern", "Rome")}], tools=[weather]
    )
    calls = [call.function for call in answer.message.tool_calls or ()]
    assert [(call.name, call.arguments) for call in calls] == [
        ("weather", {"city": "Bern"}),
        ("weather", {"city": "Rome"}),
    ]


def test_tool_result(client: ollama.Client, question: Question) -> None:
    asked = {"role": "user", "content": question.weather("Bern")}
    said = client.chat(model=MODEL, messages=[asked], tools=[weather]).message
    given = {"role": "tool", "tool_name": "weather", "content": "rain"}
    answer = client.chat(model=MODEL, messages=[asked, said, given], tools=[weather])
    assert answer.message.content == f"The tools say: rain {question.token}"


def test_structured_output(client: ollama.Client, question: Question) -> None:
    answer = client.chat(model=MODEL, messages=[{"role": "user", "content": question.plain}], format=POOL)
    assert json.loads(answer.message.content or "")["size"] == 8


def test_embeddings(client: ollama.Client) -> None:
    ((first, second, *_),) = client.embed(model=EMBEDDING_MODEL, input="a bat").embeddings
    assert (round(first, 4), round(second, 4)) == (0.8165, 0.4082)


def test_completion(client: ollama.Client, question: Question) -> None:
    assert question.token in (client.generate(model=MODEL, prompt=question.plain).response or "")


def test_completion_stream(client: ollama.Client, question: Question) -> None:
    parts = list(client.generate(model=MODEL, prompt=question.plain, stream=True))
    assert question.token in "".join(part.response or "" for part in parts)


def test_error_401(fleet: FleetAddress, question: Question) -> None:
    with closing(ollama.Client(host=fleet.url)) as unauthenticated, pytest.raises(ollama.ResponseError) as caught:
        unauthenticated.chat(model=MODEL, messages=[{"role": "user", "content": question.plain}])
    assert caught.value.status_code == 401


def test_error_404(client: ollama.Client, question: Question) -> None:
    with pytest.raises(ollama.ResponseError) as caught:
        client.chat(model="no-such-model", messages=[{"role": "user", "content": question.plain}])
    assert caught.value.status_code == 404


def test_error_in_a_stream(client: ollama.Client, question: Question) -> None:
    stream = client.chat(model=MODEL, messages=[{"role": "user", "content": question.unanswerable}], stream=True)
    with pytest.raises(ollama.ResponseError):
        list(stream)
