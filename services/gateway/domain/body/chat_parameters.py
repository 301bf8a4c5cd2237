"""The fields of a chat, and of its messages, that a model server gets: documented ones, of their documented types."""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Literal, cast

from libs.core.json_values import is_object
from services.gateway.domain.body.chat_content import passed_parts, passed_texts, refuse_media
from services.gateway.domain.body.chat_tools import (
    check_texts,
    known_fields,
    passed_calls,
    passed_choice,
    passed_function_call,
    passed_tools,
)
from services.gateway.domain.errors import invalid

ApiType = Literal["openai", "ollama"]

_NUMBER, _TEXT, _FLAG, _OBJECT, _LIST = (int, float), (str,), (bool,), (dict,), (list,)

# Other fields are dropped, so that no client bypasses the operator of a server: the destination of its prompt
# (`api_base`, `models`, `route`), its storage or price (`store`, `service_tier`), the amount of work (`n_predict`), and
# caches shared with others (`cache_salt`, `prompt_cache_key`, `slot_id`). An operator adds fields by `pass` in
# INFERENCE_SERVERS.
# Of these, the gateway writes `model` and `stream_options` itself and bounds the numbers of tokens.
TYPES: Mapping[str, tuple[type, ...]] = MappingProxyType(
    {
        "messages": _LIST,
        "stream": _FLAG,
        "stream_options": _OBJECT,
        "max_tokens": (int,),
        "max_completion_tokens": (int,),
        "n": (int,),
        "temperature": _NUMBER,
        "top_p": _NUMBER,
        "frequency_penalty": _NUMBER,
        "presence_penalty": _NUMBER,
        "seed": (int,),
        "stop": (str, list),
        "logprobs": _FLAG,
        "top_logprobs": (int,),
        "tools": _LIST,
        "tool_choice": (str, dict),
        "parallel_tool_calls": _FLAG,
        "response_format": _OBJECT,
        "reasoning_effort": _TEXT,
        "functions": _LIST,
        "function_call": (str, dict),
        "logit_bias": _OBJECT,
        "modalities": _LIST,
        "audio": _OBJECT,
        "prediction": _OBJECT,
        "verbosity": _TEXT,
        "top_k": (int,),
        "min_p": _NUMBER,
    }
)
# Fields that Ollama's page on its OpenAI protocol does not list.
_NOT_OLLAMA = frozenset(
    {"functions", "function_call", "modalities", "audio", "prediction", "verbosity", "top_k", "min_p"}
)
DOCUMENTED: Mapping[ApiType, frozenset[str]] = {
    "openai": frozenset(TYPES),
    "ollama": frozenset(TYPES) - _NOT_OLLAMA,
}
_STRUCTURED = frozenset(
    {"tools", "tool_choice", "functions", "function_call", "response_format", "prediction", "audio"}
)
_LISTED = frozenset({"stop", "logit_bias"})
_EXACT: Mapping[str, frozenset[type]] = {name: frozenset(types) for name, types in TYPES.items()}
MOST_STOPS = 64
MOST_BIASES = 1024
_SPEECH = frozenset({"voice", "format"})
_PLAIN_MESSAGE = frozenset({"role", "content"})
# Models that think between tool calls need their `reasoning_content` or `reasoning` back.
MESSAGE_FIELDS = frozenset(
    {
        "role",
        "content",
        "name",
        "refusal",
        "tool_calls",
        "tool_call_id",
        "function_call",
        "reasoning_content",
        "reasoning",
    }
)
_TEXTS_OF_MESSAGE = ("name", "refusal", "tool_call_id", "reasoning_content", "reasoning")
_SPOKEN_BEFORE = frozenset({"audio", "images"})  # some servers add these to an answer, and clients send them back
_WORD = re.compile(r"[\w .+-]{1,100}")  # a voice or a format: no address and no path


