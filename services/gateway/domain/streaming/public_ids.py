"""Response ids as clients of each protocol see them; inside the fleet all responses have chat ids."""

from libs.contracts.progress import Protocol as ProtocolName
from libs.core.ids import RESPONSE_PREFIX
from libs.core.ids import public_id as with_prefix

_PREFIXES: dict[ProtocolName, str] = {"responses": "resp_", "messages": "msg_", "completions": "cmpl-"}


def public_id(response_id: str, protocol: ProtocolName) -> str:
    return with_prefix(response_id, _PREFIXES.get(protocol, RESPONSE_PREFIX))
