"""Random names for what must not be taken for its repetition."""

import secrets

from libs.core.reads import record_read


def new_nonce() -> str:
    """Return six random hex digits, and write them on the tape."""
    value = secrets.token_hex(3)
    record_read("nonce", value=value)
    return value
