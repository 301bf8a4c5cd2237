"""A consumer that records its deliveries and can delay their completion."""

import asyncio
import json
from collections.abc import Callable, Collection, Iterable, Mapping

from libs.contracts.message import Message
from libs.runtime.messaging.bus import Delivery
from libs.testing.waiting import waiting

WAIT_TIMEOUT_S = 60.0  # ends a hang, judges no test


class Listener:
    """Consumes the records of some responses; other records of a shared broker are completed at once.

    While `gate` is cleared, deliveries keep running. A delivery that matches an entry of `kept` ends without `done`.
    """

    def __init__(self, *messages: Message, unfinished: Collection[str] = ()) -> None:
        self._keys = {message.envelope.response_id.encode() for message in messages}
        self._unfinished = unfinished
        self._changed = asyncio.Condition()
        self.deliveries: list[Delivery] = []
        self.running = 0
        self.cancelled = 0
        self.gate = asyncio.Event()
        self.gate.set()

    async def __call__(self, delivery: Delivery) -> None:
        if delivery.record.key not in self._keys:
            delivery.done()
            return
        self.deliveries.append(delivery)
        await self._note(+1)
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        finally:
            self.running -= 1
        if word_in(delivery) not in self._unfinished:
            delivery.done()
        await self._note(0)

    async def _note(self, running: int) -> None:
        self.running += running
        async with self._changed:
            self._changed.notify_all()

    async def wait_until(self, met: Callable[[], bool]) -> None:
        """Wait until `met` holds. Raises TimeoutError with the received texts."""
        try:
            async with waiting(WAIT_TIMEOUT_S), self._changed:
                await self._changed.wait_for(met)
        except TimeoutError as error:
            raise TimeoutError(f"heard only {self.words}") from error

    async def received_all(self, words: Iterable[str]) -> None:
        """Wait until each of these texts was received at least once."""
        wanted = set(words)
        await self.wait_until(lambda: wanted <= set(self.words))

    @property
    def words(self) -> list[str]:
        """Received texts, in order."""
        return [word_in(delivery) for delivery in self.deliveries]


class WatchingListener(Listener):
    """A listener that also receives partition assignments."""

    def __init__(self, *messages: Message) -> None:
        super().__init__(*messages)
        self.ends: dict[int, int] = {}
        self.revoked: set[int] = set()

    def assigned(self, ends: Mapping[int, int]) -> None:
        self.ends |= ends

    def lost(self, partitions: Iterable[int]) -> None:
        self.revoked |= set(partitions)


def word_in(delivery: Delivery) -> str:
    """Part id or reason that a record names. Empty for an unreadable record."""
    try:
        value = json.loads(delivery.record.value)
    except ValueError:
        return ""
    return str(value.get("part") or value.get("reason") or "")
