"""The gateway's address, and a unique question."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients.python.visit import FleetAddress, Question


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--house", type=Path, required=True, help="The file that names the gateway.")


@pytest.fixture(scope="session")
def fleet(pytestconfig: pytest.Config) -> FleetAddress:
    path: Path = pytestconfig.getoption("--house")
    return FleetAddress(**json.loads(path.read_text()))


@pytest.fixture
def question(request: pytest.FixtureRequest) -> Question:
    module = request.node.path.stem.removeprefix("scenarios_")
    return Question(f"#{module}_{request.node.name.removeprefix('test_')}")


@pytest.fixture(scope="session")
def rows(pytestconfig: pytest.Config) -> Iterator[set[tuple[str, ...]]]:
    """Route, answer or event, and path of all that conforms; written to `ROWS`."""
    seen: set[tuple[str, ...]] = set()
    yield seen
    Path(os.environ["ROWS"]).write_text(json.dumps(sorted(seen)))  # noqa: TID251 - a client reads its variables itself
