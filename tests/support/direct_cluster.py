"""Gateways as they are put together on one log, in front of a scripted model server, and OpenAI's client for them."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import openai

from libs.runtime.messaging.bus import Bus
from libs.testing.model_server import ModelServer, Rule
from tests.support.cluster import OURS, Cluster, Gateway, gateway

MODEL = "moe-orchestrator"
WEATHER: Any = {"type": "function", "name": "weather", "parameters": {"type": "object", "properties": {}}}


@asynccontextmanager
async def direct_gateway_of(
    cluster: Cluster, ordinal: int, models: ModelServer, bus: Bus | None = None
) -> AsyncIterator[Gateway]:
    """Run one instance that knows the model server; each one has its own outbox."""
    servers = json.dumps([{"name": "scripted", "url": models.url, "api_type": "openai"}])
    async with gateway(cluster, ordinal, bus, INFERENCE_SERVERS=servers, JUDGE_MODEL="judge-7b@scripted") as one:
        yield one


@asynccontextmanager
async def two_gateways(cluster: Cluster, *rules: Rule) -> AsyncIterator[tuple[Gateway, Gateway, ModelServer]]:
    """Run two instances on one log."""
    async with (
        ModelServer(rules) as models,
        direct_gateway_of(cluster, 0, models) as one,
        direct_gateway_of(cluster, 1, models) as other,
    ):
        yield one, other, models


@asynccontextmanager
async def sdk(instance: Gateway, key: str = OURS) -> AsyncIterator[openai.AsyncOpenAI]:
    """Yield OpenAI's client."""
    url = f"{instance.client.base_url}/v1"
    async with openai.AsyncOpenAI(base_url=url, api_key=key, max_retries=0, timeout=20) as client:
        yield client
