"""The in-memory bus: a first-class transport for tests, with Kafka's guarantees but no durability."""

# One `MemoryBroker` is the cluster; every `MemoryBus` is a process that may crash and restart.
from libs.runtime.memory.broker import MemoryBroker
from libs.runtime.memory.bus import MemoryBus

__all__ = ["MemoryBroker", "MemoryBus"]
