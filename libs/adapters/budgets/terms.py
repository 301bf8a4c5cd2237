"""Who has a budget and what models cost, in memory, as Postgres has it: whoever has none costs no round trip."""

from types import TracebackType
from typing import Self

from libs.adapters.budgets.chunk import Holder, cost_of
from libs.adapters.postgres import Connection
from libs.adapters.postgres_watch import OpenSession, Pace, PostgresWatch, Watched
from libs.core.clock import Clock

_HOLDERS = "SELECT DISTINCT tenant, kind, holder FROM moe.budgets"
_FACTORS = "SELECT tenant, model, factor::float8 FROM moe.model_costs"


class Terms:
    """A readiness check as well. Enter it before use; it does not wait for Postgres."""

    name = "budgets"

    def __init__(self, open_session: OpenSession, pace: Pace | None = None, clock: Clock | None = None) -> None:
        self._holders: frozenset[Holder] = frozenset()
        self._factors: dict[tuple[str, str], float] = {}
        self._watch = PostgresWatch(open_session, Watched("budgets", self._reload), pace, clock)

    async def __aenter__(self) -> Self:
        await self._watch.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._watch.__aexit__(kind, error, trace)

    async def __call__(self) -> str | None:
        """Answer the readiness check."""
        return self._watch.trouble

    @property
    def required(self) -> bool:
        """Return whether a gateway is of no use like this: it does not know who has a budget."""
        return not self._watch.loaded

    @property
    def known(self) -> bool:
        """Return whether anything was read yet."""
        return self._watch.loaded

    def has_budget(self, holder: Holder) -> bool:
        """Return whether somebody may not spend what they like."""
        return holder in self._holders

    def cost(self, tenant: str, model: str, tokens: int) -> int:
        """Return what tokens of a model cost."""
        return cost_of(tokens, self._factors.get((tenant, model), 1.0)) if self._factors else tokens

    async def _reload(self, session: Connection, _since: int) -> None:
        holders = frozenset(Holder(*row) for row in await session.fetch(_HOLDERS))
        factors = {(row["tenant"], row["model"]): row["factor"] for row in await session.fetch(_FACTORS)}
        self._holders, self._factors = holders, factors
