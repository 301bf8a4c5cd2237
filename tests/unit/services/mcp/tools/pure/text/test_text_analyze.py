"""`text_analyze`: texts that are put together from parts whose number is known."""

import random
from fractions import Fraction

import pytest

from services.mcp.contract import AnswerStyle
from services.mcp.tools.pure.registry import invoke
from services.mcp.tools.pure.text.text_analyze.tool import TextArguments, TextResult, text_analyze
from tests.support.mcp.exactness import Exactness


def run(text: str) -> TextResult:
    return text_analyze(TextArguments(text=text))


GRAPHEMES = (
    "a", "ß", "é", "e\u0301", "n\u0303", "a\u0308\u0323", "中", "😀", "👍🏽", "👨\u200d👩\u200d👧", "🇩🇪", "🇺🇳",
    "❤\ufe0f", "각", "\u1100\u1161\u11a8", "\u0e01\u0e33", "1\ufe0f\u20e3", "ก\u0e34", "\r\n",
    "🏴\U000e0067\U000e0062\U000e007f",
)  # fmt: skip
WORDS = (
    "house", "Straße", "don't", "l\u2019eau", "state-of-the-art", "3.14", "1,000", "12:30", "naïve", "E2E", "über",
    "H2O", "snake_case", "Москва", "kommt", "ja",
    "e\u0301te\u0301", "Donau\u00addampf\u00adschiff", "नमस्ते", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "½",
)  # fmt: skip


def test_characters_are_counted_as_people_see_them(exact: Exactness) -> None:
    rng = random.Random(11)
    for _ in exact.cases("text_analyze", 2_000):
        parts = [rng.choice(GRAPHEMES) for _ in range(rng.randrange(12))]
        text = "-".join(parts)  # a hyphen joins nothing
        found = run(text)
        assert found.graphemes == len(parts) + max(0, len(parts) - 1)
        assert (found.characters, found.utf8_bytes) == (len(text), len(text.encode("utf-8")))


def test_words_are_counted_whatever_stands_between_them(exact: Exactness) -> None:
    rng = random.Random(12)
    for _ in exact.cases("text_analyze", 2_000):
        parts = [rng.choice(WORDS) for _ in range(rng.randrange(15))]
        text = "".join(rng.choice((" ", ", ", " + ", " (", "\n", "; ", "\u00a0", " … ", '" ')) + word for word in parts)
        found = run(text)
        assert found.words == len(parts)
        assert found.unique_words == len({part.casefold() for part in parts})
        if parts:
            assert found.longest_word == max(parts, key=len)
            mean = Fraction(sum(map(len, parts)), len(parts))
            assert abs(Fraction(found.average_word_length or "0") - mean) <= Fraction(1, 200)


SENTENCES = (
    "The cat sat.", "Really?", "Stop it!", "Dr. Meyer kommt.", "Er kam am 3. Mai nach Hause.", "Das ist z. B. gut.",
    "It costs 3.50 dollars.", 'He said "Stop." and left.', "Wait... what?", "Mr. Smith vs. Mrs. Jones!",
    "Wir nehmen Obst, z.B. Birnen.", "J. R. R. Tolkien wrote it.", "See www.example.org for more.", "Nein?!",
    "Das 19. Jahrhundert war lang.", "It was in 1999.", "„Komm!“",
)  # fmt: skip


def test_sentences_are_counted_in_both_languages(exact: Exactness) -> None:
    rng = random.Random(13)
    for _ in exact.cases("text_analyze", 2_000):
        parts = [rng.choice(SENTENCES) for _ in range(rng.randrange(1, 8))]
        text = "".join(part + rng.choice((" ", "\n", "  ", "\n\n")) for part in parts)
        assert run(text).sentences == len(parts), text


def test_lines_and_paragraphs_are_counted(exact: Exactness) -> None:
    rng = random.Random(14)
    for _ in exact.cases("text_analyze", 500):
        paragraphs = [["x"] * rng.randrange(1, 4) for _ in range(rng.randrange(1, 5))]
        text = "\n\n".join("\n".join(lines) for lines in paragraphs)
        found = run(text)
        assert found.paragraphs == len(paragraphs)
        assert found.lines == len(text.split("\n"))
        assert run(text + "\n").lines == found.lines


@pytest.mark.parametrize("words", [0, 1, 199, 200, 201, 399, 400, 401, 5000])
def test_reading_takes_a_minute_for_two_hundred_words(words: int) -> None:
    found = run("word " * words)
    assert Fraction(found.reading_seconds) == Fraction(60 * words, 200)
    assert found.reading_minutes == -(-words // 200)


def test_a_word_is_the_same_in_either_form_of_its_letters() -> None:
    assert run("\u00e9t\u00e9 e\u0301te\u0301").unique_words == 1


def test_nothing_is_nothing() -> None:
    found = run("")
    counts = (found.characters, found.graphemes, found.words, found.sentences, found.paragraphs, found.lines)
    assert counts == (0, 0, 0, 0, 0, 0)
    assert (found.longest_word, found.average_word_length) == (None, None)


@pytest.mark.parametrize("text", ["!!! ... ???", "   \n\n \t", "😀😀", "-- (-) --"])
def test_without_a_word_there_is_no_sentence(text: str) -> None:
    assert (run(text).words, run(text).sentences) == (0, 0)


@pytest.mark.parametrize(
    "text", ["." * 50_000, "a." * 25_000, '"' * 50_000, "a" * 50_000, "\n " * 25_000, "é" * 50_000]
)
def test_the_longest_texts_are_counted_in_time(text: str) -> None:
    assert run(text).characters == 50_000


def test_the_fact_in_focus_is_told() -> None:
    args = {"text": "word " * 1500}
    assert invoke("text_analyze", args, AnswerStyle(focus="words")).answer == "words: 1,500."
    assert invoke("text_analyze", args, AnswerStyle(focus="words", language="de")).answer == "Wörter: 1.500."
