"""Thinking that is not to be shown."""

from libs.contracts.model_call import Usage
from libs.core.json_values import JsonObject
from services.gateway.dialects.direct.thoughts import QuietWriter, without_thoughts
from services.gateway.dialects.direct.writers import ChatWriter
from services.gateway.domain.direct.spent import Spent
from services.gateway.domain.errors import ApiError
from services.gateway.domain.streaming.reply import ReplyHead

HEAD = ReplyHead("chatcmpl-1", "m", 1, include_usage=False)
THOUGHT = {"reasoning_content": "Hm.", "reasoning": "Hm."}


def test_thinking_is_taken_out_of_chunks_and_of_whole_answers() -> None:
    chunk: JsonObject = {"id": "x", "choices": [{"index": 0, "delta": {**THOUGHT, "content": "Yes", "new_field": 1}}]}
    whole: JsonObject = {
        "choices": [{"message": {**THOUGHT, "content": "Yes"}, "finish_reason": "stop"}],
        "usage": {"a": 1},
    }
    assert without_thoughts(chunk) == {
        "id": "x",
        "choices": [{"index": 0, "delta": {"content": "Yes", "new_field": 1}}],
    }
    assert without_thoughts(whole) == {
        "choices": [{"message": {"content": "Yes"}, "finish_reason": "stop"}],
        "usage": {"a": 1},
    }
    assert chunk["choices"] == [{"index": 0, "delta": {**THOUGHT, "content": "Yes", "new_field": 1}}]


def test_what_has_no_choices_is_left_alone() -> None:
    assert without_thoughts({"usage": {"a": 1}}) == {"usage": {"a": 1}}


def test_a_quiet_writer_writes_all_but_the_thinking() -> None:
    quiet, plain = QuietWriter(ChatWriter(HEAD)), ChatWriter(HEAD)
    said: JsonObject = {"choices": [{"index": 0, "delta": {"content": "Yes"}}]}
    assert quiet.take({"choices": [{"index": 0, "delta": {"content": "Yes", **THOUGHT}}]}) == plain.take(said)
    assert quiet.keep_alive() == plain.keep_alive()
    assert quiet.error(ApiError(500, "x", "y")) == plain.error(ApiError(500, "x", "y"))
    assert quiet.ending(Spent(Usage())) == plain.ending(Spent(Usage()))
