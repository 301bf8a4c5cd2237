"""From a model call to its record in the event that it led to."""

import hashlib
import json

from libs.contracts.model_call import ModelCall, Usage
from libs.ports.llm import Completion, ModelRequest


def record_call(request: ModelRequest, completion: Completion) -> ModelCall:
    """Return the record. `model` and `server` are those that were asked; the prompt enters as its hash only."""
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
    """Return the SHA-256 (hex) of the messages as a JSON list of [role, content] pairs."""
    pairs = [[message.role, message.content] for message in request.messages]
    return hashlib.sha256(json.dumps(pairs).encode()).hexdigest()
