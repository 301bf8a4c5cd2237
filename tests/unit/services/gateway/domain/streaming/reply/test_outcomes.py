import json
from dataclasses import replace

import pytest

from libs.contracts.answer import AnswerFinished, Failure, Outcome
from libs.contracts.model_call import Usage
from libs.contracts.origin import Origin
from libs.contracts.progress import RequestOpened
from libs.contracts.question import Question
from libs.core.ids import new_response_id
from services.gateway.dialects.chat.dialect import completion_body
from services.gateway.domain.streaming.reply import (
    ReplyHead,
    answered_at,
    error_of,
    late_error,
    reply_of,
    spliced_error,
    stopping_error,
)

RID = new_response_id(1, 1_700_000_000.0)


HEAD = ReplyHead(RID, "moe-orchestrator", 17)


def end(outcome: Outcome, code: str = "", **fields: object) -> AnswerFinished:
    failure = Failure(code=code, message="The server local is down.") if code else None
    event = AnswerFinished(outcome=outcome, failure=failure).model_copy(update=fields)
    return event.opening(Origin(RID, "default"))


@pytest.mark.parametrize(
    ("event", "status", "code"),
    [
        (end("failed", "model_unavailable"), 503, "model_unavailable"),
        (end("failed", "model_refused"), 502, "model_refused"),
        (end("failed", "stream_broken"), 502, "stream_broken"),
        (end("failed", "deadline_exceeded"), 504, "deadline_exceeded"),
        (end("failed", "bug"), 500, "bug"),
        (end("failed"), 500, "failed"),
        (end("expired"), 504, "deadline_exceeded"),
        (end("cancelled"), 499, "cancelled"),
    ],
)
def test_every_end_that_is_no_answer_has_its_status(event: AnswerFinished, status: int, code: str) -> None:
    error = error_of(event)
    assert (error.status, error.code, error.final) == (status, code, True)
    assert RID in error.message


def test_the_reason_of_a_failure_is_told() -> None:
    assert "The server local is down." in error_of(end("failed", "model_unavailable")).message


def test_the_gateways_own_errors_name_the_response() -> None:
    for error in (late_error(RID), stopping_error(RID), spliced_error(RID)):
        assert RID in error.message
    assert not stopping_error(RID).final


def test_an_answer_is_a_chat_completion() -> None:
    usage = Usage(prompt_tokens=5, completion_tokens=6)
    body = json.loads(completion_body(HEAD, reply_of(end("answered", text="Four.", usage=usage))))
    assert body == {
        "id": RID,
        "object": "chat.completion",
        "created": 17,
        "model": "moe-orchestrator",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": "Four.", "refusal": None},
                "logprobs": None,
                "finish_reason": "stop",
            }
        ],
        "usage": {"prompt_tokens": 5, "completion_tokens": 6, "total_tokens": 11},
    }


def test_a_cut_answer_says_length() -> None:
    body = json.loads(completion_body(HEAD, reply_of(end("answered", text="Fo", truncated=True))))
    assert body["choices"][0]["finish_reason"] == "length"


@pytest.mark.parametrize(
    ("logged_ms", "known", "expected"),
    [
        (0, False, None),  # it was not read from the log
        (1_700_000_002_999, False, 1_700_000_002),
        (1_699_999_999_000, False, 1_700_000_000),  # the broker's clock is behind
        (0, True, 1_700_000_000),
        (1_700_000_009_000, True, 1_700_000_000),  # a cached answer is recorded after it was sent
    ],
)
def test_a_request_is_answered_when_the_log_has_its_end(logged_ms: int, known: bool, expected: int | None) -> None:
    origin = Origin(RID, "default")
    opened = RequestOpened(question=Question(text="Why?"), model="moe", accepted_at=1_700_000_000.5).opening(origin)
    answered = AnswerFinished(outcome="answered", text="So.", known=known)
    assert answered_at(opened, answered.bound(replace(opened.envelope, logged_ms=logged_ms))) == expected


def test_a_request_without_an_end_is_not_answered() -> None:
    origin = Origin(RID, "default")
    opened = RequestOpened(question=Question(text="Why?"), model="moe", accepted_at=17.0).opening(origin)
    assert answered_at(opened, None) is None
