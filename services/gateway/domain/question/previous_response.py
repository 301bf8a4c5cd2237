"""A conversation that goes on from an earlier response: what was said there stands before what is said now."""

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

from libs.contracts.question import Question
from services.gateway.domain.body.chat import read_chat_body
from services.gateway.domain.question.inference_request import InferenceRequest
from services.gateway.domain.question.stored_turns import Turn


def prepend_response(ask: InferenceRequest, earlier: Question, answer: str) -> InferenceRequest:
    """Return the request with the earlier turns before its own. Instructions are those of the request alone.

    An earlier question carries the turns before it, as far as models are shown them: so one response tells of all.
    """
    said: list[Turn] = [{"role": turn.speaker, "content": turn.text} for turn in earlier.history]
    return prepend_turns(
        ask, [*said, {"role": "user", "content": earlier.text}, {"role": "assistant", "content": answer}]
    )


def prepend_turns(ask: InferenceRequest, said: Sequence[Turn]) -> InferenceRequest:
    """Return the request with what was said before it."""
    own = cast("list[dict[str, object]]", ask.raw["messages"])
    first = next((index for index, message in enumerate(own) if message["role"] != "system"), len(own))
    raw = {**ask.raw, "messages": [*own[:first], *said, *own[first:]]}
    return replace(ask, chat=read_chat_body(raw), raw=raw)
