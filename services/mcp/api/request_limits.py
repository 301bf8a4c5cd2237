"""The rate limit of a key on the tool server, shared with the gateways."""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from math import ceil

from starlette.types import Scope

from libs.contracts.model_call import Usage
from libs.core.clock import SystemClock
from libs.core.ids import MAX_REPLY_PARTITIONS, new_response_id
from libs.core.security_events import SecurityEvent, SecurityReason
from libs.ports.identity import Caller
from libs.ports.quota import QuotaRequest, QuotaService, RateLimited
from libs.ports.unlimited_quota import UnlimitedQuota
from libs.runtime.process.authentication_guard import AuthenticationGuard, address_of
from libs.runtime.process.security_audit import SecurityAudit
from libs.runtime.service import Check

FREE_METHODS = frozenset({"GET", "HEAD", "DELETE"})  # lists from memory, streams limited per key, and closing
_NO_ANSWERS = MAX_REPLY_PARTITIONS - 1


@dataclass(frozen=True)
class RequestLimits:
    """`guard` records rejected keys, `metering` reserves; enter `resources` before the first request."""

    guard: AuthenticationGuard = field(default_factory=lambda: AuthenticationGuard(SecurityAudit("mcp")))
    metering: QuotaService = field(default_factory=UnlimitedQuota)
    resources: tuple[AbstractAsyncContextManager[object], ...] = ()
    checks: tuple[Check, ...] = ()

    async def reserve(self, caller: Caller, scope: Scope, target: str) -> int:
        """Take one request of the key's rate; return 0, or the seconds until the next one is available.

        Budgets count tokens, which tools do not use.
        """
        if scope["method"] in FREE_METHODS:
            return 0
        now = SystemClock().now()
        try:
            passage = await self.metering.reserve(QuotaRequest(caller, new_response_id(_NO_ANSWERS, now), tokens=0))
        except RateLimited as refused:
            event = SecurityEvent(SecurityReason.RATE_LIMITED, target, caller.key_id, caller.tenant, address_of(scope))
            self.guard.audit.record(event)
            return max(1, ceil(refused.retry_after_s))
        passage.settle(Usage())
        return 0
