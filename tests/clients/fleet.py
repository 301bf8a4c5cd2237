"""The fleet for the client tests: `moe up` on its embedded stores, with scripted models behind it."""

import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from libs.testing.keys import API_KEY
from libs.testing.model_server import ModelServer
from libs.testing.processes import ProcessContext, ServerProcess, moe, moe_process
from tests.clients.script import script

KEY = API_KEY
MODEL = "scripted:7b"
SHORT = {"id": "short", "name": "Short", "moe_mode": "native", "context_window": 500}
LIMITED = (  # each uses up a separate rate limit
    "openai-python", "openai-js", "anthropic-python", "anthropic-js", "schemas-python", "schemas-js"
)  # fmt: skip
PROFILES = Path(__file__).parents[2] / "docs" / "profiles"


@dataclass(frozen=True)
class ClientFleet:
    """Data for a client: the address of the gateway without a path, and keys.

    `key` has all grants, `narrow_key` the concise mode alone, `slow_keys` six requests a minute, one for each client
    that tries it; `lost_key` is bound to a profile that is not there, `native_key` and `fleet_key` to two of
    docs/profiles, `short_key` to one with a window of 500 tokens.
    """

    url: str
    key: str
    narrow_key: str
    slow_keys: dict[str, str]
    lost_key: str
    native_key: str
    fleet_key: str
    short_key: str

    def write(self, path: Path) -> Path:
        """Write the configuration for the programs that drive the clients."""
        path.write_text(json.dumps(asdict(self)))
        return path


@asynccontextmanager
async def open_fleet(folder: Path) -> AsyncIterator[tuple[ClientFleet, ServerProcess]]:
    """Run the whole fleet; logs and data are kept in the folder. Raises ProcessEnded when it does not start."""
    async with ModelServer(script()) as models:
        place = ProcessContext(_variables(models.url, folder), folder)
        process = moe_process(place, "up")
        await process.start()
        try:
            yield await _client_fleet(place, process.url, _short_profile(folder)), process
        finally:
            await process.stop()


def _short_profile(folder: Path) -> Path:
    path = folder / "short.json"
    path.write_text(json.dumps(SHORT))
    return path


async def _client_fleet(place: ProcessContext, url: str, *profiles: Path) -> ClientFleet:
    await _native_key(place, "profiles", "import", *map(str, (*sorted(PROFILES.glob("*.json")), *profiles)))
    return ClientFleet(
        url,
        KEY,
        narrow_key=await _key_for(place, "narrow", "concise"),
        slow_keys={client: await _key_for(place, f"slow-{client}", "*", "--rpm", "6") for client in LIMITED},
        lost_key=await _key_for(place, "lost", "*", "--profile", "gone"),
        native_key=await _key_for(place, "native", "*", "--profile", "ref-native"),
        fleet_key=await _key_for(place, "fleet", "*", "--profile", "ref-orchestrated"),
        short_key=await _key_for(place, "short", "*", "--profile", "short"),
    )


async def _key_for(place: ProcessContext, user: str, mode: str, *options: str) -> str:
    """Create a user with the grant for one mode, and a key of that user, as an operator does."""
    await _native_key(place, "users", "create", user, "--grant", "moe_mode", mode)
    made = json.loads(await _native_key(place, "keys", "create", user, "--json", *options))
    return str(made["key"])


async def _native_key(place: ProcessContext, *arguments: str) -> str:
    ran = await moe(place, *arguments)
    if ran.code:
        raise RuntimeError(f"moe {' '.join(arguments)}: {ran.errors}")
    return ran.output


def _variables(models_url: str, folder: Path) -> dict[str, str]:
    server = {"name": "scripted", "url": models_url, "api_type": "openai"}
    return {
        "PATH": os.defpath,
        "INFERENCE_SERVERS": json.dumps([server]),
        "JUDGE_MODEL": MODEL,
        "EXPERT_MODELS": json.dumps({"vision": [{"model": MODEL, "endpoint": "scripted"}]}),
        "EMBEDDING_MODEL": "letters@scripted",
        "MOE_BOOTSTRAP_API_KEY": KEY,
        "MOE_QUEUE_TARGET_MS": "0",  # admits every request, also on a slow machine
        "MOE_DATA_DIR": str(folder / "data"),
    }
