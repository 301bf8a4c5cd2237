"""The reported usage of a request is the sum of its recorded model calls, however it ended."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from libs.contracts.message import Message
from libs.contracts.model_call import ModelCall, total_usage
from libs.contracts.records import CallsLogged, RequestLogged
from libs.contracts.reported_calls import reported_calls
from libs.testing.fake_usage_store import FakeUsageStore
from moe.replay.records import history_of
from tests.support.golden import golden_files, read_golden


def calls_in(messages: Iterable[Message]) -> set[ModelCall]:
    """Reported calls, each once: a later stage repeats those before it."""
    return {call for message in messages for call in reported_calls(message)}


@pytest.mark.parametrize("path", golden_files(), ids=lambda path: path.stem)
async def test_what_is_booked_is_the_sum_of_the_calls_on_record(path: Path) -> None:
    messages, books = [said.message for said in history_of(read_golden(path).rows).records], FakeUsageStore()
    for message in messages:
        if isinstance(message, RequestLogged):
            await books.record_usage(message)
        if isinstance(message, CallsLogged):
            await books.record_late_calls(message)
    assert books.usage_by_request
    for logged in books.usage_by_request.values():
        own = [message for message in messages if message.envelope.request == logged.envelope.request]
        assert books.usage(logged.envelope) == total_usage(tuple(calls_in(own)))


def test_the_histories_have_calls_and_different_ends() -> None:
    logged, calls = [], set[ModelCall]()
    for path in golden_files():
        messages = [said.message for said in history_of(read_golden(path).rows).records]
        logged += [message for message in messages if isinstance(message, RequestLogged)]
        calls |= calls_in(messages)
    assert {message.outcome for message in logged} >= {"answered", "cancelled"}
    assert len(calls) > len(logged)
