"""`text_analyze`: how long a text is, in every usual unit."""

from fractions import Fraction
from unicodedata import normalize

from pydantic import Field

from services.mcp.contract import AnswerStyle, Bilingual, ErrorExample, Example, Limit, Tool, ToolModel
from services.mcp.tools.pure.text.text_analyze.segments import (
    SENTENCE_RULE,
    UNICODE_RULE,
    WORD_RULE,
    count_graphemes,
    count_paragraphs,
    count_sentences,
    words,
)

MAX_CHARS = 50_000
WORDS_PER_MINUTE = 200
READING_RULE = f"words / {WORDS_PER_MINUTE} per minute; minutes are rounded up"


class TextArguments(ToolModel):
    """The text to count."""

    text: str = Field(max_length=MAX_CHARS)


class TextResult(ToolModel):
    """Counts of a text. `characters` counts code points, `graphemes` what people see as one character."""

    characters: int
    characters_without_spaces: int
    graphemes: int
    utf8_bytes: int
    words: int
    unique_words: int = Field(description="Without regard to case")
    sentences: int
    paragraphs: int
    lines: int
    longest_word: str | None
    average_word_length: str | None = Field(description="Code points a word, two decimals, half to even")
    reading_seconds: str = Field(description="Exact")
    reading_minutes: int
    grapheme_rule: str = UNICODE_RULE
    word_rule: str = WORD_RULE
    sentence_rule: str = SENTENCE_RULE
    reading_rule: str = READING_RULE


def text_analyze(arguments: TextArguments) -> TextResult:
    text = arguments.text
    found = words(text)
    tenths = len(found) * 600 // WORDS_PER_MINUTE  # three tenths of a second a word: exact
    return TextResult(
        characters=len(text),
        characters_without_spaces=sum(not character.isspace() for character in text),
        graphemes=count_graphemes(text),
        utf8_bytes=len(text.encode()),
        words=len(found),
        unique_words=len({normalize("NFC", word.casefold()) for word in found}),
        sentences=count_sentences(text),
        paragraphs=count_paragraphs(text),
        lines=text.count("\n") + (not text.endswith("\n") and bool(text)),
        longest_word=max(found, key=len, default=None),
        average_word_length=_average([len(word) for word in found]),
        reading_seconds=f"{tenths // 10}.{tenths % 10}",
        reading_minutes=-(-len(found) // WORDS_PER_MINUTE),
    )


def _average(lengths: list[int]) -> str | None:
    if not lengths:
        return None
    hundredths = round(Fraction(100 * sum(lengths), len(lengths)))
    return f"{hundredths // 100}.{hundredths % 100:02d}"


def phrase(result: TextResult, style: AnswerStyle) -> str:
    """Fact in focus, or the usual four with the reading time."""
    if style.focus is not None:
        return f"{_NOUNS[style.focus].text(style.language)}: {_numeral(result, style.focus, style)}."
    listed = ", ".join(
        f"{_numeral(result, name, style)} {_NOUNS[name].text(style.language)}"
        for name in ("characters", "words", "sentences")
    )
    if style.language == "de":
        return f"{listed}; Lesezeit etwa {result.reading_minutes} min bei {WORDS_PER_MINUTE} Wörtern pro Minute."
    return f"{listed}; reading time about {result.reading_minutes} min at {WORDS_PER_MINUTE} words a minute."


def _numeral(result: TextResult, name: str, style: AnswerStyle) -> str:
    number = f"{result.model_dump()[name]:,}"
    return number.replace(",", ".") if style.language == "de" else number


_NOUNS = {
    "characters": Bilingual(en="characters", de="Zeichen"),
    "characters_without_spaces": Bilingual(en="characters without spaces", de="Zeichen ohne Leerzeichen"),
    "graphemes": Bilingual(en="visible characters", de="sichtbare Zeichen"),
    "words": Bilingual(en="words", de="Wörter"),
    "unique_words": Bilingual(en="different words", de="verschiedene Wörter"),
    "sentences": Bilingual(en="sentences", de="Sätze"),
    "paragraphs": Bilingual(en="paragraphs", de="Absätze"),
    "lines": Bilingual(en="lines", de="Zeilen"),
    "reading_minutes": Bilingual(en="minutes to read", de="Minuten Lesezeit"),
}

TEXT_ANALYZE = Tool(
    name="text_analyze",
    description=Bilingual(
        en="Characters, words, sentences, lines and reading time of a text",
        de="Zeichen, Wörter, Sätze, Zeilen und Lesezeit eines Textes",
    ),
    keywords=Bilingual(
        en="count characters words sentences letters length reading time word count lines paragraphs",
        de="zählen zeichen wörter sätze buchstaben länge lesezeit wortzahl zeilen absätze",
    ),
    arguments=TextArguments,
    result=TextResult,
    run=text_analyze,
    answer=phrase,
    limits=(Limit(name="text_chars", value=MAX_CHARS, unit="characters"),),
    example=Example(
        args={"text": "Dr. Meyer kommt am 3. Mai. Really?"},
        result={
            "characters": 34,
            "characters_without_spaces": 28,
            "graphemes": 34,
            "utf8_bytes": 34,
            "words": 7,
            "unique_words": 7,
            "sentences": 2,
            "paragraphs": 1,
            "lines": 1,
            "longest_word": "Really",
            "average_word_length": "3.43",
            "reading_seconds": "2.1",
            "reading_minutes": 1,
            "grapheme_rule": UNICODE_RULE,
            "word_rule": WORD_RULE,
            "sentence_rule": SENTENCE_RULE,
            "reading_rule": READING_RULE,
        },
        answer="34 characters, 7 words, 2 sentences; reading time about 1 min at 200 words a minute.",
    ),
    error_example=ErrorExample(args={"text": None}, code="invalid_argument"),
    focuses=tuple(_NOUNS),
)
