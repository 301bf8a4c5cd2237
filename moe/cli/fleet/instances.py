"""Who this process is among the instances of its services: a name that nobody else has, and that it has again."""

import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager

from libs.adapters.files.instance_slot import claim_slot, installation_id, ordinal_of
from libs.runtime.settings import BusSettings, ProcessSettings

MOST_INSTANCES = 1000


@contextmanager
def claimed(services: Sequence[str], process: ProcessSettings, bus: BusSettings) -> Iterator[Mapping[str, str]]:
    """Yield the name of this instance of each service; none where the broker would not know what to do with it.

    Without an ordinal it is the data directory's name and the first free number in it, held for as long as the block.
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
