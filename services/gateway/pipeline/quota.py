"""Reservation of quotas, and the rate-limit headers of replies."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Receive, Scope, Send

from libs.contracts.model_call import Usage
from libs.contracts.progress import Protocol
from libs.core.ids import new_response_id
from libs.http.context import caller_in, metadata_in
from libs.http.metadata import RawHeaders, ResponseMetadata
from libs.ports.quota import BudgetExceeded, BudgetUnknown, QuotaRequest, QuotaService, RateLimited, Reservation
from services.gateway.dialects.by_path import dialect_at
from services.gateway.domain.quota import budget_refusal, budget_unknown, limit_headers, rate_refusal
from services.gateway.pipeline.app_context import AppContext
from services.gateway.telemetry import BUDGET_EXCEEDED, RATE_LIMITED


async def reserve_quota(quota: QuotaService, request: QuotaRequest, protocol: Protocol, now: float) -> Reservation:
    """Raises RequestRefused: 429 over a limit, 503 when the budget is unknown."""
    try:
        return await quota.reserve(request)
    except RateLimited as refused:
        RATE_LIMITED.labels(refused.dimension).inc()
        raise rate_refusal(refused, protocol, now) from refused
    except BudgetExceeded as refused:
        BUDGET_EXCEEDED.labels(refused.period).inc()
        raise budget_refusal(refused) from refused
    except BudgetUnknown as error:
        raise budget_unknown() from error


def set_limit_headers(
    metadata: ResponseMetadata, reservation: Reservation, protocol: Protocol, now: Callable[[], float]
) -> None:
    """Add the rate-limit headers. Their values are read when the reply begins."""

    def headers() -> RawHeaders:
        return limit_headers(reservation.status(), protocol, now())

    metadata.limits = headers


@asynccontextmanager
async def one_request(context: AppContext, scope: Scope, *, stream: bool = False) -> AsyncIterator[None]:
    """Reserve one request of the key's rate while the block runs, for routes that call no model: no tokens, no budget.

    Raises RequestRefused (429). A `stream` has its own lease, as several clients may follow one response.
    """
    now, protocol = context.clock.now, _protocol_of(scope)
    entry = QuotaRequest(caller_in(scope), new_response_id(context.reply_partition, now()), tokens=0, stream=stream)
    reservation = await reserve_quota(context.quota, entry, protocol, now())
    set_limit_headers(metadata_in(scope), reservation, protocol, now)
    try:
        yield
    finally:
        reservation.settle(Usage())


def _protocol_of(scope: Scope) -> Protocol:
    """The protocol defines the names of the limit headers; all OpenAI routes share theirs."""
    return dialect_at(scope["path"]).name


class QuotaRoute:
    """Reserves one request of the key's rate, then acquires a permit that tenants share fairly. Runs after the
    permission checks."""

    def __init__(self, app: ASGIApp, context: AppContext) -> None:
        self._app = app
        self._context = context

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with one_request(self._context, scope), self._context.permits.requests.permit(caller_in(scope).tenant):
            with suppress(ClientDisconnect):
                await self._app(scope, receive, send)
