import asyncio

import pytest

from libs.contracts.answer import AnswerFinished
from libs.contracts.progress import RequestCancelled, RequestOpened
from libs.contracts.question import QuestionAsked
from libs.testing.waiting import eventually, waiting
from services.gateway.domain.request_limits import RequestLimits
from tests.support.gateway import (
    KEY,
    Fleet,
    answering,
    cancelled,
    failed,
    open_gateway,
    pending_replies_for,
    wait_idle,
)


async def test_the_answer_comes_as_a_chat_completion() -> None:
    async with open_gateway(answering("Four.")) as gateway:
        response = await gateway.ask()
        response_id = gateway.fleet.all(RequestOpened)[0].envelope.response_id
    body = response.json()
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    assert body["id"] == response.headers["x-request-id"] == response.headers["request-id"] == response_id
    assert body["choices"][0]["message"]["content"] == "Four."
    assert body["usage"]["total_tokens"] == 42


@pytest.mark.parametrize(
    ("end", "status", "code"),
    [
        (failed("model_unavailable", "The server local does not answer."), 503, "model_unavailable"),
        (failed("model_refused", "The server local refused."), 502, "model_refused"),
        (AnswerFinished(outcome="expired"), 504, "deadline_exceeded"),
        (AnswerFinished(outcome="cancelled"), 499, "cancelled"),
    ],
)
async def test_a_failure_is_a_status_and_asks_not_to_be_repeated(end: AnswerFinished, status: int, code: str) -> None:
    async def react(fleet: Fleet, question: QuestionAsked) -> None:
        await fleet.finish(question, end)

    async with open_gateway(react) as gateway:
        response = await gateway.ask()
    assert (response.status_code, response.json()["error"]["code"]) == (status, code)
    assert response.headers["x-should-retry"] == "false"
    assert response.headers["x-request-id"] in response.json()["error"]["message"]


async def test_a_fleet_that_never_answers_is_a_504_after_the_deadline() -> None:
    async with open_gateway(rules=RequestLimits(request_timeout_s=0.05, late_s=0.05)) as gateway:
        response = await gateway.ask()
    assert (response.status_code, response.json()["error"]["code"]) == (504, "deadline_exceeded")


async def test_a_client_that_hangs_up_cancels_the_work() -> None:
    async with open_gateway() as gateway:
        asking = asyncio.get_running_loop().create_task(gateway.ask())
        await gateway.fleet.wait_for(QuestionAsked)
        asking.cancel()
        (cancel,) = await gateway.fleet.wait_for(RequestCancelled)
        assert cancel.reason == "client disconnected"
        await wait_idle(gateway)


async def test_a_client_that_hangs_up_while_it_sends_leaves_no_trace() -> None:
    async with open_gateway() as gateway:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(gateway.url.rpartition(":")[2]))
        head = f"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {KEY}\r\n"
        writer.write(f'{head}content-type: application/json\r\ncontent-length: 500\r\n\r\n{{"model"'.encode())
        await writer.drain()
        await eventually(lambda: gateway.fleet.pending_replies.in_flight, within_s=30)
        writer.transport.abort()
        await wait_idle(gateway)
        assert reader is not None
        assert gateway.fleet.published == []


async def test_a_body_that_does_not_come_is_a_408() -> None:
    async with open_gateway(rules=RequestLimits(body_timeout_s=0.1)) as gateway:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(gateway.url.rpartition(":")[2]))
        head = f"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {KEY}\r\n"
        writer.write(f"{head}content-type: application/json\r\ncontent-length: 500\r\n\r\n{{".encode())
        async with waiting(30):
            assert (await reader.readline()).startswith(b"HTTP/1.1 408 ")
        writer.close()
        assert gateway.fleet.published == []


@pytest.mark.parametrize("refused", [RequestOpened, QuestionAsked])
async def test_what_the_log_does_not_take_is_not_accepted(refused: type[RequestOpened] | type[QuestionAsked]) -> None:
    async with open_gateway(answering("never")) as gateway:
        gateway.fleet.refusing = (refused,)
        for stream in (False, True):
            response = await gateway.ask(stream=stream)
            assert (response.status_code, response.json()["error"]["code"]) == (503, "not_accepted")
            assert response.headers["retry-after"] == "5"


async def test_a_half_accepted_request_is_cancelled() -> None:
    async with open_gateway() as gateway:
        gateway.fleet.refusing = (QuestionAsked,)
        await gateway.ask()
        (opened,), (cancel,) = gateway.fleet.all(RequestOpened), cancelled(gateway)
        assert cancel.envelope.response_id == opened.envelope.response_id


async def test_requests_over_the_limit_are_refused_before_anything_is_written() -> None:
    async with open_gateway(pending_replies=pending_replies_for(1)) as gateway:
        body = {"model": "moe-orchestrator", "messages": [{"role": "user", "content": "Hi"}], "stream": True}
        async with gateway.client.stream("POST", "/v1/chat/completions", json=body):
            response = await gateway.ask()
        assert (response.status_code, response.json()["error"]["code"]) == (503, "overloaded")
        assert response.headers["retry-after"] == "1"
        assert len(gateway.fleet.all(RequestOpened)) == 1


async def test_a_valid_trace_is_carried_into_the_log() -> None:
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    async with open_gateway(answering("Hi")) as gateway:
        gateway.client.headers["traceparent"] = trace
        await gateway.ask()
        assert {message.envelope.trace for message in gateway.fleet.published} == {trace}


async def test_a_stopping_gateway_refuses_finishes_and_then_ends_the_rest() -> None:
    async with open_gateway() as gateway:
        asking = [asyncio.get_running_loop().create_task(gateway.ask(stream=stream)) for stream in (True, False)]
        await gateway.fleet.wait_for(QuestionAsked, 2)
        draining = asyncio.get_running_loop().create_task(gateway.fleet.pending_replies.drain(0.3))
        await asyncio.sleep(0)
        refused = await gateway.ask()
        streamed, whole = await asyncio.gather(*asking)
        await draining
        assert (refused.status_code, refused.json()["error"]["code"]) == (503, "stopping")
        assert (whole.status_code, whole.json()["error"]["code"]) == (503, "stopping")
        assert streamed.headers["x-request-id"] in streamed.text
        assert '"code":"stopping"' in streamed.text
        assert "[DONE]" not in streamed.text
        assert cancelled(gateway) == []
