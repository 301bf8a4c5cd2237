"""Rejections of the gateway are counted and audited without secrets; wrong keys are throttled."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeAlias

import pytest

from libs.contracts.audit import AuditRecorded
from libs.core.api_keys import lookup_of, new_api_key
from libs.core.ids import SYSTEM_TENANT
from libs.core.security_events import SecurityReason
from libs.ports.identity import Grants, KeyLimits
from libs.runtime.process.authentication_guard import AuthenticationGuard
from libs.runtime.process.security_audit import BURST, REFILL_S, SECURITY_EVENTS, SecurityAudit
from libs.runtime.settings.static_keys import StaticKeys, owner_of
from libs.runtime.telemetry import OURS, JsonLines
from libs.testing.fake_clock import FakeClock
from services.gateway.pipeline.app_context import AppContext
from tests.support.cluster import Cluster, gateway, with_key
from tests.support.gateway import KEY, GatewayHarness, open_gateway

PLAIN = "key-of-ada-0123456789"
CANARY = "canary-5ecre7-value"
Act: TypeAlias = Callable[[GatewayHarness], Awaitable[None]]
TOKEN = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJjYW5hcnkifQ."


@dataclass
class Guarded:
    """A gateway with a guard that has a separate clock."""

    per_minute: int = 40
    clock: FakeClock = field(default_factory=FakeClock)

    def __post_init__(self) -> None:
        self.audit = SecurityAudit("test", self.clock)
        self.guard = AuthenticationGuard(self.audit, self.per_minute, self.clock)

    def alter(self, front: AppContext) -> AppContext:
        poor = replace(owner_of("acme"), user="ada", key_id="k-ada", admin=False, grants=Grants(), limits=KeyLimits(3))
        return replace(front, guard=self.guard, authenticator=StaticKeys.of({KEY: owner_of("default"), PLAIN: poor}))

    def audited(self) -> list[AuditRecorded]:
        return list(self.audit.take_waiting())


@pytest.fixture
def guarded() -> Guarded:
    return Guarded()


@asynccontextmanager
async def guarded_gateway(guarded: Guarded) -> AsyncIterator[GatewayHarness]:
    async with open_gateway(alter=guarded.alter) as opened:
        yield opened


async def models(at: GatewayHarness, key: str) -> tuple[int, str]:
    reply = await at.client.get("/v1/models", headers={"authorization": f"Bearer {key}" if key else "none"})
    return reply.status_code, reply.headers.get("retry-after", "")


async def wrong_key(at: GatewayHarness) -> None:
    assert (await models(at, CANARY))[0] == 401


async def two_keys(at: GatewayHarness) -> None:
    reply = await at.client.get("/v1/models", headers={"authorization": f"Bearer {PLAIN}", "x-api-key": CANARY})
    assert reply.status_code == 400


async def wrong_token(at: GatewayHarness) -> None:
    assert (await models(at, TOKEN))[0] == 401


async def no_permission(at: GatewayHarness) -> None:
    body = {"session_summary": CANARY}
    reply = await at.client.post("/v1/memory/ingest", json=body, headers={"authorization": f"Bearer {PLAIN}"})
    assert reply.status_code == 403


async def no_admin(at: GatewayHarness) -> None:
    reply = await at.client.get("/v1/admin/ontology-gaps", headers={"authorization": f"Bearer {PLAIN}"})
    assert reply.status_code == 403


@pytest.mark.parametrize(
    ("act", "reason", "actor", "tenant", "target"),
    [
        (wrong_key, SecurityReason.KEY_REJECTED, "unknown", SYSTEM_TENANT, "GET /v1/models"),
        (two_keys, SecurityReason.KEY_AMBIGUOUS, "unknown", SYSTEM_TENANT, "GET /v1/models"),
        (wrong_token, SecurityReason.TOKEN_REJECTED, "unknown", SYSTEM_TENANT, "GET /v1/models"),
        (no_permission, SecurityReason.PERMISSION_DENIED, "k-ada", "acme", "POST /v1/memory/ingest"),
        (no_admin, SecurityReason.ADMIN_REQUIRED, "k-ada", "acme", "GET /v1/admin/ontology-gaps"),
    ],
)
async def test_a_refusal_is_counted_and_audited_with_who_what_and_where(
    guarded: Guarded,
    act: Act,
    reason: SecurityReason,
    actor: str,
    tenant: str,
    target: str,
) -> None:
    before = SECURITY_EVENTS.labels("test", reason)._value.get()
    async with guarded_gateway(guarded) as at:
        await act(at)
    (record,) = guarded.audited()
    assert (record.reason, record.actor, record.envelope.tenant, record.target) == (reason, actor, tenant, target)
    assert record.detail == "service=test network=127.0.0.0/24 suppressed=0"
    assert record.ts == guarded.clock.now()
    assert SECURITY_EVENTS.labels("test", reason)._value.get() == before + 1


async def test_no_secret_of_a_client_reaches_the_audit_or_the_log(
    guarded: Guarded, caplog: pytest.LogCaptureFixture
) -> None:
    mistyped = new_api_key()
    with caplog.at_level(logging.DEBUG):
        async with guarded_gateway(guarded) as at:
            for key in (CANARY, mistyped, f"moe-sk-{CANARY}"):
                for path in ("/v1/models", f"/v1/models/{CANARY}", f"/{CANARY}", f"/v1/chat/completions?key={CANARY}"):
                    reply = await at.client.request(
                        "POST",
                        path,
                        headers={"authorization": f"Bearer {key}", "user-agent": CANARY},
                        json={"model": CANARY},
                    )
                    assert reply.status_code == 401
            await at.client.request(CANARY.upper(), f"/v1/models/{CANARY}", headers={"authorization": CANARY})
            await no_permission(at)
    ours = [JsonLines().format(each) for each in caplog.records if each.name.partition(".")[0] in OURS]
    told = "\n".join([record.model_dump_json() for record in guarded.audited()] + ours)
    assert "security event" in told
    secret = mistyped.split("-")[3]
    assert CANARY not in told
    assert CANARY.upper() not in told
    assert secret not in told
    assert (lookup_of(mistyped) or "") in told


async def test_wrong_keys_of_one_address_get_429_and_a_valid_key_still_passes(guarded: Guarded) -> None:
    async with guarded_gateway(guarded) as at:
        statuses = [(await models(at, f"guess-{number}"))[0] for number in range(60)]
        assert (statuses[:40], set(statuses[40:])) == ([401] * 40, {429})
        assert (await models(at, KEY))[0] == 200
        assert await models(at, "another guess") == (429, "2")
        guarded.clock.advance(1.5)
        assert (await models(at, "another guess"))[0] == 401
        assert (await models(at, "another guess"))[0] == 429


async def test_one_wrong_key_is_throttled_before_its_address(guarded: Guarded) -> None:
    async with guarded_gateway(guarded) as at:
        statuses = [(await models(at, "the same key"))[0] for _ in range(12)]
        assert statuses == [401] * 10 + [429] * 2
        assert (await models(at, "another key"))[0] == 401


async def test_requests_without_a_key_are_counted_and_never_throttled(guarded: Guarded) -> None:
    async with guarded_gateway(guarded) as at:
        assert {(await models(at, ""))[0] for _ in range(60)} == {401}
    assert guarded.audited() == []


async def test_a_flood_is_audited_by_its_beginning_and_the_number_of_the_rest(guarded: Guarded) -> None:
    async with guarded_gateway(guarded) as at:
        for number in range(BURST + 20):
            await models(at, f"guess-{number}")
    assert len(guarded.audited()) == BURST
    guarded.audit.flush()
    assert guarded.audited() == []
    guarded.clock.advance(REFILL_S)
    guarded.audit.flush()
    (rest,) = guarded.audited()
    assert rest.detail.endswith("suppressed=19")


def test_no_value_of_a_log_line_breaks_or_turns_its_line() -> None:
    hostile = "\r\n\x1b[2J\x7f\x85\u2028\u202eend"
    record = logging.LogRecord("libs.x", logging.WARNING, __file__, 1, "from %s", (hostile,), None)
    line = JsonLines().format(record)
    assert line.isascii()
    assert line.isprintable()


async def test_a_running_gateway_puts_events_on_the_topic_of_the_audit(tmp_path: Path) -> None:
    cluster = Cluster(tmp_path)
    async with gateway(cluster, 0) as instance:
        refused = await instance.client.get("/v1/models", headers=with_key(CANARY))
        record = await cluster.wait_for(AuditRecorded)
    assert refused.status_code == 401
    assert (record.action, record.reason, record.envelope.tenant) == ("security-event", "key_rejected", SYSTEM_TENANT)
    assert not any(CANARY.encode() in each.value for each in cluster.broker.records())
