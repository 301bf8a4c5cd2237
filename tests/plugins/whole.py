"""`--whole`: every case, where a landing runs a cut. `make test-full` passes it to each suite.

Tests marked `whole` run with it alone. Others take the fixture `whole` to choose how much they do.
"""

import pytest

OPTION = "--whole"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option."""
    parser.addoption(OPTION, action="store_true", help="run every case, also those that a landing leaves out")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out tests marked `whole`."""
    if config.getoption(OPTION):
        return
    marked = {item for item in items if item.get_closest_marker("whole")}
    config.hook.pytest_deselected(items=[item for item in items if item in marked])
    items[:] = [item for item in items if item not in marked]


@pytest.fixture(scope="session")
def whole(request: pytest.FixtureRequest) -> bool:
    """Whether every case is wanted."""
    return bool(request.config.getoption(OPTION))
