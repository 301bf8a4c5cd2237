"""Limits on the time that stores have, for tests whose matter they are not: a busy machine may hold a store up."""

import pytest

from libs.testing.bus_suite.listener import WAIT_TIMEOUT_S


def wait_for_valkey(patch: pytest.MonkeyPatch) -> None:
    """Let nothing be dropped because Valkey is late: without it an answer comes in one piece, and nothing is known."""
    for place in (
        "libs.adapters.valkey.deltas.writer.WRITE_TIMEOUT_S",
        "libs.adapters.valkey.deltas.reader.CONNECT_TIMEOUT_S",
        "libs.adapters.valkey.key_value_store.TIMEOUT_S",
    ):
        patch.setattr(place, WAIT_TIMEOUT_S)
