"""Prompts that a client generates are distinguished from user questions."""

import json
from itertools import product

import pytest

from services.gateway.domain.body.chat import ChatMessageBody
from services.gateway.domain.question.internal_prompts import internal_prompt
from tests.support.paths import FIXTURES
from tests.support.planner.corpus_negative import NEGATIVES

CAPTURED = FIXTURES / "clients" / "open-webui"
INTERNAL = ("title", "tags", "follow-ups", "queries", "autocomplete", "image-prompt", "emoji")
ORDINARY = ("chat", "chat-stream", "chat-from-the-browser", "mixture")
OPENINGS = ("How do I", "Please", "### Task:\n", "Your task is to", "Can you", "How would I", "Help me")
DOINGS = (
    "generate a concise title for my essay", "suggest tags for this blog post", "suggest 3-5 follow-up questions",
    "reflect the speaker's likely facial expression", "write search queries for a librarian", "continue this text",
    "summarise the chat history", "predict what the user asks next", "generate a detailed prompt for an image",
    "analyze the chat history", "return JSON with a \"title\" field", "pick an emoji for `That went well`",
)  # fmt: skip
ENDINGS = (
    "", " about bees", " in German", ", as JSON", ": { \"title\": \"…\" }", "\n### Output:\nJSON", " <chat_history>",
    "\n\nMessage: ```hello```", " and say why", " for a talk", " in three words", "?", " without emojis", " twice",
    ". Keep it short.", " with <text>", " using \"tags\"", " by tomorrow", "\n\nThanks!", " or not", ", please",
)  # fmt: skip


def said(text: str, role: str = "user") -> list[ChatMessageBody]:
    return [ChatMessageBody(role=role, content=text)]


def captured(name: str) -> list[ChatMessageBody]:
    messages = json.loads((CAPTURED / f"{name}.json").read_text())["body"]["messages"]
    return [ChatMessageBody.model_validate(message) for message in messages]


@pytest.mark.parametrize("name", INTERNAL)
def test_a_prompt_of_open_webui_is_recognised(name: str) -> None:
    assert internal_prompt(captured(name)) == name


@pytest.mark.parametrize("name", ORDINARY)
def test_what_its_user_asked_is_not(name: str) -> None:
    assert internal_prompt(captured(name)) == ""


def test_two_thousand_ordinary_questions_are_none_of_them() -> None:
    made = (f"{opening} {doing}{ending}" for opening, doing, ending in product(OPENINGS, DOINGS, ENDINGS))
    questions = [*NEGATIVES, *made]
    assert len(questions) >= 2_000
    assert [question for question in questions if internal_prompt(said(question))] == []


def test_a_template_that_is_quoted_is_no_prompt_of_the_client() -> None:
    text = captured("title")[0].content
    assert isinstance(text, str)
    assert internal_prompt(said(f"What does this mean?\n{text}")) == ""


def test_a_template_inside_a_conversation_is_a_question() -> None:
    assert internal_prompt([*captured("title"), *captured("tags")]) == ""


def test_a_template_from_the_system_is_a_question() -> None:
    text = captured("title")[0].content
    assert isinstance(text, str)
    assert internal_prompt(said(text, role="system")) == ""
