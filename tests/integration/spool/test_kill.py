"""`kill -9` takes nothing that was appended."""

import asyncio
import sys
from pathlib import Path

from libs.adapters.files.spool import read_segment
from libs.testing.waiting import waiting


def entries_in(folder: Path) -> list[bytes]:
    return [entry for path in sorted(folder.glob("*.spool")) for entry in read_segment(path)]


async def test_what_was_appended_outlives_a_kill(tmp_path: Path) -> None:
    command = (sys.executable, "-m", "tests.support.spool_appender", str(tmp_path))
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    async with waiting(120):
        while int(await process.stdout.readline()) < 200:
            pass
        process.kill()
        rest = await process.stdout.read()
    await process.wait()
    said = 201 + len(rest.split())
    kept = entries_in(tmp_path)
    assert len(kept) >= said > 200
    assert kept == [b"%06d" % number * 20 for number in range(len(kept))]
