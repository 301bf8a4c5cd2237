"""LangChain's OpenAI class."""

import openai
import pytest
from langchain_core.messages import HumanMessage
from langchain_core.tools import StructuredTool
from langchain_openai import ChatOpenAI, OpenAIEmbeddings
from pydantic import BaseModel, SecretStr

from tests.clients.python.visit import EMBEDDING_MODEL, MODEL, FleetAddress, Question


@pytest.fixture(scope="session")
def model(fleet: FleetAddress) -> ChatOpenAI:
    return ChatOpenAI(base_url=fleet.v1, api_key=SecretStr(fleet.key), model=MODEL)


def test_chat(model: ChatOpenAI, question: Question) -> None:
    message = model.invoke(question.plain)
    assert question.token in str(message.content)
    assert message.usage_metadata is not None
    assert message.usage_metadata["total_tokens"] > 0


def test_stream(model: ChatOpenAI, question: Question) -> None:
    chunks = list(model.stream(question.plain))
    assert question.token in "".join(str(chunk.content) for chunk in chunks)
    assert not [chunk for chunk in chunks if chunk.usage_metadata], "it does not ask a server of others for it"


def test_usage_once(model: ChatOpenAI, question: Question) -> None:
    chunks = list(model.stream(question.plain, stream_usage=True))
    assert len([chunk for chunk in chunks if chunk.usage_metadata]) == 1


def weather_of(city: str) -> str:
    """The weather of a city."""  # LangChain sends it to the model as the description of the tool
    return {"Bern": "rain", "Rome": "sun"}[city]


weather = StructuredTool.from_function(weather_of, name="weather")


class Pool(BaseModel):
    """How large a pool should be."""

    size: int
    reason: str


def test_parallel_tools(model: ChatOpenAI, question: Question) -> None:
    message = model.bind_tools([weather]).invoke(question.weather("Bern", "Rome"))
    assert [(call["name"], call["args"]) for call in message.tool_calls] == [
        ("weather", {"city": "Bern"}),
        ("weather", {"city": "Rome"}),
    ]


def test_tools_stream_helper(model: ChatOpenAI, question: Question) -> None:
    whole, *rest = model.bind_tools([weather]).stream(question.weather("Bern", "Rome"))
    for chunk in rest:
        whole = whole + chunk
    assert [call["args"] for call in whole.tool_calls] == [{"city": "Bern"}, {"city": "Rome"}]


def test_tool_result(model: ChatOpenAI, question: Question) -> None:
    asked = HumanMessage(question.weather("Bern", "Rome"))
    equipped = model.bind_tools([weather])
    message = equipped.invoke([asked])
    answer = equipped.invoke([asked, message, *(weather.invoke(call) for call in message.tool_calls)])
    assert answer.content == f"The tools say: rain; sun {question.token}"


@pytest.mark.parametrize("method", ["json_schema", "function_calling"])
def test_structured_output(model: ChatOpenAI, question: Question, method: str) -> None:
    parsed = model.with_structured_output(Pool, method=method).invoke(question.plain)
    assert isinstance(parsed, Pool)
    assert parsed.size == 8


def test_embeddings_by_default(fleet: FleetAddress) -> None:
    embedder = OpenAIEmbeddings(
        base_url=fleet.v1, api_key=SecretStr(fleet.key), model=EMBEDDING_MODEL, check_embedding_ctx_length=False
    )
    assert [round(number, 4) for number in embedder.embed_query("a bat")[:2]] == [0.8165, 0.4082]


def test_error_404(fleet: FleetAddress, question: Question) -> None:
    model = ChatOpenAI(base_url=fleet.v1, api_key=SecretStr(fleet.key), model="no-such-model")
    with pytest.raises(openai.NotFoundError):
        model.invoke(question.plain)


def test_error_in_a_stream(model: ChatOpenAI, question: Question) -> None:
    with pytest.raises(openai.APIError):
        list(model.stream(question.unanswerable))
