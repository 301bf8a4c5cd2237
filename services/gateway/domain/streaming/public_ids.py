"""Ids of responses as clients of each protocol know them; inside the fleet a response is named like a chat."""

from libs.contracts.progress import Protocol
from libs.core.ids import RESPONSE_PREFIX
from libs.core.ids import public_id as with_prefix

_PREFIXES: dict[Protocol, str] = {"responses": "resp_", "messages": "msg_", "completions": "cmpl-"}


def public_id(response_id: str, protocol: Protocol) -> str:
    """Return the id that clients of a protocol are shown."""
    return with_prefix(response_id, _PREFIXES.get(protocol, RESPONSE_PREFIX))
