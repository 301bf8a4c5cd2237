"""A module with `loop_factory = JumpingLoop` runs its tests in virtual time."""

import asyncio
from collections.abc import Callable, Mapping

import pytest


def pytest_asyncio_loop_factories(item: pytest.Item) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    module = item.getparent(pytest.Module)
    return {"loop": getattr(module and module.obj, "loop_factory", asyncio.new_event_loop)}
