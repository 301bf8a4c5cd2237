"""Timeouts of stores, and the environment of a gateway."""

from pathlib import Path

import pytest

from libs.testing.bus_suite.listener import WAIT_TIMEOUT_S
from libs.testing.store_timeouts import wait_for_valkey
from tests.support.cluster import Cluster


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for stores that a busy machine holds up."""
    wait_for_valkey(monkeypatch)
    for place in ("libs.adapters.journal.data_subject_keys.WAIT_S", "libs.adapters.journal.recorded_erasures.WAIT_S"):
        monkeypatch.setattr(place, WAIT_TIMEOUT_S)


@pytest.fixture
def cluster(tmp_path: Path) -> Cluster:
    return Cluster(tmp_path)
