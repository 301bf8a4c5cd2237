"""Options and the event loop of the comparisons."""

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import uvloop


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--json", type=Path, help="The file that the figures beside LiteLLM are written to.")
    parser.addoption("--cut", action="store_true", help="The short form: whether it works, not how fast.")


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Use the event loop with the least CPU use."""
    return {"uvloop": uvloop.new_event_loop}
