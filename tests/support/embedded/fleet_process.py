"""A process that runs embedded stores until its input closes: `python -m tests.support.embedded.fleet_process DIR`.

It prints one line of JSON: the addresses, and the pid of a forked worker that outlives it.
"""

import asyncio
import json
import os
import signal
import sys
from dataclasses import asdict
from pathlib import Path

from libs.embedded.choice import EmbeddedChoice
from libs.embedded.supervisor import Supervisor


async def main(data_dir: Path) -> None:
    choice = EmbeddedChoice(data_dir, kafka="tansu", valkey=True, postgres=True, model="default")
    async with Supervisor(choice, on_event=lambda line: None) as stores:
        told = asdict(stores) | {"worker": _forked_worker()}
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.read)


def _forked_worker() -> int:
    """Fork without exec, as multiprocessing may: the copy holds every descriptor of ours."""
    pid = os.fork()
    if pid == 0:
        os.close(1)
        signal.pause()
    return pid


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
