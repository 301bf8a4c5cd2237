"""Opens the ports of the planner."""

from libs.adapters.models.access import read_models
from libs.runtime.assembly import Assembly
from libs.runtime.spec import Ports
from services.planner.settings import Settings


def open_ports(settings: Settings, assembly: Assembly) -> Ports:
    """Raises ConfigurationError."""
    return Ports(llm=assembly.open(read_models(settings).llm))
