"""Usage store in Postgres."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AsyncExitStack
from uuid import UUID

from libs.adapters.postgres.role_pool import RoleLogin, RolePool
from libs.adapters.postgres.sessions import DURABLY_FOUND, PostgresUnavailable
from libs.adapters.quota.budgets.prices import price_name
from libs.adapters.quota.budgets.statements import ADD_LATE, RECORD_LATE_CALLS, RECORD_USAGE
from libs.contracts.model_call import Usage
from libs.contracts.records import CallsLogged, RequestLogged
from libs.core.batching import Batches, BatchLimits, Outcomes
from libs.core.database_roles import USAGE_ROLE
from libs.core.errors import ConfigurationError, Unstorable
from libs.core.outside_numbers import COUNT_LIMIT, is_unix_time
from libs.core.resource import Resource
from libs.runtime.settings.role_passwords import PasswordSource

UsageMessage = RequestLogged | CallsLogged
WAIT_S = 5.0
MOST_TOKENS = 1024 * COUNT_LIMIT  # of one request, which makes many calls
MOST_RESERVED = 2**63 - 1  # maximum of a budget
_LIMITS = BatchLimits(items=500, linger_s=0.002)
_ROW_BYTES = 256
_SETTINGS = {"application_name": "moe books", "timezone": "UTC"}
# One batch at a time in a database: two of them could wait for each other's rows.
_TURN = f"SELECT pg_advisory_xact_lock(7305065), {DURABLY_FOUND}"


class PostgresUsageStore(Resource):
    """Concurrent calls share a transaction; each request and each call is recorded once.

    Enter it before use. It logs in at its first use, and again after the server was unavailable.
    """

    def __init__(self, url: str, passwords: PasswordSource) -> None:
        self._pool = RolePool(url, passwords, RoleLogin(USAGE_ROLE, _SETTINGS))
        self._batches = Batches(self._flush, lambda _: _ROW_BYTES, _LIMITS)

    async def _enter(self, stack: AsyncExitStack) -> None:
        stack.callback(self._pool.forget)
        await stack.enter_async_context(self._batches)

    async def record_usage(self, ended: RequestLogged) -> None:
        await self._batches.submit(ended)

    async def record_late_calls(self, late: CallsLogged) -> None:
        await self._batches.submit(late)

    async def _flush(self, messages: Sequence[UsageMessage]) -> Outcomes:
        try:
            await self._store(messages)
        except ConfigurationError as error:  # the next migration creates a missing role
            raise PostgresUnavailable(str(error)) from error
        return [None] * len(messages)

    async def _store(self, messages: Sequence[UsageMessage]) -> None:
        first = {each.envelope.request: each for each in reversed(messages) if isinstance(each, RequestLogged)}
        rows = [_row(each) for each in first.values()]
        late = [row for each in messages if isinstance(each, CallsLogged) for row in _late_rows(each)]
        requests = [each.envelope.request for each in messages]
        async with self._pool.session(WAIT_S) as session, session.transaction():
            await session.execute(_TURN)
            await session.execute(RECORD_USAGE, *_columns(rows, 13), *_columns(_held(first.values()), 3))
            await session.execute(RECORD_LATE_CALLS, *_columns(late, 5))
            await session.execute(ADD_LATE, *_columns(requests, 2))


def _row(ended: RequestLogged) -> tuple[object, ...]:
    """Raises Unstorable for numbers that no request can have."""
    _require_possible(ended.usage)
    if not is_unix_time(ended.ts):
        raise Unstorable("the time of the request is out of range")
    if not 0 <= ended.account.reserved <= MOST_RESERVED:
        raise Unstorable("the reserved amount is out of range")
    tenant, response_id = ended.envelope.request
    account, usage = ended.account, ended.usage
    model = price_name(account.priced_as or ended.model)
    names = (tenant, response_id, account.user, account.team, account.key_id, model)
    return (
        *(name.replace("\0", "") for name in names),
        usage.prompt_tokens,
        usage.completion_tokens,
        account.reserved,
        ended.outcome,
        ended.cache_hit,
        ended.ts,
        " ".join(ended.calls),
    )


def _late_rows(late: CallsLogged) -> Iterator[tuple[object, ...]]:
    """Omits calls without an id: a repetition of them could not be recognized and would count twice."""
    for call in late.calls:
        _require_possible(call.usage)
        if call.id:
            yield (*late.envelope.request, call.id, call.usage.prompt_tokens, call.usage.completion_tokens)


def _require_possible(usage: Usage) -> None:
    """Records on the log may be older than the bound on reported usage."""
    if not (0 <= usage.prompt_tokens <= MOST_TOKENS and 0 <= usage.completion_tokens <= MOST_TOKENS):
        raise Unstorable("the usage is out of range")


def _held(ended: Iterable[RequestLogged]) -> list[tuple[object, ...]]:
    return [(*each.envelope.request, UUID(chunk)) for each in ended for chunk in each.account.chunks]


def _columns(rows: Sequence[tuple[object, ...]], width: int) -> list[list[object]]:
    return [[row[number] for row in rows] for number in range(width)]
