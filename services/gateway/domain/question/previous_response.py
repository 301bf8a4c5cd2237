"""Continuation of an earlier response: its conversation precedes the new messages."""

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

from libs.contracts.question import Question
from services.gateway.domain.body.chat import read_chat_body
from services.gateway.domain.question.fleet_question import InferenceRequest
from services.gateway.domain.question.stored_turns import Turn


def prepend_response(request: InferenceRequest, earlier: Question, answer: str) -> InferenceRequest:
    """Prepend the earlier turns to the request's own. Instructions are those of the request alone.

    An earlier question contains the turns before it, as far as models see them, so one response provides all of them.
    """
    turns: list[Turn] = [{"role": turn.speaker, "content": turn.text} for turn in earlier.history]
    return prepend_turns(
        request, [*turns, {"role": "user", "content": earlier.text}, {"role": "assistant", "content": answer}]
    )


def prepend_turns(request: InferenceRequest, turns: Sequence[Turn]) -> InferenceRequest:
    """Prepend turns to the request's own, after its leading system messages."""
    own = cast("list[dict[str, object]]", request.raw["messages"])
    first = next((index for index, message in enumerate(own) if message["role"] != "system"), len(own))
    raw = {**request.raw, "messages": [*own[:first], *turns, *own[first:]]}
    return replace(request, chat=read_chat_body(raw), raw=raw)
