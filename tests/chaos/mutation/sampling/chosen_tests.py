"""A pytest plugin that selects tests by files of ids, one a line.

`--chosen FILE` runs these tests alone, in that order; `--left-out FILE` runs none of these.
"""

from pathlib import Path

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--chosen", type=Path, help="File with the ids of the tests that run, in their order.")
    parser.addoption("--left-out", type=Path, help="File with the ids of tests that do not run.")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    chosen, left_out = _ids(config, "--chosen"), set(_ids(config, "--left-out"))
    turns = {name: turn for turn, name in enumerate(chosen or [item.nodeid for item in items]) if name not in left_out}
    config.hook.pytest_deselected(items=[item for item in items if item.nodeid not in turns])
    items[:] = sorted((item for item in items if item.nodeid in turns), key=lambda item: turns[item.nodeid])


def _ids(config: pytest.Config, option: str) -> list[str]:
    file: Path | None = config.getoption(option)
    return file.read_text().splitlines() if file is not None else []
