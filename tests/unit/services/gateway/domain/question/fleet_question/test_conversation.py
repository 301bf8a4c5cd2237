import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.contracts.question import Turn
from services.gateway.domain.body.chat import ChatMessageBody, ContentPart
from services.gateway.domain.errors import ApiError, RequestRefused
from services.gateway.domain.question.fleet_question import (
    LONG_ANSWER_CHARS,
    MOST_HISTORY_CHARS,
    SHORT_ANSWER_CHARS,
    UNLIMITED,
    read_conversation,
    recent_turns,
)

TURNS = st.lists(st.builds(Turn, speaker=st.sampled_from(["user", "assistant"]), text=st.text(max_size=60)), max_size=9)


def said(role: str, content: str | None) -> ChatMessageBody:
    return ChatMessageBody(role=role, content=content)


def refusal(*messages: ChatMessageBody) -> ApiError:
    with pytest.raises(RequestRefused) as caught:
        read_conversation(list(messages))
    return caught.value.error


@pytest.mark.parametrize("role", ["assistant", "system"])
def test_the_last_message_must_be_the_users(role: str) -> None:
    error = refusal(said("user", "Hi"), said(role, "Hello"))
    assert (error.status, error.param) == (400, "messages[1].role")


@pytest.mark.parametrize("text", ["", "  \n"])
def test_an_empty_question_is_refused(text: str) -> None:
    assert refusal(said("user", text)).param == "messages[0].content"


def test_a_message_without_content_is_refused_unless_an_assistant_said_nothing() -> None:
    assert refusal(said("user", None)).param == "messages[0].content"
    assert read_conversation([said("assistant", None), said("user", "Hi")]).question == "Hi"


def test_an_unknown_role_is_refused() -> None:
    assert refusal(said("narrator", "x"), said("user", "Hi")).param == "messages[0].role"


@pytest.mark.parametrize(
    "message",
    [
        ChatMessageBody(role="tool", content="42"),
        ChatMessageBody(role="assistant", tool_calls=[{"id": "1"}]),
        ChatMessageBody(role="assistant", function_call={"name": "f"}),
    ],
)
def test_messages_of_tool_calling_are_refused_as_such(message: ChatMessageBody) -> None:
    error = refusal(message, said("user", "Hi"))
    assert (error.code, error.param) == ("unsupported_parameter", "messages[0]")


@pytest.mark.parametrize(("kind", "word"), [("image_url", "images"), ("input_audio", "audio"), ("file", "files")])
def test_parts_that_cannot_be_read_are_named(kind: str, word: str) -> None:
    message = ChatMessageBody(role="user", content=[ContentPart(type="text", text="See"), ContentPart(type=kind)])
    error = refusal(message)
    assert (error.code, error.param) == ("unsupported_content", "messages[0].content[1].type")
    assert word in error.message


def test_a_text_part_without_text_is_refused() -> None:
    message = ChatMessageBody(role="user", content=[ContentPart(type="text")])
    assert refusal(message).param == "messages[0].content[0].text"


def test_nul_characters_are_refused() -> None:
    assert refusal(said("user", "a\0b")).param == "messages[0].content"


def test_the_newest_turns_are_kept_in_their_order() -> None:
    turns = tuple(Turn(speaker="user", text=str(number)) for number in range(9))
    assert [turn.text for turn in recent_turns(turns, 4, 100)] == ["5", "6", "7", "8"]


def test_turns_that_say_nothing_take_no_place() -> None:
    turns = (Turn(speaker="user", text="a"), Turn(speaker="assistant", text=" "), Turn(speaker="user", text="b"))
    assert [turn.text for turn in recent_turns(turns, 2, 100)] == ["a", "b"]


def test_the_oldest_turn_is_cut_when_characters_run_out() -> None:
    turns = (Turn(speaker="user", text="old " * 50), Turn(speaker="assistant", text="new " * 10))
    kept = recent_turns(turns, 4, 60)
    assert kept[1].text == "new " * 10
    assert len(kept[0].text) <= 20
    assert kept[0].text.endswith("…")


@given(TURNS, st.integers(0, 6), st.integers(0, 120))
def test_history_never_exceeds_its_bounds(turns: list[Turn], max_turns: int, max_chars: int) -> None:
    kept = recent_turns(tuple(turns), max_turns, max_chars)
    assert len(kept) <= max_turns
    assert sum(len(turn.text) for turn in kept) <= max_chars


def test_a_long_answer_is_shown_by_its_beginning_and_its_end() -> None:
    answer = Turn(speaker="assistant", text=f"First words. {'middle ' * 400}Last words.")
    question = Turn(speaker="user", text="What " * 300)
    asked, answered = recent_turns((question, answer), 4, 3000)
    assert asked == question
    assert len(answered.text) <= SHORT_ANSWER_CHARS
    assert answered.text.startswith("First words. middle")
    assert "\n[…]\n" in answered.text
    assert answered.text.endswith("middle Last words.")


def test_an_answer_that_is_not_long_is_shown_whole() -> None:
    answer = Turn(speaker="assistant", text="x" * LONG_ANSWER_CHARS)
    assert recent_turns((answer,), 4, 3000) == (answer,)


def test_a_long_question_is_cut_at_its_end_alone() -> None:
    (shown,) = recent_turns((Turn(speaker="user", text="word " * 900),), 4, 3000)
    assert shown.text.endswith("…")
    assert "[…]" not in shown.text


def test_without_limits_everything_is_shown_that_travels() -> None:
    turns = tuple(Turn(speaker="assistant", text=f"{number} " + "x" * 9_000) for number in range(20))
    shown = recent_turns(turns, UNLIMITED, UNLIMITED)
    assert shown[-1] == turns[-1]
    assert len(shown) > 4
    assert sum(len(turn.text) for turn in shown) <= MOST_HISTORY_CHARS


def test_no_turns_and_no_characters_show_nothing() -> None:
    turns = (Turn(speaker="user", text="Hi"), Turn(speaker="assistant", text="Hello"))
    assert recent_turns(turns, 0, 3000) == recent_turns(turns, 4, 0) == ()
