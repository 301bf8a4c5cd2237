"""Open WebUI, driven through its own API as its own page does."""

import json
from collections.abc import Iterator, Mapping

import pytest

from tests.clients.python.open_webui import Item, OpenWebUI, open_webui
from tests.clients.python.visit import MODEL, FleetAddress, Question


@pytest.fixture(scope="session")
def webui(fleet: FleetAddress, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenWebUI]:
    with open_webui(fleet, tmp_path_factory.mktemp("open-webui")) as running:
        yield running


def items(value: object) -> list[Item]:
    assert isinstance(value, list)
    return value


def test_models(webui: OpenWebUI) -> None:
    assert MODEL in {model["id"] for model in items(webui.get("/api/models")["data"])}


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
    assert [item["type"] for item in items(answer["output"])] == ["reasoning", "message"], "the progress has a panel"


def test_title_tags_and_follow_ups(webui: OpenWebUI, question: Question) -> None:
    chat = webui.chat(question.plain).finished()
    assert chat.answer["followUps"] == ["And how large for a batch job?"]
    assert chat.titled().whole["title"] == "Connection Pools"


@pytest.mark.parametrize(
    ("task", "extra", "answer"),
    [
        ("title", {}, {"title": "Connection Pools"}),
        ("tags", {}, {"tags": ["Databases"]}),
        ("follow_up", {}, {"follow_ups": ["And how large for a batch job?"]}),
        ("auto", {"type": "general", "prompt": "How large should a conn"}, {"text": "ection pool be?"}),
    ],
    ids=["title", "tags", "follow ups", "autocomplete"],
)
def test_internal_prompt(webui: OpenWebUI, task: str, extra: Mapping[str, str], answer: Mapping[str, object]) -> None:
    turns = [{"role": "user", "content": "How large?"}, {"role": "assistant", "content": "Small."}]
    said = webui.post(f"/api/v1/tasks/{task}/completions", {"model": MODEL, "messages": turns, **extra})
    assert json.loads(items(said["choices"])[0]["message"]["content"]) == answer


def test_tools_of_its_own(webui: OpenWebUI, question: Question) -> None:
    """Without the setting of docs/clients.md, it offers its tools with every chat."""
    answer = webui.chat(question.plain, {"function_calling": "native"}).finished().answer
    assert "error" not in answer
    assert question.token in str(answer["content"])


def test_error_in_a_stream(webui: OpenWebUI, question: Question) -> None:
    assert webui.chat(question.unanswerable).finished().answer["error"], "it is shown to the person who asked"
