"""The W3C trace of a request."""

import re
import secrets

_TRACEPARENT = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")


def trace_of(traceparent: str) -> str:
    """A valid incoming traceparent is unchanged; any other is replaced by a new one."""
    if _TRACEPARENT.fullmatch(traceparent):
        return traceparent
    chance = secrets.token_hex(24)
    return f"00-{chance[:32]}-{chance[32:]}-01"
