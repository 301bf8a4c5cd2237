"""The wiring of a service, read from its handlers' annotations."""

import inspect
from collections.abc import AsyncIterator, Sequence
from types import NoneType, UnionType
from typing import Union, get_args, get_origin, get_type_hints

from libs.contracts.message import Message
from libs.contracts.topics import Topic
from libs.core.errors import ConfigurationError
from libs.runtime.service import Handler


def consumed_by(handler: Handler) -> type[Message]:
    """The message that annotates a handler's first parameter. Raises ConfigurationError otherwise."""
    parameters = list(inspect.signature(handler).parameters)
    annotation = get_type_hints(handler).get(parameters[0]) if parameters else None
    if not (isinstance(annotation, type) and issubclass(annotation, Message)):
        raise ConfigurationError(f"{handler_name(handler)}: the first parameter is not annotated with a message")
    return annotation


def topic_of(handler: Handler) -> Topic:
    """The first topic of the message that a handler consumes."""
    return consumed_by(handler).topics[0]


def published_by(handler: Handler) -> frozenset[type[Message]]:
    """Every message that a handler's return annotation names.

    A base class of messages names none: `publishes` of the service lists them.
    """
    return frozenset(_messages_in(get_type_hints(handler).get("return")))


def handler_name(handler: Handler) -> str:
    return getattr(handler, "__qualname__", repr(handler))


def _messages_in(annotation: object) -> list[type[Message]]:
    if isinstance(annotation, type) and issubclass(annotation, Message):
        return [annotation] if hasattr(annotation, "topics") else []
    if get_origin(annotation) in {Union, UnionType, tuple, Sequence, list, AsyncIterator, *_abc_origins()}:
        return [message for argument in get_args(annotation) for message in _messages_in(argument)]
    if annotation in {None, NoneType, Ellipsis}:
        return []
    raise ConfigurationError(f"a handler returns {annotation}, which is no message")


def _abc_origins() -> frozenset[object]:
    return frozenset({get_origin(Sequence[int]), get_origin(AsyncIterator[int])})
