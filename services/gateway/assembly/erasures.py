"""Composition of what ends the requests of erased subjects."""

from collections.abc import Callable

from libs.adapters.journal.recorded_erasures import PostgresErasures
from libs.adapters.postgres.refresher import PostgresRefresher, RefreshSource
from libs.adapters.postgres.sessions import Connection
from libs.adapters.valkey.deltas.wire import stream_key
from libs.ports.key_values import KeyValueStore
from services.gateway.erasure import ErasureFollower, RequestsHere


def erasure_follower(here: RequestsHere, erasures: PostgresErasures, key_values: KeyValueStore) -> ErasureFollower:
    """Opens nothing."""

    def follow(announced: Callable[[], None]) -> PostgresRefresher:
        async def refresh(_session: Connection, _since: int) -> None:
            announced()

        return PostgresRefresher(erasures.open_session, RefreshSource("erasures", refresh))

    return ErasureFollower(here, erasures, follow, key_values, stream_key)
