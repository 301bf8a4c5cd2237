"""Where the gateway is, and a question that nobody has asked before."""

import json
from pathlib import Path

import pytest

from tests.clients.python.visit import House, Question


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--house", type=Path, required=True, help="The file that names the gateway.")


@pytest.fixture(scope="session")
def house(pytestconfig: pytest.Config) -> House:
    path: Path = pytestconfig.getoption("--house")
    return House(**json.loads(path.read_text()))


@pytest.fixture
def question(request: pytest.FixtureRequest) -> Question:
    module = request.node.path.stem.removeprefix("scenarios_")
    return Question(f"#{module}_{request.node.name.removeprefix('test_')}")
