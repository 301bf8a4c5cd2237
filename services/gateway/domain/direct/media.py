"""What a model server would fetch by itself for a client: nothing, unless the operator wants it.

A server that is given the address of an image opens it from inside the operator's network. Images travel as data URLs.
"""

from collections.abc import Mapping

from libs.core.json_values import is_object, objects_in
from services.gateway.domain.errors import remote_media

_BEGINNING = 128  # characters in which the scheme of an address stands


def check_media(raw: Mapping[str, object]) -> None:
    """Let a chat body pass that names no address to fetch. Raises RequestRefused (400)."""
    for message in objects_in(raw.get("messages")):
        for part in objects_in(message.get("content")):
            if any(_names_address(value) for name, value in part.items() if name != "text"):
                raise remote_media()


def _names_address(value: object) -> bool:
    if isinstance(value, str):
        return "://" in value[:_BEGINNING]
    if is_object(value):
        return any(map(_names_address, value.values()))
    return isinstance(value, list) and any(map(_names_address, value))
