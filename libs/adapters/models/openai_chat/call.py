"""One model call in flight: server, start, deadline."""

import asyncio
from dataclasses import dataclass

from libs.adapters.models.openai_chat.failures import Busy
from libs.ports.llm import ModelRequest, ModelTimeout, ModelUnavailable, StreamBroken
from libs.runtime.settings.inference_servers import InferenceServer


@dataclass(frozen=True, slots=True)
class Call:
    """A request bound to its server. Times are those of the event loop, in seconds."""

    request: ModelRequest
    server: InferenceServer
    started: float
    deadline: float

    @classmethod
    def start(cls, request: ModelRequest, server: InferenceServer) -> "Call":
        now = asyncio.get_running_loop().time()
        return cls(request, server, started=now, deadline=now + request.timeout_s)

    def elapsed_s(self) -> float:
        return asyncio.get_running_loop().time() - self.started

    def remaining_s(self) -> float:
        return self.deadline - asyncio.get_running_loop().time()

    def silent(self) -> ModelTimeout:
        """The call timed out before an answer began."""
        return ModelTimeout(
            f"model server {self.server.name!r} gave no answer from {self.request.ref.model!r} "
            f"within {self.request.timeout_s:g} s"
        )

    def stalled(self) -> StreamBroken:
        """An answer that had begun stopped arriving."""
        return StreamBroken(
            f"the answer of {self.request.ref.model!r} on model server {self.server.name!r} stopped in the middle: "
            f"nothing more came in time"
        )

    def cut(self, why: str, *, began: bool) -> ModelUnavailable | StreamBroken:
        """The connection failed because of `why`.

        `began`: answer text was already passed on, so a retry is impossible.
        """
        if began:
            return StreamBroken(f"model server {self.server.name!r} broke off its answer: {why}")
        return Busy(f"model server {self.server.name!r} cannot be reached: {why}")
