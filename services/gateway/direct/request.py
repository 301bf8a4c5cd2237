"""The request to a model; it is released once the model begins to answer."""

import hashlib
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias

from libs.contracts.progress import Protocol
from services.gateway.direct.context import DirectContext, ModelOutput
from services.gateway.domain.direct.upstream import Upstream
from services.gateway.domain.direct.upstream_body import Form, is_unbounded, model_body, written
from services.gateway.domain.question.fleet_question import InferenceRequest
from services.gateway.domain.routing.call_options import CallOptions
from services.gateway.domain.streaming.reply import ReplyHead

Remember: TypeAlias = Callable[[ModelOutput], Awaitable[None]]


def new_call_id() -> str:
    """Generate the id of a tool call without an id of its server."""
    return f"call_{secrets.token_hex(12)}"


async def keep_nothing(_said: ModelOutput) -> None:
    """The `remember` of requests whose answer is not stored besides its record."""


@dataclass(slots=True)
class DirectRequest:
    """`context` records the hash of the body that the model was sent; `headers` are the client's header lines that are
    forwarded to its server.

    `remember` is awaited with the answer before the last bytes are sent to the client.
    """

    inference: InferenceRequest
    options: CallOptions
    context: DirectContext
    headers: bytes = b""
    remember: Remember = keep_nothing
    protocol: Protocol = "chat"

    @property
    def head(self) -> ReplyHead:
        """The fields of every frame."""
        inference, case = self.inference, self.context
        began = case.started_at
        return ReplyHead(
            response_id=case.response_id,
            model=case.requested_model,
            created=int(began),
            include_usage=inference.include_usage,
            echo=inference.echo,
            accepted_at=began,
            protocol=self.protocol,
            completed_at=case.completed_at,
        )

    @property
    def is_unbounded(self) -> bool:
        """True when neither the client nor its operator bounds the answer."""
        return is_unbounded(self.inference, self.options)

    def body(self, upstream: Upstream, form: Form) -> bytes:
        """Records the SHA-256 of the body in the context."""
        fields = model_body(self.inference, self.context.ref.model, upstream, self.options, form)
        body = written(fields, upstream.salt_of(self.context.requester.tenant))
        self.context.prompt_sha256 = hashlib.sha256(body).hexdigest()
        return body
