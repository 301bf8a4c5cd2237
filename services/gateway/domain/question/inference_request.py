"""An inference request in any protocol. OpenAI's chat body is the common form: model servers accept it as well."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.gateway.domain.body.chat import ChatBody


@dataclass(frozen=True, slots=True)
class InferenceRequest:
    """`chat` is the validated body, `raw` the JSON object that a model server would get for it, unknown fields
    included.

    `session` is the conversation that the body names, `previous` the response that it continues, both empty for none;
    `background`: the client will fetch the answer later. `echo` are the request fields that answers repeat, as a JSON
    object, empty for none. `at_once` is the immediate answer to a request without a question, as JSON, empty for
    others.
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
