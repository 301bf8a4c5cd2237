"""The bus in memory: a first-class transport for tests. It keeps Kafka's promises and none of its durability.

One `MemoryBroker` is the cluster; every `MemoryBus` is a process that may crash and come back.
"""

from libs.runtime.memory.broker import MemoryBroker
from libs.runtime.memory.bus import MemoryBus

__all__ = ["MemoryBroker", "MemoryBus"]
