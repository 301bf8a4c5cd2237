"""A memory broker that says some records again, as a producer does whose acknowledgement was lost."""

import asyncio
import random

from libs.runtime.codec import Outgoing
from libs.runtime.memory import MemoryBroker

LATEST_S = 2.5


class RepeatingBroker(MemoryBroker):
    """Each record stands on the log one to three times while `repeating`, the repetitions up to `LATEST_S` later."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.repeating = False
        self._chance = random.Random(seed)

    def append(self, outgoing: Outgoing) -> None:
        super().append(outgoing)
        for _ in range(self._chance.randrange(3) if self.repeating else 0):
            asyncio.get_running_loop().call_later(self._chance.uniform(0, LATEST_S), super().append, outgoing)
