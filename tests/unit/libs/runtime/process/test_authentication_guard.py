"""Failures count by the address of the peer, whatever its family and spelling."""

import httpx
import pytest
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from libs.core.tasks import TaskSet
from libs.runtime.process.authentication_guard import AuthenticationGuard, address_of
from libs.runtime.process.http.listener import HttpListener
from libs.runtime.process.security_audit import SecurityAudit
from libs.testing.fake_clock import FakeClock

PER_MINUTE = 40


def of(address: str) -> Scope:
    return {"type": "http", "client": (address, 50_000)}


def guard() -> AuthenticationGuard:
    clock = FakeClock()
    return AuthenticationGuard(SecurityAudit("test", clock), PER_MINUTE, clock)


def waits(guard: AuthenticationGuard, address: str, failures: int, keys: str) -> list[float]:
    return [guard.record_failure(f"{keys}{number}", of(address), "GET /v1/models") for number in range(failures)]


@pytest.mark.parametrize(
    ("attacker", "victim"),
    [
        ("192.0.2.1", "192.0.2.2"),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2"),
        ("::ffff:192.0.2.1", "::ffff:198.51.100.7"),
        ("2001:db8:0:1::1", "2001:db8:0:2::1"),
    ],
)
def test_failures_of_one_address_do_not_throttle_another(attacker: str, victim: str) -> None:
    guarded = guard()
    assert waits(guarded, attacker, PER_MINUTE + 1, "a")[-1] > 0
    assert waits(guarded, victim, 1, "b") == [0.0]


@pytest.mark.parametrize("other", ["192.0.2.1", "::ffff:c000:201", "::FFFF:192.0.2.1"])
def test_an_address_in_another_spelling_is_the_same(other: str) -> None:
    guarded = guard()
    waits(guarded, "::ffff:192.0.2.1", PER_MINUTE, "a")
    assert waits(guarded, other, 1, "b")[0] > 0


def test_the_audit_names_the_network_of_a_mapped_address() -> None:
    guarded = guard()
    guarded.record_failure("wrong", of("::ffff:192.0.2.1"), "GET /v1/models")
    (event,) = guarded.audit.take_waiting()
    assert "network=192.0.2.0/24" in event.detail


async def test_a_listener_of_both_families_names_its_ipv4_clients_as_such() -> None:
    seen: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(address_of(scope))
        await Response()(scope, receive, send)

    listener = HttpListener(app, "::", 0, TaskSet(lambda error: None))
    listener.start()
    try:
        async with httpx.AsyncClient(trust_env=False) as client:
            await client.get(f"http://127.0.0.1:{listener.port}/")
    finally:
        await listener.stop()
    assert seen == ["127.0.0.1"]
