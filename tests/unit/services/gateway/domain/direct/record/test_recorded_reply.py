"""Stored part of a direct reply, and the response rebuilt from it."""

from dataclasses import replace

import orjson
import pytest

from libs.contracts.records import RequestLogged
from libs.testing.fake_clock import TEST_TIME_S
from services.gateway.dialects.response_body import direct_body
from services.gateway.direct.context import ModelOutput
from services.gateway.domain.direct import failures
from services.gateway.domain.direct.record import MAX_REPLY_CHARACTERS, DirectRecord, RecordedReply, read_record
from services.gateway.domain.errors import RequestRefused
from tests.support.direct_requests import SAID, case

ECHO = '{"metadata":{"a":"b"}}'


def recorded(said: ModelOutput = SAID, kept: RecordedReply | None = None) -> DirectRecord:
    return case(kept=kept).as_record("answered", said)


def logged(record: DirectRecord) -> RequestLogged:
    """Record as it is on the log, after the spool."""
    message = read_record(record.entry()).logged()
    return RequestLogged.read(message.body(), message.envelope)


def shown(record: RequestLogged) -> dict[str, object]:
    body: dict[str, object] = orjson.loads(direct_body(record, TEST_TIME_S))
    return body


def test_a_reply_is_shown_with_its_reasoning_its_text_and_its_calls() -> None:
    body = shown(logged(recorded()))
    output = body["output"]
    assert isinstance(output, list)
    assert [item["type"] for item in output] == ["reasoning", "message", "function_call", "function_call"]
    assert [item["call_id"] for item in output[2:]] == ["call_1", "call_2"]
    assert (body["output_text"], body["status"]) == ("One moment.", "completed")


def test_a_text_that_the_record_has_is_kept_once() -> None:
    kept = recorded().kept
    assert kept is not None
    assert kept.text is None


def test_calls_without_a_text_have_none() -> None:
    assert shown(logged(recorded(replace(SAID, text=""))))["output_text"] == ""


def test_what_a_request_said_is_said_again_in_the_protocol_that_says_it() -> None:
    bodies = [shown(logged(recorded(kept=RecordedReply(protocol, ECHO)))) for protocol in ("responses", "chat")]
    assert [body["metadata"] for body in bodies] == [{"a": "b"}, {}]


def test_thoughts_are_left_out_before_an_answer_is() -> None:
    said = ModelOutput("t" * (MAX_REPLY_CHARACTERS - 10), finish="stop", reasoning="r" * 20)
    body = shown(logged(recorded(said)))
    assert (body["output_text"], len(str(body["output"]).split("reasoning"))) == (said.text, 1)


def test_an_answer_that_is_too_long_is_not_shown_in_part() -> None:
    with pytest.raises(RequestRefused) as refused:
        shown(logged(recorded(ModelOutput("t" * (MAX_REPLY_CHARACTERS + 1)))))
    assert (refused.value.error.status, refused.value.error.code) == (404, "response_not_kept")


def test_a_record_without_its_texts_shows_no_empty_answer() -> None:
    with pytest.raises(RequestRefused, match="too long"):
        shown(recorded().without_texts().logged())


def test_a_record_of_an_earlier_version_shows_nothing() -> None:
    entry = orjson.loads(recorded().entry())
    del entry["kept"]
    with pytest.raises(RequestRefused) as refused:
        shown(read_record(orjson.dumps(entry)).logged())
    assert refused.value.error.code == "response_not_found"


def test_a_failure_is_shown_as_it_was_told() -> None:
    open_case = case()
    error = failures.too_late(open_case.response_id)
    body = shown(logged(open_case.as_record("expired", ModelOutput("Half of"), error)))
    told = {"code": "server_error", "type": "deadline_exceeded", "message": error.message, "param": None}
    assert (body["status"], body["error"]) == ("failed", told)
    assert (body["output"], body["output_text"]) == ([], "")


def test_an_answer_that_a_limit_cut_is_incomplete() -> None:
    assert shown(logged(recorded(ModelOutput("It is", finish="length"))))["status"] == "incomplete"


def test_what_runs_is_in_progress_until_a_minute_after_its_time() -> None:
    opened = case().as_opened(within_s=30)
    statuses = [orjson.loads(direct_body(opened, TEST_TIME_S + after))["status"] for after in (0, 89, 91)]
    assert statuses == ["in_progress", "in_progress", "failed"]


def test_what_a_dead_process_left_counts_what_was_asked() -> None:
    orphan = case().as_orphan()
    assert (orphan.outcome, orphan.prompt_tokens, orphan.completion_tokens, orphan.estimated) == ("failed", 2, 0, True)
    assert orphan.kept is not None
    assert orphan.kept.failure is not None
    assert orphan.kept.failure[0] == "gateway_restarted"
