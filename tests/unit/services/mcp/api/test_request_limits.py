"""Every costly request to the tool server uses the rate limit of its key; security events are audited."""

from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from libs.adapters.quota.rates import LocalStore, RateLimiter
from libs.adapters.quota.service import StoredQuotaService
from libs.contracts.audit import AuditRecorded
from libs.core.security_events import SecurityReason
from libs.ports.identity import Grants, KeyLimits
from libs.runtime.process.authentication_guard import AuthenticationGuard
from libs.runtime.process.security_audit import SecurityAudit
from libs.runtime.settings.static_keys import StaticKeys, owner_of
from libs.testing.fake_clock import FakeClock
from services.mcp.api.authentication import AuthenticatedApp
from services.mcp.api.hosts import KnownHosts
from services.mcp.api.protocol.routes import protocol_of
from services.mcp.api.request_limits import FREE_METHODS, RequestLimits
from services.mcp.api.rest import ToolServer
from services.mcp.contract import PURE, Annotations, Caller, ServedTool, ToolError
from services.mcp.tools.policy import granted
from services.mcp.tools.pure.pools import ToolPools
from services.mcp.tools.toolbox import Toolbox
from tests.unit.services.mcp.api.test_body import Words, tool
from tests.unit.services.mcp.tools.test_policy import SwitchesOf

KEY, OTHER, WRONG = "the-bootstrap-key", "a-key-of-another", "canary-wrong-key"


def work_routes() -> Iterator[tuple[str, str]]:
    """Yield every method and path of the server that is not free, from its own table."""
    toolbox = Toolbox(ToolPools())
    for route in ToolServer(toolbox).app(*protocol_of(toolbox, 4).routes).routes:
        assert isinstance(route, Route)
        for method in route.methods or {"POST"}:  # a route of an application takes any method
            if method not in FREE_METHODS:
                yield method, route.path.replace("{name}", "calculate")


class Behind:
    """The application behind the limits, with its call count."""

    def __init__(self, per_minute: int = 0, failures: int = 100) -> None:
        self.reached = 0
        self.clock = FakeClock()
        self.audit = SecurityAudit("test-mcp", self.clock)
        guard = AuthenticationGuard(self.audit, failures, self.clock)
        metering = StoredQuotaService(RateLimiter(LocalStore(self.clock), self.clock))
        owner = replace(owner_of("acme"), key_id="k1", limits=KeyLimits(per_minute))
        keys = StaticKeys.of({KEY: owner, OTHER: replace(owner, key_id="k2")})
        hosts = KnownHosts.of("127.0.0.1", (), ())
        self.authenticated = AuthenticatedApp(self._answer, keys, hosts, limits=RequestLimits(guard, metering))

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.reached += 1
        await Response("done")(scope, receive, send)

    async def ask(self, method: str, path: str, key: str = KEY, **headers: str) -> httpx.Response:
        transport = httpx.ASGITransport(app=self.authenticated)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.request(method, path, headers={"x-api-key": key, **headers})

    def audited(self) -> list[AuditRecorded]:
        return list(self.audit.take_waiting())


def test_the_work_of_the_server_is_behind_these_routes() -> None:
    assert {("POST", path) for path in ("/invoke", "/mcp", "/mcp/sse/messages", "/tools/calculate/toggle")} <= set(
        work_routes()
    )


@pytest.mark.parametrize("route", sorted(set(work_routes())), ids=" ".join)
async def test_a_key_over_its_rate_reaches_nothing_and_another_key_does(route: tuple[str, str]) -> None:
    behind = Behind(per_minute=2)
    replies = [await behind.ask(*route) for _ in range(3)]
    assert [each.status_code for each in replies] == [200, 200, 429]
    assert (replies[-1].headers["retry-after"], replies[-1].json()["error"]["code"]) == ("30", "rate_limited")
    assert behind.reached == 2
    assert (await behind.ask(*route, key=OTHER)).status_code == 200
    (record,) = behind.audited()
    assert (record.reason, record.actor, record.envelope.tenant) == (SecurityReason.RATE_LIMITED, "k1", "acme")