def passed_chat(raw: Mapping[str, object]) -> dict[str, object]:
    """Filter messages, tools and formats; other fields stay unchanged.

    Raises RequestRefused (400) with the name of the field.
    """
    check_parameters(raw)
    messages = raw.get("messages")
    body = {**raw, "messages": _passed_messages(messages if isinstance(messages, list) else [])}
    return body if _STRUCTURED.isdisjoint(raw) else _passed_structures(body)


def check_parameters(raw: Mapping[str, object]) -> None:
    """Check the types of a chat's fields and the sizes of its lists; of other protocols, after their translation.

    Raises RequestRefused (400) with the name of the field.
    """
    for name, value in raw.items():  # JSON has exact types: a number is no flag, and null counts as absent
        if name in _EXACT and type(value) not in _EXACT[name] and value is not None:
            raise invalid(f"`{name}` has another type.", param=name, code="invalid_value")
    if not _LISTED.isdisjoint(raw):
        _check_sizes(raw)


def _passed_messages(messages: list[object]) -> list[object]:
    """The same list if nothing changes; unknown fields are dropped."""
    for message in messages:
        if not _is_plain(message):
            break
    else:
        return messages
    return [
        message if _is_plain(message) else _message(cast(Mapping[str, object], message), f"messages[{index}]")
        for index, message in enumerate(messages)
    ]


def _is_plain(message: object) -> bool:
    return type(message) is dict and message.keys() <= _PLAIN_MESSAGE and type(message.get("content")) is not list


def _message(message: Mapping[str, object], where: str) -> dict[str, object]:
    passed = {name: value for name, value in message.items() if name in MESSAGE_FIELDS}
    ignored = _SPOKEN_BEFORE if message.get("role") == "assistant" else frozenset()
    refuse_media(message, MESSAGE_FIELDS | ignored, where)
    check_texts(passed, _TEXTS_OF_MESSAGE, where)
    if isinstance(content := passed.get("content"), list):
        passed["content"] = passed_parts(content, f"{where}.content")
    if "tool_calls" in passed:
        passed["tool_calls"] = passed_calls(passed["tool_calls"], f"{where}.tool_calls")
    if "function_call" in passed:
        passed["function_call"] = passed_function_call(passed["function_call"], f"{where}.function_call")
    return passed


def _passed_structures(raw: dict[str, object]) -> dict[str, object]:
    body = raw | passed_tools(raw)
    body |= {name: read(value) for name, read in _OBJECTS.items() if is_object(value := raw.get(name))}
    return body


def _prediction(value: Mapping[str, object]) -> dict[str, object]:
    if value.get("type") != "content":
        raise invalid("`prediction.type` must be content.", param="prediction.type", code="invalid_value")
    return {"type": "content", "content": passed_texts(value.get("content"), "prediction.content")}


def _speech(value: Mapping[str, object]) -> dict[str, object]:
    """The voice and the format of a spoken answer."""
    passed = known_fields(value, _SPEECH, "audio")
    if is_object(voice := passed.get("voice")):
        passed = {**passed, "voice": known_fields(voice, frozenset({"id"}), "audio.voice")}
    for word in (voice.get("id") if is_object(voice) else voice, passed.get("format")):
        if word is not None and not (isinstance(word, str) and _WORD.fullmatch(word)):
            raise invalid(
                "`audio`: the names of a voice and a format are expected.", param="audio", code="invalid_value"
            )
    return passed


_OBJECTS: Mapping[str, Callable[[Mapping[str, object]], object]] = {
    "tool_choice": passed_choice,
    "function_call": lambda value: passed_function_call(value, "function_call"),
    "prediction": _prediction,
    "audio": _speech,
}


def _check_sizes(raw: Mapping[str, object]) -> None:
    stop, bias = raw.get("stop"), raw.get("logit_bias")
    if isinstance(stop, list) and (len(stop) > MOST_STOPS or not all(isinstance(each, str) for each in stop)):
        raise invalid(f"`stop`: at most {MOST_STOPS} texts are expected.", param="stop", code="invalid_value")
    if is_object(bias) and len(bias) > MOST_BIASES:
        raise invalid(f"`logit_bias`: at most {MOST_BIASES} tokens are expected.", param="logit_bias")
