"""All tools: pure ones run in the workers, served ones in this process; calls are checked first."""

import asyncio
from collections.abc import Sequence
from functools import partial

from libs.core.errors import ConfigurationError, Retryable
from libs.core.fair_semaphore import FairSemaphore, TooManyWaiters
from libs.core.ids import SYSTEM_TENANT
from libs.core.security_events import SecurityEvent, SecurityReason
from libs.core.tenancy import tenant_scope
from libs.ports.switches import Switches
from libs.runtime.process.security_audit import SecurityAudit
from services.mcp.contract import (
    AnswerStyle,
    AnyServedTool,
    Arguments,
    Caller,
    ToolDescription,
    ToolError,
    ToolResult,
)
from services.mcp.tools.policy import AllOn, ListedTool, ToolPolicy
from services.mcp.tools.pure.descriptions import pure_tools
from services.mcp.tools.pure.pools import ToolPools
from services.mcp.tools.pure.tool_registry import unknown_tool
from services.mcp.workers.protocol import MAX_REQUEST_BYTES, encode_call

CONCURRENT_SERVED = 64
MOST_WAITING = 256
_PLAIN = AnswerStyle()


class Toolbox:
    """Runs any tool: `await toolbox.invoke("calculate", {...}, caller=caller)`."""

    def __init__(
        self,
        pools: ToolPools,
        served: Sequence[AnyServedTool] = (),
        switches: Switches | None = None,
        audit: SecurityAudit | None = None,
    ) -> None:
        self._pools = pools
        self._audit = audit or SecurityAudit("mcp")
        self._turns = FairSemaphore(CONCURRENT_SERVED, MOST_WAITING, lasting=True)
        pure = pure_tools().every
        self._pure = frozenset(tool.name for tool in pure)
        self._served = {tool.name: tool for tool in served}
        self._listing = pure + tuple(tool.describe() for tool in served)
        self._described = {tool.name: tool for tool in self._listing}
        self._switches = switches or AllOn()
        self._rules = ToolPolicy(
            self._switches, {tool.name: tool.tenants for tool in served if tool.tenants is not None}
        )

    def listing(self) -> tuple[ToolDescription, ...]:
        """Every tool, in a stable order; unavailable ones state the reason."""
        return self._listing

    def listing_for(self, caller: Caller) -> tuple[ListedTool, ...]:
        """Tools that a caller may use, in the same order. Raises ToolError `busy`."""
        return tuple(self._rules.listed(tool) for tool in self._listing if self._rules.may_use(caller, tool.name))

    def enabled(self) -> frozenset[str] | None:
        """Tools that are switched on; None while the state of the switches is unknown."""
        try:
            return frozenset(tool.name for tool in self._listing if self._rules.listed(tool).enabled)
        except ToolError:
            return None

    async def invoke(self, tool: str, args: Arguments, *, caller: Caller, style: AnswerStyle = _PLAIN) -> ToolResult:
        """Run one tool. Raises ToolError: the tool's own refusals, those of the pool, and those of the rules."""
        if (described := self._described.get(tool)) is None:
            raise unknown_tool(tool, filter(partial(self._rules.may_use, caller), self._described))
        self._admit(described, caller)
        if tool in self._pure:
            return await self._pools.invoke(tool, args, tenant=caller.tenant, style=style)
        served = self._served[tool]
        encode_call(tool, args, style, served.request_bytes or MAX_REQUEST_BYTES)  # rejects oversized arguments
        try:
            async with asyncio.timeout(served.timeout_s), self._turns.permit(caller.tenant):
                with tenant_scope(caller.tenant):
                    return await served.invoke(args, style, caller)
        except TimeoutError as error:
            raise ToolError("timeout", f"wall time of {tool}: the limit is {served.timeout_s:g} s") from error
        except TooManyWaiters as error:
            raise ToolError("busy", f"waiting calls: the limit is {MOST_WAITING:,}") from error

    def _admit(self, tool: ToolDescription, caller: Caller) -> None:
        """Check the policy, and record security events. Raises ToolError."""
        try:
            self._rules.require(tool, caller)
        except ToolError as error:
            if error.code == "forbidden":
                self._record(SecurityReason.TOOL_DENIED, tool.name, caller.actor, caller.tenant)
            raise
        if not tool.annotations.read_only or tool.annotations.destructive:
            self._record(SecurityReason.TOOL_EFFECT, tool.name, caller.actor, caller.tenant)
        if tool.annotations.open_world:
            self._record(SecurityReason.TOOL_NETWORK, tool.name, caller.actor, caller.tenant)

    def _record(self, reason: SecurityReason, tool: str, actor: str, tenant: str = SYSTEM_TENANT) -> None:
        self._audit.record(SecurityEvent(reason, tool, actor, tenant))

    async def toggle(self, tool: str, actor: str, *, to: bool | None = None) -> ListedTool:
        """Switch a tool on or off for the whole installation; None toggles it. Returns the new state.

        The audit records `actor`. Raises ToolError `unknown_tool`, and `busy` if the switch cannot be stored.
        """
        if (described := self._described.get(tool)) is None:
            raise unknown_tool(tool, self._described)
        on = not self._rules.listed(described).enabled if to is None else to
        try:
            await self._switches.turn(tool, actor, on=on)
        except (Retryable, ConfigurationError) as error:
            raise ToolError("busy", str(error)) from error
        self._record(SecurityReason.TOOL_TOGGLED, f"{tool}={'on' if on else 'off'}", actor)
        return self._rules.listed(described)
