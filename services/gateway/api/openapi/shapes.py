"""JSON Schemas of the answers. They list the fields that clients may rely on; answers may contain more."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

Schema: TypeAlias = Mapping[str, object]

TEXT: Schema = {"type": "string"}
COUNT: Schema = {"type": "integer", "minimum": 0}
NUMBER: Schema = {"type": "number"}
FLAG: Schema = {"type": "boolean"}


def one_of(*values: str) -> Schema:
    return {"type": "string", "enum": list(values)}


def nullable(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def array_of(schema: Schema) -> Schema:
    return {"type": "array", "items": schema}


def record(fields: Mapping[str, Schema], optional: Sequence[str] = ()) -> Schema:
    """Every field is required, except the names in `optional`."""
    return {
        "type": "object",
        "properties": dict(fields),
        "required": [name for name in fields if name not in optional],
    }


def reference(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


_USAGE = record({"prompt_tokens": COUNT, "completion_tokens": COUNT, "total_tokens": COUNT})
_CALL = record({"id": TEXT, "type": TEXT, "function": record({"name": TEXT, "arguments": TEXT})})
_CHAT_MESSAGE = record(
    {
        "role": one_of("assistant"),
        "content": nullable(TEXT),
        "reasoning_content": TEXT,
        "tool_calls": array_of(_CALL),
    },
    optional=("reasoning_content", "tool_calls"),
)
_FINISH = one_of("stop", "length", "tool_calls", "content_filter")
_OLLAMA_END: Mapping[str, Schema] = {
    "model": TEXT,
    "created_at": TEXT,
    "done": FLAG,
    "done_reason": one_of("stop", "length", "load", "unload"),
    "prompt_eval_count": COUNT,
    "eval_count": COUNT,
    "total_duration": COUNT,
}
_OF_ANSWERS = ("prompt_eval_count", "eval_count", "total_duration")  # absent when a model was only loaded

SHAPES: Mapping[str, Schema] = {
    "Error": record(
        {"error": record({"message": TEXT, "type": TEXT, "param": nullable(TEXT), "code": nullable(TEXT)})}
    ),
    "AnthropicError": record(
        {
            "type": one_of("error"),
            "error": record({"type": TEXT, "message": TEXT}),
            "request_id": nullable(TEXT),
        }
    ),
    "OllamaError": record({"error": TEXT}),
    "ChatCompletion": record(
        {
            "id": TEXT,
            "object": one_of("chat.completion"),
            "created": COUNT,
            "model": TEXT,
            "choices": array_of(record({"index": COUNT, "message": _CHAT_MESSAGE, "finish_reason": _FINISH})),
            "usage": _USAGE,
        }
    ),
    "Completion": record(
        {
            "id": TEXT,
            "object": one_of("text_completion"),
            "created": COUNT,
            "model": TEXT,
            "choices": array_of(record({"index": COUNT, "text": TEXT, "finish_reason": _FINISH})),
            "usage": _USAGE,
        }
    ),
    "AnthropicMessage": record(
        {
            "id": TEXT,
            "type": one_of("message"),
            "role": one_of("assistant"),
            "model": TEXT,
            "content": array_of(record({"type": TEXT})),
            "stop_reason": TEXT,
            "stop_sequence": nullable(TEXT),
            "usage": record({"input_tokens": COUNT, "output_tokens": COUNT}),
        }
    ),
    "TokenCount": record({"input_tokens": COUNT}),
    "OllamaChat": record({**_OLLAMA_END, "message": record({"role": TEXT, "content": TEXT})}, optional=_OF_ANSWERS),
    "OllamaGenerated": record({**_OLLAMA_END, "response": TEXT}, optional=_OF_ANSWERS),
    "OllamaModels": record({"models": array_of({"type": "object"})}),
    "OllamaModel": {"type": "object"},
    "Version": record({"version": TEXT}),
    "Embeddings": record(
        {
            "object": one_of("list"),
            "data": array_of(
                record(
                    {
                        "object": one_of("embedding"),
                        "index": COUNT,
                        "embedding": {"anyOf": [array_of(NUMBER), TEXT]},
                    }
                )
            ),
            "model": TEXT,
        }
    ),
    "OllamaEmbeddings": record({"model": TEXT, "embeddings": array_of(array_of(NUMBER))}),
    "Response": record(
        {
            "id": TEXT,
            "object": one_of("response"),
            "created_at": NUMBER,
            "model": TEXT,
            "status": TEXT,
            "output": array_of({"type": "object"}),
            "usage": record({"input_tokens": COUNT, "output_tokens": COUNT, "total_tokens": COUNT}),
        },
        optional=("usage",),  # absent while unknown
    ),
    "DeletedResponse": record({"id": TEXT, "object": one_of("response.deleted"), "deleted": FLAG}),
    "InputTokens": record({"object": one_of("response.input_tokens"), "input_tokens": COUNT}),
    "Feedback": record(
        {
            "object": one_of("feedback"),
            "status": one_of("recorded"),
            "id": TEXT,
            "response_id": TEXT,
            "rating": {"type": "integer", "minimum": 1, "maximum": 5},
        }
    ),
    "Queued": record({"status": one_of("queued"), "domain": TEXT, "length": COUNT}),
    "Providers": record(
        {
            "object": one_of("list"),
            "data": array_of(
                record(
                    {
                        "object": one_of("provider"),
                        "id": TEXT,
                        "reachable": FLAG,
                        "rate_limited": FLAG,
                        "error": nullable(TEXT),
                        "models": nullable(array_of(TEXT)),
                        "latency_ms": NUMBER,
                        "checked_at": COUNT,
                        "url": TEXT,
                    },
                    optional=("url",),
                )
            ),
        }
    ),
    "Model": {
        "anyOf": [
            record({"id": TEXT, "object": one_of("model"), "created": COUNT, "owned_by": TEXT}),
            record({"id": TEXT, "type": one_of("model"), "display_name": TEXT, "created_at": TEXT}),
        ]
    },
    "Models": {
        "anyOf": [
            record({"object": one_of("list"), "data": array_of(reference("Model"))}),
            record({"data": array_of(reference("Model")), "has_more": FLAG}),
        ]
    },
    "Event": {
        **record({"data": TEXT, "id": TEXT, "event": TEXT}, optional=("id", "event")),
        "description": "One Server-Sent Event; `data` is JSON, or `[DONE]` at the end for OpenAI's clients",
    },
    "Line": {"description": "Lines of JSON, each an object; the last one has `done`"},
    "Anything": {},
    "Document": record({"openapi": TEXT, "info": {"type": "object"}, "paths": {"type": "object"}}),
}
