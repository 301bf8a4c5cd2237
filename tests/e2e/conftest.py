"""One real Kafka, Valkey, Postgres and scripted model server for all end-to-end tests, and one fleet of processes."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from libs.testing.model_server import ModelServer
from libs.testing.native_kafka import native_kafka
from libs.testing.stores import postgres, valkey
from tests.support.fleet_processes import FleetHarness, Stores, script, whole_fleet


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def stores() -> AsyncIterator[Stores]:
    """A native Apache Kafka, a Valkey and a Postgres."""
    async with native_kafka() as kafka, valkey() as valkey_url, postgres() as postgres_url:
        yield Stores(kafka.bootstrap, valkey_url, postgres_url)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def models() -> AsyncIterator[ModelServer]:
    """The model server that all processes call."""
    async with ModelServer(script()) as server:
        yield server


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def harness(
    stores: Stores, models: ModelServer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[FleetHarness]:
    """The fleet, each service a process. A test that replaces a process puts one back."""
    async with whole_fleet(stores, models.url, tmp_path_factory.mktemp("house")) as fleet:
        yield fleet
