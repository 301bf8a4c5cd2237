"""Every protocol passes parameters of their documented types and sizes, as a chat does."""

from collections.abc import Mapping
from typing import TypeAlias

import pytest

from services.gateway.dialects.completions.dialect import COMPLETIONS
from services.gateway.dialects.dialect import Dialect
from services.gateway.dialects.messages.dialect import MESSAGES
from services.gateway.dialects.ollama.dialect import OLLAMA_CHAT, OLLAMA_GENERATE
from services.gateway.dialects.responses.dialect import RESPONSES
from services.gateway.domain.body.chat_parameters import MOST_BIASES, MOST_STOPS
from services.gateway.domain.errors import RequestRefused

TURNS = [{"role": "user", "content": "Hi"}]
OBJECT = {"type": "image_url", "image_url": {"url": "https://example.org/a.png"}}
MANY = ["."] * (MOST_STOPS + 1)
BIASES = {str(token): 1 for token in range(MOST_BIASES + 1)}
PICTURE = {"type": "input_image", "image_url": "data:image/png;base64,AAAA"}
SHOWN = {"role": "user", "content": [{**PICTURE, "detail": "https://example.org"}]}
Case: TypeAlias = tuple[Dialect, dict[str, object], str]


def stopped(stop: object) -> list[Case]:
    return [
        (OLLAMA_CHAT, {"messages": TURNS, "options": {"stop": stop}}, "options.stop"),
        (OLLAMA_GENERATE, {"prompt": "Hi", "options": {"stop": stop}}, "options.stop"),
        (COMPLETIONS, {"prompt": "Hi", "stop": stop}, "stop"),
    ]


CASES: list[Case] = [
    *(case for stop in (OBJECT, [OBJECT], 5, MANY) for case in stopped(stop)),
    (COMPLETIONS, {"prompt": "Hi", "logit_bias": BIASES}, "logit_bias"),
    (MESSAGES, {"messages": TURNS, "max_tokens": 9, "stop_sequences": MANY}, "stop_sequences"),
    (RESPONSES, {"input": [SHOWN]}, "input[0].content[0].detail"),
]


@pytest.mark.parametrize(("dialect", "body", "param"), CASES)
def test_a_value_of_another_type_or_size_is_rejected(dialect: Dialect, body: Mapping[str, object], param: str) -> None:
    with pytest.raises(RequestRefused) as caught:
        dialect.read({"model": "m@gpu", **body})
    assert (caught.value.error.status, caught.value.error.param) == (400, param)


@pytest.mark.parametrize("stop", ["end", ["a", "b"], MANY[1:]])
def test_documented_stops_are_passed(stop: object) -> None:
    read = OLLAMA_CHAT.read({"model": "m@gpu", "messages": TURNS, "options": {"stop": stop}})
    assert read.raw["stop"] == stop
