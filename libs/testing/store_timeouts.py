"""Longer store timeouts for tests of other subjects: a busy machine may delay a store."""

import pytest

from libs.testing.bus_suite.listener import WAIT_TIMEOUT_S


def wait_for_valkey(patch: pytest.MonkeyPatch) -> None:
    """Raises the Valkey timeouts: after a timeout an answer arrives in one piece, and cached answers are missed."""
    for place in (
        "libs.adapters.valkey.deltas.writer.WRITE_TIMEOUT_S",
        "libs.adapters.valkey.deltas.reader.CONNECT_TIMEOUT_S",
        "libs.adapters.valkey.key_value_store.TIMEOUT_S",
    ):
        patch.setattr(place, WAIT_TIMEOUT_S)
