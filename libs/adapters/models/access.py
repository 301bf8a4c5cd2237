"""Model roles and model servers, read from the settings of a service."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Protocol

from libs.adapters.models.call_recording_llm import CallRecordingLLM
from libs.adapters.models.openai_chat import open_llm
from libs.adapters.models.read_recording_llm import ReadRecordingLLM
from libs.core.resource import Resource
from libs.ports.llm import Completion, ModelRequest, TextDelta
from libs.runtime.settings.inference_servers import InferenceServer, parse_inference_servers
from libs.runtime.settings.model_catalogue import ModelCatalogue, NamesModels, read_catalogue


class ModelAccess(NamesModels, Protocol):
    @property
    def salt_key(self) -> str: ...


class ModelServers(Resource):
    """Port `LLM` as a resource: enter it before use; leaving closes all connections.

    Records each read and reports each call.
    """

    def __init__(self, servers: tuple[InferenceServer, ...], salt_key: str = "") -> None:
        self._servers = servers
        self._salt_key = salt_key
        self._llm: ReadRecordingLLM | None = None

    async def _enter(self, stack: AsyncExitStack) -> None:
        llm = await stack.enter_async_context(open_llm(self._servers, salt_key=self._salt_key))
        self._llm = ReadRecordingLLM(CallRecordingLLM(llm))
        stack.callback(self._forget_llm)

    def _forget_llm(self) -> None:
        self._llm = None

    async def complete(self, request: ModelRequest) -> Completion:
        return await self._opened().complete(request)

    def stream(self, request: ModelRequest) -> AsyncGenerator[TextDelta | Completion, None]:
        return self._opened().stream(request)

    def _opened(self) -> ReadRecordingLLM:
        if self._llm is None:
            raise RuntimeError("the model servers are not entered")
        return self._llm


@dataclass(frozen=True)
class Models:
    """`llm` must be entered before its first call."""

    catalogue: ModelCatalogue
    llm: ModelServers


def read_models(settings: ModelAccess) -> Models:
    """Read roles and servers; contact no server. Raises ConfigurationError, which names the variable."""
    servers = parse_inference_servers(settings.inference_servers)
    return Models(read_catalogue(settings), ModelServers(servers, settings.salt_key))
