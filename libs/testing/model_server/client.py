"""Requests and server entries for tests that talk to the scripted model server."""

from libs.contracts.staffing import ModelRef
from libs.ports.llm import ChatMessage, JsonSchema, ModelRequest
from libs.runtime.settings.inference_servers import InferenceServer
from libs.testing.model_server.server import ModelServer

SERVER_NAME = "scripted"
MODEL_NAME = "scripted-7b"


def server_entry(
    server: ModelServer, *, name: str = SERVER_NAME, small: bool = False, stream: bool = False
) -> InferenceServer:
    """Entry under which `chat_request` finds the server."""
    return InferenceServer(name=name, url=server.url, small=small, stream=stream)


def chat_request(
    user: str, *, system: str = "", timeout_s: float = 5.0, model: str = MODEL_NAME, schema: JsonSchema | None = None
) -> ModelRequest:
    """One user message behind an optional system prompt."""
    opening = (ChatMessage("system", system),) if system else ()
    messages = (*opening, ChatMessage("user", user))
    return ModelRequest(ModelRef(model=model, server=SERVER_NAME), messages, timeout_s=timeout_s, json_schema=schema)
