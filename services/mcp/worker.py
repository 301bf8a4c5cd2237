"""The template process of the quick tools: `python -m services.mcp.worker LIMITS`."""

import gc

gc.disable()  # what is loaded here stays: to look for garbage in it again and again takes a sixth of the start

from services.mcp.shelved import run_shelf  # noqa: E402
from services.mcp.tools.quick import QUICK  # noqa: E402

if __name__ == "__main__":
    run_shelf(QUICK)
