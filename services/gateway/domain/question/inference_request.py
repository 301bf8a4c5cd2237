"""What a client of any protocol wants. OpenAI's chat body is the lingua franca: model servers speak it as well."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.gateway.domain.body.chat import ChatBody


@dataclass(frozen=True, slots=True)
class InferenceRequest:
    """`chat` is the checked body, `raw` the JSON object that a model server would be sent for it, fields that we do not
    know included.

    `session` is the conversation that the body names, `previous` the response that it goes on from, both empty for
    none; `background`: the client will come back for the answer. `echo` is what answers say again about the request, as
    a JSON object, empty for nothing. `at_once` is the answer to a request that asks nothing, as JSON, empty for one
    that does.
    """

    chat: ChatBody
    raw: Mapping[str, object]
    include_usage: bool = False
    no_cache: bool = False
    session: str = ""
    previous: str = ""
    background: bool = False
    echo: str = ""
    at_once: bytes = b""

    @property
    def model(self) -> str:
        return self.chat.model

    @property
    def stream(self) -> bool:
        return bool(self.chat.stream)
