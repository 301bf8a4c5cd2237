"""The record of a model call, as events carry it."""

import hashlib
import json

from libs.contracts.model_call import ModelCall, Usage
from libs.ports.llm import Completion, ModelRequest


def record_call(request: ModelRequest, completion: Completion) -> ModelCall:
    """`model` and `server` are the requested ones; the record holds only a hash of the prompt."""
    usage = completion.usage
    return ModelCall(
        stage=request.stage,
        model=request.ref.model,
        server=request.ref.server,
        prompt_sha256=prompt_sha256(request),
        usage=Usage(prompt_tokens=usage.prompt_tokens, completion_tokens=usage.completion_tokens),
        duration_ms=round(completion.duration_s * 1000),
        finish_reason=completion.finish_reason,
        usage_estimated=usage.estimated,
        id=completion.call_id,
    )


def prompt_sha256(request: ModelRequest) -> str:
    """SHA-256 (hex) of the messages as a JSON list of [role, content] pairs."""
    pairs = [[message.role, message.content] for message in request.messages]
    return hashlib.sha256(json.dumps(pairs).encode()).hexdigest()
