"""Results directly follow the turn that called, whatever is in between: servers reject anything else."""

import pytest

from services.gateway.dialects.turns import Turns, function_call, image_part, text_part

PNG = image_part("data:image/png;base64,iVBORw0K")


def calls(*ids: str) -> list[dict[str, object]]:
    return [function_call(each, "look", "{}") for each in ids]


def shape(turns: Turns) -> list[str]:
    """Role and content: text, `+` and the calls, or the call of a result."""
    return [_line(message) for message in turns.all()]


def _line(message: dict[str, object]) -> str:
    content, called = message["content"], message.get("tool_calls", [])
    assert isinstance(called, list)
    said = content if isinstance(content, str) else "" if content is None else "parts"
    ids = "".join(f"+{call['id']}" for call in called)
    return f"{message['role']} {message.get('tool_call_id', said)}{ids}"


def with_image(turns: Turns, call_id: str) -> None:
    turns.tool(call_id, "")
    turns.user([text_part(f"From {call_id}:"), PNG])


def test_images_of_results_follow_all_results_of_a_turn() -> None:
    turns = Turns()
    turns.assistant("", calls("a", "b"))
    with_image(turns, "a")
    with_image(turns, "b")
    assert shape(turns) == ["assistant +a+b", "tool a", "tool b", "user parts"]
    assert [part["type"] for part in turns.all()[-1]["content"]] == [  # type: ignore[attr-defined]  # a list
        "text",
        "image_url",
        "text",
        "image_url",
    ]


def test_what_the_user_says_between_results_follows_them() -> None:
    turns = Turns()
    turns.assistant("", calls("a", "b"))
    turns.tool("a", "1")
    turns.user([text_part("Wait.")])
    turns.tool("b", "2")
    assert shape(turns) == ["assistant +a+b", "tool a", "tool b", "user Wait."]


def test_calls_around_a_word_of_the_assistant_are_one_turn() -> None:
    turns = Turns()
    turns.call(*calls("a"))
    turns.assistant("hm", [])
    turns.call(*calls("b"))
    turns.tool("a", "1")
    turns.tool("b", "2")
    assert shape(turns) == ["assistant hm+a+b", "tool a", "tool b"]


def test_a_late_result_goes_back_to_its_call() -> None:
    turns = Turns()
    turns.call(*calls("a"))
    turns.user([text_part("And?")])
    turns.call(*calls("b"))
    turns.tool("a", "1")
    turns.tool("b", "2")
    assert shape(turns) == ["assistant +a", "tool a", "user And?", "assistant +b", "tool b"]


def test_an_id_that_comes_again_belongs_to_the_later_call() -> None:
    turns = Turns()
    for text in ("one", "two"):
        turns.call(*calls("a"))
        turns.tool("a", text)
    assert [message["content"] for message in turns.all()] == [None, "one", None, "two"]


def test_results_for_an_earlier_conversation_come_first() -> None:
    turns = Turns()
    with_image(turns, "a")
    with_image(turns, "b")
    turns.assistant("So.", [])
    assert shape(turns) == ["tool a", "tool b", "user parts", "assistant So."]


def test_a_result_without_a_call_stays_where_it_came() -> None:
    turns = Turns()
    turns.assistant("Hi", [])
    turns.user([text_part("Go")])
    turns.tool("x", "1")
    turns.user([text_part("On")])
    assert shape(turns) == ["assistant Hi", "user Go", "tool x", "user On"]


@pytest.mark.parametrize(("texts", "said"), [(("a", "b"), "a\nb"), (("", "b"), "b"), (("", ""), "")])
def test_turns_of_the_assistant_that_follow_each_other_are_one(texts: tuple[str, str], said: str) -> None:
    turns = Turns()
    for text in texts:
        turns.assistant(text, [])
    assert turns.all() == [{"role": "assistant", "content": said}]
