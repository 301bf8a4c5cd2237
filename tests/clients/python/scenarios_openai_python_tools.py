"""Tools and structured output with the official OpenAI SDK for Python."""

import json
from array import array
from base64 import b64decode
from collections.abc import Iterator, Sequence
from typing import Literal

import openai
import pytest
from openai.types.chat import ChatCompletionMessage, ChatCompletionMessageParam, ChatCompletionToolParam
from pydantic import BaseModel

from tests.clients.python.visit import BARE_MODEL, EMBEDDING_MODEL, MODEL, PIXEL, WEATHER_SCHEMA, FleetAddress, Question

WEATHER: ChatCompletionToolParam = {
    "type": "function",
    "function": {"name": "weather", "description": "The weather of a city", "parameters": WEATHER_SCHEMA},
}


class Pool(BaseModel):
    """How large a pool should be."""

    size: int
    reason: str


@pytest.fixture(scope="session")
def client(fleet: FleetAddress) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=fleet.v1, api_key=fleet.key) as client:
        yield client


def says(text: str) -> list[ChatCompletionMessageParam]:
    return [{"role": "user", "content": text}]


def cities(message: ChatCompletionMessage) -> list[str]:
    calls = [call for call in message.tool_calls or () if call.type == "function"]
    assert len({call.id for call in calls}) == len(calls)
    return [json.loads(call.function.arguments)["city"] for call in calls if call.function.name == "weather"]


def answered(message: ChatCompletionMessage, results: Sequence[str]) -> list[ChatCompletionMessageParam]:
    calls = [call for call in message.tool_calls or () if call.type == "function"]
    said: ChatCompletionMessageParam = {
        "role": "assistant",
        "content": message.content,
        "tool_calls": [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.function.name, "arguments": call.function.arguments},
            }
            for call in calls
        ],
    }
    given: list[ChatCompletionMessageParam] = [
        {"role": "tool", "tool_call_id": call.id, "content": result}
        for call, result in zip(calls, results, strict=True)
    ]
    return [said, *given]


def read_floats(text: str) -> list[float]:
    return list(array("f", b64decode(text)))


def test_tools(client: openai.OpenAI, question: Question) -> None:
    completion = client.chat.completions.create(
        model=MODEL, messages=says(question.weather("Bern")), tools=[WEATHER], tool_choice="auto"
    )
    assert cities(completion.choices[0].message) == ["Bern"]
    assert completion.choices[0].finish_reason == "tool_calls"
    assert completion.usage is not None
    assert completion.usage.total_tokens > 0


def test_parallel_tools(client: openai.OpenAI, question: Question) -> None:
    completion = client.chat.completions.create(
        model=MODEL, messages=says(question.weather("Bern", "Rome")), tools=[WEATHER], parallel_tool_calls=True
    )
    assert cities(completion.choices[0].message) == ["Bern", "Rome"]


def test_tools_stream_helper(client: openai.OpenAI, question: Question) -> None:
    with client.chat.completions.stream(
        model=MODEL, messages=says(question.weather("Bern", "Rome")), tools=[WEATHER]
    ) as stream:
        completion = stream.get_final_completion()
    assert cities(completion.choices[0].message) == ["Bern", "Rome"]
    assert completion.choices[0].finish_reason == "tool_calls"


def test_tool_result(client: openai.OpenAI, question: Question) -> None:
    asked = says(question.weather("Bern", "Rome"))
    message = client.chat.completions.create(model=MODEL, messages=asked, tools=[WEATHER]).choices[0].message
    turns = [*asked, *answered(message, ("rain", "sun"))]
    answer = client.chat.completions.create(model=MODEL, messages=turns, tools=[WEATHER]).choices[0]
    assert answer.message.content == f"The tools say: rain; sun {question.token}"
    assert answer.finish_reason == "stop"


def test_structured_output(client: openai.OpenAI, question: Question) -> None:
    completion = client.chat.completions.parse(model=MODEL, messages=says(question.plain), response_format=Pool)
    parsed = completion.choices[0].message.parsed
    assert parsed is not None
    assert (parsed.size, question.token in parsed.reason) == (8, True)


def test_structured_stream_helper(client: openai.OpenAI, question: Question) -> None:
    with client.chat.completions.stream(model=MODEL, messages=says(question.plain), response_format=Pool) as stream:
        parsed = stream.get_final_completion().choices[0].message.parsed
    assert parsed is not None
    assert question.token in parsed.reason


def test_image(client: openai.OpenAI, question: Question) -> None:
    message: ChatCompletionMessageParam = {
        "role": "user",
        "content": [
            {"type": "text", "text": f"What is in the picture, see {question.token}?"},
            {"type": "image_url", "image_url": {"url": f"data:image/gif;base64,{PIXEL}"}},
        ],
    }
    answer = client.chat.completions.create(model=MODEL, messages=[message]).choices[0].message.content or ""
    assert f"1 picture, see {question.token}" in answer


def test_model_at_node(client: openai.OpenAI, question: Question) -> None:
    stream = client.chat.completions.create(
        model=BARE_MODEL, messages=says(question.plain), stream=True, stream_options={"include_usage": True}
    )
    chunks = list(stream)
    assert question.token in "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert len([chunk for chunk in chunks if chunk.usage is not None]) == 1


def test_completion(client: openai.OpenAI, question: Question) -> None:
    assert question.token in client.completions.create(model=MODEL, prompt=question.plain).choices[0].text


def test_completion_stream(client: openai.OpenAI, question: Question) -> None:
    parts = list(client.completions.create(model=MODEL, prompt=question.plain, stream=True))
    assert question.token in "".join(part.choices[0].text for part in parts if part.choices)


@pytest.mark.parametrize("encoding", ["base64", "float"])
def test_embeddings(client: openai.OpenAI, encoding: Literal["base64", "float"]) -> None:
    answer = client.embeddings.create(model=EMBEDDING_MODEL, input=["a bat", "a tab"], encoding_format=encoding)
    raw = [each.embedding if encoding == "float" else read_floats(str(each.embedding)) for each in answer.data]
    assert [round(number, 4) for number in raw[0][:2]] == [0.8165, 0.4082]
    assert raw[0] == raw[1]
    assert answer.usage.total_tokens > 0


def test_embeddings_by_default(client: openai.OpenAI) -> None:
    """The SDK requests base64 and decodes it."""
    answer = client.embeddings.create(model=EMBEDDING_MODEL, input="a bat")
    assert [round(number, 4) for number in answer.data[0].embedding[:2]] == [0.8165, 0.4082]


def test_error_in_a_straight_stream(client: openai.OpenAI, question: Question) -> None:
    with pytest.raises(openai.APIError):
        list(client.chat.completions.create(model=BARE_MODEL, messages=says(question.unanswerable), stream=True))
