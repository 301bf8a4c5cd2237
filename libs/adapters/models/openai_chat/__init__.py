"""Model calls over the OpenAI chat protocol, as in Ollama, vLLM, llama.cpp and OpenAI."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

from libs.adapters.models.openai_chat.chat import OpenAIChat
from libs.adapters.models.openai_chat.http_client import ClientLimits, model_http_client
from libs.adapters.models.openai_chat.retry import CallRetryPolicy
from libs.runtime.settings.inference_servers import InferenceServer

__all__ = ["CallRetryPolicy", "ClientLimits", "OpenAIChat", "model_http_client", "open_llm"]


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
    async with model_http_client(limits) as http:
        yield OpenAIChat(servers, http, retry=retry, salt_key=salt_key)
