"""Opens the ports of the gateway."""

import socket

from libs.adapters.files.instance_slot import InstanceSlot, claim_slot, ordinal_of
from libs.adapters.valkey.deltas import ValkeyDeltaReader
from libs.adapters.valkey.key_value_store import ValkeyKeyValues
from libs.contracts.topics import ANSWER_FINISHED
from libs.runtime.assembly import Assembly
from services.gateway.api.application import make_application
from services.gateway.assembly.instance import Stores, open_on
from services.gateway.handlers import Deps
from services.gateway.settings import Settings


def open_ports(settings: Settings, assembly: Assembly) -> Deps:
    """Raises ConfigurationError."""
    slot = assembly.open(_slot(settings))
    deltas = assembly.open(ValkeyDeltaReader(settings.redis_url, slot.number))
    assembly.add(checks=(deltas,))
    key_values = assembly.open(ValkeyKeyValues(settings.redis_url))
    return open_on(Stores(deltas, slot.number, key_values), settings, assembly, make_application)


def _slot(settings: Settings) -> InstanceSlot:
    limit = ANSWER_FINISHED.partitions
    match settings.instance_ordinal:
        case "":
            return claim_slot(settings.data_dir, limit)
        case "hostname":
            return InstanceSlot.fixed(ordinal_of(socket.gethostname()), limit)
        case number:
            return InstanceSlot.fixed(int(number), limit)
