"""A defect of a tool is reported once: it costs no worker, and the error advises no retry."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from services.mcp.contract import ToolError
from services.mcp.handlers import TRY_AGAIN
from services.mcp.workers.pool import WorkerPool
from tests.support.mcp.timeouts import PATIENT

DEFECTS = [
    "AssertionError",
    "AttributeError",
    "EOFError",
    "ImportError",
    "IndexError",
    "KeyError",
    "NameError",
    "NotADirectoryError",
    "OSError",
    "OverflowError",
    "RecursionError",
    "TypeError",
    "ValueError",
    "ZeroDivisionError",
]


@pytest.fixture
async def pool() -> AsyncIterator[WorkerPool]:
    async with WorkerPool(replace(PATIENT, workers=1), "tests.support.mcp.defective_worker") as running:
        yield running


@pytest.mark.parametrize("defect", DEFECTS)
async def test_a_defect_is_a_refusal_that_nobody_repeats_and_costs_no_worker(pool: WorkerPool, defect: str) -> None:
    before = (await pool.invoke("pid", {})).answer
    with pytest.raises(ToolError) as caught:
        await pool.invoke(defect, {})
    assert caught.value.code not in TRY_AGAIN
    assert "on purpose" not in str(caught.value)
    assert (await pool.invoke("pid", {})).answer == before
