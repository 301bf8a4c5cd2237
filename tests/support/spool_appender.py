"""A process that appends to a spool and reports each append, until it is killed: `python -m … FOLDER`."""

import asyncio
import sys
from pathlib import Path

from libs.adapters.files.spool import Spool


async def append(folder: Path) -> None:
    async with Spool(folder, 1 << 20, lambda entry: entry) as spool:
        for number in range(100_000):
            entry = b"%06d" % number * 20
            spool.append(entry, entry)
            sys.stdout.write(f"{number}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(append(Path(sys.argv[1])))
