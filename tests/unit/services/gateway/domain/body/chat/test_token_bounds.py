"""No client can request an answer longer than a number of 32 bits, in any field."""

from collections.abc import Callable

import pytest

from services.gateway.dialects.completions.request import read_completions
from services.gateway.dialects.messages.request import read_messages
from services.gateway.dialects.ollama.request import read_ollama_chat
from services.gateway.dialects.responses.request import read_responses
from services.gateway.domain.body.chat import MOST_TOKENS, read_chat_body
from services.gateway.domain.errors import RequestRefused

MESSAGES = [{"role": "user", "content": "Hi"}]
Body = dict[str, object]
WAYS: dict[str, tuple[Callable[[Body], object], Callable[[int], Body]]] = {
    "chat": (read_chat_body, lambda most: {"messages": MESSAGES, "max_tokens": most}),
    "chat, the new word": (read_chat_body, lambda most: {"messages": MESSAGES, "max_completion_tokens": most}),
    "completions": (read_completions, lambda most: {"prompt": "Hi", "max_tokens": most}),
    "messages": (read_messages, lambda most: {"messages": MESSAGES, "max_tokens": most}),
    "responses": (read_responses, lambda most: {"input": "Hi", "max_output_tokens": most}),
    "ollama": (read_ollama_chat, lambda most: {"messages": MESSAGES, "options": {"num_predict": most}}),
}


@pytest.mark.parametrize("way", WAYS)
def test_an_answer_may_be_as_long_as_32_bits_count(way: str) -> None:
    read, body = WAYS[way]
    assert str(MOST_TOKENS) in repr(read({"model": "m", **body(MOST_TOKENS)}))


@pytest.mark.parametrize("most", [MOST_TOKENS + 1, 18446744073709551615])
@pytest.mark.parametrize("way", WAYS)
def test_more_is_refused(way: str, most: int) -> None:
    read, body = WAYS[way]
    with pytest.raises(RequestRefused) as caught:
        read({"model": "m", **body(most)})
    assert caught.value.error.status == 400
