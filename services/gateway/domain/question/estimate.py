"""Estimates of the tokens of a text and of a request, without the tokenizer of the model."""

import json
import re
from collections.abc import Iterator, Mapping

from libs.core.text import looks_german
from libs.core.token_counts import tokens_of

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


# An image or document in base64. A run ends at a byte outside its class, so that the search stays linear.
_MEDIA = re.compile(
    rb'"(?:data|image_url|file_url|file_data)"\s*:\s*"(?:data:[A-Za-z0-9.+/;=_-]{1,250},)?[A-Za-z0-9+/=\\]{1000,}"'
)


def request_tokens(raw: Mapping[str, object]) -> int:
    """Estimate the tokens of the messages and tools of a chat body. Linear in its length."""
    messages, tools = raw.get("messages"), raw.get("tools")
    offered = text_tokens(json.dumps(tools, ensure_ascii=False)) if tools else 0
    return max(1, offered + sum(map(_message_tokens, messages if isinstance(messages, list) else ())))


def length_tokens(body: bytes) -> int:
    """Estimate the tokens of an unparsed body: bytes / 4, and IMAGE_TOKENS for each file in it."""
    sizes = [found.end() - found.start() for found in _MEDIA.finditer(body)]
    return tokens_of(len(body) - sum(sizes)) + IMAGE_TOKENS * len(sizes)


def _message_tokens(message: Mapping[str, object]) -> int:
    called = message.get("tool_calls")
    calls = text_tokens(json.dumps(called, ensure_ascii=False)) if called else 0
    return MESSAGE_TOKENS + calls + sum(_tokens_in(message.get("content")))


def _tokens_in(content: object) -> Iterator[int]:
    if isinstance(content, str):
        yield text_tokens(content)
    elif isinstance(content, list):
        for part in content:
            text = next((part[name] for name in TEXT_PARTS if isinstance(part.get(name), str)), None)
            yield text_tokens(text) if text is not None else IMAGE_TOKENS
