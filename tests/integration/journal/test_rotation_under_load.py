"""Each root is rotated, service by service, while clients ask: no request fails."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from libs.adapters.journal_pool import migrated
from libs.adapters.role_login import VARIABLE, RolePasswords
from libs.core.key_roots import (
    AUDIT,
    DATABASE,
    DOWNLOADS,
    ENVELOPES,
    JOURNAL,
    NOTES,
    PSEUDONYMS,
    ROOTS,
    KeyRoot,
    RootKeys,
)
from libs.core.key_strength import new_secret_key
from libs.runtime.fleet import Fleet, ProcessOptions
from libs.runtime.memory import MemoryBroker, MemoryBus
from libs.runtime.signing import Signer
from libs.testing.bus_suite.listener import eventually
from libs.testing.model_server import ModelServer, pipeline_script
from libs.testing.stores import valkey
from services.cli.key_holders import roles_of, roots_of
from services.cli.key_rotation import Step, after
from services.cli.registry import build_service
from services.cli.root_keys import variables_of_roots
from tests.flow.fleet import BACKOFF, KEY, PATIENCE_S, RETRIES, THINKING, Stores

pytestmark = pytest.mark.embedded
GATEWAYS = ("gateway/0", "gateway/1")
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
        if instance in GATEWAYS:
            await self.until_ready(fleet.ports[0])
        self.up.add(instance)

    async def until_ready(self, port: int) -> None:
        """Wait as a balancer does before it sends requests to an instance."""
        async with httpx.AsyncClient(timeout=PATIENCE_S) as http, asyncio.timeout(PATIENCE_S):
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
        """Take the steps of a rotation as the documentation tells them."""
        for step in STEPS:
            self.keys[root] = after(step, self.keys[root], new_secret_key())
            if root == DATABASE and step == "use":
                await migrated(self.owner_url, RolePasswords.derived(self.keys[DATABASE]))
            for instance in sorted(self.running):
                if root in roots_of(instance.partition("/")[0]) or root == DATABASE:
                    await self.restart(instance)

    async def ask(self, http: httpx.AsyncClient, number: int) -> str:
        """Return what is wrong with the answer of an instance that the balancer knows, nothing for a good one."""
        instance = sorted(self.up & set(GATEWAYS))[number % len(self.up & set(GATEWAYS))]
        url = f"http://127.0.0.1:{self.running[instance][1].ports[0]}/v1/chat/completions"
        body = {"model": "moe-orchestrator", "messages": [{"role": "user", "content": f"How large is pool {number}?"}]}
        self.open[instance] += 1
        try:
            response = await http.post(url, json=body)
        finally:
            self.open[instance] -= 1
        return "" if response.status_code == 200 else response.text


@asynccontextmanager
async def installation(owner_url: str, folder: Path) -> AsyncIterator[Installation]:
    async with valkey() as valkey_url, ModelServer(pipeline_script()) as models:
        fleet = Installation(Stores(models.url, valkey_url, folder), owner_url)
        try:
            for instance in ("journal", *THINKING, *GATEWAYS):
                await fleet.start(instance)
            yield fleet
        finally:
            for stack, _ in reversed(fleet.running.values()):
                await stack.aclose()


@pytest.mark.parametrize("root", [ENVELOPES, DATABASE, JOURNAL, AUDIT, PSEUDONYMS, NOTES], ids=lambda root: root.name)
async def test_no_request_fails_while_a_root_is_rotated(owner_url: str, tmp_path: Path, root: KeyRoot) -> None:
    assert DOWNLOADS not in roots_of("gateway")
    async with installation(owner_url, tmp_path) as fleet:
        headers = {"authorization": f"Bearer {KEY}"}
        async with httpx.AsyncClient(headers=headers, timeout=PATIENCE_S) as http:
            rotated, troubles = asyncio.Event(), list[str]()

            async def ask_on() -> None:
                while not rotated.is_set():
                    troubles.append(await fleet.ask(http, len(troubles)))

            async with asyncio.TaskGroup() as group:
                clients = [group.create_task(ask_on()) for _ in range(2)]
                before = fleet.keys[root].current
                await fleet.rotate(root)
                asked = len(troubles)
                while len(troubles) < asked + 4:  # noqa: ASYNC110 - with the new key alone
                    await asyncio.sleep(0.01)
                rotated.set()
            assert all(client.done() for client in clients)
        assert fleet.keys[root].current != before
        assert [trouble for trouble in troubles if trouble] == []
