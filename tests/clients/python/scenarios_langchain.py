"""LangChain's OpenAI class."""

import openai
import pytest
from langchain_openai import ChatOpenAI
from pydantic import SecretStr

from tests.clients.python.visit import MODEL, House, Question


@pytest.fixture(scope="session")
def model(house: House) -> ChatOpenAI:
    return ChatOpenAI(base_url=house.v1, api_key=SecretStr(house.key), model=MODEL)


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


def test_error_404(house: House, question: Question) -> None:
    model = ChatOpenAI(base_url=house.v1, api_key=SecretStr(house.key), model="no-such-model")
    with pytest.raises(openai.NotFoundError):
        model.invoke(question.plain)


def test_error_in_a_stream(model: ChatOpenAI, question: Question) -> None:
    with pytest.raises(openai.APIError):
        list(model.stream(question.unanswerable))
