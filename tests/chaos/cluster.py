"""A whole installation as real processes: two replicas of every stage, two gateways, and the stores under them."""

import json
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from libs.embedded.kafka.store import Kafka
from libs.embedded.postgres import Postgres
from libs.embedded.supervised import Supervised
from libs.embedded.valkey import Valkey
from libs.runtime.messaging.signing import Signer
from libs.testing.kafka_cluster import KafkaCluster, kafka_cluster
from libs.testing.keys import API_KEY, SIGNING_KEY, roots_beside
from libs.testing.native_kafka import SHARED_JARS
from libs.testing.processes import IMPORT_ROOT, ProcessContext, ServerProcess, moe, moe_process, start_all, stop_all
from libs.testing.stores import running, throw_away_folders
from moe.registry import SERVICES

KEY = API_KEY
STAGES = SERVICES
_AT_ONCE = 4  # processes that start at the same time; more only wait for each other's imports


class ClusterFailed(Exception):
    """The installation could not be set up; the message names the part."""


@dataclass(frozen=True)
class Size:
    """How large the installation is, and how long a request may take, in seconds. `brokers`: one, or a quorum.

    `source` is the folder of another release that the services are started from.
    """

    replicas: int = 2
    request_timeout_s: float = 60.0
    variables: Mapping[str, str] | None = None
    brokers: Literal[1, 3] = 1
    source: Path = IMPORT_ROOT


@dataclass(frozen=True)
class Cluster:
    """`stores` and `processes` by name: `kafka`, `merger-1`. Logs are `<name>.log` in the folder of the place."""

    stores: Mapping[str, Supervised]
    processes: Mapping[str, ServerProcess]
    place: ProcessContext

    @property
    def kafka(self) -> str:
        """Addresses of the brokers, the same over all their lives."""
        return self.brokers.bootstrap

    @property
    def brokers(self) -> KafkaCluster:
        """Brokers: `kafka`, or `kafka-1` to `kafka-3`."""
        return KafkaCluster({name: store for name, store in self.stores.items() if name.startswith("kafka")})

    @property
    def postgres_url(self) -> str:
        return _given(self.stores["postgres"].launch.gives.postgres_url)

    @property
    def valkey_url(self) -> str:
        return _given(self.stores["valkey"].launch.gives.redis_url)

    @property
    def gateways(self) -> tuple[str, ...]:
        return tuple(each.url for name, each in self.processes.items() if name.startswith("gateway-"))

    @property
    def signer(self) -> Signer:
        return Signer(SIGNING_KEY.encode())

    def complaints(self) -> list[str]:
        """Error lines of all processes since their first start."""
        return [line for process in self.processes.values() for line in process.complaints()]


@asynccontextmanager
async def cluster(model_url: str, folder: Path, size: Size | None = None) -> AsyncIterator[Cluster]:
    """Run an installation; logs go to `folder`. Whatever happens, every process has ended afterwards."""
    size = size or Size()
    async with AsyncExitStack() as leaving:
        stores = {
            **await _brokers(leaving, size.brokers),
            "postgres": await _store(leaving, "postgres"),
            "valkey": await _store(leaving, "valkey"),
        }
        variables = {**_variables(stores, model_url, folder, size.request_timeout_s), **(size.variables or {})}
        place = ProcessContext(variables, folder)
        await _told(place, "topics", "apply")
        await _told(place, "migrate")  # gateways are ready when they have read the directory, and they start first
        processes = {
            f"{stage}-{number}": _replica(place, stage, number) for stage in STAGES for number in range(size.replicas)
        }
        for process in processes.values():
            process.use_source(size.source)
        leaving.push_async_callback(stop_all, tuple(processes.values()))
        await _start(processes)
        yield Cluster(stores, processes, place)


async def _told(place: ProcessContext, *command: str) -> None:
    done = await moe(place, *command)
    if done.code != 0:
        raise ClusterFailed(f"moe {' '.join(command)}: {done.errors}")


async def _brokers(leaving: AsyncExitStack, number: int) -> Mapping[str, Supervised]:
    if number == 1:
        return {"kafka": await _store(leaving, "kafka")}
    return (await leaving.enter_async_context(kafka_cluster())).nodes


async def _store(leaving: AsyncExitStack, name: str) -> Supervised:
    folders = leaving.enter_context(throw_away_folders())
    match name:
        case "kafka":
            return await leaving.enter_async_context(running(Kafka(folders, SHARED_JARS, authenticated=False)))
        case "postgres":
            return await leaving.enter_async_context(running(Postgres(folders, durable=False)))
        case _:
            return await leaving.enter_async_context(running(Valkey(folders)))


async def _start(processes: Mapping[str, ServerProcess]) -> None:
    waiting = list(processes.values())
    for first in range(0, len(waiting), _AT_ONCE):
        await start_all(waiting[first : first + _AT_ONCE])


def _replica(place: ProcessContext, stage: str, number: int) -> ServerProcess:
    variables = {**place.variables, "MOE_INSTANCE_ORDINAL": str(number)}
    return moe_process(ProcessContext(variables, place.folder), "serve", stage, name=f"{stage}-{number}")


def _variables(stores: Mapping[str, Supervised], model_url: str, folder: Path, timeout_s: float) -> dict[str, str]:
    gives = {name: store.launch.gives for name, store in stores.items()}
    brokers = ",".join(_given(each.kafka) for name, each in gives.items() if name.startswith("kafka"))
    return {
        "PATH": os.defpath,
        "KAFKA_URL": f"kafka://{brokers}",
        "REDIS_URL": _given(gives["valkey"].redis_url),
        "POSTGRES_CHECKPOINT_URL": _given(gives["postgres"].postgres_url),
        "INFERENCE_SERVERS": json.dumps([{"name": "scripted", "url": model_url, "api_type": "openai"}]),
        "JUDGE_MODEL": "scripted:7b",
        "MOE_ANSWER_CACHE_SECONDS": "0",  # the same question is sent again and again, and the fleet must answer each
        **roots_beside(SIGNING_KEY),
        "MOE_BOOTSTRAP_API_KEY": KEY,
        "MOE_CHECKPOINT_SECONDS": "5",  # records of a scenario are signed soon after its end
        "MOE_DATA_DIR": str(folder / "data"),
        "MOE_REQUEST_TIMEOUT": str(timeout_s),
    }


def _given(address: str | None) -> str:
    if address is None:
        raise ClusterFailed("a store that runs has an address")
    return address
