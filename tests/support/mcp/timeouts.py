"""Limits on wall time for tests whose matter they are not: a machine that does other things breaks no promise."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial

import pytest

from services.mcp.assembly import tool_runtime
from services.mcp.tools.served import local
from services.mcp.tools.served.documents import workshop
from services.mcp.tools.served.sandbox import tool
from services.mcp.workers.pool import PoolLimits

PATIENT_S = 60.0
PATIENT = PoolLimits(call_s=PATIENT_S, start_s=PATIENT_S)
PATIENT_WORKSHOP = replace(workshop.LIMITS, call_s=PATIENT_S, start_s=PATIENT_S)


@contextmanager
def patience() -> Iterator[None]:
    """Extend the timeouts of tools that are built and called inside. Their CPU and memory limits stay."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(tool_runtime, "PoolLimits", partial(PoolLimits, call_s=PATIENT_S, start_s=PATIENT_S))
        patched.setattr(local, "Workshop", partial(workshop.Workshop, PATIENT_WORKSHOP))
        patched.setattr(tool, "WALL_S", PATIENT_S)
        yield
