"""The fleet that the clients are pointed at: `moe up` on its embedded stores, with scripted models behind it."""

import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from libs.testing.model_server import ModelServer
from libs.testing.processes import Place, moe_process
from tests.clients.script import script

KEY = "a-key-for-tests-only"
MODEL = "scripted:7b"


@dataclass(frozen=True)
class House:
    """What a client is told: the address of the gateway without a path, and a key."""

    url: str
    key: str

    def write(self, path: Path) -> Path:
        """Write it down for the programs that drive the clients."""
        path.write_text(json.dumps(asdict(self)))
        return path


@asynccontextmanager
async def open_house(folder: Path) -> AsyncIterator[House]:
    """Run the whole fleet; logs and data are kept in the folder. Raises ProcessEnded when it does not start."""
    async with ModelServer(script()) as models:
        process = moe_process(Place(_variables(models.url, folder), folder), "up")
        await process.start()
        try:
            yield House(process.url, KEY)
        finally:
            await process.stop()


def _variables(models_url: str, folder: Path) -> dict[str, str]:
    server = {"name": "scripted", "url": models_url, "api_type": "openai"}
    return {
        "PATH": os.defpath,
        "INFERENCE_SERVERS": json.dumps([server]),
        "JUDGE_MODEL": MODEL,
        "MOE_BOOTSTRAP_API_KEY": KEY,
        "MOE_QUEUE_TARGET_MS": "0",  # everybody is admitted, however slow a busy machine is
        "MOE_DATA_DIR": str(folder / "data"),
    }
