"""The template process of the quick tools: `python -m services.mcp.tools.pure.quick_worker LIMITS`."""

import gc

gc.disable()  # imported objects stay: to scan them again and again takes a sixth of the start

from services.mcp.tools.pure.quick import QUICK  # noqa: E402
from services.mcp.tools.pure.worker_main import run_worker  # noqa: E402

if __name__ == "__main__":
    run_worker(QUICK)
