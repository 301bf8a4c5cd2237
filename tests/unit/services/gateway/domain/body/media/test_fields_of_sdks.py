"""No field of the official SDKs' types brings an address to a model server: new media fields are found by walking."""

import collections.abc
import types
from collections.abc import Callable, Iterator
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import orjson
import pytest
from ollama._types import ChatRequest, GenerateRequest
from openai.types.chat import ChatCompletionMessageParam
from openai.types.chat.completion_create_params import CompletionCreateParamsNonStreaming
from openai.types.responses import ResponseInputItemParam
from pydantic import BaseModel
from typing_extensions import is_typeddict

from services.gateway.dialects.chat.dialect import CHAT
from services.gateway.dialects.messages.dialect import MESSAGES
from services.gateway.dialects.ollama.dialect import OLLAMA_CHAT, OLLAMA_GENERATE
from services.gateway.dialects.responses.dialect import RESPONSES
from services.gateway.domain.body.chat_parameters import DOCUMENTED, TYPES
from services.gateway.domain.body.media import check_local
from services.gateway.domain.direct.upstream_body import model_body
from services.gateway.domain.errors import RequestRefused
from services.gateway.domain.question.fleet_question import InferenceRequest

Json = Any  # values that a type of an SDK allows
PLANTED = "https://planted.example/x"
DEPTH = 7
# Where words of a client belong: no server takes them for something to fetch.
WORDS = frozenset(
    {
        "text",
        "content",
        "refusal",
        "name",
        "arguments",
        "description",
        "reasoning_content",
        "tool_call_id",
        "id",
        "input",
    }
)
# Names and texts of the client's own tools and formats: sent to the model, fetched from nowhere.
OPAQUE = frozenset(
    {
        "tool_choice",
        "function_call",
        "functions",
        "tools",
        "response_format",
        "stop",
        "reasoning_effort",
        "verbosity",
        "modalities",
        "audio",
    }
)
NOT_PASSED = frozenset(
    {
        "metadata",
        "moderation",
        "prompt_cache_key",
        "prompt_cache_options",
        "prompt_cache_retention",
        "safety_identifier",
        "service_tier",
        "store",
        "user",
        "web_search_options",
    }
)
OUR_OWN = frozenset({"top_k", "min_p"})


def values_of(kind: Json, depth: int = DEPTH) -> Iterator[Json]:  # noqa: C901 - one branch for each kind of type
    """Yield values of a type, of unions one for each member, with PLANTED for every text."""
    origin: Json = get_origin(kind)
    if depth == 0:
        return
    if kind is str or kind is object or kind is Any:
        yield PLANTED
    elif kind in (int, float):
        yield 1
    elif kind is bool:
        yield True
    elif origin is Literal:
        yield get_args(kind)[0]
    elif origin in (Union, types.UnionType):
        for member in get_args(kind):
            if member is not type(None):
                yield from values_of(member, depth)
    elif origin in (dict, collections.abc.Mapping):
        yield {"x": PLANTED}
    elif isinstance(origin, type) and issubclass(origin, collections.abc.Iterable):
        for value in values_of(get_args(kind)[0], depth - 1):
            yield [value]
    elif is_typeddict(kind) or (isinstance(kind, type) and issubclass(kind, BaseModel)):
        yield from objects_of(kind, depth)
    elif hasattr(kind, "__metadata__"):
        yield from values_of(get_args(kind)[0], depth)


def objects_of(kind: Json, depth: int) -> Iterator[Json]:
    """Yield an object with all fields, and one for each further value of each field."""
    fields = {name: list(values_of(each, depth - 1)) for name, each in hints_of(kind).items()}
    full = {name: values[0] for name, values in fields.items() if values}
    yield full
    required = getattr(kind, "__required_keys__", None)
    if required is None:
        required = {name for name, field in kind.model_fields.items() if field.is_required()}
    least = {name: value for name, value in full.items() if name in required}
    yield least
    for name, values in fields.items():
        for value in values:
            yield {**least, name: value}


def hints_of(kind: Json) -> dict[str, Json]:
    if is_typeddict(kind):
        return get_type_hints(kind)
    return {name: field.annotation for name, field in kind.model_fields.items()}


def planted_in(value: object, field: str = "") -> Iterator[str]:
    """Yield the fields in which PLANTED would reach a model server where it could be fetched."""
    if isinstance(value, dict):
        for name, each in value.items():
            yield from planted_in(each, name)
    elif isinstance(value, list):
        for each in value:
            yield from planted_in(each, field)
    elif isinstance(value, str) and PLANTED in value and field not in WORDS:
        yield field


def body_sent(read: Callable[[Json], InferenceRequest], body: Json) -> Json | None:
    """Body sent to a model server; None for a refusal (400) that names a field."""
    try:
        ask = read(body)
        check_local(ask.raw)
    except RequestRefused as refused:
        return None if refused.error.status == 400 and refused.error.param else pytest.fail(str(refused))
    return orjson.loads(orjson.dumps(model_body(ask, "m")))


def chat(message: Json) -> Json:
    return {"model": "m", "messages": [message]}


def anthropic(message: Json) -> Json:
    return {"model": "m", "max_tokens": 10, "messages": [message]}


def responses(item: Json) -> Json:
    return {"model": "m", "input": [item]}


def message_of_anthropic() -> Json:
    """Type. Loading the SDK takes 40 MB, which processes that run other files do without."""
    from anthropic.types import MessageParam

    return MessageParam


WAYS: dict[str, tuple[Callable[[Json], InferenceRequest], Callable[[Json], Json], Json]] = {
    "chat": (CHAT.read, chat, ChatCompletionMessageParam),
    "messages": (MESSAGES.read, anthropic, message_of_anthropic),
    "responses": (RESPONSES.read, responses, ResponseInputItemParam),
    "ollama-chat": (OLLAMA_CHAT.read, dict, ChatRequest),
    "ollama-generate": (OLLAMA_GENERATE.read, dict, GenerateRequest),
    "chat, top level": (
        CHAT.read,
        lambda fields: {**fields, "model": "m", "messages": [{"role": "user", "content": "Hi"}]},
        CompletionCreateParamsNonStreaming,
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_no_field_of_an_sdk_brings_an_address_to_a_server(way: str) -> None:
    read, wrap, kind = WAYS[way]
    kind = kind() if kind is message_of_anthropic else kind
    sent = refused = 0
    for value in values_of(kind):
        body = body_sent(read, wrap(value))
        refused += body is None
        sent += body is not None
        if body is not None:
            own = {name: each for name, each in body.items() if name not in OPAQUE}
            assert not list(planted_in(own)), value
    assert refused
    assert sent


def test_every_parameter_of_the_sdk_is_passed_or_left_out_on_purpose() -> None:
    known = frozenset(get_type_hints(CompletionCreateParamsNonStreaming)) - {"model"}
    assert frozenset(TYPES) - OUR_OWN == known - NOT_PASSED
    assert DOCUMENTED["openai"].isdisjoint(NOT_PASSED)
