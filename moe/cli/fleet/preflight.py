"""Checks before a start: settings and ports."""

import errno
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from typing import NamedTuple

from libs.core.errors import ConfigurationError
from libs.runtime.messaging.signing import Signer
from libs.runtime.service import Service
from libs.runtime.settings import BusSettings, ProcessSettings
from libs.runtime.settings.kafka_connection import KafkaConnection
from moe.cli.context.key_holders import require_keys, require_own_keys
from moe.registry import build_service, metrics_port, spec_of

UNCLAIMED = {"MOE_INSTANCE_ORDINAL": "0"}  # otherwise building a gateway would claim a number in the data directory
_HOSTS = {"MOE_METRICS_PORT": "MOE_METRICS_HOST"}


class Place(NamedTuple):
    """A listening address, and the variable that sets it."""

    variable: str
    host: str
    port: int


def check_services(names: Sequence[str], given: Mapping[str, str]) -> None:
    """Raises ConfigurationError, which names the variable, if a service rejects its settings or a port is taken.

    `given` are the created keys and, of stores that have not started, the known parts of their addresses.
    """
    require_all_keys(names, given)
    check_bus(BusSettings.read(given))
    check_ports(built(names, {**given, **UNCLAIMED}), ProcessSettings.read(given))


def require_all_keys(names: Sequence[str], given: Mapping[str, str]) -> None:
    """Raises ConfigurationError, which names the variable, if a key that a service requires is missing or shared."""
    for name in names:
        require_keys(spec_of(name).settings.read(given))
    require_own_keys(names, given)


def built(names: Sequence[str], given: Mapping[str, str]) -> tuple[Service, ...]:
    """Build services and opens nothing. Raises ConfigurationError, which names the variable."""
    return tuple(build_service(name, given) for name in names)


def check_bus(bus: BusSettings) -> KafkaConnection:
    """Raises ConfigurationError if the broker settings are wrong or no signing key is set."""
    signer_of(bus)
    return bus.connection


def signer_of(bus: BusSettings) -> Signer:
    """Raises ConfigurationError."""
    return Signer.of(bus.envelope_keys)


def check_ports(services: Sequence[Service], process: ProcessSettings) -> None:
    """Raises ConfigurationError, which names the variable, if a port of these services is taken."""
    with ExitStack() as held:  # all at once: two of them may share a port
        for place in _places(services, process):
            held.enter_context(_bound(place))


def _places(services: Sequence[Service], process: ProcessSettings) -> Iterator[Place]:
    for service in services:
        if service.http is None:
            continue
        variable = spec_of(service.name).settings.model_fields["port"].validation_alias
        yield Place(str(variable), service.http.host, service.http.port)
    names = tuple(service.name for service in services)
    yield Place("MOE_METRICS_PORT", process.metrics_host, process.metrics_port or metrics_port(names))


def _bound(place: Place) -> socket.socket:
    probe = socket.socket(socket.AF_INET6 if ":" in place.host else socket.AF_INET)
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        probe.bind((place.host, place.port))
        probe.listen()
    except OSError as error:
        probe.close()
        strange = isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL
        variable = _HOSTS.get(place.variable, "MOE_HOST") if strange else place.variable
        raise ConfigurationError(f"{variable}: cannot listen on {place.host}:{place.port}: {error.strerror}") from error
    return probe
