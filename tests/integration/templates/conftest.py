"""Patience with stores."""

from collections.abc import Iterator

import pytest

from libs.testing.store_timeouts import wait_for_valkey


@pytest.fixture(scope="module", autouse=True)
def patience() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        wait_for_valkey(patch)
        yield
