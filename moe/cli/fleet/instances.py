"""Instance names of the services of this process: unique, and stable over restarts."""

import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager

from libs.adapters.files.instance_slot import claim_slot, installation_id, ordinal_of
from libs.runtime.settings import BusSettings, ProcessSettings

MOST_INSTANCES = 1000


@contextmanager
def claimed(services: Sequence[str], process: ProcessSettings, bus: BusSettings) -> Iterator[Mapping[str, str]]:
    """Yield the instance name of each service; empty without static group membership.

    Without an ordinal, the name is that of the data directory with its first free number, claimed while the block runs.
    Raises ConfigurationError.
    """
    if not bus.static_members:
        yield {}
        return
    with ExitStack() as held:
        yield {service: _name(service, process, held) for service in services}


def _name(service: str, process: ProcessSettings, held: ExitStack) -> str:
    match process.instance_ordinal:
        case "":
            slot = claim_slot(process.data_dir, MOST_INSTANCES, service)
            held.callback(slot.release)
            return f"{installation_id(process.data_dir)}-{slot.number}"
        case "hostname":
            return str(ordinal_of(socket.gethostname()))
        case number:
            return str(int(number))
