"""The template process of the slow tools: `python -m services.mcp.tools.pure.slow_worker LIMITS`."""

import gc

gc.disable()  # as in `services.mcp.tools.pure.quick_worker`

from services.mcp.tools.pure.slow import SLOW  # noqa: E402
from services.mcp.tools.pure.worker_main import run_worker  # noqa: E402

if __name__ == "__main__":
    run_worker(SLOW)
