"""The template process of the lengthy tools: `python -m services.mcp.lengthy_worker LIMITS`."""

import gc

gc.disable()  # as in `services.mcp.worker`

from services.mcp.shelved import run_shelf  # noqa: E402
from services.mcp.tools.lengthy import LENGTHY  # noqa: E402

if __name__ == "__main__":
    run_shelf(LENGTHY)
