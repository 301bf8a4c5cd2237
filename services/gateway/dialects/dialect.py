"""What a protocol has to say about itself, so that one pipeline can serve all."""

from collections.abc import Mapping
from typing import Protocol

from libs.contracts.progress import Protocol as ProtocolName
from services.gateway.domain.errors import ApiError
from services.gateway.domain.question.inference_request import InferenceRequest
from services.gateway.domain.streaming.reply import Frames, Reply, ReplyHead
from services.gateway.domain.streaming.resume import START, ResumePoint


class Dialect(Protocol):
    """One protocol of clients. Pure."""

    @property
    def name(self) -> ProtocolName:
        """Return its name, as it stands on the log."""
        ...

    @property
    def names(self) -> Mapping[str, str]:
        """Return what fields of a chat are called here, where they have another name or another place."""
        ...

    @property
    def stream_type(self) -> bytes:
        """Return the media type of its streams."""
        ...

    def read(self, body: object) -> InferenceRequest:
        """Return what a JSON body asks for. Raises RequestRefused (400, 404, 422) with the field at fault."""
        ...

    def frames(self, head: ReplyHead, point: ResumePoint = START) -> Frames:
        """Return the writer of a stream, or of what is left of it after `point`."""
        ...

    def whole(self, head: ReplyHead, reply: Reply) -> bytes:
        """Return an answer in one piece, as JSON."""
        ...

    def status_of(self, error: ApiError) -> int:
        """Return the HTTP status that this protocol has for an error."""
        ...

    def error(self, error: ApiError, response_id: str = "") -> bytes:
        """Return an error object as JSON."""
        ...
