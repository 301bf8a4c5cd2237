"""The books in Postgres: concurrent ends share a transaction, each request is booked once."""

import asyncio
from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import Self
from uuid import UUID

import asyncpg

from libs.adapters.batches import Batches, BatchLimits, Outcomes
from libs.adapters.postgres import (
    CONNECT_TIMEOUT_S,
    Pool,
    PostgresUnavailable,
    checked_address,
    hung_up_when_cancelled,
    translated,
)
from libs.adapters.postgres_role import BOOKKEEPER_ROLE, derived_password
from libs.contracts.records import RequestLogged
from libs.core.errors import ConfigurationError

WAIT_S = 5.0
_LIMITS = BatchLimits(items=500, linger_s=0.002)
_ROW_BYTES = 256
_SETTINGS = {"application_name": "moe books", "synchronous_commit": "on", "timezone": "UTC"}
# One batch at a time in a database: two of them could else wait for each other's rows.
_TURN = "SELECT pg_advisory_xact_lock(7305065)"
# What was reserved goes when what was spent comes, in one statement: whoever looks sees both or neither.
_BOOK = """
WITH came AS (
    SELECT t.*, ceil((t.prompt_tokens + t.completion_tokens) * coalesce(c.factor, 1))::bigint AS cost
    FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::bigint[],
                $9::bigint[], $10::text[], $11::boolean[], $12::float8[])
    AS t (tenant, response_id, user_id, team_id, key_id, model, prompt_tokens, completion_tokens,
          reserved, outcome, cache_hit, at)
    LEFT JOIN moe.model_costs c USING (tenant, model)
), booked AS (
    INSERT INTO moe.usage (tenant, response_id, user_id, team_id, key_id, model, prompt_tokens, completion_tokens,
                           cost, reserved, outcome, cache_hit, at)
    SELECT tenant, response_id, user_id, team_id, key_id, model, prompt_tokens, completion_tokens,
           cost, reserved, outcome, cache_hit, to_timestamp(at) FROM came
    ON CONFLICT DO NOTHING RETURNING *
), settled AS (
    SELECT h.chunk_id, sum(b.reserved)::bigint AS amount
    FROM booked b JOIN unnest($13::text[], $14::text[], $15::uuid[]) AS h (tenant, response_id, chunk_id)
    USING (tenant, response_id) GROUP BY h.chunk_id
), released AS (
    UPDATE moe.budget_chunks c SET reserved = greatest(0, c.reserved - s.amount)
    FROM settled s WHERE c.chunk_id = s.chunk_id
)
INSERT INTO moe.spending AS s (tenant, kind, holder, period, starts, cost)
SELECT b.tenant, h.kind, h.holder, p.period, p.starts, sum(b.cost)::bigint
FROM booked b
CROSS JOIN LATERAL (VALUES ('user', b.user_id), ('team', b.team_id)) AS h (kind, holder)
CROSS JOIN LATERAL (VALUES
    ('daily', date_trunc('day', b.at)::date), ('monthly', date_trunc('month', b.at)::date), ('total', '-infinity'::date)
) AS p (period, starts)
WHERE h.holder <> '' AND b.cost > 0
GROUP BY b.tenant, h.kind, h.holder, p.period, p.starts
ON CONFLICT (tenant, kind, holder, period, starts) DO UPDATE SET cost = s.cost + EXCLUDED.cost
"""


class PostgresBooks:
    """Books. Enter it before use; it logs in at its first use, and again after a server was away."""

    def __init__(self, url: str, signing_key: str) -> None:
        self._url = checked_address(url)
        self._password = derived_password(signing_key, BOOKKEEPER_ROLE)
        self._batches = Batches(self._flush, lambda _: _ROW_BYTES, _LIMITS)
        self._pool: Pool | None = None

    async def __aenter__(self) -> Self:
        await self._batches.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._batches.__aexit__(kind, error, trace)
        self._forget_pool()

    async def book(self, ended: RequestLogged) -> None:
        """See Books."""
        await self._batches.submit(ended)

    async def _flush(self, ended: Sequence[RequestLogged]) -> Outcomes:
        try:
            async with asyncio.timeout(WAIT_S):
                await self._store(ended)
        except (TimeoutError, PostgresUnavailable, ConfigurationError) as error:
            self._forget_pool()  # a role that is not there yet comes with the next migration
            raise PostgresUnavailable(str(error) or f"Postgres: no answer in {WAIT_S:g} s") from error
        return [None] * len(ended)

    async def _store(self, ended: Sequence[RequestLogged]) -> None:
        first = {each.envelope.request: each for each in reversed(ended)}
        rows = [_row(each) for each in first.values()]
        with translated():
            async with (await self._opened()).acquire(timeout=CONNECT_TIMEOUT_S) as session:
                with hung_up_when_cancelled(session):
                    async with session.transaction():
                        await session.execute(_TURN)
                        await session.execute(_BOOK, *_columns(rows, 12), *_columns(_held(first.values()), 3))

    async def _opened(self) -> Pool:
        if self._pool is None:
            self._pool = await asyncpg.create_pool(
                self._url,
                user=BOOKKEEPER_ROLE,
                password=self._password,
                min_size=1,
                max_size=1,
                timeout=CONNECT_TIMEOUT_S,
                server_settings=_SETTINGS,
            )
        return self._pool

    def _forget_pool(self) -> None:
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.terminate()


def _row(ended: RequestLogged) -> tuple[object, ...]:
    tenant, response_id = ended.envelope.request
    account, usage = ended.account, ended.usage
    names = (tenant, response_id, account.user, account.team, account.key_id, ended.model)
    return (
        *(name.replace("\0", "") for name in names),
        usage.prompt_tokens,
        usage.completion_tokens,
        account.reserved,
        ended.outcome,
        ended.cache_hit,
        ended.ts,
    )


def _held(ended: Iterable[RequestLogged]) -> list[tuple[object, ...]]:
    """Return a row for each chunk that something was reserved in."""
    return [(*each.envelope.request, UUID(chunk)) for each in ended for chunk in each.account.chunks]


def _columns(rows: Sequence[tuple[object, ...]], width: int) -> list[list[object]]:
    return [[row[number] for row in rows] for number in range(width)]
