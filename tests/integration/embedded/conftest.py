"""The stores that other tests of the session keep running are none of these tests' business."""

import pytest

from tests.integration.embedded.support import ignore_present_children


@pytest.fixture(autouse=True)
def _only_our_children() -> None:
    ignore_present_children()
