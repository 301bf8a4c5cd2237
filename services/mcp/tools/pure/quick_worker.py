"""The template process of the quick tools: `python -m services.mcp.tools.pure.quick_worker LIMITS`."""

import gc

gc.disable()  # what is loaded here stays: to look for garbage in it again and again takes a sixth of the start

from services.mcp.tools.pure.quick import QUICK  # noqa: E402
from services.mcp.tools.pure.worker_main import run_worker  # noqa: E402

if __name__ == "__main__":
    run_worker(QUICK)
