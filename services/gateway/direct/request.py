"""What is asked of a model; no longer needed when it has begun to answer."""

import hashlib
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias

from libs.contracts.progress import Protocol
from services.gateway.direct.context import DirectContext, ModelOutput
from services.gateway.domain.direct.upstream import Upstream
from services.gateway.domain.direct.upstream_body import Form, is_unbounded, model_body, written
from services.gateway.domain.question.inference_request import InferenceRequest
from services.gateway.domain.routing.call_options import CallOptions
from services.gateway.domain.streaming.reply import ReplyHead

Remember: TypeAlias = Callable[[ModelOutput], Awaitable[None]]


def new_call_id() -> str:
    """Return an id for a tool call that its server gave none."""
    return f"call_{secrets.token_hex(12)}"


async def keep_nothing(_said: ModelOutput) -> None:
    """Keep no answer besides its record."""


@dataclass(slots=True)
class DirectRequest:
    """`case` is told what the model was sent; `headers` are the header lines of the client that go on to its server.

    `remember` is awaited with an answer before the client has the last of it.
    """

    ask: InferenceRequest
    options: CallOptions
    context: DirectContext
    headers: bytes = b""
    remember: Remember = keep_nothing
    protocol: Protocol = "chat"

    @property
    def head(self) -> ReplyHead:
        """Return what stands in every frame."""
        ask, case = self.ask, self.context
        began = case.started_at
        return ReplyHead(
            case.response_id,
            case.asked,
            int(began),
            ask.include_usage,
            ask.echo,
            began,
            self.protocol,
            case.completed_at,
        )

    @property
    def is_unbounded(self) -> bool:
        """Return whether neither the client nor its operator bounds the answer."""
        return is_unbounded(self.ask, self.options)

    def body(self, upstream: Upstream, form: Form) -> bytes:
        """Return what the model server is sent; its hash is what is recorded of it."""
        fields = model_body(self.ask, self.context.ref.model, upstream, self.options, form)
        body = written(fields, upstream.salt_of(self.context.origin.tenant))
        self.context.prompt_sha256 = hashlib.sha256(body).hexdigest()
        return body
