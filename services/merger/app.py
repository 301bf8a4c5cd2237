"""Opens the ports of the merger."""

from libs.adapters.models.access import read_models
from libs.adapters.valkey.deltas import ValkeyDeltaWriter
from libs.runtime.assembly import Assembly
from libs.runtime.spec import Ports
from services.merger.settings import Settings


def open_ports(settings: Settings, assembly: Assembly) -> Ports:
    """Raises ConfigurationError."""
    llm = assembly.open(read_models(settings).llm)
    return Ports(llm=llm, deltas=assembly.open(ValkeyDeltaWriter(settings.redis_url)))
