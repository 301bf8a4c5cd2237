"""OpenAI's Responses with the official SDK for Python."""

import json
from collections.abc import Iterator
from itertools import pairwise
from threading import Event

import openai
import pytest
from openai.types.responses import FunctionToolParam, ResponseInputItemParam
from pydantic import BaseModel

from tests.clients.python.visit import BARE_MODEL, MODEL, WEATHER_SCHEMA, FleetAddress, Question

WEATHER: FunctionToolParam = {
    "type": "function",
    "name": "weather",
    "description": "The weather of a city",
    "parameters": WEATHER_SCHEMA,
    "strict": False,
}


class Pool(BaseModel):
    """How large a pool should be."""

    size: int
    reason: str


@pytest.fixture(scope="session")
def client(fleet: FleetAddress) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=fleet.v1, api_key=fleet.key) as client:
        yield client


def test_response(client: openai.OpenAI, question: Question) -> None:
    response = client.responses.create(model=MODEL, input=question.plain)
    assert question.token in response.output_text
    assert response.status == "completed"
    assert response.usage is not None
    assert response.usage.total_tokens > 0


def test_response_stream(client: openai.OpenAI, question: Question) -> None:
    events = list(client.responses.create(model=MODEL, input=question.plain, stream=True))
    assert (events[0].type, events[-1].type) == ("response.created", "response.completed")
    assert all(before.sequence_number < after.sequence_number for before, after in pairwise(events))
    text = "".join(event.delta for event in events if event.type == "response.output_text.delta")
    assert question.token in text


def test_response_stream_helper(client: openai.OpenAI, question: Question) -> None:
    with client.responses.stream(model=MODEL, input=question.plain) as stream:
        text = "".join(event.delta for event in stream if event.type == "response.output_text.delta")
        response = stream.get_final_response()
    assert question.token in text
    assert response.output_text == text


def test_response_retrieved(client: openai.OpenAI, question: Question) -> None:
    response = client.responses.create(model=MODEL, input=question.plain)
    again = client.responses.retrieve(response.id)
    assert (again.status, again.output_text) == ("completed", response.output_text)


def test_previous_response(client: openai.OpenAI, question: Question) -> None:
    first = client.responses.create(model=MODEL, input=question.plain)
    second = client.responses.create(model=BARE_MODEL, input="What was asked before?", previous_response_id=first.id)
    assert question.token in second.output_text
    assert second.previous_response_id == first.id


def test_response_in_the_background(client: openai.OpenAI, question: Question) -> None:
    response = client.responses.create(model=MODEL, input=question.plain, background=True)
    for _ in range(100):
        if response.status not in ("queued", "in_progress"):
            break
        Event().wait(0.1)
        response = client.responses.retrieve(response.id)
    assert (response.status, question.token in response.output_text) == ("completed", True)


def test_response_cancelled(client: openai.OpenAI, question: Question) -> None:
    response = client.responses.create(model=MODEL, input=question.slow, background=True)
    assert response.status in ("queued", "in_progress")
    assert client.responses.cancel(response.id).status == "cancelled"
    assert client.responses.retrieve(response.id).status == "cancelled"


def test_response_with_tools(client: openai.OpenAI, question: Question) -> None:
    asked = client.responses.create(model=MODEL, input=question.weather("Bern", "Rome"), tools=[WEATHER])
    calls = [item for item in asked.output if item.type == "function_call"]
    assert [json.loads(call.arguments)["city"] for call in calls] == ["Bern", "Rome"]


def test_response_with_tools_retrieved(client: openai.OpenAI, question: Question) -> None:
    asked = client.responses.create(model=MODEL, input=question.weather("Bern", "Rome"), tools=[WEATHER])
    assert client.responses.retrieve(asked.id).output == asked.output
    client.responses.delete(asked.id)


def test_response_with_tools_in_the_background(client: openai.OpenAI, question: Question) -> None:
    text = question.weather("Bern")
    response = client.responses.create(model=MODEL, input=text, tools=[WEATHER], background=True)
    for _ in range(100):
        if response.status not in ("queued", "in_progress"):
            break
        Event().wait(0.1)
        response = client.responses.retrieve(response.id)
    assert (response.status, [item.type for item in response.output]) == ("completed", ["function_call"])


def test_response_to_tool_results(client: openai.OpenAI, question: Question) -> None:
    text = question.weather("Bern")
    turns: list[ResponseInputItemParam] = [
        {"role": "user", "content": text},
        {"type": "function_call", "call_id": "call_7", "name": "weather", "arguments": '{"city": "Bern"}'},
        {"type": "function_call_output", "call_id": "call_7", "output": "rain"},
    ]
    answer = client.responses.create(model=MODEL, input=turns, tools=[WEATHER])
    assert answer.output_text == f"The tools say: rain {question.token}"


def test_response_goes_on_with_tool_results(client: openai.OpenAI, question: Question) -> None:
    asked = client.responses.create(model=MODEL, input=question.weather("Bern", "Rome"), tools=[WEATHER])
    calls = [item for item in asked.output if item.type == "function_call"]
    results: list[ResponseInputItemParam] = [
        {"type": "function_call_output", "call_id": call.call_id, "output": weather}
        for call, weather in zip(calls, ("rain", "sun"), strict=True)
    ]
    answer = client.responses.create(model=MODEL, input=results, tools=[WEATHER], previous_response_id=asked.id)
    assert answer.output_text == f"The tools say: rain; sun {question.token}"


def test_response_parsed(client: openai.OpenAI, question: Question) -> None:
    response = client.responses.parse(model=MODEL, input=question.plain, text_format=Pool)
    assert response.output_parsed is not None
    assert response.output_parsed.size == 8


def test_response_of_nobody(client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve("resp_nobody")


def test_error_in_a_response_stream(client: openai.OpenAI, question: Question) -> None:
    events = list(client.responses.create(model=MODEL, input=question.unanswerable, stream=True))
    assert events[-1].type == "response.failed"
    assert events[-1].response.error is not None
