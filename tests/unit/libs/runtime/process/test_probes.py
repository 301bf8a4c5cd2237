"""The probes: their content; no failure of a check breaks them."""

import asyncio
import json
from dataclasses import dataclass

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from libs.runtime.process.probes import Readiness, with_metrics, with_probes
from libs.testing.fake_clock import JumpingLoop
from tests.support.cluster import started

loop_factory = JumpingLoop


@dataclass(frozen=True)
class Part:
    """A dependency that is in one state."""

    name: str
    line: str | None = None
    required: bool = True

    async def __call__(self) -> str | None:
        return self.line


@dataclass(frozen=True)
class Broken(Part):
    async def __call__(self) -> str | None:
        raise ConnectionResetError("reset by 10.0.0.1")


@dataclass(frozen=True)
class Silent(Part):
    async def __call__(self) -> str | None:
        await asyncio.Event().wait()
        return None


@dataclass
class Answer:
    status: int = 0
    body: bytes = b""


async def get(app: ASGIApp, path: str, method: str = "GET") -> Answer:
    answer = Answer()

    async def receive() -> Message:
        return {"type": "http.request", "body": b""}

    async def send(message: Message) -> None:
        answer.status = message.get("status", answer.status)
        answer.body += message.get("body", b"")

    await app({"type": "http", "method": method, "path": path, "headers": []}, receive, send)
    return answer


async def behind(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 418, "headers": []})
    await send({"type": "http.response.body", "body": b"behind"})


def ready(*parts: Part) -> Readiness:
    readiness = Readiness(parts)
    readiness.open()
    return readiness


async def test_health_asks_nobody() -> None:
    answer = await get(with_metrics(Readiness([Silent("broker")])), "/health")
    assert (answer.status, json.loads(answer.body)) == (200, {"status": "alive"})


async def test_ready_when_every_part_is_well() -> None:
    answer = await get(with_metrics(ready(Part("broker"), Part("postgres"))), "/ready")
    assert answer.status == 200
    assert json.loads(answer.body) == {"status": "ready", "failing": {}, "degraded": {}}


async def test_a_required_part_that_is_down_is_named() -> None:
    answer = await get(with_metrics(ready(Part("broker", "not_connected"), Part("postgres"))), "/ready")
    assert answer.status == 503
    assert json.loads(answer.body)["failing"] == {"broker": "not_connected"}


async def test_an_optional_part_that_is_down_degrades() -> None:
    answer = await get(with_metrics(ready(Part("broker"), Part("valkey", "away", required=False))), "/ready")
    assert answer.status == 200
    assert json.loads(answer.body) == {"status": "degraded", "failing": {}, "degraded": {"valkey": "away"}}


async def test_a_part_that_does_not_answer_is_down_after_two_seconds() -> None:
    answer = await get(with_metrics(ready(Silent("broker"), Silent("postgres"))), "/ready")
    assert json.loads(answer.body)["failing"] == dict.fromkeys(("broker", "postgres"), "timeout")
    assert asyncio.get_running_loop().time() == pytest.approx(2)


async def test_a_check_with_a_bug_is_a_part_that_is_down() -> None:
    answer = await get(with_metrics(ready(Broken("broker"), Part("postgres"))), "/ready")
    assert answer.status == 503
    assert json.loads(answer.body)["failing"] == {"broker": "check_failed"}


@pytest.mark.parametrize("required", [True, False])
async def test_a_text_is_logged_once_and_reported_as_a_code(caplog: pytest.LogCaptureFixture, required: bool) -> None:
    readiness = ready(Part("postgres", "password authentication failed for moe:hunter2@10.0.0.1", required))
    app = with_metrics(readiness)
    bodies = [(await get(app, "/ready")).body for _ in range(3)]
    assert all(b"hunter2" not in body and b'{"postgres": "unavailable"}' in body for body in bodies)
    assert [record.getMessage() for record in caplog.records] == [
        "postgres is unavailable: password authentication failed for moe:hunter2@10.0.0.1"
    ]


async def test_not_ready_before_the_start_and_after_the_stop() -> None:
    readiness = Readiness([Part("broker")])
    app = with_metrics(readiness)
    assert json.loads((await get(app, "/ready")).body)["failing"] == {"process": "starting"}
    readiness.open()
    assert (await get(app, "/ready")).status == 200
    readiness.close()
    assert json.loads((await get(app, "/ready")).body)["failing"] == {"process": "stopping"}


async def test_metrics_are_in_the_text_format() -> None:
    answer = await get(with_metrics(ready()), "/metrics")
    assert answer.status == 200
    assert b"# TYPE process_max_fds gauge" in answer.body


async def test_metrics_are_not_on_the_port_of_an_application() -> None:
    assert (await get(with_probes(behind, ready()), "/metrics")).body == b"behind"


async def test_everything_else_goes_to_the_application() -> None:
    app = with_probes(behind, ready())
    assert (await get(app, "/v1/models")).body == b"behind"
    assert (await get(app, "/health", method="POST")).body == b"behind"


async def test_without_an_application_everything_else_is_not_found() -> None:
    assert (await get(with_metrics(ready()), "/v1/models")).status == 404


@dataclass
class Counted:
    """A dependency that takes a second to answer; `most` are the checks at the same time."""

    name: str = "broker"
    required: bool = True
    line: str | None = None
    running: int = 0
    most: int = 0
    all: int = 0

    async def __call__(self) -> str | None:
        self.all += 1
        self.running += 1
        self.most = max(self.most, self.running)
        await asyncio.sleep(1)
        self.running -= 1
        return self.line


async def test_callers_without_a_key_share_the_checks_of_a_report() -> None:
    broker = Counted()
    readiness = Readiness([broker])
    readiness.open()
    app = with_metrics(readiness)
    answers = await asyncio.gather(*(get(app, "/ready") for _ in range(50)))
    assert {each.status for each in answers} == {200}
    assert (broker.most, broker.all <= 2) == (1, True)


async def test_a_report_begins_after_its_caller_asked() -> None:
    broker = Counted()
    readiness = Readiness([broker])
    readiness.open()
    first = started(readiness.report())
    await asyncio.sleep(0.5)
    broker.line = "not_connected"
    assert (await first).failing == {"broker": "not_connected"}
    second = started(readiness.report())
    await asyncio.sleep(0.1)
    third = started(readiness.report())
    second.cancel()
    broker.line = None
    assert (await third).failing == {}
    assert (broker.most, broker.all) == (1, 3)
