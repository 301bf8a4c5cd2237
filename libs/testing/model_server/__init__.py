"""A scripted model server: real HTTP, a script instead of a model, a log of every call."""

from libs.testing.model_server.call_log import Call
from libs.testing.model_server.client import chat_request, server_entry
from libs.testing.model_server.pipeline import PipelineOptions, pipeline_script
from libs.testing.model_server.script import Fault, Prompt, Reply, Rule, ToolUse, error_reply
from libs.testing.model_server.server import ModelServer

__all__ = [
    "Call",
    "Fault",
    "ModelServer",
    "PipelineOptions",
    "Prompt",
    "Reply",
    "Rule",
    "ToolUse",
    "chat_request",
    "error_reply",
    "pipeline_script",
    "server_entry",
]
