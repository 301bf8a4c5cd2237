"""The process that republishes every record, as the runner sees it."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from libs.testing.processes import IMPORT_ROOT
from tests.chaos.evidence import Copies
from tests.chaos.history import History

_STOPS_WITHIN_S = 60.0
_LONGEST_LINE = 64 << 20


class Copier:
    """A running process. `copies` is empty until it was stopped."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.copies: Copies = ()
        self._process = process

    async def stop(self) -> None:
        """Stop it, and read its results. Raises RuntimeError, TimeoutError."""
        self._process.terminate()
        async with asyncio.timeout(_STOPS_WITHIN_S):
            output, _ = await self._process.communicate()
        if self._process.returncode != 0:
            raise RuntimeError(f"the copier ended with code {self._process.returncode}")
        self.copies = tuple((_position(copy), _position(original)) for copy, original in json.loads(output))


@asynccontextmanager
async def copier(bootstrap: str, seed: int, history: History) -> AsyncIterator[Copier]:
    """Copy all new records while the block runs."""
    command = (sys.executable, "-m", "tests.chaos.copying", bootstrap, str(seed))
    process = await asyncio.create_subprocess_exec(
        *command, cwd=IMPORT_ROOT, stdout=asyncio.subprocess.PIPE, limit=_LONGEST_LINE
    )
    try:
        assert process.stdout is not None
        await process.stdout.readline()
        history.add("copier", "fault", "invoke", code="copy")
        running = Copier(process)
        yield running
        await running.stop()
        history.add("copier", "fault", "ok", code="copy")
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def _position(told: list[str | int]) -> tuple[str, int, int]:
    topic, partition, offset = told
    return str(topic), int(partition), int(offset)
