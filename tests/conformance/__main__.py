"""`python -m tests.conformance NODE [SCENARIO…]`: the MCP conformance suite of both revisions against our server.

The exit code is 1 when something failed that the baseline does not know, or passed that it does.
"""

import asyncio
import sys
import tempfile
import warnings
from pathlib import Path

from tests.conformance.served import serving

HERE = Path(__file__).parent
SUITE = HERE / "js/node_modules/@modelcontextprotocol/conformance/dist/index.js"
REVISIONS = ("2025-11-25", "2026-07-28")


async def _main(node: str, scenarios: list[str]) -> int:
    warnings.simplefilter("ignore")  # the revision of 2025 is full of what that of 2026 deprecates
    with tempfile.TemporaryDirectory(prefix="conformance-") as folder:
        async with serving(folder) as url:
            codes = [await _run((node, str(SUITE)), url, Path(folder, revision), scenarios) for revision in REVISIONS]
    return max(codes)


async def _run(suite: tuple[str, str], url: str, folder: Path, scenarios: list[str]) -> int:
    """Run the whole suite of the revision that the folder is named after, or some scenarios of it."""
    chosen = [argument for name in scenarios for argument in ("--scenario", name)] or ["--suite", "all"]
    known = ["--expected-failures", str(HERE / "baseline.yaml"), "--spec-version", folder.name]
    process = await asyncio.create_subprocess_exec(*suite, "server", "--url", url, *chosen, *known, "-o", str(folder))
    return await process.wait()


if __name__ == "__main__":
    sys.exit(asyncio.run(_main(sys.argv[1], sys.argv[2:])))
