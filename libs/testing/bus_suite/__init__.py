"""Contract tests of a bus for every transport: `class TestThisBus(BusSuite)` with a fixture `cluster`."""

from libs.testing.bus_suite.delivering import Delivering
from libs.testing.bus_suite.durability import Durability
from libs.testing.bus_suite.sharing import Sharing
from libs.testing.bus_suite.tailing import Tailing

__all__ = ["BusSuite"]


class BusSuite(Delivering, Durability, Sharing, Tailing):
    """All promises together."""
