"""A history as people and programs read it."""

import base64
import json
from dataclasses import replace

from libs.contracts.answer import AnswerFinished
from libs.contracts.finding import Finding
from libs.contracts.message import Message
from libs.contracts.model_call import ModelCall, Usage
from libs.contracts.origin import Origin
from libs.contracts.progress import PartCompleted
from libs.contracts.question import Question, QuestionAsked
from libs.contracts.record import Record
from libs.core.ids import new_response_id
from libs.ports.journal import Journaled
from libs.runtime.messaging.codec import verifier
from libs.runtime.messaging.signing import Signer
from moe.cli.replay.text import as_json_lines, as_text
from services.journal.domain.entries import entry_of
from services.journal.domain.history import ordered

SIGNER = Signer(b"a signing key for tests")
RESPONSE_ID = new_response_id(3, 1_700_000_000)
CALL = ModelCall(
    stage="expert",
    model="qwen",
    server="local",
    prompt_sha256="ab",
    usage=Usage(prompt_tokens=30, completion_tokens=12),
    duration_ms=812,
    finish_reason="stop",
)
ASKED = QuestionAsked(question=Question(text="How many?")).opening(
    Origin(RESPONSE_ID, "acme", deadline_at=1_700_000_060.0, trace="00-t-01")
)
PART = PartCompleted(part="t1", part_kind="expert", finding=Finding(text="Six.", source="m@s", calls=(CALL,)))
FINISHED = AnswerFinished(outcome="answered", text="Six.", calls=(CALL,))


def row(message: Message, topic: str, offset: int, at_ms: int) -> Journaled:
    headers = message.envelope.headers("signature")
    record = Record(topic, 4, offset, 1_700_000_000_000 + at_ms, RESPONSE_ID.encode(), headers, message.body())
    return Journaled(entry_of(record, "log-1", verifier(SIGNER)), 1_700_000_001.5)


def rows() -> list[Journaled]:
    part = PART.after(ASKED)
    finished = FINISHED.after(part)
    return [
        row(finished, "moe.pipeline.progress.v1", 9, 1250),
        row(finished, "moe.pipeline.answer-finished.v1", 2, 1250),
        row(part, "moe.pipeline.progress.v1", 8, 900),
        row(part, "moe.pipeline.progress.v1", 7, 870),
        row(ASKED, "moe.pipeline.question-asked.v1", 1, 0),
    ]


def test_people_read_one_line_per_record_in_order() -> None:
    lines = list(as_text(RESPONSE_ID, ordered(rows())))
    assert lines == [
        f"{RESPONSE_ID}  5 records, tenant acme",
        '  0     0.000 s  question-asked.v1   4/1  question-asked.v1       "How many?"',
        '  1     0.870 s  progress.v1         4/7  part-completed.v1   t1  m@s, confidence medium: "Six."',
        "                   expert: qwen@local, 30+12 tokens, 812 ms, stop",
        "  2     0.900 s  progress.v1         4/8  part-completed.v1   t1  = 4/7 again",
        '  3     1.250 s  answer-finished.v1  4/2  answer-finished.v1      answered: "Six."',
        "                   expert: qwen@local, 30+12 tokens, 812 ms, stop",
        '  4     1.250 s  progress.v1         4/9  answer-finished.v1      answered: "Six."',
        "                   expert: qwen@local, 30+12 tokens, 812 ms, stop",
        "2 model calls, 60+24 tokens, 1 record again",
    ]


def test_programs_read_everything_that_was_kept() -> None:
    objects = [json.loads(line) for line in as_json_lines(ordered(rows()))]
    assert [each["offset"] for each in objects] == [1, 7, 8, 2, 9]
    part, copy = objects[1], objects[2]
    assert (part["after_ms"], part["part"], part["schema"], part["tenant"]) == (870, "t1", "part-completed.v1", "acme")
    assert json.loads(part["payload"]) == json.loads(PART.body())
    assert part["causation_id"] == ASKED.envelope.event_id
    assert {"name": "signature", "value": "signature"} in part["headers"]
    assert part["calls"] == [CALL.model_dump(mode="json")]
    assert part["received_at"] == 1_700_000_001.5
    assert (part["copy_of"], part["differs"]) == (None, False)
    place = {"log_id": "log-1", "topic": "moe.pipeline.progress.v1", "partition": 4, "offset": 7}
    assert copy["copy_of"] == place


def test_bytes_that_are_no_text_are_base64_under_a_name_of_their_own() -> None:
    headers = (("event_id", b"\xfe"), ("note", b"fine"))
    entry = entry_of(Record("moe.linting", 0, 0, 0, b"\x80", headers, b"\xff\x00"), "", verifier(SIGNER))
    (line,) = as_json_lines(ordered([Journaled(entry, 0.0)]))
    found = json.loads(line)
    assert base64.b64decode(found["payload_base64"]) == b"\xff\x00"
    assert base64.b64decode(found["key_base64"]) == b"\x80"
    assert found["headers"] == [{"name": "event_id", "value_base64": "/g=="}, {"name": "note", "value": "fine"}]
    assert "payload" not in found


def test_a_copy_with_another_body_is_shown_with_it() -> None:
    asked = row(ASKED, "moe.pipeline.question-asked.v1", 1, 0)
    other = QuestionAsked(question=Question(text="How few?")).bound(ASKED.envelope)
    lines = list(as_text(RESPONSE_ID, ordered([asked, row(other, "moe.pipeline.question-asked.v1", 2, 5)])))
    assert lines[2].endswith('= 4/1 again, with another body: "How few?"')


def test_claims_that_steer_a_terminal_are_escaped() -> None:
    headers = (("schema", b"\x1b[2J"), ("tenant", b"\x1b]0;owned"), ("response_id", RESPONSE_ID.encode()))
    entry = entry_of(Record("moe.linting", 0, 0, 0, None, headers, b"{}"), "", verifier(SIGNER))
    text = "\n".join(as_text(RESPONSE_ID, ordered([Journaled(entry, 0.0)])))
    assert "\x1b" not in text


def test_what_was_erased_is_said_to_be() -> None:
    kept = row(ASKED, "moe.pipeline.question-asked.v1", 1, 0)
    gone = replace(kept, erased=True, entry=replace(kept.entry, headers=(), payload=b""))
    (_, line, _) = as_text(RESPONSE_ID, ordered([gone]))
    assert line.endswith("question-asked.v1    erased")
    assert json.loads(next(as_json_lines(ordered([gone]))))["erased"] is True
