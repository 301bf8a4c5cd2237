"""Budget holders and model prices in memory, refreshed from Postgres."""

from libs.adapters.postgres.refresher import OpenSession, PostgresRefresher, RefreshIntervals, RefreshSource
from libs.adapters.postgres.sessions import Connection
from libs.adapters.quota.budgets.lease_size import Holder, cost_of
from libs.adapters.quota.budgets.prices import PriceList
from libs.core.clock import Clock

_HOLDERS = "SELECT DISTINCT tenant, kind, holder FROM moe.budgets"
_FACTORS = "SELECT tenant, model, factor::float8 FROM moe.model_costs"


class BudgetConfig:
    """Callers without a budget cost no round trip.

    Enter its `watch` before use; it is also the readiness check, and does not wait for Postgres.
    """

    def __init__(
        self, open_session: OpenSession, pace: RefreshIntervals | None = None, clock: Clock | None = None
    ) -> None:
        self._holders: frozenset[Holder] = frozenset()
        self._prices = PriceList.of(())
        self.watch = PostgresRefresher(open_session, RefreshSource("budgets", self._reload), pace, clock)

    @property
    def known(self) -> bool:
        return self.watch.loaded

    async def wait_loaded(self) -> None:
        await self.watch.first_load()

    def has_budget(self, holder: Holder) -> bool:
        return holder in self._holders

    def cost(self, tenant: str, model: str, tokens: int) -> int:
        return cost_of(tokens, self._prices.factor(tenant, model))

    async def _reload(self, session: Connection, _since: int) -> None:
        holders = frozenset(Holder(*row) for row in await session.fetch(_HOLDERS))
        prices = PriceList.of((row["tenant"], row["model"], row["factor"]) for row in await session.fetch(_FACTORS))
        self._holders, self._prices = holders, prices
