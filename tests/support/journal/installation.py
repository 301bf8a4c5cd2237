"""Services that run apart and are restarted one by one, as a rotation of their keys needs."""

from collections import Counter
from collections.abc import AsyncIterator, Collection, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from libs.adapters.journal.pool import migrated
from libs.core.key_roots import DATABASE, ENVELOPES, ROOTS, KeyRoot, RootKeys
from libs.core.key_strength import new_secret_key
from libs.runtime.memory import MemoryBroker, MemoryBus
from libs.runtime.messaging.signing import Signer
from libs.runtime.process.fleet import Fleet, ProcessOptions
from libs.runtime.settings.role_passwords import VARIABLE, RolePasswords
from libs.testing.model_server import ModelServer, pipeline_script
from libs.testing.stores import valkey
from libs.testing.waiting import eventually, waiting
from moe.cli.context.key_holders import roles_of, roots_of
from moe.cli.context.root_keys import variables_of_roots
from moe.cli.fleet.key_rotation import Step, after
from moe.registry import build_service
from tests.support.fleet import BACKOFF, PATIENCE_S, RETRIES, Stores

GATEWAYS = ("gateway/0", "gateway/1")
TOOL_SERVERS = ("mcp/0", "mcp/1")
STEPS: tuple[Step, ...] = ("announce", "use")


@dataclass
class Installation:
    """Services that run apart, each with the variables that `moe secrets show --service` prints for it."""

    stores: Stores
    owner_url: str
    broker: MemoryBroker = field(default_factory=MemoryBroker)
    keys: dict[KeyRoot, RootKeys] = field(default_factory=lambda: {r: RootKeys(new_secret_key()) for r in ROOTS})
    running: dict[str, tuple[AsyncExitStack, Fleet]] = field(default_factory=dict)
    up: set[str] = field(default_factory=set)
    open: Counter[str] = field(default_factory=Counter)

    def variables(self, instance: str) -> dict[str, str]:
        service, _, ordinal = instance.partition("/")
        given = variables_of_roots({root: self.keys[root] for root in roots_of(service)})
        passwords = RolePasswords.derived(self.keys[DATABASE]).only(roles_of(service)).as_text()
        place = {"POSTGRES_CHECKPOINT_URL": self.owner_url, "MOE_INSTANCE_ORDINAL": ordinal or "0"}
        return {**self.stores.variables, **place, **given, VARIABLE: passwords}

    async def start(self, instance: str) -> None:
        service = build_service(instance.partition("/")[0], self.variables(instance))
        options = ProcessOptions(Signer.of(self.keys[ENVELOPES]), backoff=BACKOFF, retries=RETRIES)
        stack = AsyncExitStack()
        fleet = await stack.enter_async_context(Fleet([service], MemoryBus(self.broker), options))
        self.running[instance] = stack, fleet
        if instance in (*GATEWAYS, *TOOL_SERVERS):
            await self.until_ready(fleet.ports[0])
        self.up.add(instance)

    async def until_ready(self, port: int) -> None:
        """Wait as a balancer does before it sends requests to an instance."""
        async with httpx.AsyncClient(timeout=PATIENCE_S) as http, waiting(PATIENCE_S):
            while True:  # each answer takes a moment, so this does not spin
                if (await http.get(f"http://127.0.0.1:{port}/ready")).status_code == 200:
                    return

    async def restart(self, instance: str) -> None:
        """Take an instance out of the balancer, let its requests end, stop it, and start it with the keys of now."""
        self.up.discard(instance)
        await eventually(lambda: not self.open[instance])
        await self.running[instance][0].aclose()
        await self.start(instance)

    async def rotate(self, root: KeyRoot) -> None:
        """Take the steps of a rotation as documented."""
        for step in STEPS:
            self.keys[root] = after(step, self.keys[root], new_secret_key())
            if root == DATABASE and step == "use":
                await migrated(self.owner_url, RolePasswords.derived(self.keys[DATABASE]))
            for instance in sorted(self.running):
                if root in roots_of(instance.partition("/")[0]) or root == DATABASE:
                    await self.restart(instance)

    @contextmanager
    def balanced(self, among: Collection[str], number: int) -> Iterator[str]:
        """Yield the address of one of the instances that the balancer knows; it is not stopped meanwhile."""
        known = sorted(self.up & set(among))
        instance = known[number % len(known)]
        self.open[instance] += 1
        try:
            yield f"http://127.0.0.1:{self.running[instance][1].ports[0]}"
        finally:
            self.open[instance] -= 1


@asynccontextmanager
async def installation(owner_url: str, folder: Path, instances: Collection[str]) -> AsyncIterator[Installation]:
    """Start the instances in their order, as `service` or `service/ordinal`."""
    async with valkey() as valkey_url, ModelServer(pipeline_script()) as models:
        fleet = Installation(Stores(models.url, valkey_url, folder), owner_url)
        try:
            for instance in instances:
                await fleet.start(instance)
            yield fleet
        finally:
            for stack, _ in reversed(fleet.running.values()):
                await stack.aclose()
