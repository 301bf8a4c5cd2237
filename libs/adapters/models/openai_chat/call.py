"""One model call on its way: where it goes, since when, until when."""

import asyncio
from dataclasses import dataclass

from libs.adapters.models.inference_servers import InferenceServer
from libs.adapters.models.openai_chat.failures import Busy
from libs.ports.llm import ModelRequest, ModelTimeout, ModelUnavailable, StreamBroken


@dataclass(frozen=True, slots=True)
class Call:
    """A request bound to its server. Times are those of the event loop, in seconds."""

    request: ModelRequest
    server: InferenceServer
    started: float
    deadline: float

    @classmethod
    def start(cls, request: ModelRequest, server: InferenceServer) -> "Call":
        """Bind a request to its server and start its clock."""
        now = asyncio.get_running_loop().time()
        return cls(request, server, started=now, deadline=now + request.timeout_s)

    @property
    def url(self) -> str:
        return f"{self.server.url}/chat/completions"

    def headers(self) -> dict[str, str]:
        """Return the headers of the request, the key among them: never to be logged."""
        headers = {"content-type": "application/json"}
        if self.server.token is not None:
            headers["authorization"] = f"Bearer {self.server.token.get_secret_value()}"
        return headers

    def elapsed_s(self) -> float:
        return asyncio.get_running_loop().time() - self.started

    def remaining_s(self) -> float:
        return self.deadline - asyncio.get_running_loop().time()

    def silent(self) -> ModelTimeout:
        """Return the error for a call that ran out of time before there was an answer."""
        return ModelTimeout(
            f"model server {self.server.name!r} gave no answer from {self.request.ref.model!r} "
            f"within {self.request.timeout_s:g} s"
        )

    def stalled(self) -> StreamBroken:
        """Return the error for an answer that did not go on in time."""
        return StreamBroken(
            f"the answer of {self.request.ref.model!r} on model server {self.server.name!r} stopped in the middle: "
            f"nothing more came in time"
        )

    def cut(self, why: str, *, began: bool) -> ModelUnavailable | StreamBroken:
        """Return the error for a connection that failed for the reason `why`."""
        if began:
            return StreamBroken(f"model server {self.server.name!r} broke off its answer: {why}")
        return Busy(f"model server {self.server.name!r} cannot be reached: {why}")
