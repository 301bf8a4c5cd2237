"""What a request is said to have taken is the sum of the model calls that are on record, however it ended."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from libs.contracts.answer import AnswerDrafted, AnswerFinished
from libs.contracts.message import Message
from libs.contracts.model_call import ModelCall, total_usage
from libs.contracts.progress import PartCompleted, PlanDrafted
from libs.contracts.records import RequestLogged
from services.replaying.records import history_of
from tests.flow.golden import golden_files, read_golden


def calls_in(messages: Iterable[Message]) -> set[ModelCall]:
    """Return every call that any message tells of, each once: a later stage repeats those before it."""
    return {call for message in messages for call in _calls(message)}


def _calls(message: Message) -> tuple[ModelCall, ...]:
    match message:
        case PlanDrafted() | AnswerDrafted() | AnswerFinished():
            return message.calls
        case PartCompleted(finding=finding) if finding is not None:
            return finding.calls
        case _:
            return ()


@pytest.mark.parametrize("path", golden_files(), ids=lambda path: path.stem)
def test_usage_is_the_sum_of_the_calls_on_record(path: Path) -> None:
    messages = [said.message for said in history_of(read_golden(path).rows).said]
    by_request = {message.envelope.response_id for message in messages if isinstance(message, RequestLogged)}
    assert by_request
    for response_id in by_request:
        own = [message for message in messages if message.envelope.response_id == response_id]
        (logged,) = {message.body(): message for message in own if isinstance(message, RequestLogged)}.values()
        assert isinstance(logged, RequestLogged)
        assert logged.usage == total_usage(tuple(calls_in(own)))


def test_the_histories_have_calls_and_different_ends() -> None:
    logged, calls = [], set[ModelCall]()
    for path in golden_files():
        messages = [said.message for said in history_of(read_golden(path).rows).said]
        logged += [message for message in messages if isinstance(message, RequestLogged)]
        calls |= calls_in(messages)
    assert {message.outcome for message in logged} >= {"answered", "cancelled"}
    assert len(calls) > len(logged)