@pytest.mark.parametrize("method", sorted(FREE_METHODS))
async def test_lists_and_ends_take_nothing(method: str) -> None:
    behind = Behind(per_minute=1)
    assert {(await behind.ask(method, "/mcp")).status_code for _ in range(5)} == {200}


async def test_wrong_keys_are_throttled_and_a_valid_one_passes() -> None:
    behind = Behind(failures=12)
    statuses = [(await behind.ask("POST", "/invoke", WRONG)).status_code for _ in range(5)]
    assert statuses == [401] * 3 + [429] * 2
    assert (await behind.ask("POST", "/invoke")).status_code == 200
    told = behind.audited()
    assert [each.reason for each in told] == ["key_rejected"] * 3 + ["authentication_throttled"] * 2
    assert WRONG not in "".join(each.model_dump_json() for each in told)


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({"host": "evil.example"}, "host_rejected"),
        ({"origin": "https://e.example"}, "origin_rejected"),
        ({"authorization": "Bearer another"}, "key_ambiguous"),
    ],
)
async def test_what_is_refused_before_its_key_is_checked_is_audited(headers: dict[str, str], reason: str) -> None:
    behind = Behind()
    await behind.ask("POST", f"/{WRONG}", **headers)
    (record,) = behind.audited()
    assert (record.reason, record.target) == (reason, "other")


@pytest.mark.parametrize(
    ("annotations", "reasons"),
    [
        (PURE, []),
        (Annotations(read_only=False), ["tool_effect"]),
        (Annotations(destructive=True), ["tool_effect"]),
        (Annotations(open_world=True), ["tool_network"]),
        (Annotations(read_only=False, open_world=True), ["tool_effect", "tool_network"]),
    ],
)
async def test_calls_of_tools_with_effects_or_network_are_audited(annotations: Annotations, reasons: list[str]) -> None:
    audit = SecurityAudit("test-mcp")
    plain = tool(Words, 1024)
    assert isinstance(plain, ServedTool)
    served = replace(plain, annotations=annotations)
    box = Toolbox(ToolPools(), (served,), audit=audit)
    await box.invoke(served.name, {"text": WRONG}, caller=Caller("acme", granted(None), "k1"))
    told = list(audit.take_waiting())
    assert [each.reason for each in told] == reasons
    assert {(each.actor, each.target, each.envelope.tenant) for each in told} <= {("k1", served.name, "acme")}
    assert WRONG not in "".join(each.model_dump_json() for each in told)


async def test_a_tool_that_is_not_granted_is_audited() -> None:
    audit = SecurityAudit("test-mcp")
    with pytest.raises(ToolError, match="grant"):
        await Toolbox(ToolPools(), audit=audit).invoke("calculate", {}, caller=Caller("acme", Grants(), "k1"))
    assert [each.reason for each in audit.take_waiting()] == ["tool_denied"]


async def test_a_toggle_is_audited_with_who_and_which_way() -> None:
    audit = SecurityAudit("test-mcp")
    await Toolbox(ToolPools(), switches=SwitchesOf(), audit=audit).toggle("calculate", "k1", to=False)
    (record,) = audit.take_waiting()
    assert (record.reason, record.actor, record.target) == ("tool_toggled", "k1", "calculate=off")


async def test_a_toggle_by_somebody_else_is_audited() -> None:
    audit = SecurityAudit("test-mcp")
    app = ToolServer(Toolbox(ToolPools()), audit).app()
    keys = StaticKeys.of({KEY: replace(owner_of("acme"), admin=False, key_id="k1")})
    assert isinstance(app, Starlette)
    authenticated = AuthenticatedApp(app, keys, KnownHosts.of("127.0.0.1", (), ()))
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=authenticated), base_url="http://localhost"
    ) as client:
        assert (await client.post("/tools/calculate/toggle", headers={"x-api-key": KEY})).status_code == 403
    assert [each.reason for each in audit.take_waiting()] == ["admin_required"]
