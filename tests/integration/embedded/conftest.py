"""The stores that other tests of the session keep running are none of these tests' business."""

import pytest

from libs.embedded import guarded
from tests.support.embedded.stores import ignore_present_children


@pytest.fixture(autouse=True)
def _only_our_children() -> None:
    ignore_present_children()


@pytest.fixture(autouse=True)
def _patient_owner(monkeypatch: pytest.MonkeyPatch) -> None:
    """A late guard is not killed before it has reported the end of its command."""
    monkeypatch.setattr(guarded, "_OVERRUN_S", 30.0)
