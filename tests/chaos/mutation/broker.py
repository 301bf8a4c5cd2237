"""A memory broker that repeats some records, as a producer does after a lost acknowledgement."""

import asyncio
import random

from libs.contracts.progress import RequestOpened
from libs.runtime.memory import MemoryBroker
from libs.runtime.messaging.codec import Outgoing

LATEST_S = 2.5
_OPENING = ("schema", RequestOpened.schema_name().encode())


class RepeatingBroker(MemoryBroker):
    """Each record is on the log one to three times while `repeating`, the repetitions up to `LATEST_S` later.

    `repeat_all` repeats all of them once more, and the openings of requests alone after that, at a fixed moment.
    """

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.repeating = False
        self._said: list[Outgoing] = []
        self._chance = random.Random(seed)

    def append(self, outgoing: Outgoing) -> None:
        super().append(outgoing)
        if not self.repeating:
            return
        self._said.append(outgoing)
        for _ in range(self._chance.randrange(3)):
            asyncio.get_running_loop().call_later(self._chance.uniform(0, LATEST_S), super().append, outgoing)

    def repeat_all(self) -> None:
        openings = [outgoing for outgoing in self._said if _OPENING in outgoing.headers]
        for outgoing in (*self._said, *openings):
            super().append(outgoing)
