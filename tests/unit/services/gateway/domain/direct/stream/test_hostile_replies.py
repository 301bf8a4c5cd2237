"""Hostile numbers and texts in every field that a model server sets: an answer, or one of the errors there are."""

import json
from collections.abc import Callable, Iterator
from json import JSONDecodeError

import pytest

from libs.adapters.models.embedding_server import read_embeddings
from libs.adapters.models.listing import read_names
from libs.adapters.models.openai_chat.decoder import AnswerDecoder
from libs.adapters.models.openai_chat.failures import ErrorReply, failure, stream_failure
from libs.contracts.progress import CallsMade
from libs.contracts.staffing import ModelRef
from libs.core.errors import FleetError
from libs.core.outside_numbers import COUNT_LIMIT
from libs.ports.llm import ChatMessage, ModelRequest
from libs.ports.model_calls import record_call
from libs.runtime.messaging.codec import encode
from libs.testing.hostile import Json, cases_of
from libs.testing.records import SIGNER, request
from services.gateway.dialects.by_path import DIALECTS
from services.gateway.dialects.dialect import Dialect
from services.gateway.dialects.direct.whole import as_chunk, read_whole
from services.gateway.dialects.direct.writers import ChatWriter, FramesWriter
from services.gateway.dialects.embeddings import embeddings_body
from services.gateway.domain.direct.failures import refused_by_server, upstream_error
from services.gateway.domain.direct.record import DirectRecord, RecordedReply, answer_in, read_record
from services.gateway.domain.direct.spent import Spent, estimated
from services.gateway.domain.direct.stream import AnswerStream, BrokenAnswer, UpstreamErrorEvent
from services.gateway.domain.streaming.reply import ReplyHead, ToolCall

HEAD = ReplyHead("chatcmpl-0193a7c8-6d40-8003-9c1e-5f2a7b3d4e60", "x@scripted", 1_732_200_000, include_usage=True)
REQUEST = ModelRequest(
    ModelRef(model="x", server="scripted"), (ChatMessage("user", "Why?"),), stage="judge", timeout_s=5.0
)
ARGUMENTS = (
    '{"a":1}',
    '{"a":18446744073709551616}',
    '{"a":NaN,"b":1e999}',
    r'{"a":"\ud800"}',
    r'{"\u0000":"\u0000"}',
    '{"a":%s}' % ("9" * 5000),
    '{"a":' * 200 + "1" + "}" * 200,
    '{"a":' * 5000 + "1" + "}" * 5000,
)
USAGE: Json = {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7, "prompt_tokens_details": {"cached": 1}}


def reply(name: str, arguments: str = '{"a":1}') -> Json:
    """Answer; `name` is that of its choices' contents."""
    call: Json = {"index": 0, "id": "c1", "type": "function", "function": {"name": "f", "arguments": arguments}}
    said: Json = {
        "role": "assistant",
        "content": "Sunny.",
        "refusal": "no",
        "reasoning_content": "hm",
        "reasoning": "hm",
        "tool_calls": [call],
        "function_call": {"name": "f", "arguments": arguments},
    }
    choice: Json = {"index": 0, name: said, "finish_reason": "stop", "stop_reason": "x", "logprobs": {"content": [1]}}
    own: Json = {"id": "1", "object": "x", "created": 1, "model": "x", "system_fingerprint": "f", "timings": {"ms": 1}}
    assert isinstance(own, dict)
    return own | {"choices": [choice], "usage": USAGE}


ERROR: Json = {"error": {"message": "no", "type": "t", "code": "500", "status": 500, "status_code": 429, "n_ctx": 5}}


def bodies(name: str) -> Iterator[tuple[str, bytes]]:
    yield from ((case.where, case.body) for case in cases_of(reply(name), foreign=True))
    yield from ((case.where, case.body) for case in cases_of(ERROR, foreign=True))
    yield from ((arguments[:30], json.dumps(reply(name, arguments)).encode()) for arguments in ARGUMENTS)


def recorded(text: str, calls: tuple[ToolCall, ...], spent: Spent, finish: str) -> None:
    """Keep an answer as a direct request's is: in the spool, then on the log."""
    assert 0 <= spent.usage.prompt_tokens <= COUNT_LIMIT
    assert 0 <= spent.usage.completion_tokens <= COUNT_LIMIT
    record = DirectRecord(
        response_id=HEAD.response_id,
        tenant="acme",
        subject="",
        trace="",
        key_id="",
        user="",
        team="",
        reserved=0,
        chunks=(),
        asked="x@scripted",
        why="node",
        input="Why?",
        answer=answer_in(text, calls),
        outcome="answered",
        started_at=1.0,
        ended_at=2.0,
        model="x",
        server="scripted",
        prompt_sha256="",
        prompt_tokens=spent.usage.prompt_tokens,
        completion_tokens=spent.usage.completion_tokens,
        estimated=spent.estimated,
        duration_ms=1,
        finish=finish,
        kept=RecordedReply().with_output(text, calls, ""),
    )
    for message in read_record(record.entry()).messages():
        encode(message, SIGNER)


