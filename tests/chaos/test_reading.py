"""Parsing of a client's received bytes."""

import httpx
import pytest

from tests.chaos.history import Seen
from tests.chaos.reading import Verdict, heard, verdict_of, verdict_of_lookup, verdict_of_whole
from tests.support.sse import Event

SEEN = Seen("#a1", "r1", "Start ")


def test_pieces_of_an_answer_are_put_together() -> None:
    piece = Event("r1/2/11", '{"choices":[{"delta":{"content":"small"}}]}')
    assert heard(SEEN, piece) == Seen("#a1", "r1", "Start small")
    assert verdict_of(SEEN, piece) is None


def test_frames_without_text_add_nothing() -> None:
    for data in ('{"choices":[],"usage":{}}', '{"choices":[{"delta":{"reasoning_content":"hm"}}]}', "[DONE]"):
        assert heard(SEEN, Event("r1/3/6", data)) == SEEN


@pytest.mark.parametrize(
    ("data", "verdict"),
    [
        ("[DONE]", Verdict("ok", SEEN)),
        ('{"error":{"code":"model_unavailable"}}', Verdict("fail", SEEN, "model_unavailable")),
        ('{"error":{"code":"stopping"}}', Verdict("unknown", SEEN, "stopping")),
        ('{"error":{"code":"stream_diverged"}}', Verdict("unknown", Seen("#a1", "r1", ""), "stream_diverged")),
    ],
)
def test_the_last_frame_decides(data: str, verdict: Verdict) -> None:
    assert verdict_of(SEEN, Event("r1/4/6", data)) == verdict


def test_a_whole_answer_is_read() -> None:
    body = {"id": "r1", "choices": [{"message": {"content": "Start small"}}]}
    assert verdict_of_whole("#a1", httpx.Response(200, json=body)) == Verdict("ok", Seen("#a1", "r1", "Start small"))


def test_an_error_is_a_refusal_unless_the_request_was_accepted() -> None:
    error = {"error": {"code": "overloaded"}}
    assert verdict_of_whole("#a1", httpx.Response(503, json=error)).phase == "refused"
    accepted = httpx.Response(504, json={"error": {"code": "deadline_exceeded"}}, headers={"x-moe-response-id": "r1"})
    assert verdict_of_whole("#a1", accepted) == Verdict("fail", Seen("#a1", "r1"), "deadline_exceeded")
    stopping = httpx.Response(503, json={"error": {"code": "stopping"}}, headers={"x-moe-response-id": "r1"})
    assert verdict_of_whole("#a1", stopping).phase == "unknown"


@pytest.mark.parametrize(
    ("status", "body", "phase", "text"),
    [
        (200, {"status": "completed", "output_text": "Start small"}, "ok", "Start small"),
        (200, {"status": "incomplete", "output_text": "Start small"}, "ok", "Start small"),
        (200, {"status": "failed", "output_text": ""}, "fail", "Start "),
        (200, {"status": "in_progress", "output_text": ""}, "unknown", "Start "),
        (404, {"error": {"code": "not_found"}}, "unknown", "Start "),
    ],
)
def test_a_lookup_says_how_a_request_ended(status: int, body: dict[str, object], phase: str, text: str) -> None:
    verdict = verdict_of_lookup(SEEN, httpx.Response(status, json=body))
    assert (verdict.phase, verdict.seen.text) == (phase, text)
