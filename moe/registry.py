"""The services there are. A service that is not in this table does not exist: nothing is planned for it."""

from collections.abc import Mapping
from importlib import import_module
from typing import Protocol, cast

from libs.core.errors import ConfigurationError
from libs.runtime.service import Service
from libs.runtime.settings import Settings

SERVICES: tuple[str, ...] = ("gateway", "planner", "expert-worker", "mcp", "merger", "critic", "journal")
FIRST_METRICS_PORT = 9470  # /metrics of a process is here, plus the place of its first service in the table


class _App(Protocol):
    def build(self, settings: Settings) -> Service: ...


def package_of(name: str) -> str:
    """Return the Python package of a service. Raises ConfigurationError for a name that is not in the table."""
    if name not in SERVICES:
        raise ConfigurationError(f"there is no service {name!r}; there are: {', '.join(SERVICES)}")
    return f"services.{name.replace('-', '_')}"


def settings_class(name: str) -> type[Settings]:
    """Return the settings class of a service."""
    return cast(type[Settings], import_module(f"{package_of(name)}.settings").Settings)


def build_service(name: str, given: Mapping[str, str]) -> Service:
    """Build a service from the environment and the `given` variables. Opens nothing."""
    app = cast(_App, import_module(f"{package_of(name)}.app"))
    return app.build(settings_class(name).read(given))


def metrics_port(names: tuple[str, ...]) -> int:
    """Return the default port for /metrics of a process that runs these services."""
    return FIRST_METRICS_PORT + SERVICES.index(names[0])
