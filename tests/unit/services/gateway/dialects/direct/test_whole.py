"""A complete answer, normalised; and a complete answer to a stream request."""

import orjson
import pytest

from libs.contracts.model_call import Usage
from services.gateway.dialects.direct.whole import as_chunk, read_whole
from services.gateway.domain.direct.spent import Spent, estimated
from services.gateway.domain.direct.stream import AnswerStream, BrokenAnswer, UpstreamErrorEvent
from services.gateway.domain.streaming.reply import ReplyHead, ToolCall

HEAD = ReplyHead("chatcmpl-ours", "moe-orchestrator", 7)
SPENT = Spent(Usage(prompt_tokens=1, completion_tokens=2))


def body(message: dict[str, object], finish: object = "stop", **fields: object) -> bytes:
    return orjson.dumps({"id": "theirs", "choices": [{"message": message, "finish_reason": finish}], **fields})


def new_id() -> str:
    return "made"


def test_ids_and_models_are_ours_and_the_rest_is_theirs() -> None:
    whole = read_whole(body({"content": "a", "annotations": []}, system_fingerprint="fp"), new_id)
    told = orjson.loads(whole.chat_body(HEAD, SPENT))
    assert (told["id"], told["model"], told["created"], told["object"]) == (
        "chatcmpl-ours",
        "moe-orchestrator",
        7,
        "chat.completion",
    )
    assert (told["system_fingerprint"], told["choices"][0]["message"]["annotations"]) == ("fp", [])
    assert told["usage"]["total_tokens"] == 3


def test_calls_have_ids_types_and_arguments_as_text() -> None:
    calls = [{"function": {"name": "a", "arguments": {"x": 1}}}, {"id": "y", "function": {"name": "b"}}]
    whole = read_whole(body({"content": None, "tool_calls": calls}), new_id)
    assert whole.calls == (ToolCall("made", "a", '{"x":1}'), ToolCall("y", "b", "{}"))
    assert whole.finish == "tool_calls"


def test_two_calls_never_share_an_id() -> None:
    call = {"id": "same", "function": {"name": "a", "arguments": "{}"}}
    whole = read_whole(body({"tool_calls": [call, call]}), new_id)
    assert [each.id for each in whole.calls] == ["same", "made"]


def test_an_answer_for_other_protocols_has_its_reasoning_apart() -> None:
    reply = read_whole(body({"content": "a", "reasoning": "b"}, "length"), new_id).reply(SPENT)
    assert (reply.text, reply.reasoning, reply.finish, reply.usage) == ("a", "b", "length", SPENT.usage)


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"choices":[{}]}', b'{"choices":[]}'])
def test_what_is_no_answer_is_refused(data: bytes) -> None:
    with pytest.raises(BrokenAnswer):
        read_whole(data, new_id)


def test_an_error_object_is_an_error() -> None:
    with pytest.raises(UpstreamErrorEvent):
        read_whole(b'{"error":{"message":"x"}}', new_id)


def test_a_whole_answer_can_be_streamed() -> None:
    answer = AnswerStream(new_id)
    call = {"function": {"name": "a", "arguments": "{}"}}
    chunks = answer.take_chunk(as_chunk(body({"content": "b", "tool_calls": [call]}, "tool_calls")))
    assert (len(chunks), answer.text, answer.calls, answer.finish) == (
        2,
        "b",
        (ToolCall("made", "a", "{}"),),
        "tool_calls",
    )


def test_the_chunk_of_a_whole_answer_holds_its_message_only_as_a_delta() -> None:
    message: dict[str, object] = {"role": "assistant", "content": "a"}
    assert as_chunk(body(message))["choices"] == [{"index": 0, "delta": message, "finish_reason": "stop"}]


def test_an_estimate_is_a_quarter_of_the_characters_rounded_up() -> None:
    assert estimated(5, 8) == Spent(Usage(prompt_tokens=2, completion_tokens=2), estimated=True)


def test_a_choice_has_the_fields_that_every_one_has() -> None:
    (choice,) = orjson.loads(read_whole(body({"reasoning": "hm"}), new_id).chat_body(HEAD, SPENT))["choices"]
    assert choice.keys() == {"index", "message", "logprobs", "finish_reason"}
    assert choice["message"] == {"role": "assistant", "content": None, "refusal": None, "reasoning": "hm"}
