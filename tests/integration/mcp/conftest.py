"""The workers of tool servers are forked of processes that are started once; `test_pool.py` has its own."""

from collections.abc import Iterator

import pytest

from tests.support.tool_workers import shared_templates


@pytest.fixture(scope="module", autouse=True)
def forked_of_shared_templates() -> Iterator[None]:
    """Start the template processes of the tools once."""
    with shared_templates():
        yield
