"""A pytest plugin: `--chosen FILE` runs the tests that a file names, one a line, in that order, and no others."""

from pathlib import Path

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--chosen", type=Path, help="File with the ids of the tests that run, in their order.")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    file: Path | None = config.getoption("--chosen")
    if file is None:
        return
    turns = {name: turn for turn, name in enumerate(file.read_text().splitlines())}
    config.hook.pytest_deselected(items=[item for item in items if item.nodeid not in turns])
    items[:] = sorted((item for item in items if item.nodeid in turns), key=lambda item: turns[item.nodeid])
