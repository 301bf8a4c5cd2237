"""schemas/asyncapi.json: AsyncAPI 3.0 of the whole fleet."""

from collections.abc import Iterable

from libs.contracts.catalogue import TOPICS, messages_of
from libs.contracts.message import Message
from libs.contracts.topics import Topic
from moe.generate.wiring import ServiceWiring

HEADERS = (
    "event_id",
    "response_id",
    "tenant",
    "causation_id",
    "deadline_at",
    "schema",
    "trace",
    "attempt",
    "signature",
)


def asyncapi_document(wiring: tuple[ServiceWiring, ...]) -> dict[str, object]:
    """A channel for each topic, an operation for each service and message."""
    messages = {message.schema_name(): message for topic in TOPICS for message in messages_of(topic)}
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Sovereign Fleet", "version": "1", "license": {"name": "Apache-2.0"}},
        "defaultContentType": "application/json",
        "channels": {topic.name: _channel(topic) for topic in TOPICS},
        "operations": _operations(wiring),
        "components": {"messages": {name: _message(kind) for name, kind in sorted(messages.items())}},
    }


def _channel(topic: Topic) -> dict[str, object]:
    names = _names(messages_of(topic))
    return {
        "address": topic.name,
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in names},
        "bindings": {
            "kafka": {"partitions": topic.partitions, "topicConfiguration": {"retention.ms": topic.retention_ms}}
        },
    }


def _message(message: type[Message]) -> dict[str, object]:
    return {
        "name": message.schema_name(),
        "summary": (message.__doc__ or "").strip().split("\n")[0],
        "headers": {
            "type": "object",
            "required": list(HEADERS),
            "properties": {name: {"type": "string"} for name in HEADERS},
        },
        "payload": {"schemaFormat": "application/schema+json;version=draft-2020-12", "schema": _payload(message)},
    }


def _payload(message: type[Message]) -> dict[str, object]:
    reference = f"#/components/messages/{message.schema_name()}/payload/schema/$defs/{{model}}"
    return message.model_json_schema(ref_template=reference)


def _operations(wiring: tuple[ServiceWiring, ...]) -> dict[str, object]:
    sides = [
        (s.name, action, kinds) for s in wiring for action, kinds in (("receive", s.consumes), ("send", s.publishes))
    ]
    said: dict[str, object] = {
        f"{name}.{action}.{topic.name}": _operation(action, topic, _names(standing))
        for name, action, kinds in sides
        for topic in TOPICS
        if (standing := {kind for kind in kinds if topic in kind.topics})
    }
    return said | _waits(wiring)


def _waits(wiring: tuple[ServiceWiring, ...]) -> dict[str, object]:
    """Retry delays of commands: a consumer forwards a failed one to a retry topic, a relay republishes it."""
    relayed = [topic for topic in TOPICS if any(topic in service.relays for service in wiring)]
    passed_on = [
        (service.name, topic, service.consumes & messages_of(topic)) for service in wiring for topic in relayed
    ]
    sends: dict[str, object] = {
        f"{name}.send.{topic.name}": _operation("send", topic, _names(k)) for name, topic, k in passed_on if k
    }
    return sends | {
        f"{service.name}.receive.{topic.name}": _operation("receive", topic, _names(messages_of(topic)))
        for service in wiring
        for topic in relayed
        if topic in service.relays
    }


def _names(kinds: Iterable[type[Message]]) -> list[str]:
    return sorted(kind.schema_name() for kind in kinds)


def _operation(action: str, topic: Topic, names: list[str]) -> dict[str, object]:
    channel = f"#/channels/{topic.name}"
    return {
        "action": action,
        "channel": {"$ref": channel},
        "messages": [{"$ref": f"{channel}/messages/{name}"} for name in names],
    }
