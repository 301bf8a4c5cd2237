"""Continuation of an earlier response: its conversation precedes the new messages."""

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

from libs.contracts.question import Question
from services.gateway.domain.body.chat import read_chat_body
from services.gateway.domain.question.inference_request import InferenceRequest
from services.gateway.domain.question.stored_turns import Turn


def prepend_response(ask: InferenceRequest, earlier: Question, answer: str) -> InferenceRequest:
    """Prepend the earlier turns to the request's own. Instructions are those of the request alone.

    An earlier question contains the turns before it, as far as models see them, so one response provides all of them.
    """
    said: list[Turn] = [{"role": turn.speaker, "content": turn.text} for turn in earlier.history]
    return prepend_turns(
        ask, [*said, {"role": "user", "content": earlier.text}, {"role": "assistant", "content": answer}]
    )


def prepend_turns(ask: InferenceRequest, said: Sequence[Turn]) -> InferenceRequest:
    """Prepend turns to the request's own, after its leading system messages."""
    own = cast("list[dict[str, object]]", ask.raw["messages"])
    first = next((index for index, message in enumerate(own) if message["role"] != "system"), len(own))
    raw = {**ask.raw, "messages": [*own[:first], *said, *own[first:]]}
    return replace(ask, chat=read_chat_body(raw), raw=raw)
