"""Texts in several lines: two of them to compare, or one below a request."""

import pytest

from services.planner.recogniser import recognise

_OLD, _NEW = "red\ngreen", "red\nblue"


@pytest.mark.parametrize(
    "question",
    [
        f"diff these\nold:\n{_OLD}\nnew:\n{_NEW}",
        f"Was wurde geändert?\n\nNachher:\n{_NEW}\n\nVorher:\n{_OLD}",
        f"--- before ---\n{_OLD}\n--- after ---\n{_NEW}\n\nWhich lines changed?",
        f"My list came back. What changed?\n\nMine:\n{_OLD}\n\nTheirs:\n{_NEW}",
        f"Compare these lists:\n{_OLD}\n---\n{_NEW}",
        f"Unified diff please. Alt:\n```\n{_OLD}\n```\nNeu:\n```\n{_NEW}\n```",
    ],
)
def test_two_texts_are_compared_as_they_are_written(question: str) -> None:
    found = recognise(question)
    assert found is not None
    assert dict(found[0].arguments) == {"old": _OLD, "new": _NEW}


@pytest.mark.parametrize(
    ("wish", "context"),
    [("with 0 lines of context", 0), ("mit einer Zeile Kontext", 1), ("-U2", 2), ("ohne Kontext", 0)],
)
def test_a_diff_has_the_context_that_is_asked_for(wish: str, context: int) -> None:
    found = recognise(f"diff {wish}\nold:\n{_OLD}\nnew:\n{_NEW}")
    assert found is not None
    assert found[0].arguments["context"] == context


@pytest.mark.parametrize(
    "question",
    [
        f"Which version reads better?\nold:\n{_OLD}\nnew:\n{_NEW}",
        f"diff word by word\nold:\n{_OLD}\nnew:\n{_NEW}",
        f"diff\nold:\n{_OLD}\nnew:\n{_NEW}\n\nThe last paragraph.",
        f"diff\nold:\n{_OLD}\nnew:\n{_NEW}\nthanks",
    ],
)
def test_other_wishes_and_an_unclear_end_are_left_to_the_model(question: str) -> None:
    assert recognise(question) is None


def test_spaces_and_line_breaks_in_a_quoted_text_are_kept() -> None:
    found = recognise("I need it for a test: what is the sha256 of 'a  b\nc', please?")
    assert found is not None
    assert found[0].arguments["text"] == "a  b\nc"
