"""Open WebUI itself, asked by its own API as its own page asks it."""

from collections.abc import Iterator

import pytest

from tests.clients.python.open_webui import OpenWebUI, open_webui
from tests.clients.python.visit import MODEL, House, Question


@pytest.fixture(scope="session")
def webui(house: House, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenWebUI]:
    with open_webui(house, tmp_path_factory.mktemp("open-webui")) as running:
        yield running


def test_models(webui: OpenWebUI) -> None:
    models = webui.get("/api/models")["data"]
    assert isinstance(models, list)
    assert MODEL in {model["id"] for model in models}


def test_chat(webui: OpenWebUI, question: Question) -> None:
    answer = webui.post(
        "/api/chat/completions", {"model": MODEL, "messages": [{"role": "user", "content": question.plain}]}
    )
    assert question.token in str(answer["choices"])


def test_stream(webui: OpenWebUI, question: Question) -> None:
    answer = webui.chat(question.plain).finished().answer
    assert "error" not in answer
    assert question.token in str(answer["content"])
    assert "<think" not in str(answer["content"])


def test_error_in_a_stream(webui: OpenWebUI, question: Question) -> None:
    assert webui.chat(question.unanswerable).finished().answer["error"], "it is shown to the person who asked"
