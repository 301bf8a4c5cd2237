"""Dead letters as text and JSON. The content of a record is shown only on request by id."""

import json
import time
from collections.abc import Iterator, Sequence

from libs.core.outside_numbers import is_unix_time
from libs.operations.dead_letters.letters import TrackedLetter
from libs.operations.dead_letters.resolver import Result


def as_lines(cases: Sequence[TrackedLetter]) -> Iterator[str]:
    """Yield one line for each case."""
    for case in cases:
        letter, record = case.letter, case.letter.record
        place = f"{record.topic}/{record.partition}/{record.offset}"
        when = _when(letter.last_failed_at)
        yield f"{letter.letter}  {when}  {case.status:<8}  {letter.stage}  {letter.error}  {place}"


def as_json(case: TrackedLetter) -> str:
    """One JSON object without the content of the record."""
    letter = case.letter
    told = json.loads(letter.model_dump_json(exclude={"record": {"body", "headers", "key"}}))
    owner = {"tenant": letter.envelope.tenant, "response_id": letter.envelope.response_id}
    return json.dumps({**told, **owner, "status": case.status})


def whole(case: TrackedLetter) -> str:
    """Indented JSON with the content of the record."""
    letter = case.letter
    owner = {"tenant": letter.envelope.tenant, "response_id": letter.envelope.response_id}
    return json.dumps({**json.loads(letter.model_dump_json()), **owner, "status": case.status}, indent=2)


def result_line(result: Result, *, for_programs: bool) -> str:
    letter = result.letter.letter.letter
    if for_programs:
        return json.dumps({"letter": letter, "done": result.done, "result": result.reason})
    return f"{letter}  {'ok' if result.done else 'NOT DONE'}  {result.reason}"


def _when(seconds: float) -> str:
    if not is_unix_time(seconds):
        return "at no possible time "
    return time.strftime("%Y-%m-%d %H:%M:%SZ", time.gmtime(seconds))