def whole(body: bytes, dialect: Dialect) -> None:
    answer = read_whole(body, lambda: "new")
    spent = answer.spent or estimated(4, answer.characters)
    if dialect.name == "chat":
        answer.chat_body(HEAD, spent)
    else:
        dialect.whole(HEAD, answer.reply(spent))
    recorded(answer.text, answer.calls, spent, answer.finish)


def streamed(body: bytes, dialect: Dialect) -> None:
    stream = AnswerStream(lambda: "new")
    writer = ChatWriter(HEAD) if dialect.name == "chat" else FramesWriter(dialect.frames(HEAD))
    for data in (body, body, b"[DONE]"):
        for chunk in stream.take(data):
            writer.take(chunk)
    stream.close()
    spent = stream.spent or estimated(4, stream.characters)
    writer.ending(spent)
    recorded(stream.text, stream.calls, spent, stream.finish)


def streamed_whole(body: bytes, dialect: Dialect) -> None:
    stream = AnswerStream(lambda: "new")
    writer = ChatWriter(HEAD) if dialect.name == "chat" else FramesWriter(dialect.frames(HEAD))
    for chunk in stream.take_chunk(as_chunk(body)):
        writer.take(chunk)


def faults(cases: Iterator[tuple[str, bytes]], work: Callable[[bytes], None]) -> list[str]:
    """Foreign exceptions, by case."""
    found = []
    for where, body in cases:
        try:
            work(body)
        except (BrokenAnswer, UpstreamErrorEvent, FleetError, JSONDecodeError):
            continue
        except Exception as error:  # noqa: BLE001 - any other is a finding
            found.append(f"{where}: {error!r}"[:200])
    return found


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
def test_a_whole_reply_is_answered_or_refused(dialect: Dialect) -> None:
    assert faults(bodies("message"), lambda body: whole(body, dialect)) == []


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
def test_a_streamed_reply_is_answered_or_refused(dialect: Dialect) -> None:
    assert faults(bodies("delta"), lambda body: streamed(body, dialect)) == []


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
def test_a_whole_reply_where_a_stream_was_due_is_answered_or_refused(dialect: Dialect) -> None:
    assert faults(bodies("message"), lambda body: streamed_whole(body, dialect)) == []


def told_to_a_stage(body: bytes, *, stream: bool) -> None:
    """Read a reply as the stages do, and put its call on the log."""
    decoder = AnswerDecoder(REQUEST)
    if stream:
        decoder.feed(b"data: " + body.replace(b"\n", b" ") + b"\n\ndata: [DONE]\n\n")
    else:
        decoder.feed_whole(body)
    decoder.close()
    call = record_call(REQUEST, decoder.completion(1.0))
    assert 0 <= call.usage.prompt_tokens <= COUNT_LIMIT
    assert 0 <= call.usage.completion_tokens <= COUNT_LIMIT
    encode(CallsMade(calls=(call,)).opening(request()), SIGNER)


@pytest.mark.parametrize("stream", [False, True])
def test_a_stage_takes_a_reply_or_an_error_that_it_knows(*, stream: bool) -> None:
    name = "delta" if stream else "message"
    assert faults(bodies(name), lambda body: told_to_a_stage(body, stream=stream)) == []


def told_as_error(body: bytes) -> None:
    failure(REQUEST.ref, ErrorReply(400, body))
    error = stream_failure(REQUEST.ref, body)
    assert isinstance(error, FleetError)
    told = json.loads(body)["error"]
    upstream_error(told if isinstance(told, dict) else {}, HEAD.response_id).body()
    refused_by_server(422, told if isinstance(told, dict) else {}, None, HEAD.response_id).body()


def test_an_error_object_becomes_an_error_of_ours() -> None:
    readable = (case for case in cases_of(ERROR, foreign=True) if is_json(case.body))
    assert faults(((case.where, case.body) for case in readable), told_as_error) == []


def is_json(body: bytes) -> bool:
    try:
        json.loads(body)
    except (ValueError, RecursionError):
        return False
    return True


def embedded(body: bytes) -> None:
    found = read_embeddings(body, 2, "scripted")
    assert found.tokens is None or 0 < found.tokens <= COUNT_LIMIT
    for base64 in (False, True):
        embeddings_body("x", found, found.tokens or 1, base64=base64)


def test_embeddings_are_taken_or_refused() -> None:
    vectors: Json = [{"object": "embedding", "index": index, "embedding": [0.5, 1]} for index in range(2)]
    document: Json = {"object": "list", "data": vectors, "model": "x", "usage": USAGE}
    assert faults(((case.where, case.body) for case in cases_of(document, foreign=True)), embedded) == []


def test_a_listing_of_models_is_names_or_nothing() -> None:
    document: Json = {"object": "list", "data": [{"id": "a", "object": "model", "created": 1, "owned_by": "x"}]}

    def listed(body: bytes) -> None:
        for name in read_names(body) or ():
            name.encode()

    known = ((case.where, case.body) for case in cases_of(document, foreign=True))
    assert faults(known, listed) == []
