"""The store of tool switches: Postgres if configured, else a file in the data directory."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from libs.adapters.switches.file import FileSwitches
from libs.adapters.switches.postgres import switches_at
from libs.ports.switches import Switches
from libs.runtime.service import Check
from libs.runtime.settings.identity import BOOTSTRAP_TENANT
from services.mcp.settings import Settings

FILE = "tools/switched-off.json"


async def _known() -> None:
    """Never waits: a file is read on each query."""


@dataclass(frozen=True)
class ToolSwitches:
    """The switches and their dependencies. `known` waits until they are loaded, or until a timeout."""

    switches: Switches
    resources: tuple[AbstractAsyncContextManager[object], ...] = ()
    checks: tuple[Check, ...] = ()
    known: Callable[[], Awaitable[None]] = _known


def tool_switches_of(settings: Settings) -> ToolSwitches:
    """The switches of this installation. Opens nothing. Raises ConfigurationError."""
    url = settings.postgres_url.get_secret_value()
    if not url:
        return ToolSwitches(FileSwitches(settings.data_dir / FILE))
    switches = switches_at(url, settings.passwords, BOOTSTRAP_TENANT)
    return ToolSwitches(switches, (switches.watch,), (switches.watch,), switches.watch.first_load)
