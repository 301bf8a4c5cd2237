"""Model calls over the OpenAI chat protocol, as in Ollama, vLLM, llama.cpp and OpenAI."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

from libs.adapters.models.openai_chat.chat import OpenAIChat
from libs.adapters.models.openai_chat.exchange import ModelWire
from libs.adapters.models.openai_chat.http_client import ClientLimits
from libs.adapters.models.openai_chat.retry import CallRetryPolicy
from libs.adapters.web.http_wire import PoolLimits
from libs.runtime.settings.inference_servers import InferenceServer

__all__ = ["CallRetryPolicy", "ClientLimits", "ModelWire", "OpenAIChat", "open_llm"]


@asynccontextmanager
async def open_llm(
    servers: Sequence[InferenceServer],
    *,
    limits: ClientLimits | None = None,
    retry: CallRetryPolicy | None = None,
    salt_key: str = "",
) -> AsyncGenerator[OpenAIChat, None]:
    """Open the model servers for one process and event loop; leaving closes every connection.

    Contacts no server before the first call.
    """
    limits = limits or ClientLimits()
    pool = PoolLimits(limits.connect_timeout_s, limits.keepalive_s, limits.max_connections)
    async with ModelWire(servers, pool, exchanges=limits.max_connections) as wire:
        yield OpenAIChat(servers, wire, retry=retry, salt_key=salt_key)
