"""Random names that distinguish a call from its repetition."""

import secrets

from libs.core.reads import record_read


def new_nonce() -> str:
    """Six random hex digits, recorded in the running read log."""
    value = secrets.token_hex(3)
    record_read("nonce", value=value)
    return value
