"""Calls that are retried, how often, and calls that never are."""

import pytest

from libs.adapters.models.openai_chat import CallRetryPolicy, open_llm
from libs.ports.llm import ModelUnavailable
from libs.testing.model_server import Fault, ModelServer, Reply, Rule, chat_request, error_reply, server_entry
from libs.testing.waiting import waiting
from tests.support.call_outcomes import FAST, outcome

TEXT = "one two three four five six"


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("first", "answered"),
    [
        (error_reply(503), True),
        (error_reply(429, retry_after="0.05"), True),
        (Reply(fault=Fault("hang_up")), True),
        (error_reply(500), False),
        (error_reply(502), False),
        (error_reply(404), False),
        (error_reply(429, code="insufficient_quota"), False),
        (error_reply(429, retry_after="30"), False),
    ],
)
async def test_only_what_may_pass_at_once_is_repeated(first: Reply, answered: bool, stream: bool) -> None:
    rules = [Rule(first, times=2), Rule(Reply(TEXT))]
    async with ModelServer(rules) as server, open_llm([server_entry(server)], retry=FAST) as llm:
        text, error = await outcome(llm, chat_request("hello"), stream=stream)

        assert (text == TEXT) is answered
        assert (error is None) is answered
        await server.log.wait_ended(3 if answered else 1)
        assert len(server.calls) == (3 if answered else 1)


@pytest.mark.parametrize("stream", [False, True])
async def test_a_third_failure_is_final(stream: bool) -> None:
    async with ModelServer([Rule(error_reply(503))]) as server, open_llm([server_entry(server)], retry=FAST) as llm:
        _, error = await outcome(llm, chat_request("hello"), stream=stream)

        assert isinstance(error, ModelUnavailable)
        assert len(server.calls) == 3


async def test_repeating_stops_before_the_deadline() -> None:
    slow = CallRetryPolicy(base_s=4000)
    async with ModelServer([Rule(error_reply(503))]) as server, open_llm([server_entry(server)], retry=slow) as llm:
        async with waiting(30):
            _, error = await outcome(llm, chat_request("hello", timeout_s=3600), stream=False)

        assert "HTTP 503" in str(error)
        assert len(server.calls) == 1


async def test_the_pause_that_a_server_asks_for_is_passed_on() -> None:
    rules = [Rule(error_reply(429, retry_after="30"))]
    async with ModelServer(rules) as server, open_llm([server_entry(server)]) as llm:
        _, error = await outcome(llm, chat_request("hello"), stream=True)

    assert isinstance(error, ModelUnavailable)
    assert error.retry_after_s == 30.0
