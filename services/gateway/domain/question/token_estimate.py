"""Estimated tokens of a text, without the tokenizer of its model."""

import re
from collections.abc import Iterator

from libs.core.text import looks_german

TEXT_PARTS = ("text", "refusal")  # types of parts that are text, in the field of the same name
# Anthropic's guide on vision: width * height / 750 in pixels; the advised maximum is 1.15 megapixels.
IMAGE_TOKENS = 1500
MESSAGE_TOKENS = 4  # the role, and the marks around a message
LONG = 200_000  # characters; longer texts are estimated from samples: every word costs a microsecond
_PARTS = 16
_SAMPLE = 2000
_PIECES = re.compile(
    r"(?P<latin>[A-Za-zÀ-ɏ]+)|(?P<digits>[0-9]+)|(?P<blank>\s+)"
    r"|(?P<wide>[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff])|(?P<word>[^\W\d_]+)|(?P<mark>[^\w\s]+|_+)|(?P<rest>.)",
    re.DOTALL,
)


def text_tokens(text: str) -> int:
    """Estimate the tokens of a text, 0 for an empty one.

    Today's tokenizers begin a token at every word, number and mark, and split unknown words. So words are counted and
    long ones weighted, by script; its test compares with a real tokenizer.
    """
    if len(text) <= LONG:
        return round(_tokens(text))
    step = len(text) // _PARTS
    parts = [text[start : start + LONG // _PARTS] for start in range(0, step * _PARTS, step)]
    return round(sum(map(_tokens, parts)) * len(text) / sum(map(len, parts)))


def _tokens(text: str) -> float:
    whole, cut = (4, 3.0) if looks_german(text[:_SAMPLE]) else (6, 4.0)
    return sum(_weights(text, whole, cut))


def _weights(text: str, whole: int, cut: float) -> Iterator[float]:
    """Words of up to `whole` letters are one token; longer ones cost another token for every `cut` letters."""
    for piece in _PIECES.finditer(text):
        length = piece.end() - piece.start()
        match piece.lastgroup:
            case "latin":
                yield (1.0 + max(0, length - whole) / cut) + (0.0 if piece[0].isascii() else 0.7)
            case "digits":
                yield length / 1.5
            case "blank":
                yield 0.0 if piece[0] == " " else 0.7 + length / 16
            case "wide":
                yield 1.5
            case "word":
                yield max(1.0, length / 1.8)
            case "mark":
                yield max(1.0, length / 2)
            case _:
                yield 1.5
