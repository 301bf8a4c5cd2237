"""Random names for what must not be taken for its repetition."""

import secrets

from libs.core.reads import note


def new_nonce() -> str:
    """Return six random hex digits, and write them on the tape."""
    value = secrets.token_hex(3)
    note("nonce", value=value)
    return value
