"""The interface of a dialect, so that one pipeline serves all protocols."""

from collections.abc import Mapping
from typing import Protocol

from libs.contracts.progress import Protocol as ProtocolName
from services.gateway.domain.errors import ApiError
from services.gateway.domain.question.fleet_question import InferenceRequest
from services.gateway.domain.streaming.reply import Frames, Reply, ReplyHead
from services.gateway.domain.streaming.resume import START, ResumePoint


class Dialect(Protocol):
    """One protocol of clients. Pure."""

    @property
    def name(self) -> ProtocolName:
        """The protocol's name on the log."""
        ...

    @property
    def names(self) -> Mapping[str, str]:
        """Maps chat fields to the protocol's fields where name or place differs."""
        ...

    @property
    def stream_type(self) -> bytes:
        """The media type of its streams."""
        ...

    def read(self, body: object) -> InferenceRequest:
        """Parse a JSON body. Raises RequestRefused (400, 404, 422) with the field at fault."""
        ...

    def frames(self, head: ReplyHead, point: ResumePoint = START) -> Frames:
        """Create the writer of a stream, or of the rest of one after `point`."""
        ...

    def whole(self, head: ReplyHead, reply: Reply) -> bytes:
        """Serialize a whole answer as JSON."""
        ...

    def status_of(self, error: ApiError) -> int:
        """HTTP status of an error in this protocol."""
        ...

    def error(self, error: ApiError, response_id: str = "") -> bytes:
        """Serialize an error as JSON."""
        ...
