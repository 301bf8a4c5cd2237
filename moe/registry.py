"""The table of services. A service outside this table does not exist."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any, Protocol, TypeAlias, cast

from libs.adapters.files.prompts import read_prompts
from libs.core.errors import ConfigurationError
from libs.runtime.assembly import Assembly
from libs.runtime.service import Service
from libs.runtime.settings import Settings
from libs.runtime.spec import Prompts, ServiceSpec

SERVICES: tuple[str, ...] = ("gateway", "planner", "expert-worker", "mcp", "merger", "critic", "journal")
FIRST_METRICS_PORT = 9470  # /metrics port of a process: this one plus the table position of its first service

AnySpec: TypeAlias = ServiceSpec[Any, Any, Any]


class _App(Protocol):
    def open_ports(self, settings: Settings, assembly: Assembly) -> object: ...


def package_of(name: str) -> str:
    """Raises ConfigurationError for a name outside the table."""
    if name not in SERVICES:
        raise ConfigurationError(f"there is no service {name!r}; there are: {', '.join(SERVICES)}")
    return f"services.{name.replace('-', '_')}"


def spec_of(name: str) -> AnySpec:
    """The declaration of a service. Imports that service alone."""
    return cast(AnySpec, import_module(f"{package_of(name)}.spec").SPEC)


def specs() -> tuple[AnySpec, ...]:
    """The declaration of every service."""
    return tuple(map(spec_of, SERVICES))


def prompts_of(name: str) -> Prompts:
    """The prompts of a service, read from its folder."""
    return read_prompts(package_of(name))


def build_service(name: str, given: Mapping[str, str]) -> Service:
    """Build a service from the environment and the `given` variables. Opens nothing. Raises ConfigurationError."""
    app, spec, assembly = cast(_App, import_module(f"{package_of(name)}.app")), spec_of(name), Assembly()
    settings = spec.settings.read(given)
    return assembly.service(spec, settings, prompts_of(name), app.open_ports(settings, assembly))


def metrics_port(names: tuple[str, ...]) -> int:
    """Default /metrics port of a process that runs these services."""
    return FIRST_METRICS_PORT + SERVICES.index(names[0])
