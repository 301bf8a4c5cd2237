"""Time until a revoked key is rejected: on two gateways' directories, with and without notifications of changes."""

import asyncio
import time
from statistics import median

from libs.adapters.identity.postgres_directory import DirectoryFreshness, PostgresDirectory
from libs.core.api_keys import lookup_of
from libs.ports.directory import NewKey
from libs.testing.databases import migrated_database
from libs.testing.stores import postgres
from tests.bench.figures import Figures
from tests.support.identity.registry import (
    Registry,
    authenticator,
    directory,
    opens,
    silence,
)

PROMISED_S = 5.0
KEYS = 20
KEYS_UNNOTICED = 5


async def test_a_revoked_key_is_refused_by_two_gateways(figures: Figures) -> None:
    async with postgres() as server:
        registry = Registry(await migrated_database(server))
        await registry.people.create_user("bob")
        gateway = authenticator(registry.url)
        async with directory(gateway, DirectoryFreshness()) as one, directory(gateway, DirectoryFreshness()) as other:
            told = [await _lasting(registry, (one, other)) for _ in range(KEYS)]
            await silence(registry.url)
            found = [await _lasting(registry, (one, other)) for _ in range(KEYS_UNNOTICED)]
    for name, lasting in (("noticed", told), ("notices lost", found)):
        print(f"\n{name}: p50 {median(lasting):.3f} s", end="")
        figures.add(f"a revoked key, {name}: worst", max(lasting), "s", f"< {PROMISED_S:g}", judged=False)


async def _lasting(registry: Registry, authenticators: tuple[PostgresDirectory, ...]) -> float:
    """Seconds for which a revoked key still opened a route."""
    key = await registry.keys.create(NewKey("bob"))
    for instance in authenticators:
        await opens(instance, key)
    lookup = lookup_of(key)
    assert lookup is not None
    await registry.keys.revoke(lookup)
    revoked = time.monotonic()
    async with asyncio.timeout(60):
        while any(instance.authenticate(key) for instance in authenticators):  # noqa: ASYNC110 - as a client sees it
            await asyncio.sleep(0.002)
    return time.monotonic() - revoked
